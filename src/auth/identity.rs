//! Which account signed in: from the ID token, else from the userinfo endpoint.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Method;
use serde::Deserialize;

use super::{Reach, ScopeSet, oauth::TokenReply};
use crate::{
    store::{Account, OAuthClient},
    transport::{Repeat, Request},
};

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    email: Option<String>,
}

#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    email: Option<String>,
}

/// The account of a token reply. Not knowing it is no error: it needs the scopes `openid` and `email`.
pub async fn account(
    reach: Reach<'_>,
    client: &OAuthClient,
    reply: &TokenReply,
    granted: &ScopeSet,
) -> Account {
    let by_token = from_id_token(reach, client, reply).unwrap_or_default();
    if by_token.email.is_some() {
        return by_token;
    }
    // Without one of these the endpoint refuses: no reason to ask.
    if !granted.iter().any(|scope| matches!(scope.short(), "openid" | "userinfo.email")) {
        return by_token;
    }
    from_user_info(reach, reply).await.unwrap_or(by_token)
}

/// The ID token comes straight from the token endpoint over TLS, so its signature need not be checked
/// (OpenID Connect Core section 3.1.3.7, point 6); issuer and audience are.
fn from_id_token(reach: Reach<'_>, client: &OAuthClient, reply: &TokenReply) -> Option<Account> {
    let payload = reply.id_token.as_ref()?.expose().split('.').nth(1)?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    // Google's older tokens have the issuer without a scheme (OpenID Connect page).
    let issued = reach.endpoints.is_issuer(&claims.iss) || claims.iss == "accounts.google.com";
    (issued && claims.aud == client.client_id)
        .then(|| Account { email: claims.email.filter(|email| is_email(email)), subject: Some(claims.sub) })
}

async fn from_user_info(reach: Reach<'_>, reply: &TokenReply) -> Option<Account> {
    let request = Request::new(Method::GET, reach.endpoints.user_info()).bearer(&reply.access_token.token);
    let answer = reach.transport.send(&request, Repeat::Safe, reach.deadline).await.ok()?;
    let info: UserInfo = serde_json::from_slice(&answer.body).ok()?;
    Some(Account { email: info.email.filter(|email| is_email(email)), subject: Some(info.sub) })
}

/// Enough of an email to be a profile's name and to be shown.
fn is_email(text: &str) -> bool {
    text.contains('@') && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}
