//! `messages.create`, `messages.get`, `messages.list`.

use serde_json::{Value, json};

use super::{
    super::state::State,
    Call,
    caller::Identity,
    error::{ApiError, Code},
    filter,
    paging::Item,
    served::{is_given, served, shown},
    spaces::{listed, time},
    store::{Message, Thread},
    threads::{self, Place},
};

/// Text and cards together, in bytes.
const MAX_SIZE: usize = 32_000;
/// `client-` and what follows.
const MAX_CLIENT_ID: usize = 63;

pub fn create(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    let space = state.store.space(call.name, call)?;
    if let Some(name) = state.store.repeated(call)? {
        return space.message(name).map(|found| shown(&found.value, call)).ok_or_else(ApiError::not_found);
    }
    check(call)?;
    let client_id = call.parameters.text("messageId");
    if let Some(id) = client_id {
        check_client_id(id)?;
        if space.messages.iter().any(|message| message.client_id.as_deref() == Some(id)) {
            return Err(ApiError::new(Code::AlreadyExists, "Requested entity already exists"));
        }
    }
    let place = threads::place(state, space, call)?;
    let now = state.now();
    let value = served(call, &place, &time(now));
    let sequence = state.store.next();
    let space = state.store.space_mut(call.name, call)?;
    space.value["lastActiveTime"] = json!(time(now));
    let Place { message: name, thread, key, is_reply } = place;
    if !is_reply {
        space.threads.push(Thread { name: thread.clone(), key });
    }
    let client_id = client_id.map(str::to_owned);
    let answer = shown(&value, call);
    space.messages.push(Message { name: name.clone(), client_id, thread, created: now, sequence, value });
    state.store.remember(call, &name);
    Ok(answer)
}

pub fn get(state: &State, call: &Call) -> Result<Value, ApiError> {
    let (space, _) = call.name.split_once("/messages/").ok_or_else(ApiError::not_found)?;
    let space = state.store.space(space, call)?;
    space.message(call.name).map(|message| message.value.clone()).ok_or_else(ApiError::not_found)
}

pub fn list(state: &State, call: &Call) -> Result<Value, ApiError> {
    let space = state.store.space(call.name, call)?;
    let filter = call.parameters.text("filter").map(filter::messages).transpose()?.unwrap_or_default();
    let descending = descending(call.parameters.text("orderBy"))?;
    let mut found: Vec<&Message> = space
        .messages
        .iter()
        .filter(|message| {
            filter.after.is_none_or(|after| message.created > after)
                && filter.before.is_none_or(|before| message.created < before)
                && filter.thread.as_ref().is_none_or(|thread| message.thread == *thread)
        })
        .collect();
    if descending {
        found.reverse();
    }
    let items = found.into_iter().map(|m| Item { sequence: m.sequence, value: m.value.clone() });
    let page = state.pages.page(call, items, descending)?;
    Ok(listed("messages", page))
}

/// `create_time ASC`, the default, or `create_time DESC`.
fn descending(order: Option<&str>) -> Result<bool, ApiError> {
    let words: Vec<&str> = order.unwrap_or("create_time").split_ascii_whitespace().collect();
    let (field, direction) = match words.as_slice() {
        [field] => (*field, "ASC"),
        [field, direction] => (*field, *direction),
        _ => ("", ""),
    };
    match (field, direction.to_ascii_uppercase().as_str()) {
        ("create_time" | "createTime", "ASC") => Ok(false),
        ("create_time" | "createTime", "DESC") => Ok(true),
        _ => Err(ApiError::invalid("Invalid order_by.")),
    }
}

/// What a message may be: a person's is text, an app's may have cards too.
fn check(call: &Call) -> Result<(), ApiError> {
    let body = &call.body;
    let has_cards = is_given(body, "cards") || is_given(body, "cardsV2");
    if call.caller.identity != Identity::Webhook {
        check_person(call, has_cards)?;
    }
    for field in ["attachment", "quotedMessageMetadata"] {
        if is_given(body, field) {
            let message = format!("The emulator does not do messages with {field} yet.");
            return Err(ApiError::new(Code::Unimplemented, message));
        }
    }
    let text = body["text"].as_str().unwrap_or_default();
    if text.is_empty() && !has_cards {
        return Err(ApiError::invalid("Message cannot be empty."));
    }
    let fields = ["cards", "cardsV2", "accessoryWidgets"].iter().filter(|field| is_given(body, field));
    let size = text.len() + fields.map(|field| body[field].to_string().len()).sum::<usize>();
    if size > MAX_SIZE {
        return Err(ApiError::invalid(format!("Message is too long: the limit is {MAX_SIZE} bytes.")));
    }
    Ok(())
}

/// What only an app may send.
fn check_person(call: &Call, has_cards: bool) -> Result<(), ApiError> {
    let notification = call.parameters.text("createMessageNotificationOptions.notificationType").is_some();
    let what = if has_cards {
        "cards"
    } else if is_given(&call.body, "accessoryWidgets") {
        "accessory widgets"
    } else if is_given(&call.body, "privateMessageViewer") {
        "a private message viewer"
    } else if notification {
        "notification options"
    } else {
        return Ok(());
    };
    Err(ApiError::invalid(format!("Message cannot have {what} for requests carrying human credentials.")))
}

fn check_client_id(id: &str) -> Result<(), ApiError> {
    let rest = id.strip_prefix("client-").unwrap_or_default();
    let characters = rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if rest.is_empty() || !characters || id.len() > MAX_CLIENT_ID {
        return Err(ApiError::invalid(
            "message_id must begin with `client-`, hold lowercase letters, digits and hyphens only, and be at most \
             63 characters long.",
        ));
    }
    Ok(())
}
