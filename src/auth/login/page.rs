//! What the browser shows at the end of a sign-in. The bytes don't depend on the request, so that nothing
//! that came in can be shown.

use std::{io, time::Duration};

use tiny_http::{HTTPVersion, Header, Response};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    SignedIn,
    Denied,
    Failed,
    NotFound,
}

impl Page {
    fn status(self) -> u16 {
        match self {
            Page::SignedIn => 200,
            Page::Denied => 403,
            Page::Failed => 500,
            Page::NotFound => 404,
        }
    }

    fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Page::SignedIn => (
                "✓",
                "Signed in",
                "chatauth has your sign-in. You can close this tab and go back to the terminal.",
            ),
            Page::Denied => (
                "✕",
                "Not signed in",
                "Consent was refused, so nothing was stored. You can close this tab; the terminal says how to try again.",
            ),
            Page::Failed => (
                "✕",
                "Not signed in",
                "The sign-in could not be completed. You can close this tab; the terminal says why.",
            ),
            // Most likely the answer to an earlier sign-in, from a tab that was left open.
            Page::NotFound => (
                "?",
                "Not found",
                "chatauth does not wait for this. To sign in, open the address that the terminal shows.",
            ),
        }
    }

    fn html(self) -> String {
        let (sign, title, text) = self.texts();
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} · chatauth</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <p class=\"sign\" aria-hidden=\"true\">{sign}</p>\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n</body>\n</html>\n"
        )
    }

    /// The page with its headers, as HTTP/1.0: one answer, and then the connection ends.
    fn answer(self, head_only: bool) -> io::Result<Vec<u8>> {
        let mut response = Response::from_string(self.html()).with_status_code(self.status());
        for (name, value) in [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", POLICY),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
        ] {
            let header = Header::from_bytes(name, value);
            response.add_header(header.map_err(|()| io::ErrorKind::InvalidData)?);
        }
        let mut bytes = Vec::new();
        response.raw_print(&mut bytes, HTTPVersion(1, 0), &[], head_only, None)?;
        Ok(bytes)
    }
}

const STYLE: &str = ":root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;font:1.125rem/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}main{max-width:28rem;padding:2rem;text-align:center;text-wrap:balance}h1{font-size:1.75rem;margin:.25em 0}.sign{font-size:3rem;margin:0}";

/// Nothing may be loaded, run, framed or sent; the style is allowed by its digest (a test computes it).
const POLICY: &str = "default-src 'none'; style-src 'sha256-ZcbotIqr3FCcywdrXq11gFcS/AcJNsheB75r0iJe4ec='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A browser at the other end, which waits for its page.
pub(super) struct Browser {
    stream: TcpStream,
    /// It asked by HEAD, so it takes no body.
    head_only: bool,
}

/// For a page of 2 KiB. A browser takes it at once; one that doesn't mustn't hold up the sign-in.
const PATIENCE: Duration = Duration::from_secs(1);

impl Browser {
    pub(super) fn new(stream: TcpStream, head_only: bool) -> Self {
        Browser { stream, head_only }
    }

    /// Shows the page and closes the connection. The browser may be gone; the sign-in stands all the same.
    pub(super) async fn show(mut self, page: Page) {
        let Ok(answer) = page.answer(self.head_only) else { return };
        let send = async {
            self.stream.write_all(&answer).await?;
            self.stream.shutdown().await
        };
        let _ = timeout(PATIENCE, send).await;
    }
}
