//! Who calls, and whether the grant covers the method.
//!
//! A person by an access token; or, for `messages.create` alone, a webhook by the key and token of its URL.
//! What Google answers to a wrong key or token isn't documented: here it is 400 for the key, as for every
//! Google API, and 403 for the token.

use http::header;

use super::{
    super::{
        oauth::{accounts::AccountIndex, scopes},
        request::Request,
        route::ChatRoute,
        state::State,
    },
    error::{ApiError, Code},
    store::WEBHOOK_KEY,
};
use crate::chat::methods::Method;

/// Who it is, as far as it matters whether two callers are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    Person(AccountIndex),
    /// Of the space that the call is about.
    Webhook,
}

pub struct Caller {
    pub identity: Identity,
    /// With `useAdminAccess`, and a scope that allows it: sees every space.
    pub admin: bool,
    /// Only `chat.import` covers the method, which counts in spaces in import mode alone.
    pub import_only: bool,
    pub can_import: bool,
}

const INVALID: &str = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or \
                       other valid authentication credential. See \
                       https://developers.google.com/identity/sign-in/web/devconsole-project.";
const MISSING: &str = "Request is missing required authentication credential. Expected OAuth 2 access token, login \
                       cookie or other valid authentication credential. See \
                       https://developers.google.com/identity/sign-in/web/devconsole-project.";

/// The caller; of a webhook's query the token is taken out, as no other caller may send one.
pub fn authenticate(
    state: &State,
    request: &Request,
    route: &ChatRoute,
    query: &mut Vec<(String, String)>,
) -> Result<Caller, ApiError> {
    let is_webhook = route.method.id == "chat.spaces.messages.create"
        && !request.headers.contains_key(header::AUTHORIZATION)
        && query.iter().any(|(name, _)| name == "token");
    if is_webhook { webhook(state, route, query) } else { person(state, request, route.method, query) }
}

fn webhook(state: &State, route: &ChatRoute, query: &mut Vec<(String, String)>) -> Result<Caller, ApiError> {
    let value = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    if value("key") != Some(WEBHOOK_KEY) {
        return Err(ApiError::invalid("API key not valid. Please pass a valid API key.")
            .reason("API_KEY_INVALID", &ApiError::of_method(None)));
    }
    let space = state.store.spaces().find(|space| Some(&space.name) == route.name.as_ref());
    let space = space.ok_or_else(ApiError::not_found)?;
    if value("token") != Some(space.webhook_token.as_str()) {
        return Err(ApiError::forbidden());
    }
    query.retain(|(name, _)| name != "token");
    Ok(Caller { identity: Identity::Webhook, admin: false, import_only: false, can_import: false })
}

fn person(
    state: &State,
    request: &Request,
    method: &Method,
    query: &[(String, String)],
) -> Result<Caller, ApiError> {
    let metadata = ApiError::of_method(method.rpc);
    let Some(token) = request.bearer() else {
        return Err(ApiError::new(Code::Unauthenticated, MISSING)
            .reason("CREDENTIALS_MISSING", &metadata)
            .challenge(""));
    };
    let found = state.grants.access_token(token).filter(|found| found.is_live(state.now()));
    let Some(found) = found else {
        // An id token, an API key, a webhook's token: no access token at all.
        let reason =
            if token.starts_with("ya29.") { "ACCESS_TOKEN_EXPIRED" } else { "ACCESS_TOKEN_TYPE_UNSUPPORTED" };
        return Err(ApiError::new(Code::Unauthenticated, INVALID)
            .reason(reason, &metadata)
            .challenge(", error=\"invalid_token\""));
    };
    let granted = &found.grant.scopes;
    let admin = method.auth.admin_access
        && query
            .iter()
            .any(|(n, v)| matches!(n.as_str(), "useAdminAccess" | "use_admin_access") && v == "true");
    let accepted = if admin { method.auth.admin } else { method.auth.user };
    let held: Vec<&str> = accepted.iter().copied().filter(|name| scopes::contains(granted, name)).collect();
    if held.is_empty() {
        return Err(insufficient(method));
    }
    Ok(Caller {
        identity: Identity::Person(found.grant.account),
        admin,
        import_only: held.iter().all(|name| method.auth.import_mode_only.contains(name)),
        can_import: scopes::contains(granted, "chat.import"),
    })
}

/// The challenge lists what would do, of every kind of credential.
fn insufficient(method: &Method) -> ApiError {
    let mut listed: Vec<String> = Vec::new();
    for name in method.auth.user.iter().chain(method.auth.app).chain(method.auth.admin) {
        let address = scopes::address(name);
        if !listed.contains(&address) {
            listed.push(address);
        }
    }
    let challenge = format!(", error=\"insufficient_scope\", scope=\"{}\"", listed.join(" "));
    ApiError::new(Code::PermissionDenied, "Request had insufficient authentication scopes.")
        .reason("ACCESS_TOKEN_SCOPE_INSUFFICIENT", &ApiError::of_method(method.rpc))
        .challenge(&challenge)
}
