//! `chatauth spaces create`

use clap::Args;
use serde_json::{Map, Value, json};

use crate::{
    chat::Call,
    cli::{Context, Failure},
    cmd::{call, input, show},
    output::Style,
};

#[derive(Args)]
pub struct Arguments {
    /// The space's name, unique in your organization (128 characters at most)
    #[arg(long, value_name = "NAME", required_unless_present = "json")]
    name: Option<String>,
    /// What the space is for (150 characters at most)
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Rules of the space (5,000 characters at most)
    #[arg(long, value_name = "TEXT")]
    guidelines: Option<String>,
    /// Let people outside your organization join
    #[arg(long)]
    external: bool,
    /// The Space as JSON, from a file or standard input (-); flags are set in it
    #[arg(long, value_name = "FILE")]
    json: Option<String>,
    /// Idempotency key: a repeat with the same one gives the same space
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// Show the request, and send nothing
    #[arg(long)]
    dry_run: bool,
}

pub async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let mut space = input::read_object(context, arguments.json.as_deref()).await?;
    // What the API calls a named space; a body of one's own may say otherwise.
    space.entry("spaceType").or_insert_with(|| json!("SPACE"));
    if let Some(name) = arguments.name {
        within("--name", &name, 128)?;
        space.insert("displayName".to_owned(), json!(name));
    }
    details(&mut space, "description", arguments.description, 150)?;
    details(&mut space, "guidelines", arguments.guidelines, 5000)?;
    if arguments.external {
        space.insert("externalUserAllowed".to_owned(), json!(true));
    }
    let request = Call::new(call::method("chat.spaces.create")?)
        .query("requestId", call::request_id(context, arguments.request_id)?)
        .body(Value::Object(space));
    match call::change(context, &request, arguments.dry_run).await? {
        None => Ok(()),
        Some(answer) => show::made(context, &answer, |space| {
            let mut lines = super::lines(context, space);
            lines[0] = format!("{} Created {}", context.ui.paint(Style::Good, "✓"), lines[0]);
            lines
        }),
    }
}

fn details(
    space: &mut Map<String, Value>,
    field: &str,
    text: Option<String>,
    most: usize,
) -> Result<(), Failure> {
    let Some(text) = text else { return Ok(()) };
    within(&format!("--{field}"), &text, most)?;
    let details = space.entry("spaceDetails").or_insert_with(|| json!({}));
    match details.as_object_mut() {
        Some(details) => {
            details.insert(field.to_owned(), json!(text));
            Ok(())
        }
        None => Err(Failure::usage("--json: its field spaceDetails is not an object")),
    }
}

/// Google's limits for a Space, checked before anything is sent.
fn within(flag: &str, text: &str, most: usize) -> Result<(), Failure> {
    let length = text.chars().count();
    if text.trim().is_empty() {
        return Err(Failure::usage(format!("{flag} is empty")));
    }
    if length > most {
        return Err(Failure::usage(format!(
            "{flag} has {length} characters, and Google Chat takes {most} at most"
        )));
    }
    Ok(())
}
