//! What Google knows of an access token.

use http::Method;
use serde::Deserialize;
use url::form_urlencoded;

use super::{Error, Reach, ScopeSet};
use crate::{
    secret::Secret,
    transport::{Body, Repeat, Request},
};

/// An access token that Google takes.
#[derive(Debug)]
pub struct TokenInfo {
    pub scopes: ScopeSet,
    pub email: Option<String>,
    pub expires_in: Option<u64>,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    scope: String,
    email: Option<String>,
    expires_in: Option<Number>,
}

/// Google has sent this one as a number and as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(u64),
    Text(String),
}

/// Asks whether a token is good: `None` if it's not. The token goes in the body, where no log keeps it.
pub async fn token_info(reach: Reach<'_>, token: &Secret) -> Result<Option<TokenInfo>, Error> {
    let form =
        form_urlencoded::Serializer::new(String::new()).append_pair("access_token", token.expose()).finish();
    let url = reach.endpoints.token_info();
    let request = Request::new(Method::POST, url).body(Body::Form(Secret::new(form)));
    let answer = reach.transport.send(&request, Repeat::Safe, reach.deadline).await?;
    let host = || request.url.host_str().unwrap_or_default().to_owned();
    let status = answer.status.as_u16();
    match status {
        200 => {
            let wire: Wire = serde_json::from_slice(&answer.body).map_err(|_| Error::BadAnswer {
                host: host(),
                status: Some(status),
                problem: "it is not a token's description".to_owned(),
            })?;
            let expires_in = wire.expires_in.and_then(|number| match number {
                Number::Number(seconds) => Some(seconds),
                Number::Text(text) => text.parse().ok(),
            });
            let email = wire.email;
            Ok(Some(TokenInfo { scopes: ScopeSet::granted(wire.scope.split(' ')), email, expires_in }))
        }
        400 | 401 => Ok(None),
        _ => {
            Err(Error::BadAnswer { host: host(), status: Some(status), problem: format!("status {status}") })
        }
    }
}
