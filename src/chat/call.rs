//! One call of a method: which, on what, with which parameters and body.

use url::Url;

use super::{
    ResourceName,
    methods::{Method, RequestId},
};
use crate::transport::{Endpoints, Repeat};

/// A call that can be shown, or sent.
#[derive(Clone, Debug)]
pub struct Call {
    method: &'static Method,
    /// The path's parameters are resource names; each method of the API has one at most.
    resource: Option<ResourceName>,
    query: Vec<(&'static str, String)>,
    body: Option<serde_json::Value>,
}

impl Call {
    pub fn new(method: &'static Method) -> Self {
        Call { method, resource: None, query: Vec::new(), body: None }
    }

    /// The name in the path: the parent, or the resource itself.
    pub fn on(mut self, resource: &ResourceName) -> Self {
        self.resource = Some(resource.clone());
        self
    }

    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Sets or replaces a parameter, as each page of a list does.
    pub fn set_query(&mut self, name: &'static str, value: String) {
        match self.query.iter_mut().find(|(key, _)| *key == name) {
            Some((_, old)) => *old = value,
            None => self.query.push((name, value)),
        }
    }

    pub fn maybe_query(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    pub fn body(mut self, body: serde_json::Value) -> Self {
        self.body = Some(body);
        self
    }

    pub fn method(&self) -> &'static Method {
        self.method
    }

    pub fn body_text(&self) -> Option<String> {
        self.body.as_ref().map(ToString::to_string)
    }

    pub fn body_value(&self) -> Option<&serde_json::Value> {
        self.body.as_ref()
    }

    pub fn resource(&self) -> Option<&ResourceName> {
        self.resource.as_ref()
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// The id by which the server knows a repeat (AIP-155).
    pub fn request_id(&self) -> Option<&str> {
        let id = match self.method.request_id? {
            RequestId::Query => self.parameter("requestId"),
            RequestId::Body => self.body.as_ref()?.get("requestId")?.as_str(),
        };
        // An empty one is none to the server.
        id.filter(|id| !id.is_empty())
    }

    /// Whether it may be sent again when nobody knows what became of it.
    pub fn repeat(&self) -> Repeat {
        if self.method.is_idempotent() || self.request_id().is_some() { Repeat::Safe } else { Repeat::Unsent }
    }

    pub fn url(&self, endpoints: &Endpoints) -> Url {
        let mut url = endpoints.chat();
        let path = self.method.path_parameters.iter().fold(self.method.path.to_owned(), |path, parameter| {
            // A name's segments have only characters that stand for themselves in a path.
            let name = self.resource.as_ref().map_or("", |resource| resource.as_str());
            path.replace(&format!("{{+{}}}", parameter.name), name)
        });
        url.set_path(&path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }
}
