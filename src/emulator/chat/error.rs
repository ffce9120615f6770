//! Errors of the Chat API: `google.rpc.Status` as JSON.

use http::header;
use serde_json::{Value, json};

use super::super::{oauth::clients::PROJECT_NUMBER, reply::Reply};

const SERVICE: &str = "chat.googleapis.com";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    InvalidArgument,
    Unauthenticated,
    PermissionDenied,
    NotFound,
    AlreadyExists,
    Unimplemented,
}

impl Code {
    /// The HTTP status and the name of `google.rpc.Code`.
    fn names(self) -> (u16, &'static str) {
        match self {
            Code::InvalidArgument => (400, "INVALID_ARGUMENT"),
            Code::Unauthenticated => (401, "UNAUTHENTICATED"),
            Code::PermissionDenied => (403, "PERMISSION_DENIED"),
            Code::NotFound => (404, "NOT_FOUND"),
            Code::AlreadyExists => (409, "ALREADY_EXISTS"),
            Code::Unimplemented => (501, "UNIMPLEMENTED"),
        }
    }
}

#[derive(Debug)]
pub struct ApiError {
    code: Code,
    message: String,
    details: Vec<Value>,
    /// The value of `WWW-Authenticate`.
    challenge: Option<String>,
}

impl ApiError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        ApiError { code, message: message.into(), details: Vec::new(), challenge: None }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "Requested entity was not found.")
    }

    pub fn forbidden() -> Self {
        Self::new(Code::PermissionDenied, "The caller does not have permission")
    }

    /// Violations of a body or query: field and description, all of them at once.
    pub fn bad_request(violations: &[(String, String)]) -> Self {
        let message = violations.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
        let listed: Vec<Value> = violations.iter().map(|(field, text)| violation(field, text)).collect();
        Self::invalid(message).detail(json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": listed,
        }))
    }

    pub fn reason(self, reason: &str, metadata: &Value) -> Self {
        self.detail(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
            "metadata": metadata,
        }))
    }

    /// The metadata of an error about one method; two rows have no name in the protos.
    pub fn of_method(rpc: Option<&str>) -> Value {
        match rpc {
            Some(rpc) => json!({"service": SERVICE, "method": format!("google.chat.v1.ChatService.{rpc}")}),
            None => json!({"service": SERVICE}),
        }
    }

    pub fn challenge(mut self, parameters: &str) -> Self {
        self.challenge = Some(format!("Bearer realm=\"https://accounts.google.com/\"{parameters}"));
        self
    }

    pub fn service_disabled() -> Self {
        let url = format!(
            "https://console.developers.google.com/apis/api/chat.googleapis.com/overview?project={PROJECT_NUMBER}"
        );
        let message = format!(
            "Google Chat API has not been used in project {PROJECT_NUMBER} before or it is disabled. Enable it by \
             visiting {url} then retry. If you enabled this API recently, wait a few minutes for the action to \
             propagate to our systems and retry."
        );
        let metadata = json!({
            "service": SERVICE,
            "serviceTitle": "Google Chat API",
            "consumer": format!("projects/{PROJECT_NUMBER}"),
            "containerInfo": PROJECT_NUMBER,
            "activationUrl": url,
        });
        Self::new(Code::PermissionDenied, message)
            .reason("SERVICE_DISABLED", &metadata)
            .help("Google developers console API activation", &url)
    }

    pub fn app_not_found() -> Self {
        let message = "Google Chat app not found. To create a Chat app, you must turn on the Chat API and \
                       configure the app in the Google Cloud console.";
        Self::new(Code::NotFound, message).help(
            "Learn more about configuring Google Chat apps",
            "https://developers.google.com/workspace/chat/configure-chat-api",
        )
    }

    pub fn reply(self) -> Reply {
        let (code, status) = self.code.names();
        let mut error = json!({"code": code, "message": self.message, "status": status});
        if !self.details.is_empty() {
            error["details"] = Value::Array(self.details);
        }
        let reply = Reply::json(code, &json!({ "error": error }));
        match self.challenge {
            Some(challenge) => reply.with(header::WWW_AUTHENTICATE, &challenge),
            None => reply,
        }
    }

    fn help(self, description: &str, url: &str) -> Self {
        self.detail(json!({
            "@type": "type.googleapis.com/google.rpc.Help",
            "links": [{"description": description, "url": url}],
        }))
    }

    fn detail(mut self, detail: Value) -> Self {
        self.details.push(detail);
        self
    }
}

/// Without a field where it is the request itself that is wrong.
fn violation(field: &str, text: &str) -> Value {
    if field.is_empty() {
        json!({ "description": text })
    } else {
        json!({ "field": field, "description": text })
    }
}
