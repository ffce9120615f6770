//! A sign-in that didn't come about.

use thiserror::Error;

#[derive(Debug, Error)]
pub enum LoginError {
    #[error("consent was refused in the browser")]
    Denied,
    /// Another error of the authorization endpoint (RFC 6749 section 4.1.2.1).
    #[error("Google refused the sign-in: {code}{}", description.as_ref().map(|text| format!(" ({text})")).unwrap_or_default())]
    Refused { code: String, description: Option<String> },
    #[error("nobody answered the sign-in for {0} s")]
    TimedOut(u64),
    #[error("cannot listen for the answer on {address}: {source}")]
    Listen { address: String, source: std::io::Error },
    #[error("{text:?} cannot be the redirect URI of a sign-in here: {problem}")]
    RedirectUri { text: String, problem: &'static str },
    #[error("this web client has no loopback redirect URI{}", port.map(|port| format!(" on port {port}")).unwrap_or_default())]
    NoLoopbackRedirect { port: Option<u16> },
    #[error("signed in as {}, but {wanted} was asked for; nothing was stored", got.as_deref().unwrap_or("an unknown account"))]
    WrongAccount { wanted: String, got: Option<String> },
    #[error("Google gave no refresh token, so the sign-in would end within the hour; nothing was stored")]
    NoRefreshToken,
}
