//! The token endpoint: codes and refresh tokens become access tokens.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::Method;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::{
    super::{reply::Reply, request::Request, state::State},
    clients::Client,
    error::OauthError,
    grants::{Challenge, Grant, later},
    id_token,
    parameters::{Parameters, Repeated},
    scopes::{self, OPENID},
};

/// `POST /token`.
pub fn token(state: &mut State, request: &Request) -> Reply {
    match answer(state, request) {
        Ok(body) => Reply::json(200, &body),
        Err(error) => error.reply(),
    }
}

fn answer(state: &mut State, request: &Request) -> Result<Value, OauthError> {
    if request.method != Method::POST {
        return Err(OauthError::new(405, "invalid_request", "Request method must be POST"));
    }
    let form = request.form().ok_or_else(|| OauthError::invalid_request("Bad Request"))?;
    let parameters = Parameters::new(form).map_err(|Repeated(name)| {
        OauthError::invalid_request(format!("OAuth 2 parameters can only have a single value: {name}"))
    })?;
    match parameters.get("grant_type") {
        Some("authorization_code") => exchange(state, request, &parameters),
        Some("refresh_token") => refresh(state, request, &parameters),
        Some(other) => {
            Err(OauthError::new(400, "unsupported_grant_type", format!("Invalid grant_type: {other}")))
        }
        None => Err(OauthError::invalid_request("Missing required parameter: grant_type")),
    }
}

fn exchange(state: &mut State, request: &Request, parameters: &Parameters) -> Result<Value, OauthError> {
    let client = client(request, parameters)?;
    let code = required(parameters, "code")?;
    let code = state
        .grants
        .take_code(code, state.clock.now())
        .filter(|found| found.grant.client.id == client.id)
        .ok_or_else(|| OauthError::invalid_grant("Bad Request"))?;
    if required(parameters, "redirect_uri")? != code.redirect_uri {
        return Err(OauthError::new(400, "redirect_uri_mismatch", "Bad Request"));
    }
    verify(code.challenge.as_ref(), parameters.get("code_verifier"))?;
    let refresh_token = (code.grant.offline && !state.settings.omit_refresh_token)
        .then(|| issue_refresh_token(state, code.grant.clone()));
    Ok(issue(state, request, code.grant, refresh_token))
}

fn refresh(state: &mut State, request: &Request, parameters: &Parameters) -> Result<Value, OauthError> {
    let client = client(request, parameters)?;
    let token = required(parameters, "refresh_token")?;
    let found = state.grants.refresh_token(token).ok_or_else(|| OauthError::invalid_grant("Bad Request"))?;
    if found.grant.client.id != client.id {
        return Err(OauthError::new(401, "unauthorized_client", "Unauthorized"));
    }
    if !found.is_live(state.clock.now()) {
        return Err(OauthError::invalid_grant("Token has been expired or revoked."));
    }
    let whole = found.grant.clone();
    let mut grant = whole.clone();
    if let Some(narrower) = parameters.get("scope") {
        grant.scopes = scopes::parse(narrower)
            .ok()
            .filter(|narrower| narrower.is_subset(&whole.scopes))
            .ok_or_else(|| OauthError::new(400, "invalid_scope", "Bad Request"))?;
    }
    let expires = found.expires;
    let mut reply_token = None;
    if state.settings.rotate_refresh_tokens {
        state.grants.kill_refresh_token(token);
        let new = format!("1//{}", state.random.token());
        // The new one lives no longer than the old one would have.
        state.grants.add_refresh_token(new.clone(), whole, expires);
        reply_token = Some((new, expires));
    }
    let mut body = issue(state, request, grant, reply_token);
    if let (Some(expires), Value::Object(body)) = (expires, &mut body) {
        body.insert(
            "refresh_token_expires_in".to_owned(),
            json!(state.now().duration_until(expires).as_secs()),
        );
    }
    Ok(body)
}

type NewRefreshToken = (String, Option<jiff::Timestamp>);

fn issue_refresh_token(state: &mut State, grant: Grant) -> NewRefreshToken {
    let token = format!("1//{}", state.random.token());
    let lifetime = state.settings.refresh_token_lifetime.map(std::time::Duration::from_secs);
    let expires = lifetime.map(|lifetime| later(state.now(), lifetime));
    state.grants.add_refresh_token(token.clone(), grant, expires);
    (token, expires)
}

/// A new access token, in Google's order of fields.
fn issue(state: &mut State, request: &Request, grant: Grant, refresh: Option<NewRefreshToken>) -> Value {
    let token = format!("ya29.{}", state.random.token());
    let now = state.now();
    let mut body = Map::new();
    body.insert("access_token".into(), json!(token));
    body.insert("expires_in".into(), json!(state.access_token_lifetime.as_secs()));
    if let Some((refresh_token, expires)) = refresh {
        body.insert("refresh_token".into(), json!(refresh_token));
        if let Some(expires) = expires {
            body.insert("refresh_token_expires_in".into(), json!(now.duration_until(expires).as_secs()));
        }
    }
    body.insert("scope".into(), json!(scopes::joined(&grant.scopes)));
    body.insert("token_type".into(), json!("Bearer"));
    if grant.scopes.contains(OPENID) {
        body.insert("id_token".into(), json!(id_token::mint(&grant, &request.origin(), now, &token)));
    }
    state.grants.add_access_token(token, grant, later(now, state.access_token_lifetime));
    Value::Object(body)
}

/// Who asks, by `client_secret_post` or `client_secret_basic`; Google takes no client without its secret.
fn client(request: &Request, parameters: &Parameters) -> Result<&'static Client, OauthError> {
    let basic = basic(request)?;
    let (id, secret) = match &basic {
        Some(_) if parameters.get("client_secret").is_some() => {
            return Err(OauthError::invalid_request("The client authenticates in more than one way."));
        }
        Some((id, _)) if parameters.get("client_id").is_some_and(|other| other != id) => {
            return Err(OauthError::invalid_request("The client_id differs from the one in the header."));
        }
        Some((id, secret)) => (Some(id.as_str()), Some(secret.as_str())),
        None => (parameters.get("client_id"), parameters.get("client_secret")),
    };
    let id = id.ok_or_else(|| OauthError::invalid_request("Could not determine client ID from request."))?;
    let client = Client::find(id)
        .ok_or_else(|| OauthError::new(401, "invalid_client", "The OAuth client was not found."))?;
    match secret {
        Some(secret) if secret == client.secret => Ok(client),
        Some(_) => Err(OauthError::new(401, "invalid_client", "The provided client secret is invalid.")),
        None => Err(OauthError::invalid_request("client_secret is missing.")),
    }
}

/// `Authorization: Basic`, whose parts are form-encoded first (RFC 6749 section 2.3.1).
fn basic(request: &Request) -> Result<Option<(String, String)>, OauthError> {
    let Some(value) = request.header(http::header::AUTHORIZATION) else {
        return Ok(None);
    };
    let read = || {
        let (scheme, encoded) = value.split_once(' ')?;
        let decoded =
            STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
        Some((form_decoded(id), form_decoded(secret)))
    };
    read().map(Some).ok_or_else(|| OauthError::new(401, "invalid_client", "Unauthorized"))
}

fn form_decoded(text: &str) -> String {
    // A form of one name, which is the text.
    form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

fn required<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, OauthError> {
    parameters
        .get(name)
        .ok_or_else(|| OauthError::invalid_request(format!("Missing required parameter: {name}")))
}

/// RFC 7636 section 4.6; and a verifier where there was no challenge is a downgrade (RFC 9700 section 2.1.1).
fn verify(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), OauthError> {
    let matches = match (challenge, verifier) {
        (None, None) => true,
        (None, Some(_)) => {
            return Err(OauthError::invalid_grant("code_verifier or verifier is not needed."));
        }
        (Some(_), None) => return Err(OauthError::invalid_grant("Missing code verifier.")),
        (Some(Challenge::Plain(challenge)), Some(verifier)) => challenge == verifier,
        (Some(Challenge::S256(challenge)), Some(verifier)) => {
            URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == *challenge
        }
    };
    if matches { Ok(()) } else { Err(OauthError::invalid_grant("Invalid code verifier.")) }
}
