//! Showing resources: Google's JSON as it came, or a few fields for people.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use crate::{
    chat::Answer,
    cli::{Context, Failure, Kind},
    output::{Format, compact, visible},
};

/// Writes one resource: `human` makes the lines for a person.
pub fn resource(
    context: &Context,
    answer: &Answer,
    human: impl FnOnce(&Value) -> Vec<String>,
) -> Result<(), Failure> {
    let ui = &context.ui;
    match ui.format {
        Format::Json => ui.json(answer.text())?,
        Format::NdJson => ui.json(&compact(answer.text()))?,
        Format::Human => {
            for line in human(&answer.value()) {
                ui.data_line(&line)?;
            }
        }
    }
    Ok(())
}

/// Writes what was made. Where that fails, the making is told of: a repeat could do it twice.
pub fn made(
    context: &Context,
    answer: &Answer,
    human: impl FnOnce(&Value) -> Vec<String>,
) -> Result<(), Failure> {
    resource(context, answer, human).map_err(|failure| match failure.kind {
        Kind::ReaderGone => failure,
        _ => {
            let name = answer.value()["name"].as_str().unwrap_or_default().to_owned();
            Failure { message: format!("{name} was made, but {}", failure.message), ..failure }
                .field("name", name)
        }
    })
}

/// Any JSON for a person: indented, safe for a terminal.
pub fn any(value: &Value) -> Vec<String> {
    format!("{value:#}").lines().map(|line| visible(line).into_owned()).collect()
}

/// Writes bytes as they are: a file's content.
pub fn bytes(context: &Context, bytes: &[u8]) -> Result<(), Failure> {
    if context.ui.has_filter() {
        return Err(Failure::new(Kind::Failed, "the answer is no JSON, so --jq has nothing to filter"));
    }
    Ok(context.ui.bytes(bytes)?)
}

/// A text field for a terminal; empty where it's absent.
pub fn field(value: &Value, path: &str) -> String {
    path.split('.')
        .fold(value, |value, name| &value[name])
        .as_str()
        .map(|text| visible(text).into_owned())
        .unwrap_or_default()
}

/// A time field in local time, to the minute.
pub fn local_time(value: &Value, path: &str) -> String {
    let text = field(value, path);
    match text.parse::<Timestamp>() {
        Ok(time) => time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => text,
    }
}

/// A time to the minute, the same on every machine.
pub fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A space's type in words.
pub fn space_type(value: &Value) -> String {
    match value["spaceType"].as_str() {
        Some("SPACE") => "space".to_owned(),
        Some("GROUP_CHAT") => "group chat".to_owned(),
        Some("DIRECT_MESSAGE") => "direct message".to_owned(),
        _ => field(value, "spaceType"),
    }
}
