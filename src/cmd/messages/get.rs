//! `chatauth messages get`

use clap::Args;

use crate::{
    chat::{Call, ResourceName},
    cli::{Context, Failure},
    cmd::{call, show},
};

#[derive(Args)]
pub struct Arguments {
    /// spaces/AAA/messages/BBB, or the id BBB with --space; also an id of your own (client-…)
    #[arg(value_name = "MESSAGE")]
    name: String,
    /// The space of a bare id [env: CHATAUTH_SPACE]
    #[arg(long, value_name = "SPACE")]
    space: Option<String>,
}

pub async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let space = call::maybe_space(context, arguments.space.as_deref())?;
    let name = ResourceName::message(&arguments.name, space.as_ref())?;
    let answer =
        call::fetch(context, &Call::new(call::method("chat.spaces.messages.get")?).on(&name)).await?;
    show::resource(context, &answer, |message| super::lines(context, message))
}
