//! Strangers that speak HTTP.

use url::Url;

use super::{Stranger, Waiting, withstands};
use crate::{
    desk::{Desk, get, parameter},
    http,
    program::program,
    running::{REDIRECT, Running},
};

/// Their answer is the page for anything that isn't ours, and opens nothing to other origins.
fn assert_turned_away(answer: &http::Response) {
    assert_eq!(answer.status, 404, "{}", answer.text());
    assert!(!answer.headers.iter().any(|(name, _)| name.starts_with("access-control-")), "{answer:?}");
}

fn honest_target(stranger: &Stranger) -> &str {
    &stranger.honest[url::Position::BeforePath..]
}

#[test]
fn favicon() {
    withstands(|stranger| assert_turned_away(&stranger.get("/favicon.ico")));
}

#[test]
fn other_paths() {
    withstands(|stranger| {
        let query = stranger.honest.query().unwrap();
        for path in
            ["", "/", "/.", "//", "/elsewhere", "/../", "/index.html", "/%2f", "http://evil.example/", "*"]
        {
            assert_turned_away(&stranger.get(path));
        }
        for path in ["//", "/elsewhere", "/%2f", "/./", "http://evil.example/", "/#", "/;"] {
            assert_turned_away(&stranger.get(&format!("{path}?{query}")));
        }
    });
}

#[test]
fn forged_callbacks() {
    withstands(|stranger| {
        for index in 0..100 {
            assert_turned_away(&stranger.get(&format!("/?code=forged&state={index:043}")));
            assert_turned_away(&stranger.get(&format!("/?code=forged-{index}")));
        }
        stranger.meanwhile(|stranger| {
            for index in 0..100 {
                let _ = http::send(stranger.port, "GET", &format!("/?state=&code={index}"), &[], b"");
            }
        });
    });
}

#[test]
fn forged_denials() {
    withstands(|stranger| {
        let state = parameter(&stranger.honest, "state");
        for query in [
            "error=access_denied".to_owned(),
            "error=access_denied&state=".to_owned(),
            "error=access_denied&state=forged".to_owned(),
            format!("error=access_denied&state={}", state.to_lowercase()),
            format!("error=access_denied&state={}", &state[..42]),
            format!("error=access_denied&state={state}&state={state}"),
            format!("error=access_denied&state={state}&error=access_denied"),
            format!("error=access_denied&state={state}&code=x"),
            format!("error=&state={state}"),
        ] {
            assert_turned_away(&stranger.get(&format!("/?{query}")));
        }
    });
}

/// Signing a person in as the attacker: a code that Google would take, for a consent that wasn't asked for here.
#[test]
fn an_attackers_own_valid_code() {
    let attacker = Running::start();
    let code = attacker.code(&[("login_hint", "attacker@example.com"), ("redirect_uri", REDIRECT)]);
    withstands(|stranger| {
        assert_turned_away(&stranger.get(&format!("/?code={code}")));
        assert_turned_away(&stranger.get(&format!("/?code={code}&state=a%20state")));
    });
}

#[test]
fn foreign_hosts() {
    withstands(|stranger| {
        let port = stranger.port.port();
        for host in [
            "evil.example".to_owned(),
            format!("evil.example:{port}"),
            format!("127.0.0.1.evil.example:{port}"),
            format!("localhost.evil.example:{port}"),
            format!("evil@127.0.0.1:{port}"),
            format!("10.0.0.1:{port}"),
            "127.0.0.1".to_owned(),
            "127.0.0.1:1".to_owned(),
            format!("[::1:{port}"),
            String::new(),
        ] {
            let answer =
                http::send(stranger.port, "GET", honest_target(stranger), &[("host", &host)], b"").unwrap();
            assert_turned_away(&answer);
        }
        let target = honest_target(stranger);
        let without = stranger.ask(format!("GET {target} HTTP/1.1\r\n\r\n").as_bytes());
        assert!(without.contains(" 404 "), "{without}");
        let two = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n\r\n");
        assert!(stranger.ask(two.as_bytes()).contains(" 404 "), "two hosts");
    });
}

#[test]
fn cors_preflight() {
    withstands(|stranger| {
        let headers = [
            ("origin", "https://evil.example"),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "authorization"),
            ("access-control-request-private-network", "true"),
        ];
        for target in ["/", "*", honest_target(stranger)] {
            assert_turned_away(&http::send(stranger.port, "OPTIONS", target, &headers, b"").unwrap());
        }
    });
}

#[test]
fn other_methods() {
    withstands(|stranger| {
        for method in ["HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "get", "GETT"] {
            let answer = http::send(stranger.port, method, honest_target(stranger), &[], b"").unwrap();
            assert_turned_away(&answer);
            assert_eq!(answer.body.is_empty(), method == "HEAD", "{method}");
        }
    });
}

#[test]
fn pipelined_requests() {
    withstands(|stranger| {
        let forged = format!("GET /?code=x&state=y HTTP/1.1\r\nHost: {}\r\n\r\n", stranger.port);
        let mut held: Vec<_> = (0..20).map(|_| stranger.say(forged.repeat(200).as_bytes())).collect();
        held.push(stranger.say(format!("{forged}POST / HTTP/1.1\r\n").as_bytes()));
        held
    });
}

#[test]
fn a_body_of_10_gb() {
    withstands(|stranger| {
        // The last ones cannot be held in memory, and not even be counted.
        ["10000000000", "9223372036854775807", "18446744073709551615", "99999999999999999999", "-1"].map(
            |length| {
                let head = format!(
                    "POST / HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\n\r\nsome of it",
                    stranger.port
                );
                stranger.say(head.as_bytes())
            },
        )
    });
}

#[test]
fn a_chunked_body_without_end() {
    withstands(|stranger| {
        let head =
            format!("POST / HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\r\n", stranger.port);
        let huge = stranger.say(format!("{head}7fffffffffffffff\r\na").as_bytes());
        stranger.meanwhile(move |stranger| {
            use std::io::Write;
            let mut stream = stranger.say(head.as_bytes());
            while !stranger.is_over() && stream.write_all(b"1\r\na\r\n").is_ok() {}
        });
        huge
    });
}

#[test]
fn expect_100_continue() {
    withstands(|stranger| {
        ["100-continue", "the-unexpected"].map(|expectation| {
            let head = format!(
                "POST / HTTP/1.1\r\nHost: {}\r\nContent-Length: 5\r\nExpect: {expectation}\r\n\r\n",
                stranger.port
            );
            stranger.say(head.as_bytes())
        })
    });
}

/// The one who started two logins at once, at two servers, learns why nothing comes of the one.
#[test]
fn an_answer_of_another_server() {
    let desk = Desk::new();
    let login = Waiting::start(&mut program(&desk, &["login", "--no-browser"]));
    let honest = login.consent();
    let port = honest.socket_addrs(|| None).unwrap()[0];
    let state = parameter(&honest, "state");
    let mixed = format!("/?state={state}&code=x&iss=https%3A%2F%2Fevil.example%1b%5b2J%e2%80%ae");
    assert_turned_away(&http::send(port, "GET", &mixed, &[], b"").unwrap());
    assert_eq!(get(&honest).status, 200);
    let (status, told) = login.end();
    assert_eq!(status.code(), Some(0), "{status}: {told}");
    let warning = "warning: an answer that names https://evil.example<U+001B>[2J<U+202E> as its server, not Google, was ignored; still waiting\n";
    assert!(told.contains(warning), "{told}");
}

/// Cookies of this host are sent to every port, and somebody else's may hold anything.
#[test]
fn a_browser_with_large_and_foreign_cookies_is_let_in() {
    let desk = Desk::new();
    let login = Waiting::start(&mut program(&desk, &["login", "--no-browser"]));
    let honest: Url = login.consent();
    let port = honest.socket_addrs(|| None).unwrap()[0];
    let cookie = format!("a={}; b=grüße", "x".repeat(16_000));
    let target = &honest[url::Position::BeforePath..];
    let page = http::send(port, "GET", target, &[("cookie", &cookie)], b"").unwrap();
    assert_eq!(page.status, 200);
    let (status, told) = login.end();
    assert_eq!(status.code(), Some(0), "{status}: {told}");
}
