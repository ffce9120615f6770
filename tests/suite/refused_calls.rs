//! Every refusal that a call of the Chat API can meet, with its kind, its exit code and what to do about it.

use chatauth::emulator::Fault;
use serde_json::{Value, json};

use crate::desk::Desk;

fn info(reason: &str, metadata: Value) -> Value {
    json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com", "metadata": metadata }])
}

/// HTTP status, canonical code, message, details; then kind, exit code and the hint's beginning.
type Row = (u16, &'static str, &'static str, Value, &'static str, u8, &'static str);

fn rows() -> Vec<Row> {
    let none = || json!([]);
    let no = "The caller does not have permission";
    let app = "Google Chat app not found. To create a Chat app, you must turn on the Chat API and configure the app in the Google Cloud console.";
    let app_hint = "give the client's project a Chat app (name, avatar, description) and save it: https://console.cloud.google.com/apis/api/chat.googleapis.com/hangouts-chat?project=100000000001";
    vec![
        (404, "NOT_FOUND", app, none(), "app_not_configured", 6, app_hint),
        (404, "NOT_FOUND", "No bot associated with this project.", none(), "app_not_configured", 6, app_hint),
        (404, "NOT_FOUND", "Invalid project number.", none(), "app_not_configured", 6, app_hint),
        (
            403,
            "PERMISSION_DENIED",
            "Google Chat API has not been used in project 7 before or it is disabled.",
            info("SERVICE_DISABLED", json!({ "activationUrl": "https://console.cloud.google.com/enable" })),
            "api_disabled",
            5,
            "turn the API on in the client's project and wait a few minutes: https://console.cloud.google.com/enable",
        ),
        (
            403,
            "PERMISSION_DENIED",
            "Google Chat API has not been used in project 7 before or it is disabled.",
            info("SERVICE_DISABLED", json!({ "consumer": "projects/7" })),
            "api_disabled",
            5,
            "turn the API on in the client's project and wait a few minutes: https://console.cloud.google.com/apis/library/chat.googleapis.com?project=7",
        ),
        (
            403,
            "PERMISSION_DENIED",
            "Request had insufficient authentication scopes.",
            info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", json!({})),
            "scope_missing",
            5,
            "chatauth login --add-scopes chat.messages.create",
        ),
        (
            403,
            "PERMISSION_DENIED",
            "The administrator must grant the app the required OAuth authorization scope for this action.",
            none(),
            "permission_denied",
            5,
            "an administrator approves the app once: https://support.google.com/a?p=chat-app-auth; or use the scope chat.bot, which this method takes",
        ),
        (
            403,
            "PERMISSION_DENIED",
            "You are not permitted to use this app",
            none(),
            "permission_denied",
            5,
            "add the Chat app to the space (Apps & integrations > Add apps)",
        ),
        (
            403,
            "PERMISSION_DENIED",
            "This organization's administrator must allow users to install this Chat app",
            none(),
            "permission_denied",
            5,
            "an administrator allows the Chat app: https://support.google.com/a/answer/7651360",
        ),
        (
            403,
            "PERMISSION_DENIED",
            "Google Chat API is only available to Google Workspace users",
            none(),
            "permission_denied",
            5,
            "sign in with a Google Workspace account: chatauth login",
        ),
        (
            403,
            "PERMISSION_DENIED",
            no,
            none(),
            "permission_denied",
            5,
            "is the account a member of the space",
        ),
        (
            403,
            "PERMISSION_DENIED",
            no,
            info("USER_BLOCKED_BY_ADMIN", json!({})),
            "permission_denied",
            5,
            "the Workspace administrator has turned Google Chat off",
        ),
        (
            403,
            "PERMISSION_DENIED",
            no,
            info("USER_PROJECT_DENIED", json!({})),
            "permission_denied",
            5,
            "the project in --quota-project cannot be used",
        ),
        (
            403,
            "PERMISSION_DENIED",
            no,
            info("CONSUMER_INVALID", json!({})),
            "permission_denied",
            5,
            "the project in --quota-project cannot be used",
        ),
        (
            403,
            "PERMISSION_DENIED",
            no,
            info("CONSUMER_SUSPENDED", json!({})),
            "permission_denied",
            5,
            "the project in --quota-project cannot be used",
        ),
        (
            403,
            "PERMISSION_DENIED",
            no,
            info("SECURITY_POLICY_VIOLATED", json!({})),
            "permission_denied",
            5,
            "a policy of the organization",
        ),
        (
            403,
            "PERMISSION_DENIED",
            no,
            info("ORG_RESTRICTION_VIOLATION", json!({})),
            "permission_denied",
            5,
            "a policy of the organization",
        ),
        (
            403,
            "PERMISSION_DENIED",
            no,
            info("BILLING_DISABLED", json!({ "consumer": "projects/9" })),
            "permission_denied",
            5,
            "turn billing on for the project: https://console.cloud.google.com/billing/enable?project=9",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            no,
            info("API_KEY_INVALID", json!({})),
            "invalid_argument",
            1,
            "an API key was sent",
        ),
        (
            401,
            "UNAUTHENTICATED",
            no,
            info("ACCESS_TOKEN_EXPIRED", json!({})),
            "sign_in_dead",
            4,
            "chatauth login",
        ),
        (
            401,
            "UNAUTHENTICATED",
            no,
            info("ACCESS_TOKEN_TYPE_UNSUPPORTED", json!({})),
            "sign_in_dead",
            4,
            "this is no access token",
        ),
        (
            401,
            "UNAUTHENTICATED",
            no,
            info("ACCOUNT_STATE_INVALID", json!({})),
            "sign_in_dead",
            4,
            "the account is suspended or deleted",
        ),
        (
            404,
            "NOT_FOUND",
            "Requested entity was not found.",
            none(),
            "not_found",
            6,
            "the name is wrong, or this account cannot see it",
        ),
        (
            409,
            "ALREADY_EXISTS",
            "It exists.",
            none(),
            "already_exists",
            1,
            "it exists already: choose another id",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "Wrong.",
            json!([{ "@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{ "field": "text", "description": "Too odd." }] }]),
            "invalid_argument",
            1,
            "text: Too odd.",
        ),
        (400, "FAILED_PRECONDITION", "The space is in another state.", none(), "invalid_argument", 1, ""),
        (
            429,
            "RESOURCE_EXHAUSTED",
            "Quota exceeded for quota metric 'Message writes'",
            info("RATE_LIMIT_EXCEEDED", json!({ "quota_limit": "MessageWritesPerMinutePerProject" })),
            "rate_limited",
            7,
            "try again in a minute (quota MessageWritesPerMinutePerProject); a space takes one post a second",
        ),
        (
            500,
            "INTERNAL",
            "Internal error encountered.",
            none(),
            "unavailable",
            7,
            "try again with --request-id ",
        ),
        (
            503,
            "UNAVAILABLE",
            "The service is currently unavailable.",
            none(),
            "unavailable",
            7,
            "try again with --request-id ",
        ),
        (418, "TEAPOT", "I am a teapot.", none(), "failed", 1, ""),
    ]
}

#[test]
fn every_refusal_is_explained() {
    let desk = Desk::signed_in();
    for (code, status, message, details, kind, exit, hint) in rows() {
        let body =
            json!({ "error": { "code": code, "message": message, "status": status, "details": details } });
        let fault = Fault::Status { code, headers: vec![], body: body.to_string() };
        desk.google.handle.fail_next(2, fault);
        let outcome = desk.run(&["messages", "send", "--space", "A", "--text", "x", "-q", "--retries", "0"]);
        desk.google.handle.clear_faults();
        let error = outcome.error();
        assert_eq!((error["kind"].as_str(), outcome.code), (Some(kind), exit), "{outcome}");
        assert_eq!(
            (error["exit_code"].as_u64(), error["http_status"].as_u64()),
            (Some(exit.into()), Some(code.into()))
        );
        assert!(error["message"].as_str().unwrap().contains(message), "{outcome}");
        assert_eq!(error["method"], "chat.spaces.messages.create");
        assert!(error["hint"].as_str().unwrap_or_default().starts_with(hint), "{hint}: {outcome}");
        assert_eq!(error["hint"].is_string(), !hint.is_empty(), "{outcome}");
        if let Some(reason) = details[0]["reason"].as_str() {
            assert_eq!(error["reason"], reason);
        }
    }
}

#[test]
fn the_older_shape_is_read_too() {
    let desk = Desk::signed_in();
    let body = json!({ "error": {
        "code": 403, "message": "Access Not Configured.",
        "errors": [{ "message": "Access Not Configured.", "domain": "usageLimits", "reason": "accessNotConfigured" }],
    } });
    desk.google.handle.fail_next(1, Fault::Status { code: 403, headers: vec![], body: body.to_string() });
    let outcome = desk.run(&["spaces", "list", "-q"]);
    assert_eq!((outcome.code, outcome.error()["kind"].as_str()), (5, Some("api_disabled")), "{outcome}");
    assert_eq!(outcome.error()["reason"], "accessNotConfigured");
    let plain = json!({ "error": "invalid_request", "error_description": "In OAuth's shape." });
    desk.google.handle.fail_next(1, Fault::Status { code: 400, headers: vec![], body: plain.to_string() });
    assert_eq!(desk.run(&["spaces", "list", "-q"]).error()["message"], "In OAuth's shape.");
}

#[test]
fn pages_and_empty_answers_of_front_ends_are_told_by_their_status() {
    let desk = Desk::signed_in();
    for (body, code, exit) in
        [("<html>502</html>", 502, 7), ("", 503, 7), ("Too many", 429, 7), ("", 404, 6), ("[]", 403, 5)]
    {
        desk.google.handle.fail_next(1, Fault::Status { code, headers: vec![], body: body.to_owned() });
        let outcome = desk.run(&["spaces", "list", "-q", "--retries", "0"]);
        assert_eq!(outcome.code, exit, "{outcome}");
        assert!(
            outcome.error()["message"]
                .as_str()
                .unwrap()
                .starts_with(&format!("Google answered with status {code}")),
            "{outcome}"
        );
    }
}

#[test]
fn the_scopes_that_google_names_are_asked_for_where_the_table_knows_none() {
    let desk = Desk::signed_in();
    let challenge = r#"Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="https://www.googleapis.com/auth/calendar.events https://www.googleapis.com/auth/calendar""#;
    let body = json!({ "error": { "code": 403, "message": "Request had insufficient authentication scopes.", "status": "PERMISSION_DENIED" } });
    let headers = vec![("WWW-Authenticate".to_owned(), challenge.to_owned())];
    desk.google.handle.fail_next(1, Fault::Status { code: 403, headers, body: body.to_string() });
    let outcome = desk.run(&["api", "GET", "/v1/spaces", "-q"]);
    assert_eq!(
        outcome.error()["hint"],
        "chatauth login --add-scopes https://www.googleapis.com/auth/calendar.events"
    );
}
