//! The authorization endpoint, where the browser goes: what a client may ask, and the way back to it.
//!
//! What is wrong with the client or its redirect address is shown and never sent there; so is every other
//! malformed request, as Google does. Only the person's decision is redirected.

use std::collections::HashMap;

use http::Method;
use jiff::Timestamp;
use url::form_urlencoded::byte_serialize;

use super::{
    super::{Consent, page, reply::Reply, request::Request, state::State},
    accounts::{ACCOUNTS, Account, AccountIndex},
    clients::{Client, Kind},
    consent_page,
    error::OauthError,
    grants::{CODE_LIFETIME, Challenge, Code, Grant, later},
    parameters::{Parameters, Repeated},
    scopes::{self, Scopes},
};

/// Requests that wait on their consent page, by the page's id.
#[derive(Default)]
pub struct Transactions(HashMap<String, (Asked, Timestamp)>);

/// A request that can be shown to a person.
#[derive(Clone)]
pub struct Asked {
    pub client: &'static Client,
    pub redirect_uri: String,
    pub scopes: Scopes,
    pub state: Option<String>,
    pub challenge: Option<Challenge>,
    pub hint: Option<AccountIndex>,
    /// Web clients get a refresh token only if they ask for offline access.
    pub offline: bool,
    /// They get it at the first consent, and again only with this.
    pub prompt_consent: bool,
    pub prompt_none: bool,
    pub include_granted: bool,
}

/// `GET /o/oauth2/v2/auth`.
pub fn authorize(state: &mut State, request: &Request) -> Reply {
    if request.method != Method::GET {
        return page::error(405, "Error 405 (Method Not Allowed)", "The authorization page is for browsers.");
    }
    let asked = match read(request) {
        Ok(asked) => asked,
        Err(error) => return refused(&error),
    };
    let origin = request.origin();
    if asked.prompt_none {
        return silently(state, &asked, &origin);
    }
    match state.settings.consent {
        Consent::Deny => redirect(302, &asked, &origin, &[("error", "access_denied")]),
        Consent::Auto => {
            let granted = match &state.settings.grant_only {
                Some(only) => scopes::narrowed(&asked.scopes, only.iter().map(String::as_str)),
                None => asked.scopes.clone(),
            };
            let account = asked.hint.unwrap_or(0);
            grant(state, 302, &asked, account, granted, &origin)
        }
        Consent::Ask => {
            let id = state.random.token();
            let expires = later(state.now(), CODE_LIFETIME);
            let page = consent_page::render(&asked, &id);
            state.transactions.0.insert(id, (asked, expires));
            page
        }
    }
}

/// `POST /emulator/consent`: what the person decided. A page's id works once.
pub fn decided(state: &mut State, request: &Request) -> Reply {
    let (&Method::POST, Some(form)) = (&request.method, request.form()) else {
        return page::not_found(&request.path);
    };
    let value = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let now = state.now();
    state.transactions.0.retain(|_, (_, expires)| now < *expires);
    let Some((asked, _)) = value("transaction").and_then(|id| state.transactions.0.remove(id)) else {
        let text = "This page was used already, or is too old. Go back to the app and sign in again.";
        return page::error(400, "This sign-in is over", text);
    };
    let origin = request.origin();
    let account = value("account").and_then(Account::find);
    match (value("decision"), account) {
        (Some("allow"), Some(account)) => {
            let ticked = form.iter().filter(|(name, _)| name == "scope").map(|(_, scope)| scope.as_str());
            let granted = scopes::narrowed(&asked.scopes, ticked);
            grant(state, 303, &asked, account, granted, &origin)
        }
        _ => redirect(303, &asked, &origin, &[("error", "access_denied")]),
    }
}

/// `prompt=none`: only what was consented to before.
fn silently(state: &mut State, asked: &Asked, origin: &str) -> Reply {
    let account = asked.hint.unwrap_or(0);
    let consented = state.grants.consented(asked.client, account);
    if consented.is_some_and(|scopes| asked.scopes.is_subset(scopes)) {
        grant(state, 302, asked, account, asked.scopes.clone(), origin)
    } else {
        redirect(302, asked, origin, &[("error", "interaction_required")])
    }
}

fn grant(
    state: &mut State,
    status: u16,
    asked: &Asked,
    account: AccountIndex,
    mut granted: Scopes,
    origin: &str,
) -> Reply {
    if granted.is_empty() {
        return redirect(status, asked, origin, &[("error", "access_denied")]);
    }
    let before = state.grants.consented(asked.client, account);
    let first = before.is_none();
    if let Some(before) = before.filter(|_| asked.include_granted) {
        granted.extend(before.iter().cloned());
    }
    let offline = match asked.client.kind {
        Kind::Desktop => true,
        Kind::Web => asked.offline && (first || asked.prompt_consent),
    };
    let code = format!("4/{}", state.random.token());
    let scope = scopes::joined(&granted);
    let grant = Grant { client: asked.client, account, scopes: granted, offline };
    let expires = later(state.now(), CODE_LIFETIME);
    let (redirect_uri, challenge) = (asked.redirect_uri.clone(), asked.challenge.clone());
    state.grants.add_code(code.clone(), Code { grant, redirect_uri, challenge, expires });
    let number = account.to_string();
    let prompt = if asked.prompt_none { "none" } else { "consent" };
    let answer = [("code", code.as_str()), ("scope", &scope), ("authuser", &number), ("prompt", prompt)];
    redirect(status, asked, origin, &answer)
}

/// Back to the client, with its state and the issuer (RFC 9207).
fn redirect(status: u16, asked: &Asked, origin: &str, answer: &[(&str, &str)]) -> Reply {
    let state = asked.state.as_deref().map(|state| ("state", state));
    let all = state.into_iter().chain([("iss", origin)]).chain(answer.iter().copied());
    let query: Vec<String> = all.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let joint = if asked.redirect_uri.contains('?') { '&' } else { '?' };
    Reply::redirect(status, &format!("{}{joint}{}", asked.redirect_uri, query.join("&")))
}

/// With `%20` for a blank, as Google writes it.
fn encode(value: &str) -> String {
    byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Google's page for a request that cannot go on.
fn refused(error: &OauthError) -> Reply {
    let content = format!(
        "<p>{}</p>\n<p>Error {}: <code>{}</code></p>\n",
        page::escape(&error.description),
        error.status,
        error.code
    );
    page::page(error.status, "Access blocked: authorization error", &content)
}

fn read(request: &Request) -> Result<Asked, OauthError> {
    let parameters = Parameters::new(request.query()).map_err(|Repeated(name)| {
        OauthError::invalid_request(format!("OAuth 2 parameters can only have a single value: {name}"))
    })?;
    let required = |name: &str| {
        parameters
            .get(name)
            .ok_or_else(|| OauthError::invalid_request(format!("Missing required parameter: {name}")))
    };
    let client = Client::find(required("client_id")?)
        .ok_or_else(|| OauthError::new(401, "invalid_client", "The OAuth client was not found."))?;
    let redirect_uri = required("redirect_uri")?;
    if !client.allows_redirect(redirect_uri) {
        let text = format!("You can't sign in because this app sent an invalid request: {redirect_uri}");
        return Err(OauthError::new(400, "redirect_uri_mismatch", text));
    }
    match required("response_type")? {
        "code" => {}
        other => {
            let text = format!("Invalid response_type: {other}");
            return Err(OauthError::new(400, "unsupported_response_type", text));
        }
    }
    let scopes = scopes::parse(required("scope")?).map_err(|unknown| {
        let text = format!("Some requested scopes cannot be shown: [{}]", unknown.join(", "));
        OauthError::new(400, "invalid_scope", text)
    })?;
    let prompts: Vec<&str> = parameters.get("prompt").unwrap_or_default().split(' ').collect();
    let known = |prompt: &&str| matches!(*prompt, "" | "none" | "consent" | "select_account");
    let prompt_none = prompts.contains(&"none");
    if !prompts.iter().all(known) || (prompt_none && prompts.len() > 1) {
        return Err(OauthError::invalid_request("Invalid parameter value for prompt"));
    }
    Ok(Asked {
        client,
        redirect_uri: redirect_uri.to_owned(),
        scopes,
        state: parameters.get("state").map(str::to_owned),
        challenge: challenge(&parameters)?,
        hint: parameters.get("login_hint").and_then(Account::find),
        offline: one_of(&parameters, "access_type", &["online", "offline"])? == "offline",
        prompt_consent: prompts.contains(&"consent"),
        prompt_none,
        // Not for installed apps.
        include_granted: client.kind == Kind::Web
            && one_of(&parameters, "include_granted_scopes", &["false", "true"])? == "true",
    })
}

/// PKCE; Google asks nobody for it, and takes `plain` for the method when there is none.
fn challenge(parameters: &Parameters) -> Result<Option<Challenge>, OauthError> {
    let method = one_of(parameters, "code_challenge_method", &["plain", "S256"])?;
    let Some(challenge) = parameters.get("code_challenge") else {
        return match parameters.get("code_challenge_method") {
            Some(_) => Err(OauthError::invalid_request("Missing required parameter: code_challenge")),
            None => Ok(None),
        };
    };
    let unreserved = challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    let length = if method == "S256" { 43..=43 } else { 43..=128 };
    if !unreserved || !length.contains(&challenge.len()) {
        return Err(OauthError::invalid_request("Invalid parameter value for code_challenge"));
    }
    let challenge = challenge.to_owned();
    Ok(Some(if method == "S256" { Challenge::S256(challenge) } else { Challenge::Plain(challenge) }))
}

/// One of these values; the first stands for none.
fn one_of<'a>(parameters: &Parameters, name: &str, values: &[&'a str]) -> Result<&'a str, OauthError> {
    let given = parameters.get(name).or(values.first().copied());
    values
        .iter()
        .find(|value| Some(**value) == given)
        .copied()
        .ok_or_else(|| OauthError::invalid_request(format!("Invalid parameter value for {name}")))
}

/// The account that a page preselects.
pub fn preselected(asked: &Asked) -> &'static str {
    ACCOUNTS[asked.hint.unwrap_or(0)].email
}
