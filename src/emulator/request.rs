//! One request, read whole: its target apart, its body as bytes.

use http::{HeaderMap, Method, header};
use hyper::body::Bytes;
use url::form_urlencoded;

use super::handle::RecordedRequest;

pub struct Request {
    pub method: Method,
    /// Still percent-encoded.
    pub path: String,
    pub raw_query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Request {
    pub fn new(parts: http::request::Parts, body: Bytes) -> Self {
        Request {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            raw_query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
        }
    }

    pub fn query(&self) -> Vec<(String, String)> {
        pairs(self.raw_query.as_bytes())
    }

    /// The body as a form; `None` if it isn't said to be one.
    pub fn form(&self) -> Option<Vec<(String, String)>> {
        (self.media_type() == "application/x-www-form-urlencoded").then(|| pairs(&self.body))
    }

    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Of the body, without its parameters.
    pub fn media_type(&self) -> String {
        let value = self.header(header::CONTENT_TYPE).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    pub fn host(&self) -> &str {
        self.header(header::HOST).unwrap_or_default()
    }

    /// What a web page that was rebound to 127.0.0.1 cannot send: its host would be its own.
    pub fn is_local(&self) -> bool {
        self.headers.get_all(header::HOST).iter().count() == 1 && is_loopback(self.host())
    }

    /// The address under which the caller reached the emulator, as Google's origin would be.
    pub fn origin(&self) -> String {
        format!("http://{}", self.host())
    }

    /// The token of `Authorization: Bearer`.
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header(header::AUTHORIZATION)?.split_once(' ')?;
        let token = token.trim();
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
    }

    pub fn recorded(&self) -> RecordedRequest {
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let query = if self.raw_query.is_empty() { String::new() } else { format!("?{}", self.raw_query) };
        RecordedRequest {
            method: self.method.to_string(),
            target: format!("{}{query}", self.path),
            headers: self.headers.iter().map(|(n, v)| (n.as_str().to_owned(), text(v))).collect(),
            body: String::from_utf8_lossy(&self.body).into_owned(),
        }
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    if let Some(inner) = name.strip_prefix('[').and_then(|n| n.strip_suffix(']')) {
        return inner.parse::<std::net::Ipv6Addr>().is_ok_and(|address| address.is_loopback());
    }
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_loopback_hosts() {
        for good in ["127.0.0.1", "127.0.0.1:80", "localhost:1", "LOCALHOST", "[::1]:9", "[::1]", "127.1.2.3"]
        {
            assert!(is_loopback(good), "{good}");
        }
        for bad in
            ["", "example.com", "localhost.example.com:80", "127.0.0.1.nip.io", "10.0.0.1", "::1", "[::2]"]
        {
            assert!(!is_loopback(bad), "{bad}");
        }
    }
}
