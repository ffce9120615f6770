//! `spaces.create`, `spaces.get`, `spaces.list`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    super::state::State,
    Call,
    caller::Identity,
    error::{ApiError, Code},
    filter,
    paging::Item,
    store::Space,
};

/// Characters, from the API's reference of Space.
const MAX_DISPLAY_NAME: usize = 128;
const MAX_DESCRIPTION: usize = 150;
const MAX_GUIDELINES: usize = 5000;
/// A space in import mode lives 90 days.
const IMPORT_DAYS: i64 = 90;

pub fn create(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    if let Some(name) = state.store.repeated(call)? {
        let name = name.to_owned();
        return state.store.space(&name, call).map(|space| space.value.clone());
    }
    let body = &call.body;
    let text = |field: &str| body[field].as_str().map(str::trim).filter(|text| !text.is_empty());
    let import_mode = body["importMode"] == true;
    let kind = match (text("spaceType"), import_mode) {
        (Some("SPACE"), _) => "SPACE",
        (Some("GROUP_CHAT"), true) => "GROUP_CHAT",
        (Some("GROUP_CHAT"), false) => {
            return Err(ApiError::invalid(
                "GROUP_CHAT spaces can only be created in import mode; use spaces.setup.",
            ));
        }
        (Some("DIRECT_MESSAGE"), _) => {
            return Err(ApiError::invalid("DIRECT_MESSAGE spaces cannot be created; use spaces.setup."));
        }
        _ => return Err(ApiError::invalid("space.space_type is required.")),
    };
    if import_mode && !call.caller.can_import || !import_mode && call.caller.import_only {
        return Err(ApiError::forbidden());
    }
    let display_name = text("displayName");
    if kind == "SPACE" && display_name.is_none() {
        return Err(ApiError::invalid("space.display_name is required for a space of type SPACE."));
    }
    limit("display_name", display_name, MAX_DISPLAY_NAME)?;
    limit("space_details.description", body["spaceDetails"]["description"].as_str(), MAX_DESCRIPTION)?;
    limit("space_details.guidelines", body["spaceDetails"]["guidelines"].as_str(), MAX_GUIDELINES)?;
    if display_name.is_some_and(|name| state.store.has_display_name(name)) {
        let message = "A space with this display name already exists in the organization.";
        return Err(ApiError::new(Code::AlreadyExists, message));
    }
    let id = format!("AAAA{}", state.id(7));
    let name = format!("spaces/{id}");
    let value = served(body, &id, kind, display_name, state.now());
    let sequence = state.store.next();
    state.store.add(Space {
        name: name.clone(),
        display_name: display_name.map(str::to_owned),
        kind: kind.to_owned(),
        import_mode,
        members: match call.caller.identity {
            Identity::Person(account) => vec![account],
            Identity::Webhook => Vec::new(),
        },
        webhook_token: state.random.token(),
        threads: Vec::new(),
        messages: Vec::new(),
        sequence,
        value: value.clone(),
    });
    state.store.remember(call, &name);
    Ok(value)
}

pub fn get(state: &State, call: &Call) -> Result<Value, ApiError> {
    state.store.space(call.name, call).map(|space| space.value.clone())
}

pub fn list(state: &State, call: &Call) -> Result<Value, ApiError> {
    let kinds = call.parameters.text("filter").map(filter::spaces).transpose()?;
    let passes = |space: &&Space| {
        // Group chats appear with their first message.
        let shown = space.kind == "SPACE" || !space.messages.is_empty();
        shown && space.has(&call.caller) && kinds.as_ref().is_none_or(|kinds| kinds.contains(&space.kind))
    };
    let items = state
        .store
        .spaces()
        .filter(passes)
        .map(|space| Item { sequence: space.sequence, value: space.value.clone() });
    let page = state.pages.page(call, items, false)?;
    Ok(listed("spaces", page))
}

/// A list's answer; what is empty is left out, as everywhere in proto JSON.
pub fn listed(name: &str, page: super::paging::Page) -> Value {
    let mut body = Map::new();
    if !page.items.is_empty() {
        body.insert(name.to_owned(), Value::Array(page.items));
    }
    if let Some(next) = page.next {
        body.insert("nextPageToken".to_owned(), Value::String(next));
    }
    Value::Object(body)
}

/// RFC 3339 as Google prints it: whole seconds, or microseconds.
pub fn time(at: Timestamp) -> String {
    if at.subsec_nanosecond() / 1000 == 0 { format!("{at:.0}") } else { format!("{at:.6}") }
}

/// The space, in Google's order of fields.
fn served(body: &Value, id: &str, kind: &str, display_name: Option<&str>, now: Timestamp) -> Value {
    let mut space = Map::new();
    let mut field = |name: &str, value: Value| space.insert(name.to_owned(), value);
    field("name", json!(format!("spaces/{id}")));
    field("type", json!("ROOM"));
    if let Some(display_name) = display_name {
        field("displayName", json!(display_name));
    }
    field("spaceThreadingState", json!("THREADED_MESSAGES"));
    field("spaceType", json!(kind));
    for given in ["spaceDetails", "externalUserAllowed", "importMode", "customer"] {
        if !body[given].is_null() {
            field(given, body[given].clone());
        }
    }
    let history = body["spaceHistoryState"].as_str().filter(|state| *state != "HISTORY_STATE_UNSPECIFIED");
    field("spaceHistoryState", json!(history.unwrap_or("HISTORY_ON")));
    field("createTime", json!(time(now)));
    field("lastActiveTime", json!(time(now)));
    if body["importMode"] == true {
        let end = now.saturating_add(jiff::SignedDuration::from_hours(24 * IMPORT_DAYS)).unwrap_or(now);
        field("importModeExpireTime", json!(time(end)));
    }
    field("membershipCount", json!({"joinedDirectHumanUserCount": 1}));
    let audience = body["accessSettings"]["audience"].as_str().filter(|audience| !audience.is_empty());
    field(
        "accessSettings",
        match audience {
            Some(audience) => json!({"accessState": "DISCOVERABLE", "audience": audience}),
            None => json!({"accessState": "PRIVATE"}),
        },
    );
    field("spaceUri", json!(format!("https://chat.google.com/room/{id}?cls=11")));
    Value::Object(space)
}

fn limit(field: &str, text: Option<&str>, max: usize) -> Result<(), ApiError> {
    if text.is_some_and(|text| text.chars().count() > max) {
        return Err(ApiError::invalid(format!("space.{field} must be at most {max} characters.")));
    }
    Ok(())
}
