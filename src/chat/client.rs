//! Calls methods: preflight, a token, the request, and once more after a refused token.

use http::{HeaderName, HeaderValue, Method as Verb, StatusCode};
use serde_json::value::RawValue;

use super::{ApiError, Call, Error, preflight};
use crate::{
    auth::{Credential, Reach},
    secret::Secret,
    transport::{Body, Request, Response},
};

/// The Chat API, as somebody.
pub struct Client<'a> {
    pub reach: Reach<'a>,
    pub credential: &'a Credential<'a>,
    /// Billed and counted instead of the credential's own project.
    pub quota_project: Option<HeaderValue>,
    /// Off: Google alone decides what the credential may do.
    pub preflight: bool,
}

/// A method's result, as Google sent it.
#[derive(Debug)]
pub struct Answer {
    pub json: Box<RawValue>,
}

impl Answer {
    /// The text as it came.
    pub fn text(&self) -> &str {
        self.json.get()
    }

    pub fn value(&self) -> serde_json::Value {
        serde_json::from_str(self.json.get()).unwrap_or_default()
    }
}

impl Client<'_> {
    /// Calls a method once, as far as the server is concerned.
    pub async fn call(&self, call: &Call) -> Result<Answer, Error> {
        let method = call.method();
        if self.preflight {
            preflight::check(method, self.credential)?;
        }
        let answer = self.authorized(call).await?;
        if answer.status.is_success() {
            return read(method.id, &answer);
        }
        if let Some(done) = done_before(call, &answer) {
            return Ok(done);
        }
        let request_id = call.request_id().map(str::to_owned);
        Err(Error::Api { method: method.id, error: Box::new(ApiError::read(&answer)), request_id })
    }

    /// A cached token may have been revoked or may belong to a clock that is off: one refresh, one more try.
    async fn authorized(&self, call: &Call) -> Result<Response, Error> {
        let no_token = || Error::BadAnswer { method: call.method().id, problem: "no token".to_owned() };
        let token = self.credential.token(self.reach, None).await?.ok_or_else(no_token)?;
        let answer = self.send(call, &token).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        match self.credential.token(self.reach, Some(&token)).await? {
            Some(fresh) => self.send(call, &fresh).await,
            None => Ok(answer),
        }
    }

    async fn send(&self, call: &Call, token: &Secret) -> Result<Response, Error> {
        let verb = Verb::from_bytes(call.method().verb.as_str().as_bytes()).unwrap_or_default();
        let mut request = Request::new(verb, call.url(self.reach.endpoints)).bearer(token);
        if let Some(body) = call.body_text() {
            request = request.body(Body::Json(body));
        }
        if let Some(project) = &self.quota_project {
            request.headers.insert(HeaderName::from_static("x-goog-user-project"), project.clone());
        }
        self.reach.transport.send(&request, call.repeat(), self.reach.deadline).await.map_err(|error| {
            Error::Transport {
                method: call.method().id,
                error,
                request_id: call.request_id().map(str::to_owned),
            }
        })
    }
}

fn read(method: &'static str, answer: &Response) -> Result<Answer, Error> {
    let bad = |problem: &str| Error::BadAnswer { method, problem: problem.to_owned() };
    let text = std::str::from_utf8(&answer.body).map_err(|_| bad("it is not UTF-8"))?.trim();
    let text = if text.is_empty() { "{}" } else { text };
    if !text.starts_with('{') {
        return Err(bad("it is not a JSON object"));
    }
    let json = serde_json::from_str::<&RawValue>(text).map_err(|_| bad("it is not whole"))?;
    Ok(Answer { json: json.to_owned() })
}

/// A repeat that finds its own work done: the first try's answer was lost on the way.
fn done_before(call: &Call, answer: &Response) -> Option<Answer> {
    if answer.attempts < 2 {
        return None;
    }
    let json = match (answer.status, call.method().verb) {
        (StatusCode::NOT_FOUND, super::methods::Verb::Delete) => "{}".to_owned(),
        (StatusCode::CONFLICT, super::methods::Verb::Post) => {
            let id = call.parameter("messageId")?;
            serde_json::json!({ "name": format!("{}/messages/{id}", call.resource()?) }).to_string()
        }
        _ => return None,
    };
    Some(Answer { json: RawValue::from_string(json).ok()? })
}
