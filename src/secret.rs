//! Text that must not be shown: tokens, codes, client secrets.
//!
//! No `Display`, no `Serialize`, a `Debug` that says nothing, and the memory is wiped. What has to see the
//! text calls `expose`, so that every such place can be found.

use std::fmt;

use zeroize::Zeroizing;

/// A secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Secret(Zeroizing::new(text.into()))
    }

    /// The text itself, to be sent or saved.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text without this secret in it: what a server says may repeat what it was sent.
    pub fn scrub(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(self.0.as_str(), "[redacted]") }
    }

    /// Whether this is `candidate`, in a time that depends on their lengths only.
    pub fn matches(&self, candidate: &str) -> bool {
        let (a, b) = (self.0.as_bytes(), candidate.as_bytes());
        a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y)) == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
