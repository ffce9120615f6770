//! How a failure is shown: words for a person, one JSON object for a script.

use std::ffi::OsString;

use serde_json::{Map, Value};

use super::{Environment, Exit, Failure, Kind};
use crate::output::{Format, Style, Ui, visible};

/// Shows a failure on standard error.
pub fn failure(ui: &Ui, failure: &Failure) -> Exit {
    let exit = failure.kind.exit();
    if failure.kind == Kind::ReaderGone {
        return exit;
    }
    if ui.format == Format::Human {
        ui.say(&format!("{} {}", ui.paint_err(Style::Bad, "error:"), visible(&failure.message)));
        if let Some(hint) = &failure.hint {
            ui.say(&format!("{} {}", ui.paint_err(Style::Strong, "hint:"), visible(hint)));
        }
    } else {
        ui.say(&json(failure, exit));
    }
    exit
}

/// The fields in the order that the documentation has them; what isn't known is left out.
fn json(failure: &Failure, exit: Exit) -> String {
    const FIRST: [&str; 2] = ["http_status", "reason"];
    let mut error = Map::new();
    error.insert("kind".to_owned(), failure.kind.as_str().into());
    error.insert("exit_code".to_owned(), exit.code().into());
    let (first, last): (Vec<_>, Vec<_>) = failure.fields.iter().partition(|(name, _)| FIRST.contains(name));
    let own = |(name, value): &(&str, Value)| ((*name).to_owned(), value.clone());
    error.extend(first.into_iter().map(own));
    error.insert("message".to_owned(), failure.message.clone().into());
    error.extend(failure.hint.clone().map(|hint| ("hint".to_owned(), hint.into())));
    error.extend(last.into_iter().map(own));
    Value::Object(Map::from_iter([("error".to_owned(), Value::Object(error))])).to_string()
}

/// Shows what clap says: help and version as data, anything else as a failure.
pub fn usage(ui: &Ui, error: &clap::Error) -> Exit {
    let text = error.render().to_string();
    if !error.use_stderr() {
        return match ui.data(&text) {
            Ok(()) => Exit::Ok,
            Err(error) => failure(ui, &error.into()),
        };
    }
    if ui.format == Format::Human {
        // What was typed may have been pasted from anywhere.
        let lines = text.trim_end().lines().map(visible);
        ui.say(&lines.collect::<Vec<_>>().join("\n"));
        return Exit::Usage;
    }
    let mut paragraphs = text.trim_end().split("\n\n");
    let first = paragraphs.next().unwrap_or_default().trim_start_matches("error: ");
    let message = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let rest = paragraphs.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    failure(ui, &Failure::usage(message).hint(rest))
}

/// The format that was asked for, where the command line or the settings can't be read.
pub fn asked_format(arguments: &[OsString], environment: &Environment) -> Option<Format> {
    let mut words = arguments.iter().filter_map(|word| word.to_str());
    let by_flag = loop {
        match words.next() {
            Some("--format") => break words.next().map(str::to_owned),
            Some(word) if word.starts_with("--format=") => {
                break word.strip_prefix("--format=").map(str::to_owned);
            }
            Some(_) => {}
            None => break None,
        }
    };
    match by_flag.or_else(|| environment.text("CHATAUTH_FORMAT"))?.as_str() {
        "human" => Some(Format::Human),
        "json" => Some(Format::Json),
        "ndjson" => Some(Format::NdJson),
        _ => None,
    }
}
