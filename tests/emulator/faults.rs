//! Failing on request, and remembering what came.

use std::time::{Duration, Instant};

use chatauth::emulator::Fault;
use serde_json::json;

use crate::{http, running::Running};

fn create(emulator: &Running, token: &str, name: &str) -> std::io::Result<http::Response> {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = json!({"spaceType": "SPACE", "displayName": name}).to_string();
    http::send(emulator.address, "POST", "/v1/spaces", &headers, body.as_bytes())
}

fn count(emulator: &Running, token: &str) -> usize {
    let list = emulator.call(token, "GET", "/v1/spaces", None).json();
    list["spaces"].as_array().map_or(0, Vec::len)
}

#[test]
fn faults_meet_so_many_requests_in_order() {
    let emulator = Running::start();
    let token = emulator.access_token();
    emulator.handle.fail_next(
        2,
        Fault::Status {
            code: 429,
            headers: vec![("Retry-After".into(), "3".into()), ("content-type".into(), "text/html".into())],
            body: "<p>slow".into(),
        },
    );
    emulator.handle.fail_next(1, Fault::CutBefore);
    for _ in 0..2 {
        let reply = create(&emulator, &token, "a").expect("an answer");
        assert_eq!((reply.status, reply.header("retry-after")), (429, Some("3")));
        assert_eq!((reply.header("content-type"), reply.text()), (Some("text/html"), "<p>slow".into()));
    }
    // OAuth isn't meant.
    assert_eq!(emulator.get("/").status, 200);
    assert!(create(&emulator, &token, "a").is_err());
    assert_eq!(count(&emulator, &token), 0);

    emulator.handle.fail_next(1, Fault::CutAfter);
    assert!(create(&emulator, &token, "b").is_err());
    assert_eq!(count(&emulator, &token), 1);

    emulator.handle.fail_next(1, Fault::Truncate);
    let half = create(&emulator, &token, "c").expect("half an answer");
    assert!(half.status == 200 && !half.is_whole() && !half.body.is_empty());

    emulator.handle.fail_next(1, Fault::Delay(Duration::from_millis(80)));
    let start = Instant::now();
    assert!(create(&emulator, &token, "d").expect("an answer").is_whole());
    assert!(start.elapsed() >= Duration::from_millis(80));
    assert_eq!(count(&emulator, &token), 3);
}

#[test]
fn the_token_endpoint_has_faults_of_its_own() {
    let emulator = Running::start();
    let code = emulator.code(&[]);
    emulator.handle.fail_next_token(1, Fault::Status { code: 503, headers: vec![], body: "{}".into() });
    assert_eq!(emulator.exchange(&code, &[]).status, 503);
    assert_eq!(emulator.exchange(&code, &[]).status, 200);
}

#[test]
fn everything_received_is_kept_in_order() {
    let emulator = Running::start();
    let token = emulator.access_token();
    emulator.handle.clear_requests();
    create(&emulator, &token, "kept").expect("an answer");
    emulator.call(&token, "GET", "/v1/spaces?pageSize=1", None);
    let requests = emulator.handle.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!((requests[0].method.as_str(), requests[0].target.as_str()), ("POST", "/v1/spaces"));
    assert!(requests[0].body.contains("\"kept\""));
    assert_eq!(requests[0].header("Authorization"), Some(format!("Bearer {token}").as_str()));
    assert_eq!((requests[1].target.as_str(), requests[1].path()), ("/v1/spaces?pageSize=1", "/v1/spaces"));
}
