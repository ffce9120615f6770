//! A message as it is served.

use serde_json::{Map, Value, json};

use super::{super::oauth::accounts::ACCOUNTS, Call, caller::Identity, threads::Place};

/// The user that a webhook's messages are of.
const WEBHOOK_USER: &str = "users/100000000000000000009";
/// What answers a webhook: the names, and what was sent.
const WEBHOOK_FIELDS: &[&str] = &["name", "text", "cards", "cardsV2", "accessoryWidgets", "thread"];

/// In Google's order of fields.
pub fn served(call: &Call, place: &Place, created: &str) -> Value {
    let body = &call.body;
    let text = body["text"].as_str().filter(|text| !text.is_empty());
    let mut message = Map::new();
    let mut field = |name: &str, value: Value| message.insert(name.to_owned(), value);
    field("name", json!(place.message));
    field("sender", sender(call));
    field("createTime", json!(created));
    if let Some(text) = text {
        field("text", json!(text));
    }
    for cards in ["cards", "cardsV2", "accessoryWidgets"] {
        if is_given(body, cards) {
            field(cards, body[cards].clone());
        }
    }
    field("thread", thread(place));
    field("space", json!({ "name": call.name }));
    if let Some(text) = text {
        field("argumentText", json!(text));
    }
    if place.is_reply {
        field("threadReply", json!(true));
    }
    if let Some(id) = call.parameters.text("messageId") {
        field("clientAssignedMessageId", json!(id));
    }
    if let Some(text) = text {
        field("formattedText", json!(text));
    }
    if is_given(body, "markupSyntax") {
        field("markupSyntax", body["markupSyntax"].clone());
    }
    Value::Object(message)
}

/// The answer to whoever made the message: a webhook learns little.
pub fn shown(message: &Value, call: &Call) -> Value {
    match (message, &call.caller.identity) {
        (Value::Object(message), Identity::Webhook) => {
            let kept = message.iter().filter(|(name, _)| WEBHOOK_FIELDS.contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        _ => message.clone(),
    }
}

/// Whether a body has something in a field.
pub fn is_given(body: &Value, field: &str) -> bool {
    match &body[field] {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

fn thread(place: &Place) -> Value {
    match &place.key {
        Some(key) => json!({"name": place.thread, "threadKey": key}),
        None => json!({ "name": place.thread }),
    }
}

fn sender(call: &Call) -> Value {
    match call.caller.identity {
        Identity::Person(account) => {
            let account = &ACCOUNTS[account];
            json!({"name": account.user(), "displayName": account.name, "type": "HUMAN"})
        }
        Identity::Webhook => {
            json!({"name": WEBHOOK_USER, "displayName": "Emulated webhook", "type": "BOT"})
        }
    }
}
