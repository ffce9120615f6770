//! Calls methods: preflight, a token, the request, and once more after a refused token.

use http::{HeaderName, HeaderValue, Method as Verb, StatusCode};
use serde_json::value::RawValue;

use super::{ApiError, Call, CallError, Cause, Error, methods, preflight};
use crate::{
    auth::{Credential, Reach},
    secret::Secret,
    transport::{Body, Repeat, Request, Response},
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

/// What a call of any kind gives.
#[derive(Debug)]
pub enum Payload {
    Json(Answer),
    Bytes(Vec<u8>),
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
        self.reading(call, |answer| read(call, answer)).await
    }

    /// Calls what may answer with anything: JSON is read as such, anything else is bytes.
    pub async fn fetch(&self, call: &Call) -> Result<Payload, Error> {
        let media = call.parameter("alt") == Some("media");
        self.reading(call, |answer| match kind(answer).as_str() {
            _ if media => Ok(Payload::Bytes(answer.body.clone())),
            // A sign-in page of some network on the way, as it has nothing that was asked for.
            "text/html" => Err(Cause::BadAnswer("it is a web page".to_owned())),
            kind if kind.ends_with("json") || answer.body.is_empty() => read(call, answer).map(Payload::Json),
            _ => Ok(Payload::Bytes(answer.body.clone())),
        })
        .await
    }

    /// Preflight, the call, and what its answer reads as. Without an announced length, a cut connection shows
    /// only in the reading; what does no harm is then asked for once more.
    async fn reading<T>(
        &self,
        call: &Call,
        read: impl Fn(&Response) -> Result<T, Cause>,
    ) -> Result<T, Error> {
        if self.preflight {
            preflight::check(call, self.credential)?;
        }
        match read(&self.answered(call).await?) {
            Err(Cause::CutShort) if call.repeat() == Repeat::Safe => read(&self.answered(call).await?),
            outcome => outcome,
        }
        .map_err(|cause| self.failed(call, cause))
    }

    /// The answer of a call that was done, now or by an earlier try.
    async fn answered(&self, call: &Call) -> Result<Response, Error> {
        let (mut answer, sent) = self.authorized(call).await?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        match done_before(call, &answer) {
            Some(done) => {
                (answer.status, answer.body) = (StatusCode::OK, done.into_bytes());
                Ok(answer)
            }
            None => Err(self.failed(call, Cause::Refused(Box::new(ApiError::read(&answer).without(&sent))))),
        }
    }

    /// What is to be told of a call that was sent.
    pub(super) fn failed(&self, call: &Call, cause: Cause) -> Error {
        Error::Call(Box::new(CallError {
            method: call.label(),
            request_id: call.request_id().map(str::to_owned),
            repeatable: call.repeat() == Repeat::Safe,
            credential: self.credential.describe(),
            project: self.credential.project(),
            cause,
        }))
    }

    /// The answer, and the tokens that were sent for it. A cached token may have been revoked or may belong to a
    /// clock that is off: one refresh, one more try.
    async fn authorized(&self, call: &Call) -> Result<(Response, Vec<Secret>), Error> {
        let token = self.credential.token(self.reach).await?;
        let answer = self.send(call, &token).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok((answer, vec![token]));
        }
        match self.credential.another_token(self.reach, &token).await? {
            Some(fresh) => Ok((self.send(call, &fresh).await?, vec![token, fresh])),
            None => Ok((answer, vec![token])),
        }
    }

    async fn send(&self, call: &Call, token: &Secret) -> Result<Response, Error> {
        let verb = Verb::from_bytes(call.verb().as_str().as_bytes()).unwrap_or_default();
        let mut request = Request::new(verb, call.url(self.reach.endpoints)).bearer(token);
        if let Some(body) = call.body_text() {
            request = request.body(Body::Json(body));
        }
        if let Some(project) = &self.quota_project {
            request.headers.insert(HeaderName::from_static("x-goog-user-project"), project.clone());
        }
        let sent = self.reach.transport.send(&request, call.repeat(), self.reach.deadline).await;
        sent.map_err(|error| self.failed(call, Cause::NoAnswer(error)))
    }
}

/// The media type, without its parameters.
fn kind(answer: &Response) -> String {
    let value = answer.header("content-type").unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn read(call: &Call, answer: &Response) -> Result<Answer, Cause> {
    let bad = |problem: &str| Cause::BadAnswer(problem.to_owned());
    let text = std::str::from_utf8(&answer.body).map_err(|_| bad("it is not UTF-8"))?.trim();
    // What answers with nothing may leave the body out; a resource cannot be left out.
    let may_be_empty = call.method().is_none_or(|method| method.response == "Empty");
    let text = if text.is_empty() && may_be_empty { "{}" } else { text };
    // Another API may answer with a list.
    if !text.starts_with('{') && (call.method().is_some() || !text.starts_with('[')) {
        return Err(bad("it is not a JSON object"));
    }
    match serde_json::from_str::<&RawValue>(text) {
        Ok(json) => Ok(Answer { json: json.to_owned() }),
        Err(error) if error.is_eof() => Err(Cause::CutShort),
        Err(_) => Err(bad("it is not JSON")),
    }
}

/// What a repeat that finds its own work done would have been answered: the first try's answer was lost.
fn done_before(call: &Call, answer: &Response) -> Option<String> {
    match (answer.status, call.verb()) {
        _ if answer.attempts < 2 => None,
        (StatusCode::NOT_FOUND, methods::Verb::Delete) => Some("{}".to_owned()),
        (StatusCode::CONFLICT, methods::Verb::Post) => {
            let id = call.parameter("messageId")?;
            Some(serde_json::json!({ "name": format!("{}/messages/{id}", call.resource()?) }).to_string())
        }
        _ => None,
    }
}
