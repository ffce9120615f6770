//! Who a token belongs to: `/tokeninfo` and `/v1/userinfo`.

use http::{Method, header};
use serde_json::{Map, Value, json};

use super::{
    super::{reply::Reply, request::Request, state::State},
    accounts::ACCOUNTS,
    error::OauthError,
    parameters::Parameters,
    scopes::{EMAIL, OPENID, PROFILE, joined},
};

/// `/tokeninfo?access_token=`, by GET or POST; numbers are text, as Google has them.
pub fn token_info(state: &State, request: &Request) -> Reply {
    if !matches!(request.method, Method::GET | Method::POST) {
        return OauthError::new(405, "invalid_request", "Request method must be GET or POST").reply();
    }
    let mut pairs = request.query();
    pairs.extend(request.form().unwrap_or_default());
    let parameters = Parameters::new(pairs).ok();
    let Some(token) = parameters.as_ref().and_then(|parameters| parameters.get("access_token")) else {
        return OauthError::invalid_request("Missing required parameter: access_token").reply();
    };
    let now = state.now();
    let Some(found) = state.grants.access_token(token).filter(|found| found.is_live(now)) else {
        return OauthError::new(400, "invalid_token", "Invalid Value").reply();
    };
    let grant = &found.grant;
    let account = &ACCOUNTS[grant.account];
    let mut body = Map::new();
    let mut field = |name: &str, value: String| body.insert(name.to_owned(), Value::String(value));
    field("azp", grant.client.id.to_owned());
    field("aud", grant.client.id.to_owned());
    field("sub", account.id.to_owned());
    field("scope", joined(&grant.scopes));
    field("exp", found.expires.as_second().to_string());
    field("expires_in", now.duration_until(found.expires).as_secs().to_string());
    if grant.scopes.contains(EMAIL) {
        field("email", account.email.to_owned());
        field("email_verified", "true".to_owned());
    }
    field("access_type", if grant.offline { "offline" } else { "online" }.to_owned());
    Reply::json(200, &Value::Object(body))
}

/// `/v1/userinfo` of OpenID Connect, with the token as bearer.
pub fn user_info(state: &State, request: &Request) -> Reply {
    if !matches!(request.method, Method::GET | Method::POST) {
        return OauthError::new(405, "invalid_request", "Request method must be GET or POST").reply();
    }
    let now = state.now();
    let found = request.bearer().and_then(|token| state.grants.access_token(token));
    let Some(found) = found.filter(|found| found.is_live(now)) else {
        return unauthorized(401, "invalid_request", "Invalid Credentials", "invalid_token");
    };
    let scopes = &found.grant.scopes;
    if ![OPENID, EMAIL, PROFILE].iter().any(|scope| scopes.contains(*scope)) {
        let text = "Request had insufficient authentication scopes.";
        return unauthorized(403, "insufficient_scope", text, "insufficient_scope");
    }
    let account = &ACCOUNTS[found.grant.account];
    let mut body = Map::new();
    body.insert("sub".into(), json!(account.id));
    if scopes.contains(PROFILE) {
        body.insert("name".into(), json!(account.name));
    }
    if scopes.contains(EMAIL) {
        body.insert("email".into(), json!(account.email));
        body.insert("email_verified".into(), json!(true));
    }
    Reply::json(200, &Value::Object(body))
}

fn unauthorized(status: u16, code: &str, description: &str, reason: &str) -> Reply {
    let challenge = format!("Bearer realm=\"https://accounts.google.com/\", error=\"{reason}\"");
    Reply::json(status, &json!({"error": code, "error_description": description}))
        .with(header::WWW_AUTHENTICATE, &challenge)
}
