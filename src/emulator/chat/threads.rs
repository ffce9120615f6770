//! Which thread a new message goes to.

use super::{
    super::state::State,
    Call,
    error::ApiError,
    store::{Space, Thread},
};

/// Characters, from the API's reference of Thread.
const MAX_KEY: usize = 4000;

/// Where a message belongs.
pub enum Place {
    /// A reply.
    Existing { name: String, key: Option<String> },
    /// The start of a thread.
    New { key: Option<String> },
}

/// Without a reply option the thread given is ignored. With one, a name goes before a key; a name that isn't
/// there fails or starts a thread, as the option says; a key that isn't there always starts one.
pub fn place(space: &Space, call: &Call) -> Result<Place, ApiError> {
    let thread = &call.body["thread"];
    let field = |name: &str| thread[name].as_str().filter(|text| !text.is_empty());
    let key = field("threadKey").or(call.parameters.text("threadKey"));
    if key.is_some_and(|key| key.chars().count() > MAX_KEY) {
        return Err(ApiError::invalid(format!("thread.thread_key must be at most {MAX_KEY} characters.")));
    }
    let may_start = match call.parameters.text("messageReplyOption") {
        Some("REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD" | "1") => true,
        Some("REPLY_MESSAGE_OR_FAIL" | "2") => false,
        _ => return Ok(Place::New { key: None }),
    };
    if let Some(name) = field("name") {
        if !name.starts_with(&format!("{}/threads/", space.name)) {
            return Err(ApiError::invalid("thread.name is not a thread of this space."));
        }
        return match space.threads.iter().find(|thread| thread.name == name) {
            Some(thread) => Ok(existing(thread)),
            None if may_start => Ok(Place::New { key: None }),
            None => Err(ApiError::not_found()),
        };
    }
    let found = key.and_then(|key| space.threads.iter().find(|thread| thread.key.as_deref() == Some(key)));
    Ok(found.map_or_else(|| Place::New { key: key.map(str::to_owned) }, existing))
}

fn existing(thread: &Thread) -> Place {
    Place::Existing { name: thread.name.clone(), key: thread.key.clone() }
}

/// A new thread's name and its first message's: both carry the thread's id.
pub fn start(state: &State, space: &str) -> (String, String) {
    let id = state.id(11);
    (format!("{space}/threads/{id}"), format!("{space}/messages/{id}.{id}"))
}

/// A reply's name.
pub fn reply(state: &State, space: &str, thread: &str) -> String {
    let id = thread.rsplit('/').next().unwrap_or_default();
    format!("{space}/messages/{id}.{}", state.id(11))
}
