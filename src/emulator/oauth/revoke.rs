//! `POST /revoke`: ends all that the token's owner allowed the project.

use http::Method;
use serde_json::json;

use super::{
    super::{reply::Reply, request::Request, state::State},
    error::OauthError,
    parameters::Parameters,
};

pub fn revoke(state: &mut State, request: &Request) -> Reply {
    if request.method != Method::POST {
        return OauthError::new(405, "invalid_request", "Request method must be POST").reply();
    }
    // Google's own samples put the token in the query of the POST.
    let mut pairs = request.query();
    pairs.extend(request.form().unwrap_or_default());
    let Ok(parameters) = Parameters::new(pairs) else {
        return OauthError::invalid_request("Bad Request").reply();
    };
    let Some(token) = parameters.get("token") else {
        return OauthError::invalid_request("Missing required parameter: token").reply();
    };
    let now = state.now();
    if state.grants.revoke(token, now) {
        Reply::json(200, &json!({}))
    } else {
        OauthError::new(400, "invalid_token", "Token expired or revoked").reply()
    }
}
