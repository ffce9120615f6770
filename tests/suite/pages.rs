//! The pages at the end of a sign-in: the same bytes whatever was asked, nothing that can act, and read well.

use std::sync::mpsc;

use chatauth::emulator::Consent;
use url::Url;

use crate::{
    desk::{Desk, Script, get, parameter},
    http::Response,
};

/// What the browser got at the end of a login, after its last address was changed.
fn page(consent: Consent, change: impl Fn(&mut Url) + Clone + Send + Sync + 'static) -> Response {
    let desk = Desk::new();
    desk.google.handle.set_consent(consent);
    let (tell, told) = mpsc::channel();
    let browser = Script(move |address: Url| {
        let honest = Url::parse(get(&address).header("location").unwrap()).unwrap();
        let mut last = honest.clone();
        change(&mut last);
        let page = get(&last);
        if page.status == 404 {
            get(&honest);
        }
        tell.send(page).unwrap();
    });
    desk.command(&["login", "-q"]).browser(browser).run();
    told.recv().unwrap()
}

/// The same answer with another query, twice: what was in it must not be seen.
fn page_of_any_query(
    consent: Consent,
    change: impl Fn(&mut Url) + Clone + Send + Sync + 'static,
) -> Response {
    let [one, other] =
        ["<script>alert(1)</script>", "'\"--> \u{202e}%0d%0aSet-Cookie:%20a=b"].map(|hostile| {
            let change = change.clone();
            page(consent, move |address| {
                change(address);
                address
                    .query_pairs_mut()
                    .append_pair("error_description", hostile)
                    .append_pair(hostile, hostile);
            })
        });
    let head = |page: &Response| {
        let kept = page.headers.iter().filter(|(name, _)| name != "date");
        kept.map(|(name, value)| format!("{name}: {value}\n")).collect::<String>()
    };
    assert_eq!((one.status, head(&one), one.text()), (other.status, head(&other), other.text()));
    one
}

fn refused(address: &mut Url, error: &str) {
    let state = parameter(address, "state");
    address.query_pairs_mut().clear().append_pair("state", &state).append_pair("error", error);
}

#[test]
fn pages_are_the_same_for_any_query_and_allow_nothing() {
    let pages = [
        (200, "Signed in", page_of_any_query(Consent::Auto, |_| {})),
        (403, "Not signed in", page_of_any_query(Consent::Deny, |_| {})),
        (500, "Not signed in", page_of_any_query(Consent::Auto, |address| refused(address, "server_error"))),
        (404, "Not found", page_of_any_query(Consent::Auto, |address| address.set_path("/elsewhere"))),
    ];
    let texts: std::collections::BTreeSet<String> = pages.iter().map(|(_, _, page)| page.text()).collect();
    assert_eq!(texts.len(), 4, "each says something of its own");
    for (status, title, page) in pages {
        assert_eq!(page.status, status);
        assert!(page.is_whole());
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("set-cookie"), None);

        let text = page.text();
        let style = text.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        let digest = <sha2::Sha256 as sha2::Digest>::digest(style.as_bytes());
        let digest = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest);
        assert_eq!(
            page.header("content-security-policy").unwrap(),
            format!(
                "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            )
        );
        // What a screen reader goes by: the language, a title, one heading, and nothing read that's only drawn.
        assert!(text.starts_with("<!doctype html>\n<html lang=\"en\">"), "{text}");
        assert!(text.contains(&format!("<title>{title} · chatauth</title>")), "{text}");
        assert_eq!(text.matches("<h1>").count(), 1, "{text}");
        assert!(text.contains(&format!("<h1>{title}</h1>")), "{text}");
        assert!(text.contains("<p class=\"sign\" aria-hidden=\"true\">"), "{text}");
        for acting in ["<script", "<a ", "<form", "<img", "<iframe", "<link", "http", "url("] {
            assert!(!text.contains(acting), "{acting}: {text}");
        }
    }
}
