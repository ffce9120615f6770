//! The emulator's HTML: one frame for every page, without scripts, and safe to put anything into.

use std::{fmt::Write, sync::OnceLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{Method, header};
use sha2::{Digest, Sha256};

use super::{oauth::clients, reply::Reply, request::Request, state::State};

const STYLE: &str = include_str!("page.css");

/// Text as HTML shows it, also within an attribute's quotes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A page. The title is text, the content is HTML.
pub fn page(status: u16, title: &str, content: &str) -> Reply {
    let title = escape(title);
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} – chatauth emulator</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header><strong>chatauth emulator.</strong> This is not Google, and no account is real.</header>\n\
         <main>\n<h1>{title}</h1>\n{content}</main>\n</body>\n</html>\n"
    );
    Reply::new(status, "text/html; charset=utf-8", html)
        .with(header::CONTENT_SECURITY_POLICY, policy())
        .with(header::CACHE_CONTROL, "no-store")
        .with(header::REFERRER_POLICY, "no-referrer")
        .with(header::X_FRAME_OPTIONS, "DENY")
}

/// No `form-action`: Chromium holds it against the redirect after the form too, and that one goes to whichever
/// loopback port the client listens on.
fn policy() -> &'static str {
    static POLICY: OnceLock<String> = OnceLock::new();
    POLICY.get_or_init(|| {
        let hash = STANDARD.encode(Sha256::digest(STYLE));
        format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'")
    })
}

/// A page that says what went wrong.
pub fn error(status: u16, title: &str, text: &str) -> Reply {
    page(status, title, &format!("<p>{}</p>\n", escape(text)))
}

/// Google's front end answers paths that no API takes in HTML, and so does this.
pub fn not_found(path: &str) -> Reply {
    let text = format!("The requested URL {path} was not found on this server.");
    error(404, "Error 404 (Not Found)", &text)
}

/// What this is, where it is, and the spaces there are with their webhooks.
pub fn home(state: &State, request: &Request) -> Reply {
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return not_found(&request.path);
    }
    let origin = escape(&request.origin());
    let host = escape(request.host());
    let mut rows = String::new();
    for (what, path) in [
        ("Authorization", "/o/oauth2/v2/auth"),
        ("Tokens", "/token"),
        ("Revocation", "/revoke"),
        ("Token info", "/tokeninfo"),
        ("User info", "/v1/userinfo"),
        ("Google Chat API", "/v1/spaces"),
    ] {
        // Writing to a String cannot fail.
        let _ = writeln!(rows, "<dt>{what}</dt><dd><code>{origin}{path}</code></dd>");
    }
    let content = format!(
        "<p>It stands in for Google's OAuth and the Google Chat API, in memory: what it is told is gone when it \
         stops. What it doesn't do, it answers with 501.</p>\n<dl>\n{rows}</dl>\n<h2>Use it</h2>\n\
         <p>In a shell where <code>CHATAUTH_EMULATOR_HOST={host}</code> is set, every <code>chatauth</code> \
         command talks to this emulator instead of Google.</p>\n\
         <p>Its clients are <code>{}</code> (desktop) and <code>{}</code> (web).</p>\n{}",
        escape(clients::DESKTOP.id),
        escape(clients::WEB.id),
        spaces(state, &origin),
    );
    page(200, "Google Chat, emulated", &content)
}

fn spaces(state: &State, origin: &str) -> String {
    let mut rows = String::new();
    for space in state.store.spaces() {
        let title = escape(space.display_name.as_deref().unwrap_or(&space.name));
        let (count, webhook) = (space.messages.len(), escape(&space.webhook()));
        let _ = writeln!(
            rows,
            "<dt>{title}: {count} messages in <code>{}</code>, and a webhook to post to</dt>\
             <dd><code>{origin}{webhook}</code></dd>",
            escape(&space.name)
        );
    }
    if rows.is_empty() { String::new() } else { format!("<h2>Spaces</h2>\n<dl>\n{rows}</dl>\n") }
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn escapes_what_html_reads() {
        assert_eq!(escape("<a href='x'>\"&\""), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;");
    }
}
