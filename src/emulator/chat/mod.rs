//! The Chat API half. Every method of the table is checked as Google checks it, in Google's order; those that
//! the emulator does are then done, the others answer 501 with their id.
//!
//! Where Google's order isn't documented, this one is taken: credential, scope, API enabled, query, body, app
//! configured, meaning.

mod body;
mod caller;
mod error;
mod filter;
mod messages;
pub mod paging;
mod parameters;
mod partial;
mod served;
mod spaces;
pub mod store;
mod threads;

use serde_json::Value;

use super::{
    page,
    reply::Reply,
    request::Request,
    route::ChatRoute,
    state::{Settings, State},
};
use crate::chat::methods::Method;
use caller::Caller;
use error::{ApiError, Code};
use parameters::Parameters;

/// A call that is well formed and may be made.
pub struct Call<'a> {
    pub method: &'static Method,
    pub caller: Caller,
    /// The resource name in the path; empty if the path has none.
    pub name: &'a str,
    pub parameters: Parameters,
    /// In canonical form; an empty object if there was none.
    pub body: Value,
}

pub fn call(state: &mut State, request: &Request, route: &ChatRoute) -> Reply {
    let method = route.method;
    if request.method == http::Method::GET && !request.body.is_empty() {
        let text = "Your client has issued a malformed or illegal request.";
        return page::error(400, "Error 400 (Bad Request)", text);
    }
    let answer = prepare(state, request, route).and_then(|call| {
        let fields = call.parameters.fields(method)?;
        let pretty = call.parameters.pretty();
        let whole = perform(state, &call)?;
        let part = match fields {
            Some(fields) => fields.apply(&whole),
            None => whole,
        };
        Ok(if pretty { Reply::json(200, &part) } else { Reply::json_text(200, part.to_string()) })
    });
    answer.unwrap_or_else(ApiError::reply)
}

/// What the front end says of a body that is too large for anything.
pub fn too_large(limit: usize) -> Reply {
    ApiError::invalid(format!("Request payload size exceeds the limit: {limit} bytes.")).reply()
}

fn prepare<'a>(state: &State, request: &Request, route: &'a ChatRoute) -> Result<Call<'a>, ApiError> {
    let method = route.method;
    let mut query = request.query();
    let caller = caller::authenticate(state, request, route, &mut query)?;
    project(&state.settings)?;
    let parameters = parameters::read(method, query)?;
    let body = if route.upload { Value::Null } else { body::read(method, request)? };
    app(&state.settings)?;
    Ok(Call { method, caller, name: route.name.as_deref().unwrap_or_default(), parameters, body })
}

fn perform(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    match call.method.id {
        "chat.spaces.create" => spaces::create(state, call),
        "chat.spaces.get" => spaces::get(state, call),
        "chat.spaces.list" => spaces::list(state, call),
        "chat.spaces.messages.create" => messages::create(state, call),
        "chat.spaces.messages.get" => messages::get(state, call),
        "chat.spaces.messages.list" => messages::list(state, call),
        id => Err(ApiError::new(Code::Unimplemented, format!("The emulator does not do {id} yet."))),
    }
}

fn project(settings: &Settings) -> Result<(), ApiError> {
    if settings.api_enabled { Ok(()) } else { Err(ApiError::service_disabled()) }
}

fn app(settings: &Settings) -> Result<(), ApiError> {
    if settings.app_configured { Ok(()) } else { Err(ApiError::app_not_found()) }
}
