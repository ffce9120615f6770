//! The authorization endpoint and its consent page.

use chatauth::emulator::Consent;
use serde_json::json;

use crate::running::{REDIRECT, Running};

#[test]
fn consents_at_once_and_goes_back_with_all_that_google_sends() {
    let emulator = Running::start();
    let reply = emulator.get(&emulator.authorization(&[]));
    assert_eq!(reply.status, 302);
    let location = reply.header("location").expect("a location");
    assert!(
        location.starts_with(&format!("{REDIRECT}?state=a%20state&iss=http%3A%2F%2F127.0.0.1")),
        "{location}"
    );
    assert_eq!(reply.parameter("state").as_deref(), Some("a state"));
    assert_eq!(reply.parameter("iss"), Some(format!("http://{}", emulator.address)));
    let scope = reply.parameter("scope").expect("the scopes");
    assert!(scope.contains("https://www.googleapis.com/auth/userinfo.email") && scope.contains("openid"));
    assert!(reply.parameter("code").is_some() && reply.parameter("authuser").is_some());
}

#[test]
fn denial_goes_back_as_such() {
    let emulator = Running::start();
    emulator.handle.set_consent(Consent::Deny);
    let reply = emulator.get(&emulator.authorization(&[]));
    assert_eq!((reply.status, reply.parameter("error").as_deref()), (302, Some("access_denied")));
    assert_eq!(reply.parameter("state").as_deref(), Some("a state"));
    assert_eq!(reply.parameter("code"), None);
}

#[test]
fn what_is_wrong_with_the_request_is_shown_and_never_sent_anywhere() {
    let emulator = Running::start();
    for (change, status, code) in [
        (("client_id", "nobody"), 401, "invalid_client"),
        (("client_id", ""), 400, "invalid_request"),
        (("redirect_uri", "https://example.com/"), 400, "redirect_uri_mismatch"),
        (("redirect_uri", "http://127.0.0.1.example.com/"), 400, "redirect_uri_mismatch"),
        (("response_type", "token"), 400, "unsupported_response_type"),
        (("scope", "https://www.googleapis.com/auth/chat.bot"), 400, "invalid_scope"),
        (("scope", "openid <script>"), 400, "invalid_scope"),
        (("code_challenge", "short"), 400, "invalid_request"),
        (("code_challenge_method", "S512"), 400, "invalid_request"),
        (("prompt", "none consent"), 400, "invalid_request"),
        (("access_type", "sometimes"), 400, "invalid_request"),
    ] {
        let reply = emulator.get(&emulator.authorization(&[change]));
        assert_eq!(reply.status, status, "{change:?}: {}", reply.text());
        assert!(reply.text().contains(code), "{change:?}: {}", reply.text());
        assert!(reply.header("location").is_none() && !reply.text().contains("<script>"));
    }
    let twice = format!("{}&state=other", emulator.authorization(&[]));
    assert_eq!(emulator.get(&twice).status, 400);
}

#[test]
fn the_page_asks_and_works_once() {
    let emulator = Running::start();
    emulator.handle.set_consent(Consent::Ask);
    let reply = emulator.get(&emulator.authorization(&[
        ("login_hint", "other@example.com"),
        ("redirect_uri", "http://127.0.0.1:7777/?a=\"><script>"),
    ]));
    assert_eq!(reply.status, 200);
    let page = reply.text();
    assert!(page.contains("<html lang=\"en\">") && page.contains("This is not Google"));
    assert!(page.contains("value=\"other@example.com\" required checked"));
    assert!(page.contains("value=\"https://www.googleapis.com/auth/chat.spaces\" checked"));
    assert!(!page.contains("name=\"scope\" value=\"openid\"") && !page.contains("<script"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(
        reply.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'none'"))
    );

    let (_, rest) = page.split_once("name=\"transaction\" value=\"").expect("an id");
    let id = rest.split('"').next().expect("an id");
    let decision = [
        ("transaction", id),
        ("account", "other@example.com"),
        ("scope", "https://www.googleapis.com/auth/chat.messages"),
        ("scope", "https://www.googleapis.com/auth/calendar"),
        ("decision", "allow"),
    ];
    let reply = emulator.form("/emulator/consent", &decision);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let scope = reply.parameter("scope").expect("the scopes");
    assert!(scope.contains("chat.messages") && scope.contains("openid"));
    assert!(!scope.contains("chat.spaces") && !scope.contains("calendar"), "{scope}");
    assert_eq!(emulator.form("/emulator/consent", &decision).status, 400);
}

#[test]
fn cancelling_the_page_denies() {
    let emulator = Running::start();
    emulator.handle.set_consent(Consent::Ask);
    let page = emulator.get(&emulator.authorization(&[])).text();
    let id =
        page.split_once("name=\"transaction\" value=\"").expect("an id").1.split('"').next().expect("an id");
    let decision = [("transaction", id), ("account", "someone@example.com"), ("decision", "cancel")];
    let reply = emulator.form("/emulator/consent", &decision);
    assert_eq!((reply.status, reply.parameter("error").as_deref()), (303, Some("access_denied")));
}

#[test]
fn only_some_scopes_may_be_granted() {
    let emulator = Running::start();
    emulator.handle.grant_only(Some(vec!["chat.spaces".to_owned()]));
    let reply = emulator.get(&emulator.authorization(&[]));
    let scope = reply.parameter("scope").expect("the scopes");
    assert!(scope.contains("chat.spaces") && scope.contains("openid") && !scope.contains("chat.messages"));
    emulator.handle.grant_only(Some(Vec::new()));
    let none = emulator.authorization(&[("scope", "https://www.googleapis.com/auth/chat.spaces")]);
    assert_eq!(emulator.get(&none).parameter("error").as_deref(), Some("access_denied"));
}

#[test]
fn nothing_is_granted_silently_before_it_was_granted_once() {
    let emulator = Running::start();
    let silent = emulator.authorization(&[("prompt", "none")]);
    assert_eq!(emulator.get(&silent).parameter("error").as_deref(), Some("interaction_required"));
    emulator.code(&[]);
    assert!(emulator.get(&silent).parameter("code").is_some());
}

#[test]
fn web_clients_use_what_they_registered_and_get_a_refresh_token_only_offline() {
    let emulator = Running::start();
    let id = emulator.web_client["client_id"].as_str().expect("an id");
    let secret = emulator.web_client["client_secret"].as_str().expect("a secret");
    let redirect = emulator.web_client["redirect_uris"][0].as_str().expect("an address");
    assert_eq!(emulator.get(&emulator.authorization(&[("client_id", id)])).status, 400);
    let sign_in = |more: &[(&str, &str)]| {
        let changes: Vec<(&str, &str)> =
            [("client_id", id), ("redirect_uri", redirect)].into_iter().chain(more.iter().copied()).collect();
        let code = emulator.code(&changes);
        let changes = [("client_id", id), ("client_secret", secret), ("redirect_uri", redirect)];
        emulator.exchange(&code, &changes).json()
    };
    assert_eq!(sign_in(&[])["refresh_token"], json!(null));
    assert!(sign_in(&[("access_type", "offline"), ("prompt", "consent")])["refresh_token"].is_string());
    assert_eq!(sign_in(&[("access_type", "offline")])["refresh_token"], json!(null));
}

#[test]
fn only_loopback_hosts_are_served() {
    let emulator = Running::start();
    for (host, status) in [("localhost:1", 200), ("[::1]", 200), ("rebound.example.com", 403), ("", 403)] {
        let reply =
            crate::http::send(emulator.address, "GET", "/", &[("host", host)], b"").expect("an answer");
        assert_eq!(reply.status, status, "{host}");
    }
    let page = emulator.get("/").text();
    assert!(page.contains(&format!("CHATAUTH_EMULATOR_HOST={}", emulator.address)));
    assert_eq!(emulator.get("/nowhere").status, 404);
}
