//! The token endpoint, revocation, and who a token belongs to.

use std::time::Duration;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;

use crate::{
    http,
    running::{CHAT, Running, VERIFIER, form},
};

fn error(reply: &http::Response) -> (u16, String) {
    (reply.status, reply.json()["error"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_code_becomes_tokens_once() {
    let emulator = Running::start();
    let code = emulator.code(&[]);
    let reply = emulator.exchange(&code, &[]);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.header("cache-control").is_some_and(|value| value.contains("no-store")));
    let tokens = reply.json();
    assert!(tokens["access_token"].as_str().is_some_and(|token| token.starts_with("ya29.")));
    assert!(tokens["refresh_token"].as_str().is_some_and(|token| token.starts_with("1//")));
    assert_eq!((tokens["expires_in"].as_u64(), tokens["token_type"].as_str()), (Some(3599), Some("Bearer")));
    assert!(tokens["scope"].as_str().is_some_and(|scope| scope.contains("/auth/userinfo.email")));
    let claims = tokens["id_token"].as_str().and_then(|token| token.split('.').nth(1)).expect("claims");
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64")).expect("JSON");
    assert_eq!(claims["email"], "someone@example.com");
    assert_eq!(claims["iss"], format!("http://{}", emulator.address));
    assert_eq!(claims["aud"], emulator.client["client_id"]);

    let again = emulator.exchange(&code, &[]);
    assert_eq!(error(&again), (400, "invalid_grant".into()));
}

#[test]
fn codes_are_bound_to_what_they_were_asked_with() {
    let emulator = Running::start();
    let web = emulator.web_client.clone();
    let (web_id, web_secret) = (web["client_id"].as_str().unwrap(), web["client_secret"].as_str().unwrap());
    let wrong = "another-verifier-of-forty-three-characters-or-so";
    type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);
    let cases: &[Case] = &[
        (&[("code_verifier", wrong)], 400, "invalid_grant"),
        (&[("code_verifier", "-")], 400, "invalid_grant"),
        (&[("redirect_uri", "http://127.0.0.1:7778/callback")], 400, "redirect_uri_mismatch"),
        (&[("client_id", web_id), ("client_secret", web_secret)], 400, "invalid_grant"),
        (&[("client_secret", "wrong")], 401, "invalid_client"),
        (&[("client_secret", "-")], 400, "invalid_request"),
        (&[("client_id", "nobody")], 401, "invalid_client"),
        (&[("code", "4/never-issued")], 400, "invalid_grant"),
        (&[("code", "-")], 400, "invalid_request"),
        (&[("grant_type", "password")], 400, "unsupported_grant_type"),
        (&[("grant_type", "-")], 400, "invalid_request"),
    ];
    for (changes, status, code) in cases {
        let reply = emulator.exchange(&emulator.code(&[]), changes);
        assert_eq!(error(&reply), (*status, (*code).to_owned()), "{changes:?}");
    }
    let late = emulator.code(&[]);
    emulator.clock.advance(Duration::from_secs(601));
    assert_eq!(error(&emulator.exchange(&late, &[])), (400, "invalid_grant".into()));
}

#[test]
fn pkce_may_be_plain_or_absent_but_never_dropped() {
    let emulator = Running::start();
    let plain = emulator.code(&[("code_challenge", VERIFIER), ("code_challenge_method", "")]);
    assert_eq!(emulator.exchange(&plain, &[]).status, 200);
    let absent = [("code_challenge", ""), ("code_challenge_method", "")];
    assert_eq!(emulator.exchange(&emulator.code(&absent), &[("code_verifier", "-")]).status, 200);
    // A verifier without a challenge: somebody took the challenge out of the request.
    assert_eq!(emulator.exchange(&emulator.code(&absent), &[]).status, 400);
}

#[test]
fn the_form_is_read_strictly() {
    let emulator = Running::start();
    let fields = [("grant_type", "refresh_token"), ("grant_type", "refresh_token")];
    assert_eq!(error(&emulator.form("/token", &fields)), (400, "invalid_request".into()));
    assert_eq!(emulator.get("/token").status, 405);
    let json = [("content-type", "application/json")];
    let reply = http::send(emulator.address, "POST", "/token", &json, b"{}").expect("an answer");
    assert_eq!(error(&reply), (400, "invalid_request".into()));
    let large = form(&[("code", &"x".repeat(70_000))]);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let reply =
        http::send(emulator.address, "POST", "/token", &headers, large.as_bytes()).expect("an answer");
    assert_eq!(reply.status, 400);
}

#[test]
fn the_client_may_authenticate_by_header() {
    let emulator = Running::start();
    let id = emulator.client["client_id"].as_str().unwrap();
    let basic = STANDARD.encode(format!("{id}:{}", emulator.client["client_secret"].as_str().unwrap()));
    let body = form(&[
        ("grant_type", "authorization_code"),
        ("redirect_uri", crate::running::REDIRECT),
        ("code", &emulator.code(&[])),
        ("code_verifier", VERIFIER),
    ]);
    let basic = format!("Basic {basic}");
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", basic.as_str())];
    let reply = http::send(emulator.address, "POST", "/token", &headers, body.as_bytes()).expect("an answer");
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[test]
fn refreshing() {
    let emulator = Running::start();
    let tokens = emulator.sign_in("someone@example.com", CHAT);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let reply = emulator.refresh(refresh, &[]).json();
    assert_ne!(reply["access_token"], tokens["access_token"]);
    assert_eq!(reply["refresh_token"], Value::Null);
    let narrow = "https://www.googleapis.com/auth/chat.spaces";
    assert_eq!(emulator.refresh(refresh, &[("scope", narrow)]).json()["scope"], narrow);
    let broad = "https://www.googleapis.com/auth/chat.delete";
    assert_eq!(error(&emulator.refresh(refresh, &[("scope", broad)])), (400, "invalid_scope".into()));

    emulator.handle.rotate_refresh_tokens(true);
    let rotated = emulator.refresh(refresh, &[]).json();
    let new = rotated["refresh_token"].as_str().expect("a new one");
    assert_eq!(error(&emulator.refresh(refresh, &[])), (400, "invalid_grant".into()));
    emulator.handle.rotate_refresh_tokens(false);
    assert_eq!(emulator.refresh(new, &[]).status, 200);

    emulator.handle.revoke_grants();
    let dead = emulator.refresh(new, &[]);
    assert_eq!(dead.json()["error_description"], "Token has been expired or revoked.");
    emulator.handle.omit_refresh_token(true);
    assert_eq!(emulator.sign_in("someone@example.com", CHAT)["refresh_token"], Value::Null);
}

#[test]
fn refresh_tokens_may_die_of_age_or_number() {
    let emulator = Running::start();
    emulator.handle.set_refresh_token_lifetime(Some(604_800));
    let tokens = emulator.sign_in("someone@example.com", CHAT);
    assert_eq!(tokens["refresh_token_expires_in"], 604_800);
    let refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
    emulator.clock.advance(Duration::from_secs(4800));
    assert_eq!(emulator.refresh(&refresh, &[]).json()["refresh_token_expires_in"], 600_000);
    emulator.clock.advance(Duration::from_secs(600_000));
    assert_eq!(error(&emulator.refresh(&refresh, &[])), (400, "invalid_grant".into()));

    emulator.handle.set_refresh_token_lifetime(None);
    let first = emulator.sign_in("other@example.com", "openid")["refresh_token"].clone();
    for _ in 0..100 {
        emulator.sign_in("other@example.com", "openid");
    }
    assert_eq!(error(&emulator.refresh(first.as_str().unwrap(), &[])), (400, "invalid_grant".into()));
}

#[test]
fn revoking_ends_everything_of_that_account() {
    let emulator = Running::start();
    let first = emulator.sign_in("someone@example.com", CHAT);
    let second = emulator.sign_in("someone@example.com", "openid");
    let other = emulator.sign_in("other@example.com", CHAT);
    let text = |tokens: &Value, name: &str| tokens[name].as_str().unwrap().to_owned();
    let revoke = |token: &str| emulator.form("/revoke", &[("token", token)]);
    assert_eq!(revoke(&text(&second, "access_token")).status, 200);
    for tokens in [&first, &second] {
        assert_eq!(
            error(&emulator.refresh(&text(tokens, "refresh_token"), &[])),
            (400, "invalid_grant".into())
        );
    }
    assert_eq!(emulator.refresh(&text(&other, "refresh_token"), &[]).status, 200);
    assert_eq!(error(&revoke(&text(&first, "refresh_token"))), (400, "invalid_token".into()));
    assert_eq!(error(&emulator.form("/revoke", &[("x", "y")])), (400, "invalid_request".into()));
}

#[test]
fn a_token_says_whose_it_is() {
    let emulator = Running::start();
    let token = emulator.sign_in("other@example.com", "openid email profile")["access_token"].clone();
    let token = token.as_str().unwrap();
    let info = emulator.get(&format!("/tokeninfo?access_token={token}")).json();
    assert_eq!(
        (info["email"].as_str(), info["expires_in"].as_str()),
        (Some("other@example.com"), Some("3599"))
    );
    let user = emulator.call(token, "GET", "/v1/userinfo", None).json();
    assert_eq!((user["sub"].clone(), user["name"].as_str()), (info["sub"].clone(), Some("Olga Other")));
    emulator.clock.advance(Duration::from_secs(3599));
    assert_eq!(emulator.get(&format!("/tokeninfo?access_token={token}")).status, 400);
    assert_eq!(emulator.call(token, "GET", "/v1/userinfo", None).status, 401);
    let metadata = emulator.get("/.well-known/openid-configuration").json();
    assert_eq!(metadata["issuer"], format!("http://{}", emulator.address));
}
