//! `chatauth spaces list`

use clap::Args;

use crate::{
    chat::Call,
    cli::{Context, Failure},
    cmd::{call, list, show},
    output::Table,
};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    list: list::ListArguments,
    /// Google's filter, such as 'spaceType = "SPACE"'
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
}

pub async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let request = Call::new(call::method("chat.spaces.list")?).maybe_query("filter", arguments.filter);
    list::write(context, &arguments.list, request, &|spaces| {
        let mut table = Table::default();
        for space in spaces {
            let names =
                [show::field(space, "name"), show::space_type(space), show::field(space, "displayName")];
            table.row(names);
        }
        table.lines()
    })
    .await
}
