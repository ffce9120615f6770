//! An answer, before it is sent.

use http::{HeaderName, HeaderValue, StatusCode, header};
use hyper::body::Bytes;
use serde_json::Value;

pub struct Reply {
    pub status: StatusCode,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Bytes,
}

impl Reply {
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Reply {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: vec![
                (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
                (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            ],
            body: body.into(),
        }
    }

    /// JSON as Google prints it, with two spaces and a line's end.
    pub fn json(status: u16, value: &Value) -> Self {
        Self::json_text(status, format!("{value:#}\n"))
    }

    /// JSON that is text already.
    pub fn json_text(status: u16, text: String) -> Self {
        Self::new(status, "application/json; charset=UTF-8", text)
            .with(header::CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate")
    }

    /// To another address: 302 after a GET, 303 after a form, so that the browser forgets the form.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::new(status, "text/html; charset=utf-8", Bytes::new())
            .with(header::LOCATION, location)
            .with(header::CACHE_CONTROL, "no-store")
            .with(header::REFERRER_POLICY, "no-referrer")
    }

    /// Adds a header; one that HTTP cannot carry is left out.
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}
