//! Reads what came in on a connection, as far as the login needs it: no more than a browser's request takes,
//! and no longer than a browser takes for it.
//!
//! tiny_http's own server isn't used: it reads requests of any size, waits for ever, takes the memory that a
//! stranger announces, and panics where a connection is reset. Its words for messages are.

use std::time::Duration;

use tiny_http::{Header, Method};
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

/// The line and the headers together. Cookies of this host go to every port of it, so browsers may send many;
/// servers usually stop at 8 or 16 KiB.
const LARGEST_HEAD: usize = 64 * 1024;
/// A browser sends a request in one go once it has one. It may open connections ahead, and opens another where
/// such a one is closed.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request without its body, which nothing here has a use for.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) target: String,
    /// `None` without one, and with more than one.
    pub(super) host: Option<String>,
}

impl Request {
    /// `None` for anything that isn't a request, isn't whole in time, or is too large.
    pub(super) async fn read(stream: &mut TcpStream) -> Option<Self> {
        let head = timeout(PATIENCE, read_head(stream)).await.ok()??;
        Request::parse(&head)
    }

    fn parse(head: &[u8]) -> Option<Self> {
        let mut lines = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
        let line = str::from_utf8(lines.next()?).ok()?;
        let mut words = line.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || !matches!(version, "HTTP/1.1" | "HTTP/1.0") {
            return None;
        }
        // What isn't ASCII (a cookie of somebody else's) is no header to tiny_http, and none that matters here.
        let headers = lines.filter_map(|line| str::from_utf8(line).ok()?.parse::<Header>().ok());
        let mut hosts = headers.filter(|header| header.field.equiv("Host"));
        let (host, other) = (hosts.next(), hosts.next());
        Some(Request {
            method: method.parse().ok()?,
            target: target.to_owned(),
            host: host.filter(|_| other.is_none()).map(|header| header.value.to_string()),
        })
    }
}

/// All up to the empty line, or a little more.
async fn read_head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::with_capacity(2048);
    while head.len() < LARGEST_HEAD {
        // The end may have begun in the part before.
        let searched = head.len().saturating_sub(3);
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
        if head[searched..].windows(4).any(|end| end == b"\r\n\r\n") {
            return Some(head);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_login_needs() {
        let read = |head: &[u8]| {
            Request::parse(head).map(|request| (request.method.to_string(), request.target, request.host))
        };
        let host = Some("127.0.0.1:1".to_owned());
        let get = |host| Some(("GET".to_owned(), "/?a=b".to_owned(), host));
        assert_eq!(read(b"GET /?a=b HTTP/1.1\r\nhost: 127.0.0.1:1\r\n\r\n"), get(host.clone()));
        assert_eq!(
            read("GET /?a=b HTTP/1.1\r\nCookie: gr\u{fc}n\r\nHOST:127.0.0.1:1\r\n\r\n".as_bytes()),
            get(host)
        );
        assert_eq!(read(b"GET /?a=b HTTP/1.0\r\n\r\n"), get(None));
        assert_eq!(read(b"GET /?a=b HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), get(None));
        for bad in [
            &b"\r\n\r\n"[..],
            b"GET\r\n\r\n",
            b"GET /\r\n\r\n",
            b"GET / HTTP/2.0\r\n\r\n",
            b"GET / x HTTP/1.1\r\n\r\n",
            b"\xff / HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
