//! Ending a grant at Google (RFC 7009).

use http::Method;
use url::form_urlencoded;

use super::{Error, Reach};
use crate::{
    secret::Secret,
    transport::{Body, Repeat, Request},
};

/// Revokes a token, and with it every grant of its account to its Cloud project. A token that Google doesn't
/// know any more is as good as revoked.
pub async fn revoke(reach: Reach<'_>, token: &Secret) -> Result<(), Error> {
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("token", token.expose()).finish();
    let url = reach.endpoints.revocation();
    let request = Request::new(Method::POST, url).body(Body::Form(Secret::new(form)));
    let answer = reach.transport.send(&request, Repeat::Safe, reach.deadline).await?;
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status.is_success() || body["error"] == "invalid_token" {
        return Ok(());
    }
    let host = request.url.host_str().unwrap_or_default().to_owned();
    let status = answer.status.as_u16();
    Err(Error::BadAnswer { host, status: Some(status), problem: format!("status {status} to a revocation") })
}
