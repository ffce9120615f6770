//! Calls that go wrong: what is tried again, what never is, and how it's told.

use std::time::Duration;

use chatauth::emulator::Fault;
use insta::assert_snapshot;

use crate::desk::Desk;

fn status(code: u16) -> Fault {
    status_with(code, &[], "")
}

fn status_with(code: u16, headers: &[(&str, &str)], body: &str) -> Fault {
    let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Fault::Status { code, headers, body: body.to_owned() }
}

/// The request ids of all posts so far.
fn request_ids(desk: &Desk) -> Vec<String> {
    let requests = desk.google.handle.requests();
    let posts = requests.iter().filter(|request| request.method == "POST");
    posts
        .map(|request| {
            let url = url::Url::parse(&format!("http://x{}", request.target)).unwrap();
            crate::desk::parameter(&url, "requestId")
        })
        .collect()
}

#[test]
fn a_post_is_tried_again_with_the_same_request_id_and_never_doubled() {
    let faults = [status(429), status(408), status(500), status(502), status(503), status(504)];
    let cuts = [Fault::CutBefore, Fault::CutAfter, Fault::Truncate];
    for fault in faults.into_iter().chain(cuts) {
        let desk = Desk::signed_in_with(&["--add-scopes", "chat.messages.readonly"]);
        let space = desk.space();
        desk.google.handle.fail_next(2, fault.clone());
        let outcome = desk.run(&["messages", "send", "--space", &space, "--text", "once"]);
        assert_eq!(outcome.code, 0, "{fault:?}: {outcome}");
        let ids = request_ids(&desk);
        assert_eq!(ids.len(), 3, "{fault:?}");
        assert!(ids.iter().all(|id| *id == ids[0] && id.len() == 36), "{fault:?}: {ids:?}");
        let listed = desk.run(&["messages", "list", "--space", &space]).json();
        assert_eq!(listed["messages"].as_array().unwrap().len(), 1, "{fault:?}");
    }
}

#[test]
fn waits_are_as_long_as_google_asks() {
    for (headers, body, wait) in [
        (vec![("Retry-After", "7")], "", 7_000),
        (vec![("Retry-After", "Sat, 07 Nov 2026 10:00:30 GMT")], "", 29_500),
        (
            vec![],
            r#"{"error":{"code":429,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3.5s"}]}}"#,
            3_500,
        ),
    ] {
        let desk = Desk::signed_in();
        desk.google.handle.fail_next(1, status_with(429, &headers, body));
        assert_eq!(desk.run(&["spaces", "list"]).code, 0);
        assert_eq!(desk.google.clock.sleeps(), [Duration::from_millis(wait)]);
    }
}

#[test]
fn a_wait_beyond_the_deadline_ends_it_at_once() {
    let desk = Desk::signed_in();
    let body = r#"{"error":{"code":429,"message":"Quota exceeded for quota metric 'Message writes'.","status":"RESOURCE_EXHAUSTED"}}"#;
    desk.google.handle.fail_next(1, status_with(429, &[("Retry-After", "500")], body));
    let outcome = desk.run(&["spaces", "list", "-q"]);
    assert_eq!((desk.requests().len(), desk.google.clock.sleeps().len()), (1, 0));
    assert_snapshot!(outcome, @r#"
    exit 7
    --- stdout
    --- stderr
    {"error":{"kind":"rate_limited","exit_code":7,"http_status":429,"message":"Quota exceeded for quota metric 'Message writes'.","hint":"try again in 500 s","status":"RESOURCE_EXHAUSTED","retry_after_seconds":500,"method":"chat.spaces.list"}}
    "#);
}

#[test]
fn tries_are_counted_and_backed_off() {
    let desk = Desk::signed_in();
    desk.google.handle.fail_next(99, status(503));
    let outcome = desk.run(&["spaces", "list", "-q"]);
    assert_eq!((outcome.code, desk.requests().len()), (7, 5), "{outcome}");
    let sleeps = desk.google.clock.sleeps();
    for (attempt, sleep) in sleeps.iter().enumerate() {
        assert!(*sleep <= Duration::from_secs(2 << attempt), "{sleeps:?}");
    }
    assert_eq!(desk.run(&["spaces", "list", "-q", "--retries", "0"]).code, 7);
    assert_eq!(desk.requests().len(), 6);
}

#[test]
fn an_outcome_that_nobody_knows_is_told_with_the_way_to_repeat_it() {
    let desk = Desk::signed_in();
    let space = desk.space();
    desk.google.handle.fail_next(9, Fault::CutAfter);
    let send = [
        "messages",
        "send",
        "-q",
        "--space",
        &space,
        "--text",
        "x",
        "--request-id",
        "my-id",
        "--retries",
        "1",
    ];
    let outcome = desk.run(&send);
    assert_eq!(desk.requests().len(), 2);
    assert_snapshot!(outcome.to_string().replace(&space, "SPACE"), @r#"
    exit 7
    --- stdout
    --- stderr
    {"error":{"kind":"unavailable","exit_code":7,"message":"127.0.0.1: the connection broke before the answer was complete (connection closed before message completed)","hint":"nobody knows whether it was done; run it again with --request-id my-id, which cannot do it twice","method":"chat.spaces.messages.create","request_id":"my-id"}}
    "#);
}

#[test]
fn refusals_are_explained() {
    let desk = Desk::signed_in();
    let space = desk.space();
    let send = ["messages", "send", "-q", "--space", &space, "--text", "x"];
    desk.google.handle.app_configured(false);
    assert_snapshot!(desk.run(&send), @r#"
    exit 6
    --- stdout
    --- stderr
    {"error":{"kind":"app_not_configured","exit_code":6,"http_status":404,"message":"Google Chat app not found. To create a Chat app, you must turn on the Chat API and configure the app in the Google Cloud console.","hint":"give the client's project a Chat app (name, avatar, description) and save it: https://console.cloud.google.com/apis/api/chat.googleapis.com/hangouts-chat?project=100000000001","status":"NOT_FOUND","method":"chat.spaces.messages.create","request_id":"ca2f588a-be12-4708-9d30-80237d64f550"}}
    "#);
    desk.google.handle.app_configured(true);
    desk.google.handle.api_enabled(false);
    assert_snapshot!(desk.run(&send), @r#"
    exit 5
    --- stdout
    --- stderr
    {"error":{"kind":"api_disabled","exit_code":5,"http_status":403,"reason":"SERVICE_DISABLED","message":"Google Chat API has not been used in project 100000000001 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/chat.googleapis.com/overview?project=100000000001 then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.","hint":"turn the API on in the client's project and wait a few minutes: https://console.developers.google.com/apis/api/chat.googleapis.com/overview?project=100000000001","status":"PERMISSION_DENIED","method":"chat.spaces.messages.create","request_id":"038fde99-fcf9-4f94-bf8a-adf8b737cac4"}}
    "#);
    desk.google.handle.api_enabled(true);
    assert_snapshot!(desk.run(&["spaces", "get", "spaces/NONE", "-q"]), @r#"
    exit 6
    --- stdout
    --- stderr
    {"error":{"kind":"not_found","exit_code":6,"http_status":404,"message":"Requested entity was not found.","hint":"the name is wrong, or this account cannot see it","status":"NOT_FOUND","method":"chat.spaces.get"}}
    "#);
    assert_snapshot!(desk.run(&["spaces", "create", "--name", "Desk", "-q"]), @r#"
    exit 1
    --- stdout
    --- stderr
    {"error":{"kind":"already_exists","exit_code":1,"http_status":409,"message":"A space with this display name already exists in the organization.","hint":"the name is already used in the organization: choose another","status":"ALREADY_EXISTS","method":"chat.spaces.create","request_id":"3ee6db35-14d6-496a-8550-f5ab07935b87"}}
    "#);
}

#[test]
fn a_missing_scope_is_found_before_any_request() {
    let desk = Desk::signed_in();
    let list = ["messages", "list", "--space", "A", "-q"];
    assert_snapshot!(desk.run(&list), @r#"
    exit 5
    --- stdout
    --- stderr
    {"error":{"kind":"scope_missing","exit_code":5,"message":"chat.spaces.messages.list needs a scope that was not granted: chat.messages.readonly","hint":"chatauth login --add-scopes chat.messages.readonly","method":"chat.spaces.messages.list","granted_scopes":["https://www.googleapis.com/auth/chat.memberships","https://www.googleapis.com/auth/chat.messages.create","https://www.googleapis.com/auth/chat.spaces","https://www.googleapis.com/auth/userinfo.email","openid"]}}
    "#);
    assert_eq!(desk.requests().len(), 0);
    let asked: Vec<&str> = list.iter().chain(&["--no-preflight"]).copied().collect();
    assert_snapshot!(desk.run(&asked), @r#"
    exit 5
    --- stdout
    --- stderr
    {"error":{"kind":"scope_missing","exit_code":5,"http_status":403,"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT","message":"Request had insufficient authentication scopes.","hint":"chatauth login --add-scopes chat.messages.readonly","status":"PERMISSION_DENIED","method":"chat.spaces.messages.list"}}
    "#);
    assert_eq!(desk.requests().len(), 1);
}

#[test]
fn answers_that_are_not_googles_are_told() {
    for (fault, words) in [
        (status_with(200, &[], "<html>"), "it is not a JSON object"),
        (status_with(200, &[], "{\"spaces\":]"), "it is not JSON"),
        (status_with(200, &[], "{\"spaces\":7}"), "its field spaces is not a list"),
        (status_with(200, &[], "{\"nextPageToken\":7}"), "its field nextPageToken is not text"),
        (status_with(302, &[("Location", "http://evil.example/")], ""), "Google answered with status 302"),
        (status_with(418, &[], "<html>"), "Google answered with status 418"),
    ] {
        let desk = Desk::signed_in();
        desk.google.handle.fail_next(1, fault);
        let outcome = desk.run(&["spaces", "list", "-q"]);
        assert_eq!((outcome.code, desk.requests().len()), (1, 1), "{outcome}");
        assert!(outcome.error()["message"].as_str().unwrap().contains(words), "{words}: {outcome}");
    }
}

#[test]
fn a_list_that_repeats_itself_ends() {
    let desk = Desk::signed_in();
    let page = status_with(200, &[], "{\"spaces\":[{}],\"nextPageToken\":\"again\"}");
    desk.google.handle.fail_next(9, page);
    let outcome = desk.run(&["spaces", "list", "--all", "-q"]);
    assert_eq!((outcome.code, desk.requests().len()), (1, 2), "{outcome}");
    assert!(outcome.error()["message"].as_str().unwrap().contains("repeats itself"));
}

#[test]
fn a_repeat_that_finds_its_own_message_is_a_success() {
    let desk = Desk::signed_in();
    let space = desk.space();
    desk.google.handle.fail_next(1, status(503));
    let conflict = r#"{"error":{"code":409,"message":"Already exists.","status":"ALREADY_EXISTS"}}"#;
    desk.google.handle.fail_next(1, status_with(409, &[], conflict));
    let send = ["messages", "send", "-q", "--space", &space, "--text", "x", "--message-id", "client-a"];
    let outcome = desk.run(&send);
    assert_eq!(outcome.json()["name"], format!("{space}/messages/client-a"), "{outcome}");
    // Without a try before it, it's somebody else's.
    desk.google.handle.fail_next(1, status_with(409, &[], conflict));
    assert_eq!(desk.run(&send).error()["kind"], "already_exists");
}

#[test]
fn tracing_shows_requests_and_no_secret() {
    let desk = Desk::signed_in();
    let token = desk.run(&["token"]).stdout.trim().to_owned();
    desk.google.handle.fail_next(1, status_with(429, &[("Retry-After", "2")], ""));
    let outcome = desk.run(&["-v", "spaces", "list", "-q"]);
    let shown = outcome.stderr.replace(&desk.google.address.to_string(), "EMULATOR");
    let lines: Vec<&str> = shown.lines().map(|line| line.split(" (").next().unwrap()).collect();
    assert_eq!(
        lines,
        [
            "> GET http://EMULATOR/v1/spaces",
            "< 429 Too Many Requests",
            "* 429 Too Many Requests: again in 2.0 s",
            "> GET http://EMULATOR/v1/spaces",
            "< 200 OK",
        ]
    );
    assert!(!outcome.to_string().contains(&token));
}

#[test]
fn a_read_that_breaks_is_just_unavailable() {
    let desk = Desk::signed_in();
    desk.google.handle.fail_next(9, Fault::CutAfter);
    let outcome = desk.run(&["spaces", "list", "-q", "--retries", "1"]);
    assert_eq!((outcome.code, outcome.error()["kind"].as_str()), (7, Some("unavailable")), "{outcome}");
    assert_eq!(outcome.error()["hint"], "try again later");
}

#[test]
fn a_ready_token_that_is_refused_is_named() {
    let desk = Desk::new();
    let outcome =
        desk.command(&["spaces", "list", "-q"]).variable("CHATAUTH_ACCESS_TOKEN", "ya29.dead").run();
    assert_eq!(outcome.code, 4);
    let message = outcome.error()["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("Google does not take the token of CHATAUTH_ACCESS_TOKEN: "), "{outcome}");
    let hint = "set a fresh token in CHATAUTH_ACCESS_TOKEN, or unset it to use a profile";
    assert_eq!(outcome.error()["hint"], hint);
}

#[test]
fn an_answer_that_is_lost_is_told_with_the_request_id() {
    let desk = Desk::signed_in();
    desk.google.handle.fail_next(1, status_with(200, &[], "<html>"));
    let outcome = desk.run(&["spaces", "create", "--name", "X", "--request-id", "mine", "-q"]);
    assert_eq!((outcome.code, outcome.error()["request_id"].as_str()), (1, Some("mine")), "{outcome}");
    let hint = "it may have been done; run it again with --request-id mine, which cannot do it twice";
    assert_eq!(outcome.error()["hint"], hint);
    desk.google.handle.fail_next(1, status_with(200, &[], ""));
    assert_eq!(desk.run(&["spaces", "create", "--name", "X"]).code, 1, "a space cannot be nothing");
}

#[test]
fn an_answer_that_is_cut_short_without_a_length_is_asked_for_again() {
    let desk = Desk::signed_in();
    desk.google.handle.fail_next(1, status_with(200, &[], "{\"spaces\":[{\"na"));
    assert_eq!(desk.run(&["spaces", "list"]).code, 0);
    assert_eq!(desk.requests().len(), 2);
    desk.google.handle.fail_next(2, status_with(200, &[], "{\"na"));
    let outcome = desk.run(&["api", "POST", "/v1/spaces/A/members", "-f", "x=y", "-q"]);
    assert_eq!((outcome.code, outcome.error()["kind"].as_str()), (1, Some("outcome_unknown")), "{outcome}");
    assert_eq!(desk.requests().len(), 3, "what isn't known to be safe is sent once");
}

#[test]
fn tracing_twice_shows_headers_and_bodies_without_secrets() {
    let desk = Desk::signed_in();
    desk.google.clock.advance(Duration::from_secs(7200));
    let outcome = desk.run(&["-vv", "spaces", "create", "--name", "Traced", "-q"]);
    assert_eq!(outcome.code, 0);
    for line in [
        "> grant_type=REDACTED&refresh_token=REDACTED&client_id=REDACTED&client_secret=REDACTED",
        "> authorization: Bearer REDACTED",
        "> {\"spaceType\":\"SPACE\",\"displayName\":\"Traced\"}",
        "< content-type: application/json; charset=UTF-8",
    ] {
        assert!(outcome.stderr.lines().any(|shown| shown == line), "{line}: {outcome}");
    }
    assert!(!outcome.stderr.contains("ya29."), "{outcome}");
}

/// A server that answers every request with the same bytes.
fn server(answer: Vec<u8>) -> std::net::SocketAddr {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let _ = stream.write_all(&answer);
        }
    });
    address
}

fn gzip(size: usize, byte: u8) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![byte; size]).unwrap();
    let body = encoder.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

#[test]
fn a_compressed_answer_is_read_and_a_bomb_is_not() {
    let desk = Desk::new();
    let list = |address: std::net::SocketAddr| {
        let run = desk
            .command(&["spaces", "list", "-q", "--retries", "0"])
            .variable("CHATAUTH_ACCESS_TOKEN", "ya29.x");
        run.variable("CHATAUTH_EMULATOR_HOST", &address.to_string()).run()
    };
    let small = list(server(gzip(1, b'{')));
    assert!(
        small.error()["message"].as_str().unwrap().contains("ended before the answer was complete"),
        "{small}"
    );
    let bomb = list(server(gzip(33 * 1024 * 1024, b' ')));
    assert_eq!(bomb.code, 1, "{bomb}");
    assert!(
        bomb.error()["message"].as_str().unwrap().ends_with("the answer is larger than 32 MiB"),
        "{bomb}"
    );
}
