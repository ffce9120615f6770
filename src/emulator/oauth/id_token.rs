//! Id tokens: a JWT of the right shape, whose signature nobody can check.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    accounts::ACCOUNTS,
    grants::Grant,
    scopes::{EMAIL, PROFILE},
};

/// An hour, as Google's.
const LIFETIME: i64 = 3600;

pub fn mint(grant: &Grant, issuer: &str, now: Timestamp, access_token: &str) -> String {
    let header = json!({"alg": "RS256", "kid": "emulator", "typ": "JWT"});
    let account = &ACCOUNTS[grant.account];
    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("iss", json!(issuer));
    claim("azp", json!(grant.client.id));
    claim("aud", json!(grant.client.id));
    claim("sub", json!(account.id));
    if grant.scopes.contains(EMAIL) {
        claim("email", json!(account.email));
        claim("email_verified", json!(true));
    }
    // OpenID Connect Core section 3.1.3.6.
    claim("at_hash", json!(URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16])));
    if grant.scopes.contains(PROFILE) {
        claim("name", json!(account.name));
    }
    claim("iat", json!(now.as_second()));
    claim("exp", json!(now.as_second() + LIFETIME));
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = URL_SAFE_NO_PAD.encode("the emulator signs nothing");
    format!("{}.{}.{signature}", encode(&header), encode(&Value::Object(claims)))
}
