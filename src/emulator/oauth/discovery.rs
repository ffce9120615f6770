//! The metadata of OpenID Connect Discovery and RFC 8414, with the emulator's own addresses.

use serde_json::json;

use super::super::{reply::Reply, request::Request};

pub fn discovery(request: &Request) -> Reply {
    let origin = request.origin();
    let at = |path: &str| format!("{origin}{path}");
    let body = json!({
        "issuer": origin,
        "authorization_endpoint": at("/o/oauth2/v2/auth"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/v1/userinfo"),
        "revocation_endpoint": at("/revoke"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    Reply::json(200, &body)
}
