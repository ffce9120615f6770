//! Each of the 55 methods under each passing failure: how often it's tried, after which waits, and how it ends.

use std::time::Duration;

use chatauth::{
    chat::methods::{METHODS, Method, Verb},
    emulator::Fault,
};

use crate::desk::{Desk, Outcome};

/// When a method may be sent again.
#[derive(Clone, Copy, PartialEq)]
enum Again {
    /// The server can't have acted.
    Always,
    /// Only what does no harm when it's done twice.
    IfSafe,
    Never,
}

fn status(code: u16, headers: &[(&str, &str)], body: &str) -> Fault {
    let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Fault::Status { code, headers, body: body.to_owned() }
}

const RETRY_INFO: &str = r#"{"error":{"code":429,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3s"}]}}"#;

/// A failure, what becomes of it, and how it's told where it isn't tried again.
struct Failure {
    name: &'static str,
    fault: Fault,
    again: Again,
    /// In milliseconds, where the server says it.
    wait: Option<u64>,
    exit: u8,
    words: &'static str,
}

fn failures() -> Vec<Failure> {
    let plain = "Google answered with status ";
    let broken = "127.0.0.1: the connection broke before the answer was complete";
    let row = |name, fault, again, wait, exit, words| Failure { name, fault, again, wait, exit, words };
    vec![
        row(
            "429 with seconds",
            status(429, &[("Retry-After", "2")], ""),
            Again::Always,
            Some(2000),
            7,
            plain,
        ),
        row(
            "429 with a date",
            status(429, &[("Retry-After", "Sat, 07 Nov 2026 10:00:05 GMT")], ""),
            Again::Always,
            None,
            7,
            plain,
        ),
        row("429 with RetryInfo", status(429, &[], RETRY_INFO), Again::Always, Some(3000), 7, plain),
        row("429 bare", status(429, &[], ""), Again::Always, None, 7, plain),
        row(
            "429 beyond the deadline",
            status(429, &[("Retry-After", "500")], ""),
            Again::Never,
            None,
            7,
            plain,
        ),
        row("408", status(408, &[], ""), Again::IfSafe, None, 1, plain),
        row("500", status(500, &[], "<html>"), Again::IfSafe, None, 1, plain),
        row("502", status(502, &[], "<html>"), Again::IfSafe, None, 1, plain),
        row("503", status(503, &[], ""), Again::IfSafe, None, 1, plain),
        row("504", status(504, &[], ""), Again::IfSafe, None, 1, plain),
        row("cut before", Fault::CutBefore, Again::IfSafe, None, 1, broken),
        row("cut after", Fault::CutAfter, Again::IfSafe, None, 1, broken),
        row("truncated", Fault::Truncate, Again::IfSafe, None, 1, broken),
        row(
            "cut short",
            status(200, &[], "{\"na"),
            Again::IfSafe,
            None,
            1,
            "the connection ended before the answer was complete",
        ),
        row(
            "HTML with 200",
            status(200, &[], "<html>"),
            Again::Never,
            None,
            1,
            "Google's answer cannot be used: it is not a JSON object",
        ),
        row(
            "redirect",
            status(302, &[("Location", "https://evil.example/")], ""),
            Again::Never,
            None,
            1,
            plain,
        ),
        row("400", status(400, &[], "{}"), Again::Never, None, 1, plain),
        row("403", status(403, &[], "{}"), Again::Never, None, 5, plain),
        row("404", status(404, &[], "{}"), Again::Never, None, 6, plain),
        row("409", status(409, &[], "{}"), Again::Never, None, 1, plain),
    ]
}

fn call(desk: &Desk, method: &Method) -> Outcome {
    let mut words = vec!["api", method.id, "-q", "--no-preflight", "--no-validate", "--retries", "2"];
    let parameters: Vec<String> = method
        .path_parameters
        .iter()
        .map(|parameter| {
            let example = parameter.pattern.example().unwrap_or_else(|| "x/y".to_owned());
            let parts = example.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
            format!("{}={}", parameter.name, parts.collect::<Vec<_>>().join("/"))
        })
        .collect();
    for parameter in &parameters {
        words.extend(["-p", parameter]);
    }
    if method.request.is_some() {
        words.extend(["--input", "body.json"]);
    }
    desk.run(&words)
}

#[test]
fn every_method_under_every_failure() {
    let desk = Desk::signed_in();
    desk.write("body.json", "{}");
    for method in METHODS {
        let reads = method.paging.is_some();
        let safe = reads || method.verb != Verb::Post || method.request_id.is_some();
        for Failure { name, fault, again, wait, exit, words } in failures() {
            desk.google.handle.clear_requests();
            desk.google.handle.clear_faults();
            desk.google.handle.fail_next(1, fault.clone());
            desk.google.handle.fail_next(1, status(200, &[], "{\"fine\":true}"));
            let slept = desk.google.clock.sleeps().len();
            let outcome = call(&desk, method);
            let repeats = again == Again::Always || again == Again::IfSafe && safe;
            let expected = if repeats { (0, 2) } else { (exit, 1) };
            assert_eq!(
                (outcome.code, desk.requests().len()),
                expected,
                "{} under {name}: {outcome}",
                method.id
            );
            if !repeats {
                let message = outcome.error()["message"].as_str().unwrap().to_owned();
                assert!(message.starts_with(words), "{} under {name}: {outcome}", method.id);
                let unknown = again == Again::IfSafe;
                assert_eq!(
                    outcome.error()["kind"] == "outcome_unknown",
                    unknown,
                    "{} under {name}: {outcome}",
                    method.id
                );
            }
            if let Some(wait) = wait {
                let sleeps = &desk.google.clock.sleeps()[slept..];
                assert_eq!(sleeps, [Duration::from_millis(wait)], "{} under {name}", method.id);
            }
        }
    }
}

#[test]
fn a_delete_that_was_done_already_is_a_success_only_when_repeated() {
    let desk = Desk::signed_in();
    let delete = ["api", "spaces.delete", "-p", "name=spaces/A", "-q", "--no-preflight"];
    desk.google.handle.fail_next(1, Fault::CutAfter);
    desk.google.handle.fail_next(1, status(404, &[], "{}"));
    let outcome = desk.run(&delete);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, "{}\n"), "{outcome}");
    desk.google.handle.fail_next(1, status(404, &[], "{}"));
    assert_eq!(desk.run(&delete).code, 6);
}

#[test]
fn a_setup_carries_its_request_id_in_the_body() {
    let desk = Desk::signed_in();
    desk.google.handle.fail_next(2, status(503, &[], ""));
    desk.google.handle.fail_next(1, status(200, &[], "{}"));
    let setup = ["api", "spaces.setup", "-f", "space.spaceType=SPACE", "-f", "space.displayName=x", "-q"];
    assert_eq!(desk.run(&setup).code, 0);
    let bodies: Vec<String> = desk.google.handle.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies.len(), 3);
    assert!(
        bodies[0].contains("\"requestId\":\"") && bodies.iter().all(|body| *body == bodies[0]),
        "{bodies:?}"
    );
}

#[test]
fn long_lists_are_read_a_page_at_a_time() {
    let desk = Desk::signed_in();
    for page in 0..300 {
        let body = format!("{{\"spaces\":[{{\"name\":\"spaces/{page}\"}}],\"nextPageToken\":\"{page}\"}}");
        desk.google.handle.fail_next(1, status(200, &[], &body));
    }
    desk.google.handle.fail_next(1, status(200, &[], "{\"spaces\":[]}"));
    let outcome = desk.run(&["spaces", "list", "--all", "--format", "ndjson"]);
    assert_eq!((outcome.code, outcome.stdout.lines().count()), (0, 300), "{}", outcome.stderr);
}

#[test]
fn every_method_under_a_refused_token() {
    let desk = Desk::signed_in();
    desk.write("body.json", "{}");
    for method in METHODS {
        desk.google.handle.clear_requests();
        desk.google.handle.fail_next(1, status(401, &[], "{}"));
        desk.google.handle.fail_next(1, status(200, &[], "{}"));
        let outcome = call(&desk, method);
        let token = desk.requests().iter().filter(|request| *request == "POST /token").count();
        // The server has refused to act, so this is no repeat: one refresh, one more try.
        assert_eq!((outcome.code, desk.requests().len(), token), (0, 3, 1), "{}: {outcome}", method.id);
    }
}

#[test]
fn every_method_where_nobody_listens() {
    let desk = Desk::new();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for method in METHODS.iter().filter(|method| method.path_parameters.is_empty()) {
        let words = ["-v", "api", method.id, "-q", "--no-validate", "--retries", "2"];
        let run = desk.command(&words).variable("CHATAUTH_EMULATOR_HOST", &closed);
        let outcome = run.variable("CHATAUTH_ACCESS_TOKEN", "ya29.x").run();
        // Nothing was sent, so even what must not be done twice is tried again.
        let tries = outcome.stderr.lines().filter(|line| line.starts_with("> ")).count();
        assert_eq!((outcome.code, tries), (7, 3), "{}: {outcome}", method.id);
        assert_eq!(outcome.error()["hint"], "is the emulator running? chatauth emulator start");
    }
}
