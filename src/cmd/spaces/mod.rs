//! `chatauth spaces …`

mod create;
mod get;
mod list;

use clap::Subcommand;
use serde_json::Value;

use super::show;
use crate::{
    cli::{Context, Failure},
    output::Style,
};

#[derive(Subcommand)]
pub enum Command {
    /// Create a named space
    Create(create::Arguments),
    /// Show a space
    Get(get::Arguments),
    /// List the spaces you are in
    List(list::Arguments),
}

pub async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(arguments) => create::run(context, arguments).await,
        Command::Get(arguments) => get::run(context, arguments).await,
        Command::List(arguments) => list::run(context, arguments).await,
    }
}

/// A space's name, and where to open it.
fn lines(context: &Context, space: &Value) -> Vec<String> {
    let title = match show::field(space, "displayName") {
        title if title.is_empty() => show::space_type(space),
        title => title,
    };
    let mut lines =
        vec![context.ui.paint(Style::Strong, &title), format!("  {}", show::field(space, "name"))];
    lines.extend(
        Some(show::field(space, "spaceUri")).filter(|uri| !uri.is_empty()).map(|uri| format!("  {uri}")),
    );
    lines
}
