//! `chatauth messages send`

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use crate::{
    chat::{Call, ReplyOption, ResourceName, check_size},
    cli::{Context, Failure},
    cmd::{call, input, show},
    output::Style,
};

#[derive(Args)]
pub struct Arguments {
    /// The space: spaces/AAA, the id AAA, or its address from the browser [env: CHATAUTH_SPACE]
    #[arg(long, value_name = "SPACE")]
    space: Option<String>,
    /// The text; - reads standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<String>,
    /// A file with the text
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    text_file: Option<String>,
    /// The Message as JSON, from a file or standard input (-); flags are set in it
    #[arg(long, value_name = "FILE")]
    json: Option<String>,
    /// Reply in the thread of this key, or start it
    #[arg(long, value_name = "KEY")]
    thread_key: Option<String>,
    /// Reply in this thread: spaces/AAA/threads/BBB, or the id BBB
    #[arg(long, value_name = "THREAD", conflicts_with = "thread_key")]
    thread: Option<String>,
    /// Where there is no such thread: start one, or fail [default with a thread: fallback]
    #[arg(long, value_name = "OPTION")]
    reply_option: Option<ReplyOptionName>,
    /// An id of your own for the message: client-… (63 characters at most)
    #[arg(long, value_name = "ID")]
    message_id: Option<String>,
    /// Idempotency key: a repeat with the same one gives the same message
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// Show the request, and send nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum ReplyOptionName {
    #[value(alias = "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD")]
    Fallback,
    #[value(alias = "REPLY_MESSAGE_OR_FAIL")]
    Fail,
}

pub async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let space = call::space(context, arguments.space.as_deref())?;
    let body = message(context, &arguments, &space).await?;
    check_size(&body)?;
    if let Some(id) = &arguments.message_id {
        check_message_id(id)?;
    }
    // Google ignores a thread without this option, and starts a new one.
    let in_thread = body.get("thread").is_some();
    if arguments.reply_option.is_some() && !in_thread {
        return Err(
            Failure::usage("--reply-option needs a thread").hint("name one with --thread-key or --thread")
        );
    }
    let reply_option = match arguments.reply_option {
        Some(ReplyOptionName::Fallback) => Some(ReplyOption::FallBackToNewThread),
        Some(ReplyOptionName::Fail) => Some(ReplyOption::Fail),
        None => in_thread.then_some(ReplyOption::FallBackToNewThread),
    };
    let request = Call::new(call::method("chat.spaces.messages.create")?)
        .on(&space)
        .maybe_query("messageReplyOption", reply_option.map(ReplyOption::as_str))
        .maybe_query("messageId", arguments.message_id)
        .query("requestId", call::request_id(context, arguments.request_id)?)
        .body(body);
    match call::change(context, &request, arguments.dry_run).await? {
        None => Ok(()),
        Some(answer) => show::made(context, &answer, |message| {
            let sign = context.ui.paint(Style::Good, "✓");
            vec![format!("{sign} Sent {}", show::field(message, "name"))]
        }),
    }
}

async fn message(context: &Context, arguments: &Arguments, space: &ResourceName) -> Result<Value, Failure> {
    let both_from_input = arguments.json.as_deref() == Some("-")
        && (arguments.text.as_deref() == Some("-") || arguments.text_file.as_deref() == Some("-"));
    if both_from_input {
        return Err(Failure::usage("standard input can be the text or the JSON, not both"));
    }
    let mut message: Map<String, Value> = input::read_object(context, arguments.json.as_deref()).await?;
    let text = match (&arguments.text, &arguments.text_file) {
        (Some(text), _) if text == "-" => Some(input::read_text(context, "--text", "-").await?),
        (Some(text), _) => Some(text.clone()),
        (None, Some(file)) => Some(input::read_text(context, "--text-file", file).await?),
        (None, None) => None,
    };
    match text {
        Some(text) if text.trim().is_empty() => return Err(Failure::usage("the text is empty")),
        Some(text) => {
            message.insert("text".to_owned(), json!(text));
        }
        None if message.is_empty() => {
            return Err(Failure::usage("no message given").hint("give it with --text, --text-file or --json"));
        }
        None => {}
    }
    if let Some(key) = &arguments.thread_key {
        if key.is_empty() {
            return Err(Failure::usage("--thread-key is empty"));
        }
        message.insert("thread".to_owned(), json!({ "threadKey": key }));
    } else if let Some(thread) = &arguments.thread {
        let name = ResourceName::thread(thread, space)?;
        message.insert("thread".to_owned(), json!({ "name": name.as_str() }));
    }
    Ok(Value::Object(message))
}

/// `client-` and lower-case letters, digits and hyphens, 63 characters in all (discovery document).
fn check_message_id(id: &str) -> Result<(), Failure> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let sound = id.strip_prefix("client-").is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain));
    if sound && id.len() <= 63 {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "--message-id {id:?} must be client- followed by lower-case letters, digits and hyphens, 63 characters in all at most"
    )))
}
