//! `-v` and `-vv`: requests and answers as lines, without secrets.

use http::HeaderMap;
use serde_json::Value;

use crate::{
    output::visible,
    transport::{Body, Event, Request},
};

/// How much of a body is shown.
const LONGEST: usize = 2000;

/// The lines of an event: one for `-v`, headers and bodies with `-vv`.
pub fn lines(event: &Event<'_>, verbosity: u8) -> Vec<String> {
    let mut lines = vec![line(event)];
    if verbosity > 1 {
        match event {
            Event::Sending { request, .. } => {
                lines.extend(headers('>', &request.headers));
                if request.bearer.is_some() {
                    lines.push("> authorization: Bearer REDACTED".to_owned());
                }
                lines.extend(sent(request).map(|text| format!("> {text}")));
            }
            Event::Answered { request, response, .. } => {
                lines.extend(headers('<', &response.headers));
                lines.extend(received(request, &response.body).map(|text| format!("< {text}")));
            }
            Event::Failed { .. } | Event::Waiting { .. } => {}
        }
    }
    lines.iter().map(|line| visible(line).into_owned()).collect()
}

fn line(event: &Event<'_>) -> String {
    match event {
        Event::Sending { request, url, attempt: 1 } => format!("> {} {url}", request.method),
        Event::Sending { request, url, attempt } => format!("> {} {url} (try {attempt})", request.method),
        Event::Answered { response, elapsed, .. } => {
            let id = ["x-request-id", "x-goog-request-id"]
                .iter()
                .find_map(|name| response.header(name))
                .map(|id| format!(", request {id}"))
                .unwrap_or_default();
            format!("< {} ({} bytes, {} ms{id})", response.status, response.body.len(), elapsed.as_millis())
        }
        Event::Failed { error, elapsed } => format!("< {error} ({} ms)", elapsed.as_millis()),
        Event::Waiting { delay, why } => format!("* {why}: again in {:.1} s", delay.as_secs_f64()),
    }
}

/// Headers whose values say who somebody is.
fn is_secret_header(name: &str) -> bool {
    matches!(name, "authorization" | "proxy-authorization" | "cookie" | "set-cookie" | "location")
}

fn headers(mark: char, headers: &HeaderMap) -> impl Iterator<Item = String> {
    headers.iter().map(move |(name, value)| {
        let shown = match is_secret_header(name.as_str()) {
            true => "REDACTED",
            false => value.to_str().unwrap_or("(not text)"),
        };
        format!("{mark} {name}: {shown}")
    })
}

fn sent(request: &Request) -> Option<String> {
    match &request.body {
        Body::Empty => None,
        Body::Json(text) => Some(body(text.as_bytes())),
        // Forms go to the OAuth endpoints, and are secrets but for their names.
        Body::Form(form) => {
            let names = url::form_urlencoded::parse(form.expose().as_bytes())
                .map(|(name, _)| format!("{name}=REDACTED"));
            Some(names.collect::<Vec<_>>().join("&"))
        }
    }
}

fn received(request: &Request, bytes: &[u8]) -> Option<String> {
    match (&request.body, bytes) {
        (_, []) => None,
        // What the OAuth endpoints answer is tokens.
        (Body::Form(_), bytes) => Some(format!("({} bytes, not shown)", bytes.len())),
        (_, bytes) => Some(request.bearer.iter().fold(body(bytes), |text, token| token.scrub(&text))),
    }
}

/// JSON on one line with secret fields hidden; of anything else only how much it is.
fn body(bytes: &[u8]) -> String {
    let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else {
        return format!("({} bytes, no JSON)", bytes.len());
    };
    redact(&mut value);
    let text = without_tokens(&value.to_string());
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], bytes.len()),
        None => text,
    }
}

/// A server's words may repeat a token, this request's or an earlier one's: Google's access tokens all begin alike.
fn without_tokens(text: &str) -> String {
    const BEGINNING: &str = "ya29.";
    let mut parts = text.split(BEGINNING);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest =
            part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        shown.push_str("REDACTED");
        shown.push_str(rest);
    }
    shown
}

fn redact(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.to_ascii_lowercase();
                let secret = ["token", "secret", "private_key", "password", "assertion"]
                    .iter()
                    .any(|word| name.contains(word));
                if secret && name != "nextpagetoken" && name != "pagetoken" {
                    *value = Value::from("REDACTED");
                } else {
                    redact(value);
                }
            }
        }
        _ => {}
    }
}
