//! What Google's token endpoint says no with, at a refresh and at a login: how the command ends, what it
//! advises, and that the stored sign-in stays as it was.

use std::time::Duration;

use chatauth::emulator::Fault;
use serde_json::{Value, json};

use crate::desk::{Desk, Outcome};

const ME: &str = "someone@example.com";
/// How often a request is sent at most.
const TRIES: usize = 5;

struct Row {
    status: u16,
    body: String,
    /// Exit code, kind, and words of the hint, which are empty where there's no hint.
    refresh: (u8, &'static str, &'static str),
    login: (u8, &'static str, &'static str),
    /// How often it's sent at a refresh. A code is good for one try.
    tries: usize,
}

fn row(
    status: u16,
    body: &Value,
    refresh: (u8, &'static str, &'static str),
    login: (u8, &'static str, &'static str),
) -> Row {
    Row { status, body: body.to_string(), refresh, login, tries: 1 }
}

fn passing(status: u16, body: &str, kind: &'static str) -> Row {
    Row { status, body: body.to_owned(), refresh: (7, kind, ""), login: (7, kind, ""), tries: TRIES }
}

fn rows() -> Vec<Row> {
    let error = |code: &str, description: &str| json!({ "error": code, "error_description": description });
    let rapt = |subtype: &str| json!({ "error": "invalid_grant", "error_subtype": subtype, "error_description": format!("reauth related error ({subtype})") });
    let again = (
        4,
        "sign_in_dead",
        "chatauth login; sign-ins end when they are revoked (by you or an administrator), unused for six months, \
         replaced by the 100 newer ones of the same client, or after 7 days while the consent screen is in Testing",
    );
    let code = (1, "failed", "start the sign-in again: a code is good once and for a few minutes");
    let dead = |hint| (4, "sign_in_dead", hint);
    let client = |hint| (3, "configuration", hint);
    let refused = |hint| (4, "consent_refused", hint);
    let control = "your administrator's session control wants a new sign-in: chatauth login";
    let download = "download the OAuth client's JSON again";
    let deleted = "the OAuth client was deleted: restore it within 30 days";
    let trust = "your Workspace administrator has to trust this OAuth client";
    let own = "this OAuth client is for accounts of its own organization only";
    let not_allowed = "the account, or its administrator, does not allow this client";
    let scopes = "one of the scopes cannot be granted by a person";
    let odd = (1, "failed", "");
    vec![
        row(400, &error("invalid_grant", "Token has been expired or revoked."), again, code),
        row(400, &error("invalid_grant", "Bad Request"), again, code),
        row(400, &json!({ "error": "invalid_grant" }), again, code),
        row(400, &error("invalid_grant", "Invalid code verifier."), again, code),
        row(400, &error("invalid_grant", "Account has been deleted"), again, code),
        row(400, &rapt("invalid_rapt"), dead(control), (1, "failed", control)),
        row(400, &rapt("rapt_required"), dead(control), (1, "failed", control)),
        row(
            401,
            &error("invalid_client", "The OAuth client was not found."),
            dead(download),
            client(download),
        ),
        row(401, &error("invalid_client", "Unauthorized"), dead(download), client(download)),
        row(401, &error("deleted_client", "The OAuth client was deleted."), dead(deleted), client(deleted)),
        row(
            401,
            &error("disabled_client", "The OAuth client was disabled."),
            dead(download),
            client(download),
        ),
        row(401, &error("unauthorized_client", "Unauthorized"), dead(download), client(download)),
        row(400, &error("access_denied", "Account restricted"), dead(not_allowed), refused(not_allowed)),
        row(400, &error("admin_policy_enforced", "Blocked"), dead(trust), refused(trust)),
        row(403, &error("org_internal", "Organization only"), dead(own), refused(own)),
        row(400, &error("invalid_scope", "Bad Request"), (1, "failed", scopes), (1, "failed", scopes)),
        row(400, &error("unsupported_grant_type", "Invalid grant_type"), odd, odd),
        row(400, &error("invalid_request", "Bad Request"), odd, odd),
        row(400, &error("use_dpop_nonce", "nonce"), odd, odd),
        row(200, &json!({ "id_token": "e30.e30.e30", "token_type": "Bearer" }), odd, odd),
        row(400, &json!({ "error": 7 }), odd, odd),
        row(
            400,
            &json!({ "error": { "code": 400, "message": "No.", "status": "INVALID_ARGUMENT" } }),
            odd,
            odd,
        ),
        row(400, &json!([]), odd, odd),
        passing(400, r#"{"error":"internal_failure","error_description":"Backend Error"}"#, "unavailable"),
        passing(400, r#"{"error":"invalid_request","error_description":"internal_failure"}"#, "unavailable"),
        passing(400, r#"{"error":"server_error"}"#, "unavailable"),
        passing(400, r#"{"error":"temporarily_unavailable"}"#, "unavailable"),
        passing(503, r#"{"error":"invalid_grant"}"#, "unavailable"),
        passing(408, "<html>Request Timeout</html>", "unavailable"),
        passing(429, r#"{"error":"rate_limit_exceeded"}"#, "rate_limited"),
        passing(429, "<html>Too many</html>", "rate_limited"),
        passing(500, "<html>Error 500</html>", "unavailable"),
        passing(502, "<html>Error 502</html>", "unavailable"),
        passing(503, "", "unavailable"),
        passing(504, "<html>Error 504</html>", "unavailable"),
    ]
}

fn check(outcome: &Outcome, (code, kind, hint): (u8, &str, &str), row: &Row) {
    let what = format!("{} {}\n{outcome}", row.status, row.body);
    let error = outcome.error();
    assert_eq!((outcome.code, error["kind"].as_str()), (code, Some(kind)), "{what}");
    assert_eq!(outcome.stdout, "", "{what}");
    match hint {
        "" => assert_eq!(error["hint"], Value::Null, "{what}"),
        words => assert!(error["hint"].as_str().is_some_and(|hint| hint.contains(words)), "{what}"),
    }
}

fn asked(desk: &Desk) -> usize {
    desk.requests().iter().filter(|request| *request == "POST /token").count()
}

#[test]
fn a_refused_refresh_says_why_and_keeps_the_sign_in() {
    let desk = Desk::signed_in();
    let kept = std::fs::read(desk.profile_file(ME)).unwrap();
    for row in rows() {
        desk.google.handle.clear_requests();
        let fault = Fault::Status { code: row.status, headers: vec![], body: row.body.clone() };
        desk.google.handle.fail_next_token(row.tries, fault.clone());
        let outcome = desk.run(&["refresh", "-q"]);
        check(&outcome, row.refresh, &row);
        assert_eq!(asked(&desk), row.tries, "{}", row.body);
        assert_eq!(std::fs::read(desk.profile_file(ME)).unwrap(), kept, "{}", row.body);
    }
    assert_eq!(desk.run(&["refresh"]).code, 0, "none of them was the end");
}

#[test]
fn a_refusal_that_passes_is_not_seen() {
    for row in rows().into_iter().filter(|row| row.tries > 1) {
        let desk = Desk::signed_in();
        let fault = Fault::Status { code: row.status, headers: vec![], body: row.body.clone() };
        desk.google.handle.fail_next_token(2, fault);
        let outcome = desk.run(&["refresh", "-q"]);
        assert_eq!((outcome.code, asked(&desk)), (0, 3), "{}: {outcome}", row.body);
    }
}

#[test]
fn a_refused_code_says_why_and_stores_nothing() {
    let desk = Desk::signed_in();
    let kept = std::fs::read(desk.profile_file(ME)).unwrap();
    for row in rows() {
        desk.google.handle.clear_requests();
        let fault = Fault::Status { code: row.status, headers: vec![], body: row.body.clone() };
        // 429: the server refused to act, so the code is still good.
        let tries = if row.status == 429 { TRIES } else { 1 };
        desk.google.handle.fail_next_token(tries, fault);
        let outcome = desk.run(&["login", "-q", "--profile", "new"]);
        check(&outcome, row.login, &row);
        assert_eq!(asked(&desk), tries, "{}", row.body);
    }
    assert_eq!(desk.profiles(), [format!("{ME}.json")]);
    assert_eq!(std::fs::read(desk.profile_file(ME)).unwrap(), kept);
    assert_eq!(desk.run(&["refresh", "-q"]).json()["profile"], ME, "still the one in use");
}

#[test]
fn words_of_the_endpoint_cannot_act_on_a_terminal() {
    let desk = Desk::signed_in();
    let body =
        json!({ "error": "invalid_grant", "error_description": "a\u{1b}[2Jb\u{202e}c\r\nerror: d\u{7}" });
    desk.google
        .handle
        .fail_next_token(2, Fault::Status { code: 400, headers: vec![], body: body.to_string() });
    let shown = desk.run(&["refresh", "-q", "--format", "human"]).stderr;
    assert!(shown.contains("a<U+001B>[2Jb<U+202E>c  error: d<U+0007>\n"), "{shown:?}");
    let error = desk.run(&["refresh", "-q"]).error();
    assert!(error["message"].as_str().unwrap().ends_with("a\u{1b}[2Jb\u{202e}c\r\nerror: d\u{7}"), "{error}");
}

#[test]
fn a_dead_sign_in_is_read_again_once_for_a_login_meanwhile() {
    let desk = Desk::signed_in();
    let file = desk.profile_file(ME);
    let old = std::fs::read(&file).unwrap();
    desk.google.handle.revoke_grants();
    assert_eq!(desk.run(&["login"]).code, 0);
    let new = std::fs::read(&file).unwrap();
    std::fs::write(&file, old).unwrap();
    // Somebody holds the lock, so the refresh goes on without it.
    let lock = std::fs::File::options().write(true).open(file.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    desk.google.handle.clear_requests();
    desk.google.handle.fail_next_token(1, Fault::Delay(Duration::from_millis(300)));
    let handle = desk.google.handle.clone();
    let login = std::thread::spawn(move || {
        while handle.requests().is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::fs::write(&file, new).unwrap();
    });
    let outcome = desk.run(&["refresh", "-q"]);
    assert_eq!((outcome.code, asked(&desk)), (0, 2), "{outcome}");
    login.join().unwrap();
}
