//! The way out through a proxy: to Google only, with its password kept, and told apart from Google when it fails.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use crate::desk::{Desk, Outcome};

/// A proxy that answers every request with this status line, and keeps what it was asked.
fn proxy(answer: &'static str) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                bytes.extend(byte);
            }
            kept.lock().unwrap().push(String::from_utf8(bytes).unwrap());
            stream.write_all(format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
        }
    });
    (port, asked)
}

/// `spaces list` at Google, with a ready token.
fn list_at_google(desk: &Desk, variables: &[(&str, &str)]) -> Outcome {
    let ca = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ca.pem");
    let run = desk.command(&["spaces", "list", "-q"]).variable("CHATAUTH_EMULATOR_HOST", "");
    let run = run.variable("CHATAUTH_ACCESS_TOKEN", "ya29.x").variable("SSL_CERT_FILE", ca);
    variables.iter().fold(run, |run, (name, value)| run.variable(name, value)).run()
}

#[test]
fn a_proxy_that_has_no_way_just_now_is_tried_again() {
    let desk = Desk::new();
    let (port, asked) = proxy("502 Bad Gateway");
    let outcome = list_at_google(&desk, &[("HTTPS_PROXY", &format!("sam:hunter2@127.0.0.1:{port}"))]);
    assert_eq!((outcome.code, outcome.error()["kind"].as_str()), (7, Some("unavailable")), "{outcome}");
    let message = outcome.error()["message"].as_str().unwrap().to_owned();
    assert!(
        message.starts_with(&format!(
            "chat.googleapis.com: the proxy http://127.0.0.1:{port}/ gives no way there"
        ))
    );
    assert!(!outcome.to_string().contains("hunter2"), "{outcome}");
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 5);
    assert!(asked[0].starts_with("CONNECT chat.googleapis.com:443 HTTP/1.1\r\n"), "{asked:?}");
    assert!(
        asked[0].to_ascii_lowercase().contains("proxy-authorization: basic c2ftomh1bnrlcji="),
        "{asked:?}"
    );
    // Nothing but the way is asked of a proxy.
    assert!(!asked[0].contains("ya29"));
}

#[test]
fn a_proxy_that_wants_another_password_is_not() {
    let desk = Desk::new();
    let (port, asked) = proxy("407 Proxy Authentication Required");
    let outcome = list_at_google(&desk, &[("HTTPS_PROXY", &format!("http://sam:hunter2@127.0.0.1:{port}"))]);
    assert_eq!((outcome.code, asked.lock().unwrap().len()), (3, 1), "{outcome}");
    assert!(!outcome.to_string().contains("hunter2"), "{outcome}");
}

#[test]
fn a_proxy_that_is_down_is_named() {
    let desk = Desk::new();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let outcome = list_at_google(&desk, &[("https_proxy", &format!("http://{closed}"))]);
    assert_eq!(outcome.code, 7, "{outcome}");
    let hint = outcome.error()["hint"].as_str().unwrap().to_owned();
    assert!(
        hint.starts_with(&format!("requests go through the proxy http://{closed}/ (HTTPS_PROXY)")),
        "{outcome}"
    );
    assert_eq!(list_at_google(&desk, &[("HTTPS_PROXY", "socks5://127.0.0.1:1")]).code, 3);
}

#[test]
fn an_emulator_is_never_behind_a_proxy() {
    let desk = Desk::signed_in();
    let (port, asked) = proxy("502 Bad Gateway");
    let run = desk.command(&["spaces", "list"]).variable("HTTPS_PROXY", &format!("127.0.0.1:{port}"));
    assert_eq!(run.variable("ALL_PROXY", &format!("127.0.0.1:{port}")).run().code, 0);
    assert_eq!(asked.lock().unwrap().len(), 0);
}

#[test]
fn certificates_that_are_named_have_to_be_there() {
    let desk = Desk::new();
    for (variable, value) in [
        ("SSL_CERT_FILE", "/nonexistent.pem"),
        ("SSL_CERT_FILE", "/dev/null"),
        ("SSL_CERT_DIR", "/nonexistent"),
    ] {
        let outcome = list_at_google(&desk, &[(variable, value)]);
        assert_eq!(outcome.code, 3, "{variable}={value}: {outcome}");
        let message = outcome.error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(&format!("no certificates from {variable}={value}")), "{outcome}");
    }
}

#[test]
fn a_way_that_ends_before_the_handshake_is_tried_again() {
    let desk = Desk::new();
    // The way is open, but what answers at its end speaks no TLS: nothing of the request was sent.
    let (port, asked) = proxy("200 Connection established\r\nX: 1\r\n\r\nHTTP/1.1 400 Bad Request");
    let outcome = list_at_google(&desk, &[("HTTPS_PROXY", &format!("http://127.0.0.1:{port}"))]);
    assert_eq!((outcome.code, asked.lock().unwrap().len()), (7, 5), "{outcome}");
}
