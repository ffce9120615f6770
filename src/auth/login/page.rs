//! What the browser shows at the end of a sign-in. The bytes don't depend on the request, so that nothing
//! that came in can be shown.

use tiny_http::{Header, Request, Response};

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
                "The sign-in could not be completed, so nothing was stored. The terminal says why.",
            ),
            Page::NotFound => ("?", "Not found", "This address is only for the end of a chatauth sign-in."),
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
}

const STYLE: &str = ":root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;font:1.125rem/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}main{max-width:28rem;padding:2rem;text-align:center}h1{font-size:1.75rem;margin:.25em 0}.sign{font-size:3rem;margin:0}";

/// Nothing may be loaded, run, framed or sent; the style is allowed by its digest (a test computes it).
const POLICY: &str = "default-src 'none'; style-src 'sha256-UTYcX62EIN/rDYwXj1M7kkI/mzaX0UEdqhVKMyGqEQs='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Answers a browser, if there is one. It may be gone; the sign-in stands all the same.
pub(super) fn show(browser: Option<Request>, page: Page) {
    let Some(request) = browser else { return };
    let mut response = Response::from_string(page.html()).with_status_code(page.status());
    for (name, value) in [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", POLICY),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("Connection", "close"),
    ] {
        if let Ok(header) = Header::from_bytes(name, value) {
            response.add_header(header);
        }
    }
    let _ = request.respond(response);
}
