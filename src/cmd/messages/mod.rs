//! `chatauth messages …`

mod get;
mod list;
mod send;

use clap::Subcommand;
use serde_json::Value;

use super::show;
use crate::{
    cli::{Context, Failure},
    output::{Style, visible},
};

#[derive(Subcommand)]
pub enum Command {
    /// Post a message to a space
    Send(send::Arguments),
    /// Show a message
    Get(get::Arguments),
    /// List a space's messages, oldest first
    List(list::Arguments),
}

pub async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Send(arguments) => send::run(context, arguments).await,
        Command::Get(arguments) => get::run(context, arguments).await,
        Command::List(arguments) => list::run(context, arguments).await,
    }
}

/// When, who and what.
fn lines(context: &Context, message: &Value) -> Vec<String> {
    let sender = ["sender.displayName", "sender.email", "sender.name"]
        .into_iter()
        .map(|path| show::field(message, path))
        .find(|name| !name.is_empty())
        .unwrap_or_default();
    let time = context.ui.paint(Style::Faint, &show::local_time(message, "createTime"));
    let name = context.ui.paint(Style::Faint, &show::field(message, "name"));
    let mut lines = vec![format!("{time}  {}  {name}", context.ui.paint(Style::Strong, &sender))];
    let text = message["text"].as_str().unwrap_or_default();
    lines.extend(text.lines().map(|line| format!("  {}", visible(line))));
    lines
}
