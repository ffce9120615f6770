//! Why a call has no result, in one type for all methods.

use std::{collections::BTreeMap, time::Duration};

use http::HeaderMap;
use serde_json::Value;
use thiserror::Error;

use super::methods::CredentialKind;
use crate::{
    auth::{self, Scope, ScopeSet},
    secret::Secret,
    transport::{self, Response},
};

#[derive(Debug, Error)]
pub enum Error {
    #[error(transparent)]
    Auth(#[from] auth::Error),
    /// Preflight: the grant doesn't cover the method.
    #[error("{method} needs a scope that was not granted{}", needed.as_ref().map(|scope| format!(": {}", scope.short())).unwrap_or_default())]
    ScopeMissing { method: &'static str, needed: Option<Scope>, granted: ScopeSet },
    /// Preflight: this kind of credential cannot call the method at all.
    #[error("{method} cannot be called {}", match kind { CredentialKind::User => "as a person", CredentialKind::App => "as a Chat app", CredentialKind::Admin => "with administrator privileges" })]
    WrongKind { method: &'static str, kind: CredentialKind },
    #[error("the message has {bytes} bytes, and Google Chat takes 32000 at most")]
    MessageTooLarge { bytes: usize },
    /// A call that was sent, and has no result.
    #[error("{}", .0.cause)]
    Call(Box<CallError>),
}

/// A call that was sent: what is known of it, for whoever wants to repeat it.
#[derive(Debug)]
pub struct CallError {
    /// The method's id, or verb and address.
    pub method: String,
    /// The call can be repeated with it, and will not be done twice.
    pub request_id: Option<String>,
    /// Doing it again does no harm: it reads, is idempotent, or has a request id.
    pub repeatable: bool,
    /// As whom it was called: `profile work`, or where a ready token came from.
    pub credential: String,
    /// The number of the Cloud project that the OAuth client belongs to.
    pub project: Option<String>,
    pub cause: Cause,
}

#[derive(Debug, Error)]
pub enum Cause {
    #[error("{}", .0.message)]
    Refused(Box<ApiError>),
    #[error("{0}")]
    NoAnswer(transport::Error),
    #[error("Google's answer cannot be used: {0}")]
    BadAnswer(String),
    #[error("the connection ended before the answer was complete")]
    CutShort,
    #[error("the list repeats itself: Google gave the same page token again")]
    RepeatedPage,
}

/// `google.rpc.Status` as JSON, or Google's older shape, or no JSON at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiError {
    pub http_status: u16,
    /// The canonical code: `PERMISSION_DENIED`.
    pub status: String,
    /// `ErrorInfo.reason`, or the older shape's.
    pub reason: Option<String>,
    pub message: String,
    /// `ErrorInfo.metadata`.
    pub metadata: BTreeMap<String, String>,
    /// `Help.links`: where Google says that it can be mended.
    pub links: Vec<String>,
    /// `BadRequest.fieldViolations`: field and description.
    pub violations: Vec<(String, String)>,
    /// The scopes that the method takes, by `WWW-Authenticate` (RFC 6750 section 3).
    pub accepted_scopes: Vec<String>,
    pub retry_after: Option<Duration>,
}

impl ApiError {
    pub(super) fn read(answer: &Response) -> Self {
        let mut error = ApiError {
            http_status: answer.status.as_u16(),
            accepted_scopes: accepted_scopes(&answer.headers),
            retry_after: answer.retry_after,
            ..ApiError::default()
        };
        match serde_json::from_slice::<Value>(&answer.body) {
            Ok(body) => error.read_body(&body),
            // A front end's page. Its text helps nobody.
            Err(_) => error.message = format!("Google answered with status {}", answer.status),
        }
        error
    }

    /// Without the tokens that were sent, which the server's words may repeat.
    pub(super) fn without(mut self, sent: &[Secret]) -> Self {
        let scrub = |text: &str| sent.iter().fold(text.to_owned(), |text, token| token.scrub(&text));
        self.message = scrub(&self.message);
        self.reason = self.reason.map(|reason| scrub(&reason));
        for (_, description) in &mut self.violations {
            *description = scrub(description);
        }
        self
    }

    fn read_body(&mut self, body: &Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let error = &body["error"];
        self.status = text(&error["status"]).unwrap_or_default();
        self.message = text(&error["message"])
            .or_else(|| text(&body["error_description"]))
            .or_else(|| text(error))
            .unwrap_or_else(|| format!("Google answered with status {}", self.http_status));
        for detail in error["details"].as_array().into_iter().flatten() {
            let kind = detail["@type"].as_str().unwrap_or_default();
            match kind.rsplit('.').next().unwrap_or_default() {
                "ErrorInfo" => {
                    self.reason = text(&detail["reason"]);
                    let metadata = detail["metadata"].as_object().into_iter().flatten();
                    self.metadata =
                        metadata.filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect();
                }
                "Help" => {
                    let links = detail["links"].as_array().into_iter().flatten();
                    self.links = links.filter_map(|link| text(&link["url"])).collect();
                }
                "BadRequest" => {
                    let violations = detail["fieldViolations"].as_array().into_iter().flatten();
                    self.violations = violations
                        .filter_map(|violation| {
                            Some((text(&violation["field"])?, text(&violation["description"])?))
                        })
                        .collect();
                }
                _ => {}
            }
        }
        if self.reason.is_none() {
            self.reason = text(&error["errors"][0]["reason"]);
        }
    }

    /// Google's words for a project whose Chat API has no app configured; older ones too.
    pub fn is_app_not_configured(&self) -> bool {
        const WORDS: [&str; 3] =
            ["Google Chat app not found", "No bot associated with this project", "Invalid project number"];
        // There's no reason code for this one: the text is all that Google gives.
        WORDS.iter().any(|words| self.message.starts_with(words))
    }
}

/// `Bearer realm="…", error="insufficient_scope", scope="A B"`.
fn accepted_scopes(headers: &HeaderMap) -> Vec<String> {
    let challenges =
        headers.get_all(http::header::WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    challenges
        .filter_map(|challenge| challenge.split_once("scope=\"")?.1.split_once('"'))
        .flat_map(|(scopes, _)| scopes.split(' ').map(str::to_owned))
        .collect()
}
