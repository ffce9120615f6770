//! Failing on request, and remembering what came.

use std::{
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use chatauth::{
    clock::SystemClock,
    emulator::{Consent, Emulator, Fault, Options},
    random::SystemRandom,
};
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

#[test]
fn it_can_be_spawned_and_ends_with_its_task() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let options = Options {
            port: 0,
            consent: Consent::Auto,
            clock: Arc::new(SystemClock::default()),
            random: Arc::new(SystemRandom),
            access_token_lifetime: Options::ACCESS_TOKEN_LIFETIME,
        };
        let emulator = Emulator::bind(options).await.expect("a free port");
        let address = emulator.address();
        assert!(address.ip().is_loopback());
        let task = tokio::spawn(emulator.serve());
        tokio::task::yield_now().await;
        task.abort();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        assert!(TcpStream::connect(address).is_err());
    });
}

#[test]
fn access_tokens_may_be_made_short() {
    let emulator = Running::start();
    emulator.handle.set_access_token_lifetime(Duration::from_secs(5));
    let token = emulator.access_token();
    emulator.clock.advance(Duration::from_secs(5));
    assert_eq!(emulator.call(&token, "GET", "/v1/spaces", None).status, 401);
}
