//! Why somebody isn't signed in.

use thiserror::Error;

use super::login::LoginError;
use crate::{store, transport};

#[derive(Debug, Error)]
pub enum Error {
    #[error(transparent)]
    Login(#[from] LoginError),
    #[error("there is no profile named {0}")]
    NoSuchProfile(store::ProfileName),
    /// A stored sign-in that Google no longer takes.
    #[error("Google no longer takes the sign-in of profile {profile}: {answer}")]
    SignInDead { profile: store::ProfileName, answer: TokenEndpointError },
    /// A token endpoint's refusal, other than of a stored sign-in.
    #[error("{0}")]
    Refused(TokenEndpointError),
    /// An answer that isn't what the endpoint has to give.
    #[error("{host} gave an answer that cannot be used: {problem}")]
    BadAnswer { host: String, status: Option<u16>, problem: String },
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Transport(#[from] transport::Error),
}

/// RFC 6749 section 5.2, with Google's `error_subtype`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{code}{}", description.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
pub struct TokenEndpointError {
    pub status: u16,
    pub code: String,
    pub subtype: Option<String>,
    pub description: Option<String>,
}

impl TokenEndpointError {
    /// The sign-in cannot be mended by trying again, only by a new one.
    pub fn ends_sign_in(&self) -> bool {
        matches!(
            self.code.as_str(),
            "invalid_grant"
                | "invalid_client"
                | "deleted_client"
                | "disabled_client"
                | "unauthorized_client"
                | "admin_policy_enforced"
                | "org_internal"
                | "access_denied"
        )
    }
}
