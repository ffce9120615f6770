//! Every way to be somebody, behind one question: a token, please.

use super::{Error, Reach, ScopeSet, Session};
use crate::{chat::methods::CredentialKind, secret::Secret};

/// A credential in force.
pub enum Credential<'a> {
    /// A ready access token, from the environment: nothing is known of it, and nothing can renew it.
    Ready(Secret),
    /// A stored sign-in.
    Profile(Box<Session<'a>>),
}

impl Credential<'_> {
    /// An access token; not `rejected` again, which Google has refused. `None`: there's no other.
    pub async fn token(&self, reach: Reach<'_>, rejected: Option<&Secret>) -> Result<Option<Secret>, Error> {
        match self {
            Credential::Ready(token) => Ok((rejected != Some(token)).then(|| token.clone())),
            Credential::Profile(session) => Ok(Some(session.token(reach, rejected).await?.token)),
        }
    }

    /// What was granted; `None` where only Google knows.
    pub fn granted(&self) -> Option<ScopeSet> {
        match self {
            Credential::Ready(_) => None,
            Credential::Profile(session) => Some(session.scopes()),
        }
    }

    /// Which of the method table's columns applies; `None` where only Google knows.
    pub fn kind(&self) -> Option<CredentialKind> {
        match self {
            Credential::Ready(_) => None,
            Credential::Profile(_) => Some(CredentialKind::User),
        }
    }
}
