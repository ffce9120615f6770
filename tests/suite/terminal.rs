//! What comes from outside cannot act on a terminal: control and bidirectional characters are made visible
//! there, and left alone in JSON.

use chatauth::emulator::Fault;
use serde_json::{Value, json};
use url::Url;

use crate::desk::{Desk, Outcome, Script, follow, get};

/// Clears the screen, sets the title, moves back, turns the direction, starts a new line.
const HOSTILE: &str =
    "a\u{1b}[2J\u{1b}]0;t\u{7}b\u{9b}31m\u{8}\rc\u{202e}d\u{2066}e\u{200f}f\u{2028}g\u{7f}h";

/// Every character on the terminal is one that only shows, but for our own colors and line ends.
fn assert_harmless(outcome: &Outcome) {
    for text in [&outcome.stdout, &outcome.stderr] {
        let mut own = text.clone();
        for color in ["32", "1;31", "33", "1", "2", "0"] {
            own = own.replace(&format!("\u{1b}[{color}m"), "");
        }
        let acting = own.chars().find(|&c| {
            c != '\n' && (c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        });
        assert_eq!(acting, None, "{outcome}");
    }
}

fn answer(code: u16, body: &Value) -> Fault {
    Fault::Status { code, headers: vec![], body: body.to_string() }
}

#[test]
fn resources() {
    let desk = Desk::signed_in_with(&["--add-scopes", "chat.messages.readonly"]);
    let space = json!({
        "name": HOSTILE, "displayName": HOSTILE, "spaceType": HOSTILE, "spaceUri": HOSTILE,
        "spaceDetails": { "description": HOSTILE, "guidelines": HOSTILE },
    });
    let message = json!({
        "name": HOSTILE, "text": HOSTILE, "createTime": HOSTILE, "sender": { "name": HOSTILE, "displayName": HOSTILE },
    });
    let cases: [(&[&str], Value); 6] = [
        (&["spaces", "get", "A"], space.clone()),
        (&["spaces", "create", "--name", "X"], space.clone()),
        (&["spaces", "list"], json!({ "spaces": [space], "nextPageToken": HOSTILE })),
        (&["messages", "get", "b", "--space", "A"], message.clone()),
        (&["messages", "send", "--space", "A", "--text", "x"], message.clone()),
        (&["messages", "list", "--space", "A"], json!({ "messages": [message], "nextPageToken": HOSTILE })),
    ];
    for (command, body) in cases {
        desk.google.handle.fail_next(1, answer(200, &body));
        let shown = desk.command(command).at_terminal().run();
        assert_eq!(shown.code, 0, "{shown}");
        assert!(shown.stdout.contains("a<U+001B>[2J<U+001B>]0;t<U+0007>b<U+009B>31m"), "{shown}");
        assert_harmless(&shown);

        desk.google.handle.fail_next(1, answer(200, &body));
        assert_eq!(desk.run(command).json(), body, "JSON has it all");
    }
}

#[test]
fn errors_of_the_api() {
    let desk = Desk::signed_in();
    let details = json!([
        { "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": HOSTILE, "metadata": { "activationUrl": HOSTILE } },
        { "@type": "type.googleapis.com/google.rpc.Help", "links": [{ "url": HOSTILE }] },
        { "@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{ "field": HOSTILE, "description": HOSTILE }] },
    ]);
    for code in [400, 401, 403, 404, 409, 418, 429, 500] {
        let body =
            json!({ "error": { "code": code, "message": HOSTILE, "status": HOSTILE, "details": details } });
        desk.google.handle.fail_next(2, answer(code, &body));
        let shown = desk.command(&["spaces", "list", "--retries", "0", "-v"]).at_terminal().run();
        assert_ne!(shown.code, 0);
        assert_harmless(&shown);
        desk.google.handle.clear_faults();
        desk.google.handle.fail_next(2, answer(code, &body));
        let error = desk.run(&["spaces", "list", "--retries", "0", "-q"]).error();
        assert!(error["message"].as_str().unwrap().contains(HOSTILE), "{error}");
        desk.google.handle.clear_faults();
    }
}

#[test]
fn sign_ins() {
    // An authorization endpoint that refuses in its own words.
    let desk = Desk::new();
    let browser = Script(|address: Url| {
        let mut callback = Url::parse(get(&address).header("location").unwrap()).unwrap();
        let state = crate::desk::parameter(&callback, "state");
        callback.query_pairs_mut().clear().extend_pairs([
            ("state", state.as_str()),
            ("error", HOSTILE),
            ("error_description", HOSTILE),
        ]);
        get(&callback);
    });
    let refused = desk.command(&["login"]).at_terminal().browser(browser).run();
    assert_eq!(refused.code, 4, "{refused}");
    assert_harmless(&refused);

    // A token endpoint that does.
    let body = json!({ "error": HOSTILE, "error_description": HOSTILE, "error_subtype": HOSTILE });
    desk.google.handle.fail_next_token(1, answer(400, &body));
    let refused = desk.command(&["login"]).at_terminal().run();
    assert_eq!(refused.code, 1, "{refused}");
    assert_harmless(&refused);

    // One that signs somebody in with such a name, and such scopes.
    let claims = json!({
        "iss": "https://accounts.google.com", "sub": "1", "email": format!("{HOSTILE}@example.com"),
        "aud": desk.google.client["client_id"],
    });
    let claims =
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims.to_string());
    let body = json!({
        "access_token": "ya29.x", "refresh_token": "1//x", "token_type": "Bearer", "expires_in": 3599,
        "scope": format!("{HOSTILE} openid"), "id_token": format!("h.{claims}.s"),
    });
    desk.google.handle.fail_next_token(1, answer(200, &body));
    let signed_in =
        desk.command(&["login"]).at_terminal().browser(Script(|address: Url| drop(follow(&address)))).run();
    assert_eq!(signed_in.code, 0, "{signed_in}");
    assert_harmless(&signed_in);
    for command in [&["status"][..], &["profiles", "list"], &["logout"]] {
        assert_harmless(&desk.command(command).at_terminal().run());
    }
}

#[test]
fn what_the_person_gave() {
    let desk = Desk::signed_in();
    desk.write("space.json", json!({ "displayName": HOSTILE }).to_string());
    for command in [
        &["spaces", "create", "--json", "space.json", "--dry-run"][..],
        &["spaces", "create", "--name", HOSTILE, "--dry-run"],
        &["messages", "send", "--space", "A", "--text", HOSTILE, "--dry-run"],
        &["messages", "send", "--space", HOSTILE, "--text", "x"],
        &["messages", "send", "--space", "A", "--text-file", HOSTILE],
        &["login", "--scopes", HOSTILE],
        &["login", "--client-secrets", HOSTILE],
        &["login", "--redirect-uri", HOSTILE],
        &["status", "--profile", HOSTILE],
        &["profiles", "use", HOSTILE],
        &["spaces", HOSTILE],
        &["status", HOSTILE],
    ] {
        assert_harmless(&desk.command(command).at_terminal().run());
    }
}
