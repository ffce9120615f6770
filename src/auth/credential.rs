//! Every way to be somebody, behind one question: a token, please.

use super::{Error, Reach, ScopeSet, Session};
use crate::{chat::methods::CredentialKind, secret::Secret};

/// A credential in force.
pub enum Credential<'a> {
    /// A ready access token, from the environment: nothing is known of it, and nothing can renew it.
    Ready { token: Secret, origin: String },
    /// A stored sign-in.
    Profile(Box<Session<'a>>),
}

impl Credential<'_> {
    /// An access token for the next call.
    pub async fn token(&self, reach: Reach<'_>) -> Result<Secret, Error> {
        match self {
            Credential::Ready { token, .. } => Ok(token.clone()),
            Credential::Profile(session) => Ok(session.token(reach, None).await?.token),
        }
    }

    /// Another one than `rejected`, which Google has refused; `None` if there's no other.
    pub async fn another_token(&self, reach: Reach<'_>, rejected: &Secret) -> Result<Option<Secret>, Error> {
        match self {
            Credential::Ready { .. } => Ok(None),
            Credential::Profile(session) => Ok(Some(session.token(reach, Some(rejected)).await?.token)),
        }
    }

    /// Where it comes from, for messages.
    pub fn describe(&self) -> String {
        match self {
            Credential::Ready { origin, .. } => origin.clone(),
            Credential::Profile(session) => format!("profile {}", session.name()),
        }
    }

    /// The number of the Cloud project that calls count for: a client id starts with it.
    pub fn project(&self) -> Option<String> {
        let Credential::Profile(session) = self else { return None };
        let profile = session.profile();
        let number = profile.client.client_id.split('-').next()?;
        number.chars().all(|c| c.is_ascii_digit()).then(|| number.to_owned())
    }

    /// What was granted; `None` where only Google knows.
    pub fn granted(&self) -> Option<ScopeSet> {
        match self {
            Credential::Ready { .. } => None,
            Credential::Profile(session) => Some(session.scopes()),
        }
    }

    /// Which of the method table's columns applies; `None` where only Google knows.
    pub fn kind(&self) -> Option<CredentialKind> {
        match self {
            Credential::Ready { .. } => None,
            Credential::Profile(_) => Some(CredentialKind::User),
        }
    }
}
