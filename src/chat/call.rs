//! One call: of a method of the table, or of any address below googleapis.com.

use thiserror::Error;
use url::{Host, Url};

use super::{
    ResourceName,
    methods::{CredentialKind, Method, RequestId, Verb},
};
use crate::transport::{Endpoints, Repeat};

/// A call that can be shown, or sent.
#[derive(Clone, Debug)]
pub struct Call {
    target: Target,
    query: Vec<(String, String)>,
    body: Option<serde_json::Value>,
    /// The body as somebody wrote it: numbers that no program's number holds stay what they are.
    written: Option<String>,
}

#[derive(Clone, Debug)]
enum Target {
    /// The path's parameter is a resource name; each method of the API has one at most.
    Method {
        method: &'static Method,
        name: Option<ResourceName>,
    },
    Address {
        verb: Verb,
        url: Url,
    },
}

/// An address that no token may go to.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{text:?} is not an address that a token may go to: {problem}")]
pub struct AddressError {
    text: String,
    problem: &'static str,
}

impl Call {
    pub fn new(method: &'static Method) -> Self {
        Call { target: Target::Method { method, name: None }, query: Vec::new(), body: None, written: None }
    }

    /// A call of an address: https, on `googleapis.com` or below; or a path of the Chat API.
    pub fn address(verb: Verb, text: &str) -> Result<Self, AddressError> {
        let wrong = |problem| AddressError { text: text.to_owned(), problem };
        let whole = match text.contains("://") {
            true => text.to_owned(),
            false => format!("https://chat.googleapis.com/{}", text.trim_start_matches('/')),
        };
        // A URL parser drops line ends and climbs: what was meant would be another address than what is sent.
        if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(wrong("it has white space or control characters"));
        }
        let path = whole.split(['?', '#']).next().unwrap_or_default();
        let climbs =
            |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
        if path.split(['/', '\\']).any(climbs) {
            return Err(wrong("it has a segment . or .."));
        }
        let mut url = Url::parse(&whole).map_err(|_| wrong("it is neither a URL nor a path"))?;
        let is_google = match url.host() {
            Some(Host::Domain(host)) => host == "googleapis.com" || host.ends_with(".googleapis.com"),
            _ => false,
        };
        if url.scheme() != "https" || !is_google {
            return Err(wrong("it must start with https:// and a host of googleapis.com"));
        }
        if url.port().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it must not have a port or a user"));
        }
        url.set_fragment(None);
        Ok(Call { target: Target::Address { verb, url }, query: Vec::new(), body: None, written: None })
    }

    /// The name in the path: the parent, or the resource itself.
    pub fn on(mut self, resource: &ResourceName) -> Self {
        if let Target::Method { name, .. } = &mut self.target {
            *name = Some(resource.clone());
        }
        self
    }

    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sets or replaces a parameter, as each page of a list does.
    pub fn set_query(&mut self, name: &str, value: String) {
        match self.query.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => self.query.push((name.to_owned(), value)),
        }
    }

    /// Sets or replaces a paging parameter, where the method has it: in the query, or in the body.
    pub(super) fn set_paging(&mut self, name: &str, value: serde_json::Value) {
        let in_body =
            self.method().and_then(|method| method.paging.as_ref()).is_some_and(|paging| paging.in_body);
        if !in_body {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            return self.set_query(name, text);
        }
        if let Some(body) = self.body.get_or_insert_with(|| serde_json::json!({})).as_object_mut() {
            body.insert(name.to_owned(), value);
            self.written = None;
        }
    }

    /// A paging parameter that the call has already.
    pub(super) fn has_paging(&self, name: &str) -> bool {
        self.parameter(name).is_some() || self.body.as_ref().is_some_and(|body| body.get(name).is_some())
    }

    pub fn maybe_query(self, name: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    pub fn body(mut self, body: serde_json::Value) -> Self {
        self.body = Some(body);
        self.written = None;
        self
    }

    /// A body that is sent as it was written, unless something is added to it.
    pub fn written_body(mut self, body: serde_json::Value, text: String) -> Self {
        self.body = Some(body);
        self.written = Some(text);
        self
    }

    /// The row of the table, if it's a call of one.
    pub fn method(&self) -> Option<&'static Method> {
        match &self.target {
            Target::Method { method, .. } => Some(method),
            Target::Address { .. } => None,
        }
    }

    pub fn verb(&self) -> Verb {
        match &self.target {
            Target::Method { method, .. } => method.verb,
            Target::Address { verb, .. } => *verb,
        }
    }

    /// What is called, for messages: the method's id, or verb and address.
    pub fn label(&self) -> String {
        match &self.target {
            Target::Method { method, .. } => method.id.to_owned(),
            Target::Address { verb, url } => {
                format!("{} {}{}", verb.as_str(), url.host_str().unwrap_or_default(), url.path())
            }
        }
    }

    pub fn body_text(&self) -> Option<String> {
        self.written.clone().or_else(|| self.body.as_ref().map(ToString::to_string))
    }

    pub fn body_value(&self) -> Option<&serde_json::Value> {
        self.body.as_ref()
    }

    pub fn resource(&self) -> Option<&ResourceName> {
        match &self.target {
            Target::Method { name, .. } => name.as_ref(),
            Target::Address { .. } => None,
        }
    }

    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Which of the method table's columns applies, for a credential of this kind.
    pub fn kind(&self, credential: CredentialKind) -> CredentialKind {
        let admin = credential == CredentialKind::User && self.parameter("useAdminAccess") == Some("true");
        if admin { CredentialKind::Admin } else { credential }
    }

    /// The id by which the server knows a repeat (AIP-155).
    pub fn request_id(&self) -> Option<&str> {
        let id = match self.method()?.request_id? {
            RequestId::Query => self.parameter("requestId"),
            // Proto JSON takes both spellings.
            RequestId::Body => {
                let body = self.body.as_ref()?;
                body.get("requestId").or(body.get("request_id"))?.as_str()
            }
        };
        // An empty one is none to the server.
        id.filter(|id| !id.is_empty())
    }

    /// Gives the call a request id, where its method takes one and it has none.
    pub fn identified_by(mut self, id: impl FnOnce() -> String) -> Self {
        if self.request_id().is_some() {
            return self;
        }
        match self.method().and_then(|method| method.request_id) {
            Some(RequestId::Query) => self.set_query("requestId", id()),
            Some(RequestId::Body) => {
                if let Some(body) = self.body.get_or_insert_with(|| serde_json::json!({})).as_object_mut() {
                    body.insert("requestId".to_owned(), id().into());
                    self.written = None;
                }
            }
            None => {}
        }
        self
    }

    /// Whether it may be sent again when nobody knows what became of it.
    pub fn repeat(&self) -> Repeat {
        let idempotent = match &self.target {
            Target::Method { method, .. } => method.is_idempotent(),
            // Of an API that isn't known here, only what the standard says (RFC 9110 section 9.2.2).
            Target::Address { verb, .. } => matches!(verb, Verb::Get | Verb::Put | Verb::Delete),
        };
        if idempotent || self.request_id().is_some() { Repeat::Safe } else { Repeat::Unsent }
    }

    pub fn url(&self, endpoints: &Endpoints) -> Url {
        let mut url = match &self.target {
            Target::Method { method, name } => {
                let mut url = endpoints.chat();
                let name = name.as_ref().map(ResourceName::encoded).unwrap_or_default();
                let parameters = method.path_parameters.iter();
                url.set_path(&parameters.fold(method.path.to_owned(), |path, parameter| {
                    path.replace(&format!("{{+{}}}", parameter.name), &name)
                }));
                url
            }
            Target::Address { url, .. } => endpoints.google_api(url),
        };
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_below_googleapis_only() {
        for (text, url) in [
            ("/v1/spaces", "https://chat.googleapis.com/v1/spaces"),
            ("v1/spaces?pageSize=2", "https://chat.googleapis.com/v1/spaces?pageSize=2"),
            (
                "https://www.googleapis.com/calendar/v3/calendars/primary/events",
                "https://www.googleapis.com/calendar/v3/calendars/primary/events",
            ),
            ("https://sheets.googleapis.com/v4/x#part", "https://sheets.googleapis.com/v4/x"),
            ("//evil.example/x", "https://chat.googleapis.com/evil.example/x"),
        ] {
            assert_eq!(Call::address(Verb::Get, text).unwrap().url(&Endpoints::google()).as_str(), url);
        }
        for text in [
            "http://chat.googleapis.com/v1",
            "https://evil.example/",
            "https://googleapis.com.evil.example/",
            "https://evilgoogleapis.com/",
            "https://chat.googleapis.com@evil.example/",
            "https://user@chat.googleapis.com/",
            "https://chat.googleapis.com:8443/",
            "https://chat.googleapis.com./v1",
            "https://127.0.0.1/",
            "ftp://x.googleapis.com/",
            "/v1/spaces/a\tb",
            "/v1/spaces/../x",
            "/v1/%2e%2E/x",
            "/v1/spaces\\..\\x",
            "https://accounts.google.com/",
            "https:///x",
            "https://\u{ff4f}auth2.googleapis.com.evil.example/",
        ] {
            assert!(Call::address(Verb::Get, text).is_err(), "{text}");
        }
    }
}
