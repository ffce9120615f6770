//! HTTP for everything above it: one place for TLS, proxy, retries, deadlines, caps and tracing.
//!
//! It knows Google's hosts (`endpoints`), but nothing of OAuth or Chat. `auth` and `chat` call it.

mod client;
mod deadline;
mod endpoints;
mod error;
mod exchange;
mod redact;
mod retry;

use std::sync::Arc;

use http::{HeaderMap, Method, StatusCode};
use url::Url;

pub use client::{Config, ProxyAddress, ProxyAddressError};
pub use deadline::Deadline;
pub use endpoints::{EmulatorAddress, EmulatorAddressError, Endpoints};
pub use error::{Error, Fault};
pub use exchange::Transport;
pub use redact::address as redacted_address;
pub use retry::{Repeat, retry_delay};

use crate::secret::Secret;

/// What is sent. The bearer is kept apart from the headers, so that no trace can show it.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub bearer: Option<Secret>,
    pub body: Body,
    /// Tells a refusal that passes by its body, where its status doesn't: for what is safe to repeat.
    pub is_passing: Option<fn(&[u8]) -> bool>,
}

impl Request {
    pub fn new(method: Method, url: Url) -> Self {
        Request { method, url, headers: HeaderMap::new(), bearer: None, body: Body::Empty, is_passing: None }
    }

    pub fn bearer(mut self, token: &Secret) -> Self {
        self.bearer = Some(token.clone());
        self
    }

    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    pub fn passing(mut self, is_passing: fn(&[u8]) -> bool) -> Self {
        self.is_passing = Some(is_passing);
        self
    }

    fn may_pass(&self, answer: &Response) -> bool {
        !answer.status.is_success() && self.is_passing.is_some_and(|is_passing| is_passing(&answer.body))
    }
}

/// A request body. A form holds secrets (codes, tokens), so it is one.
#[derive(Clone, Debug)]
pub enum Body {
    Empty,
    Json(String),
    Form(Secret),
}

/// What came back: whole, within the cap, whatever its status.
#[derive(Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// How many times the request was sent, this answer's included.
    pub attempts: u32,
    /// How long the server asked to wait before the next try, where it refused this one.
    pub retry_after: Option<std::time::Duration>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What somebody can be told of a request while it's under way. The bodies can hold secrets.
#[derive(Debug)]
pub enum Event<'a> {
    /// `url` without secrets.
    Sending {
        request: &'a Request,
        url: &'a str,
        attempt: u32,
    },
    Answered {
        request: &'a Request,
        response: &'a Response,
        elapsed: std::time::Duration,
    },
    Failed {
        error: &'a Error,
        elapsed: std::time::Duration,
    },
    Waiting {
        delay: std::time::Duration,
        why: &'a str,
    },
}

/// Somebody who is told of each event.
pub type Observer = Arc<dyn Fn(&Event<'_>) + Send + Sync>;
