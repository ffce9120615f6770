//! Errors of OAuth: `{"error", "error_description"}` (RFC 6749 section 5.2), not the Chat API's shape.

use http::header;
use serde_json::json;

use super::super::reply::Reply;

pub struct OauthError {
    pub status: u16,
    pub code: &'static str,
    pub description: String,
}

impl OauthError {
    pub fn new(status: u16, code: &'static str, description: impl Into<String>) -> Self {
        OauthError { status, code, description: description.into() }
    }

    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", description)
    }

    pub fn invalid_grant(description: &str) -> Self {
        Self::new(400, "invalid_grant", description)
    }

    pub fn reply(self) -> Reply {
        let body = json!({"error": self.code, "error_description": self.description});
        let reply = Reply::json(self.status, &body);
        match self.status {
            405 => reply.with(header::ALLOW, "POST"),
            401 => reply.with(header::WWW_AUTHENTICATE, "Basic realm=\"https://accounts.google.com/\""),
            _ => reply,
        }
    }
}
