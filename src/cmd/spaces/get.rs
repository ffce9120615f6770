//! `chatauth spaces get`

use clap::Args;

use crate::{
    chat::{Call, ResourceName},
    cli::{Context, Failure},
    cmd::{call, show},
};

#[derive(Args)]
pub struct Arguments {
    /// spaces/AAA, the id AAA, or the space's address from the browser [env: CHATAUTH_SPACE]
    #[arg(value_name = "SPACE")]
    name: Option<String>,
}

pub async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let name: ResourceName = call::space(context, arguments.name.as_deref())?;
    let answer = call::fetch(context, &Call::new(call::method("chat.spaces.get")?).on(&name)).await?;
    show::resource(context, &answer, |space| {
        let mut lines = super::lines(context, space);
        for (label, path) in
            [("Description", "spaceDetails.description"), ("Guidelines", "spaceDetails.guidelines")]
        {
            let text = show::field(space, path);
            if !text.is_empty() {
                lines.push(format!("  {label}: {text}"));
            }
        }
        lines
    })
}
