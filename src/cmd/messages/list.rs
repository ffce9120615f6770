//! `chatauth messages list`

use clap::Args;

use crate::{
    chat::Call,
    cli::{Context, Failure},
    cmd::{call, list},
};

#[derive(Args)]
pub struct Arguments {
    /// The space: spaces/AAA, the id AAA, or its address from the browser [env: CHATAUTH_SPACE]
    #[arg(long, value_name = "SPACE")]
    space: Option<String>,
    #[command(flatten)]
    list: list::ListArguments,
    /// Google's filter, such as 'createTime > "2026-11-22T00:00:00Z"'
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// Google's order: 'createTime asc' or 'createTime desc'
    #[arg(long, value_name = "ORDER")]
    order_by: Option<String>,
}

pub async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let space = call::space(context, arguments.space.as_deref())?;
    let request = Call::new(call::method("chat.spaces.messages.list")?)
        .on(&space)
        .maybe_query("filter", arguments.filter)
        .maybe_query("orderBy", arguments.order_by);
    list::write(context, &arguments.list, request, &|messages| {
        messages.iter().flat_map(|message| super::lines(context, message)).collect()
    })
    .await
}
