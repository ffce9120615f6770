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
    #[error("Google refused to give a token: {0}")]
    Refused(TokenEndpointError),
    /// Google has replaced the refresh token, the old one may be dead, and the new one is lost.
    #[error(
        "Google has replaced the refresh token of profile {profile}, and the new one cannot be saved: {source}"
    )]
    RotationLost { profile: store::ProfileName, source: store::Error },
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

/// The codes of failures that are Google's own and pass, whatever their status.
pub(super) fn is_passing(code: &str) -> bool {
    matches!(code, "internal_failure" | "server_error" | "temporarily_unavailable")
}

impl TokenEndpointError {
    /// Google's own trouble, not this sign-in's.
    pub fn is_passing(&self) -> bool {
        self.status >= 500 || is_passing(&self.code) || self.description.as_deref().is_some_and(is_passing)
    }

    /// The sign-in cannot be mended by trying again, only by a new one.
    pub fn ends_sign_in(&self) -> bool {
        let refuses = self.status != 429 && !self.is_passing();
        refuses
            && matches!(
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
