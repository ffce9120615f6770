//! Sends a request until there's an answer, or no sense in going on.

use std::{
    error::Error as _,
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::{HeaderValue, header};
use reqwest::Client;

use super::{
    Body, Deadline, Error, Event, Fault, Observer, Repeat, Request, Response,
    client::{self, CONNECT_TIMEOUT, Config, SILENCE_TIMEOUT},
    redact, retry,
};
use crate::{clock::Clock, random::Random};

/// The largest decoded answer: far above any page of the Chat API, far below a machine's memory.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;
/// How long a server may ask to wait when the command has no deadline.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The way out of the process: holds the connections, the proxy and the trusted certificates.
pub struct Transport {
    config: Config,
    tries: u32,
    plain: OnceLock<Client>,
    secure: OnceLock<Client>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    observer: Option<Observer>,
}

impl Transport {
    /// `tries` is how often a request is sent at most, the first time included.
    pub fn new(config: Config, tries: u32, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let (plain, secure) = (OnceLock::new(), OnceLock::new());
        Transport { config, tries: tries.max(1), plain, secure, clock, random, observer: None }
    }

    pub fn observed_by(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Sends a request, again where that is allowed and may help. An answer of any status is an answer.
    pub async fn send(
        &self,
        request: &Request,
        repeat: Repeat,
        deadline: Deadline,
    ) -> Result<Response, Error> {
        let mut attempt = 1;
        loop {
            let mut outcome = self.attempt(request, attempt, deadline).await;
            let (asked, why) = match &mut outcome {
                Ok(answer)
                    if repeat.after_status(answer.status, &answer.body)
                        || repeat == Repeat::Safe && request.may_pass(answer) =>
                {
                    answer.retry_after = retry::retry_delay(&answer.headers, &answer.body, self.clock.now());
                    (answer.retry_after, answer.status.to_string())
                }
                Err(error) if repeat.after_failure(error) => (None, error.fault.to_string()),
                _ => return outcome,
            };
            let delay = asked.unwrap_or_else(|| retry::backoff(attempt, &*self.random));
            if attempt >= self.tries || !self.may_wait(delay, deadline) {
                return outcome;
            }
            self.note(&Event::Waiting { delay, why: &why });
            self.clock.sleep(delay).await;
            attempt += 1;
        }
    }

    fn may_wait(&self, wait: Duration, deadline: Deadline) -> bool {
        match deadline.remaining(&*self.clock) {
            Some(left) => wait < left,
            None => wait <= LONGEST_WAIT,
        }
    }

    async fn attempt(&self, request: &Request, attempt: u32, deadline: Deadline) -> Result<Response, Error> {
        let url = redact::address(&request.url);
        self.note(&Event::Sending { request, url: &url, attempt });
        let start = self.clock.elapsed();
        let work = self.exchange(request, attempt);
        let outcome = match deadline.remaining(&*self.clock) {
            None => work.await,
            // Nothing is sent any more.
            Some(left) if left.is_zero() => {
                Err(self.error(request, Fault::Deadline(deadline.length()), false, attempt))
            }
            Some(left) => match tokio::time::timeout(left, work).await {
                Ok(outcome) => outcome,
                Err(_) => Err(self.error(request, Fault::Deadline(deadline.length()), true, attempt)),
            },
        };
        let elapsed = self.clock.elapsed().saturating_sub(start);
        match &outcome {
            Ok(response) => self.note(&Event::Answered { request, response, elapsed }),
            Err(error) => self.note(&Event::Failed { error, elapsed }),
        }
        outcome
    }

    async fn exchange(&self, request: &Request, attempt: u32) -> Result<Response, Error> {
        let client = self.client(request).map_err(|fault| self.error(request, fault, false, attempt))?;
        let mut answer =
            client.execute(build(request)).await.map_err(|error| self.classify(request, &error, attempt))?;
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        let mut body = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_ANSWER => {
                    return Err(self.error(request, Fault::TooLarge(LARGEST_ANSWER), true, attempt));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => {
                    return Ok(Response { status, headers, body, attempts: attempt, retry_after: None });
                }
                Err(error) => return Err(self.classify(request, &error, attempt)),
            }
        }
    }

    fn client(&self, request: &Request) -> Result<&Client, Fault> {
        let (slot, build): (_, &dyn Fn() -> _) = if request.url.scheme() == "http" {
            (&self.plain, &client::plain)
        } else {
            (&self.secure, &|| client::secure(&self.config))
        };
        if slot.get().is_none() {
            let built = build()?;
            // Two tasks may build at once; the first stays.
            let _ = slot.set(built);
        }
        slot.get().ok_or_else(|| Fault::Setup("no client".to_owned()))
    }

    fn error(&self, request: &Request, fault: Fault, may_have_acted: bool, attempts: u32) -> Error {
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let proxied = request.url.scheme() == "https";
        let proxy = self.config.proxy.as_ref().filter(|_| proxied).map(|proxy| format!("{proxy:?}"));
        Error { host, fault, may_have_acted, attempts, proxy }
    }

    /// reqwest says in which phase it failed; what lies under it says why.
    fn classify(&self, request: &Request, error: &reqwest::Error, attempts: u32) -> Error {
        let root = root_cause(error);
        if error.is_connect() {
            let fault = if error.is_timeout() {
                Fault::ConnectTimeout(CONNECT_TIMEOUT)
            } else if let Some(tls) = tls_error(error) {
                let certificate = matches!(tls, rustls::Error::InvalidCertificate(_));
                Fault::Tls { reason: root, certificate }
            } else if chain(error).any(|cause| cause.to_string().contains("dns error")) {
                Fault::Resolve(root)
            } else if let Some(reason) = tunnel_failure(error) {
                let proxy = self.config.proxy.as_ref().map(|proxy| format!("{proxy:?}")).unwrap_or_default();
                // 407: asking again with the same credentials changes nothing.
                let credentials = reason.contains("authorization");
                Fault::Proxy { proxy, reason, credentials }
            } else {
                Fault::Connect(root)
            };
            return self.error(request, fault, false, attempts);
        }
        let fault = if error.is_timeout() { Fault::Silence(SILENCE_TIMEOUT) } else { Fault::Broken(root) };
        self.error(request, fault, true, attempts)
    }

    fn note(&self, event: &Event<'_>) {
        if let Some(observer) = &self.observer {
            observer(event);
        }
    }
}

fn build(request: &Request) -> reqwest::Request {
    let mut built = reqwest::Request::new(request.method.clone(), request.url.clone());
    *built.headers_mut() = request.headers.clone();
    if let Some(token) = &request.bearer {
        // A token that isn't a header value can't be a token; the server then says so.
        if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", token.expose())) {
            value.set_sensitive(true);
            built.headers_mut().insert(header::AUTHORIZATION, value);
        }
    }
    let (kind, body) = match &request.body {
        Body::Empty => {
            // An empty POST needs its length said: some front ends answer 411 without it.
            if matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
                built.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            return built;
        }
        Body::Json(text) => ("application/json; charset=UTF-8", text.clone()),
        Body::Form(text) => ("application/x-www-form-urlencoded", text.expose().to_owned()),
    };
    built.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    *built.body_mut() = Some(body.into());
    built
}

fn chain<'e>(error: &'e reqwest::Error) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |cause| {
        let cause: &'e (dyn std::error::Error + 'static) = *cause;
        cause.source()
    })
}

/// Why a proxy's tunnel (RFC 9110 section 9.3.6) did not come about. The HTTP library gives no type for it.
fn tunnel_failure(error: &reqwest::Error) -> Option<String> {
    chain(error).find_map(|cause| cause.to_string().strip_prefix("tunnel error: ").map(str::to_owned))
}

fn root_cause(error: &reqwest::Error) -> String {
    chain(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// rustls' own error, which lies inside an I/O error.
fn tls_error(error: &reqwest::Error) -> Option<&rustls::Error> {
    chain(error).find_map(|cause| {
        let inside = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause.downcast_ref().or_else(|| inside?.downcast_ref())
    })
}
