//! The spaces, threads and messages there are.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{
    super::oauth::accounts::AccountIndex,
    Call,
    caller::{Caller, Identity},
    error::ApiError,
};

/// The key in every webhook's URL: at Google's it is the same for all, and only the token is a secret.
pub const WEBHOOK_KEY: &str = "emulated-webhook-key";

#[derive(Default)]
pub struct Store {
    spaces: Vec<Space>,
    /// What each request id made (AIP-155): for whom, and its name.
    requests: HashMap<String, (Identity, String)>,
    sequence: u64,
}

pub struct Space {
    pub name: String,
    pub display_name: Option<String>,
    pub kind: String,
    pub import_mode: bool,
    pub members: Vec<AccountIndex>,
    /// Every space has one webhook, that nobody had to make.
    pub webhook_token: String,
    pub threads: Vec<Thread>,
    pub messages: Vec<Message>,
    pub sequence: u64,
    /// As it is served.
    pub value: Value,
}

pub struct Thread {
    pub name: String,
    pub key: Option<String>,
}

pub struct Message {
    pub name: String,
    /// The id that its maker chose, which works in place of its own.
    pub client_id: Option<String>,
    pub thread: String,
    pub created: Timestamp,
    pub sequence: u64,
    pub value: Value,
}

impl Store {
    /// The next number in the order of all things.
    pub fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    pub fn spaces(&self) -> impl Iterator<Item = &Space> {
        self.spaces.iter()
    }

    pub fn add(&mut self, space: Space) {
        self.spaces.push(space);
    }

    pub fn has_display_name(&self, name: &str) -> bool {
        self.spaces.iter().any(|space| space.display_name.as_deref() == Some(name))
    }

    /// A space that the caller may work in with this method.
    pub fn space(&self, name: &str, call: &Call) -> Result<&Space, ApiError> {
        let space = self.spaces.iter().find(|space| space.name == name).ok_or_else(ApiError::not_found)?;
        allowed(space, call).map(|()| space)
    }

    pub fn space_mut(&mut self, name: &str, call: &Call) -> Result<&mut Space, ApiError> {
        let space =
            self.spaces.iter_mut().find(|space| space.name == name).ok_or_else(ApiError::not_found)?;
        allowed(space, call).map(|()| space)
    }

    /// Adds a person to a space; `false` if there is no such space.
    pub fn join(&mut self, space: &str, account: AccountIndex) -> bool {
        let Some(space) = self.spaces.iter_mut().find(|found| found.name == space) else {
            return false;
        };
        if !space.members.contains(&account) {
            space.members.push(account);
            space.value["membershipCount"]["joinedDirectHumanUserCount"] = space.members.len().into();
        }
        true
    }

    /// What the call's request id made before; the same id of another person is an error.
    pub fn repeated(&self, call: &Call) -> Result<Option<&str>, ApiError> {
        let Some(made) = request_key(call).and_then(|key| self.requests.get(&key)) else {
            return Ok(None);
        };
        let (identity, name) = made;
        if *identity == call.caller.identity {
            Ok(Some(name))
        } else {
            Err(ApiError::invalid("The request_id was used by another user."))
        }
    }

    /// Remembers what the call made, if it has a request id.
    pub fn remember(&mut self, call: &Call, name: &str) {
        if let Some(key) = request_key(call) {
            self.requests.insert(key, (call.caller.identity.clone(), name.to_owned()));
        }
    }
}

impl Space {
    pub fn has(&self, caller: &Caller) -> bool {
        match caller.identity {
            Identity::Person(account) => self.members.contains(&account),
            // It was let in by this space's token.
            Identity::Webhook => true,
        }
    }

    /// Path and query of the webhook's URL.
    pub fn webhook(&self) -> String {
        format!("/v1/{}/messages?key={WEBHOOK_KEY}&token={}", self.name, self.webhook_token)
    }

    /// A message by its own id or its maker's.
    pub fn message(&self, name: &str) -> Option<&Message> {
        let id = name.rsplit('/').next();
        self.messages.iter().find(|message| message.name == name || message.client_id.as_deref() == id)
    }
}

/// An id counts per method and parent.
fn request_key(call: &Call) -> Option<String> {
    let id = call.parameters.text("requestId")?;
    Some(format!("{} {} {id}", call.method.id, call.name))
}

fn allowed(space: &Space, call: &Call) -> Result<(), ApiError> {
    let caller = &call.caller;
    let inside = caller.admin || space.has(caller);
    let covered = !caller.import_only || space.import_mode;
    if inside && covered { Ok(()) } else { Err(ApiError::forbidden()) }
}
