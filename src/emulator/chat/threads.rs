//! Which thread a new message goes to.

use super::{
    super::state::State,
    Call,
    error::ApiError,
    store::{Space, Thread},
};

/// Characters, from the API's reference of Thread.
const MAX_KEY: usize = 4000;

/// Where a new message stands, and what it is called: a thread's first message carries its id twice.
pub struct Place {
    pub message: String,
    pub thread: String,
    pub key: Option<String>,
    pub is_reply: bool,
}

/// Without a reply option the thread given is ignored. With one, a name goes before a key; a name that isn't
/// there fails or starts a thread, as the option says; a key that isn't there always starts one.
pub fn place(state: &State, space: &Space, call: &Call) -> Result<Place, ApiError> {
    let thread = &call.body["thread"];
    let field = |name: &str| thread[name].as_str().filter(|text| !text.is_empty());
    let key = field("threadKey").or(call.parameters.text("threadKey"));
    if key.is_some_and(|key| key.chars().count() > MAX_KEY) {
        return Err(ApiError::invalid(format!("thread.thread_key must be at most {MAX_KEY} characters.")));
    }
    let may_start = match call.parameters.text("messageReplyOption") {
        Some("REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD" | "1") => true,
        Some("REPLY_MESSAGE_OR_FAIL" | "2") => false,
        _ => return Ok(start(state, space, None)),
    };
    if let Some(name) = field("name") {
        if !name.starts_with(&format!("{}/threads/", space.name)) {
            return Err(ApiError::invalid("thread.name is not a thread of this space."));
        }
        return match space.threads.iter().find(|thread| thread.name == name) {
            Some(thread) => Ok(reply(state, space, thread)),
            None if may_start => Ok(start(state, space, None)),
            None => Err(ApiError::not_found()),
        };
    }
    let found = key.and_then(|key| space.threads.iter().find(|thread| thread.key.as_deref() == Some(key)));
    Ok(match found {
        Some(thread) => reply(state, space, thread),
        None => start(state, space, key),
    })
}

fn start(state: &State, space: &Space, key: Option<&str>) -> Place {
    let (space, id) = (&space.name, state.id(11));
    Place {
        message: format!("{space}/messages/{id}.{id}"),
        thread: format!("{space}/threads/{id}"),
        key: key.map(str::to_owned),
        is_reply: false,
    }
}

fn reply(state: &State, space: &Space, thread: &Thread) -> Place {
    let id = thread.name.rsplit('/').next().unwrap_or_default();
    Place {
        message: format!("{}/messages/{id}.{}", space.name, state.id(11)),
        thread: thread.name.clone(),
        key: thread.key.clone(),
        is_reply: true,
    }
}
