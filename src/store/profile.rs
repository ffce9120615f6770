//! A stored sign-in.

use jiff::Timestamp;

use super::ProfileName;
use crate::secret::Secret;

/// A person's sign-in: the OAuth client it was made with, what was granted, and the tokens.
#[derive(Clone, Debug)]
pub struct Profile {
    pub name: ProfileName,
    pub client: OAuthClient,
    pub account: Account,
    /// The granted scopes, as Google returned them.
    pub scopes: Vec<String>,
    pub refresh_token: Secret,
    /// Only for time-based access and clients in Testing.
    pub refresh_token_expires_at: Option<Timestamp>,
    pub access_token: Option<AccessToken>,
    pub signed_in_at: Timestamp,
}

/// What of a client file a refresh needs, so that the file isn't needed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthClient {
    pub kind: ClientKind,
    pub client_id: String,
    pub client_secret: Option<Secret>,
    pub project_id: Option<String>,
    /// As registered; for a web client nothing else may be used.
    pub redirect_uris: Vec<String>,
}

/// The key of a client file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    Installed,
    Web,
}

/// Who signed in; unknown when `openid` and `email` weren't granted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub email: Option<String>,
    /// Google's own id of the account, which an email can change over.
    pub subject: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    pub token: Secret,
    /// Later than now, where the clock was wrong: then nothing is known of the token's end either.
    pub obtained_at: Timestamp,
    pub expires_at: Timestamp,
}
