//! The spaces, threads and messages there are.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{super::oauth::accounts::AccountIndex, Call, error::ApiError};

#[derive(Default)]
pub struct Store {
    spaces: Vec<Space>,
    /// What each request id made (AIP-155): for whom, and its name.
    requests: HashMap<String, (AccountIndex, String)>,
    sequence: u64,
}

pub struct Space {
    pub name: String,
    pub display_name: Option<String>,
    pub kind: String,
    pub import_mode: bool,
    pub members: Vec<AccountIndex>,
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

    /// What the call's request id made before; the same id of another person is an error.
    pub fn repeated(&self, call: &Call) -> Result<Option<&str>, ApiError> {
        let Some(made) = request_key(call).and_then(|key| self.requests.get(&key)) else {
            return Ok(None);
        };
        let (account, name) = made;
        if *account == call.caller.account {
            Ok(Some(name))
        } else {
            Err(ApiError::invalid("The request_id was used by another user."))
        }
    }

    /// Remembers what the call made, if it has a request id.
    pub fn remember(&mut self, call: &Call, name: &str) {
        if let Some(key) = request_key(call) {
            self.requests.insert(key, (call.caller.account, name.to_owned()));
        }
    }
}

impl Space {
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
    let inside = caller.admin || space.members.contains(&caller.account);
    let covered = !caller.import_only || space.import_mode;
    if inside && covered { Ok(()) } else { Err(ApiError::forbidden()) }
}
