//! Strangers that don't speak HTTP, or not to its end.

use std::{io::Write, net::TcpStream, thread, time::Duration};

use super::{Stranger, Waiting, withstands};
use crate::{
    desk::{Desk, get},
    program::program,
};

/// A ClientHello: what a browser sends that was told `https://`.
const CLIENT_HELLO: &[u8] = b"\x16\x03\x01\x00\x3b\x01\x00\x00\x37\x03\x03\
    0123456789abcdef0123456789abcdef\x00\x00\x04\x13\x01\x13\x02\x01\x00\x00\x0a\x00\x2b\x00\x03\x02\x03\x04\x00\x00\x00";

/// A connection that ends with a reset in place of an end.
fn reset(stranger: &Stranger, bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stream = stranger.say(bytes);
    stream.set_nonblocking(true).unwrap();
    let _context = runtime.enter();
    tokio::net::TcpStream::from_std(stream).unwrap().set_zero_linger().unwrap();
}

#[test]
fn silent_preconnects() {
    withstands(|stranger| (0..256).map(|_| stranger.connect()).collect::<Vec<_>>());
}

#[test]
fn silent_preconnects_while_the_honest_one_comes() {
    withstands(|stranger| {
        stranger.meanwhile(|stranger| {
            let mut held = Vec::new();
            while !stranger.is_over() {
                held.extend(TcpStream::connect(stranger.port).ok());
                held.drain(..held.len().saturating_sub(256));
                thread::sleep(Duration::from_millis(1));
            }
        });
    });
}

#[test]
fn silent_preconnects_at_a_login_with_few_files() {
    let desk = Desk::new();
    let login = program(&desk, &["login", "--no-browser"]);
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -n 40; exec \"$0\" login --no-browser"]).arg(login.get_program());
    limited.current_dir(desk.folder.path()).env_clear();
    limited.envs(login.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let login = Waiting::start(&mut limited);
    let honest = login.consent();
    let port = honest.socket_addrs(|| None).unwrap()[0];
    let held: Vec<_> = (0..256).map(|_| TcpStream::connect(port).unwrap()).collect();
    let start = std::time::Instant::now();
    assert_eq!(get(&honest).status, 200);
    assert!(start.elapsed() < super::PATIENCE, "{:?}", start.elapsed());
    drop(held);
    let (status, told) = login.end();
    assert_eq!(status.code(), Some(0), "{status}: {told}");
    assert!(!told.contains("bug"), "{told}");
}

#[test]
fn half_a_request() {
    withstands(|stranger| {
        ["", "G", "GET", "GET /?state=", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x", "\r\n"]
            .map(|half| stranger.say(half.as_bytes()))
    });
}

#[test]
fn slow_drips() {
    withstands(|stranger| {
        stranger.meanwhile(|stranger| {
            let mut drips: Vec<_> = (0..50).map(|_| stranger.say(b"GET /?state=")).collect();
            while !stranger.is_over() {
                drips.retain_mut(|drip| drip.write_all(b"a").is_ok());
                thread::sleep(Duration::from_millis(50));
            }
        });
    });
}

#[test]
fn connect_and_close() {
    withstands(|stranger| (0..200).for_each(|_| drop(stranger.connect())));
}

#[test]
fn connect_and_reset() {
    withstands(|stranger| {
        for index in 0..200 {
            reset(stranger, [&b""[..], b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"][index % 3]);
        }
    });
}

#[test]
fn tls_client_hello() {
    withstands(|stranger| [stranger.say(CLIENT_HELLO), stranger.say(CLIENT_HELLO)]);
}

#[test]
fn garbage_with_nuls() {
    withstands(|stranger| {
        let garbage: Vec<u8> = (0..65_536_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        [
            stranger.say(&garbage),
            stranger.say(&[0; 65_536]),
            stranger.say(b"GET /\0?code=x HTTP/1.1\r\nHost: \0\r\n\r\n"),
            stranger.say(b"\0 \0 \0\r\n\r\n"),
            stranger.say("GÉT /\u{202e} HTTP/1.1\r\n\r\n".as_bytes()),
            stranger.say(b"\r\n\r\n\r\n\r\n"),
            stranger.say(b" / HTTP/1.1\r\n: :\r\n\r\n"),
        ]
    });
}

#[test]
fn http_2_preface() {
    withstands(|stranger| {
        let answer = stranger.ask(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
        assert!(!answer.contains(" 200 "), "{answer}");
    });
}

#[test]
fn a_request_line_of_64_kib() {
    withstands(|stranger| {
        let line = format!("GET /?state={} HTTP/1.1\r\n", "a".repeat(65_536));
        [
            stranger.say(line.as_bytes()),
            stranger.say(format!("{line}Host: {}\r\n\r\n", stranger.port).as_bytes()),
        ]
    });
}

/// Sends the start, and this over and over until there are 8 MiB.
fn flood(stranger: &Stranger, start: &str, piece: &str) -> TcpStream {
    let mut stream = stranger.say(start.as_bytes());
    let chunk = piece.repeat(65_536 / piece.len());
    for _ in 0..8 * 1024 * 1024 / chunk.len() {
        if stream.write_all(chunk.as_bytes()).is_err() {
            break;
        }
    }
    stream
}

#[test]
fn one_header_of_8_mib() {
    withstands(|stranger| flood(stranger, "GET / HTTP/1.1\r\nCookie: ", "a"));
}

#[test]
fn small_headers_of_8_mib_together() {
    withstands(|stranger| flood(stranger, "GET / HTTP/1.1\r\n", "A: b\r\n"));
}

#[test]
fn headers_of_8_mib_on_many_connections_at_once() {
    withstands(|stranger| {
        for _ in 0..20 {
            stranger.meanwhile(|stranger| {
                let _held = flood(stranger, "GET / HTTP/1.1\r\n", "A: b\r\n");
                while !stranger.is_over() {
                    thread::sleep(Duration::from_millis(5));
                }
            });
        }
    });
}
