//! OAuth scopes as Google writes them.

use std::{collections::BTreeSet, fmt};

use thiserror::Error;
use url::{Host, Url};

const PREFIX: &str = "https://www.googleapis.com/auth/";

/// A scope in its whole form: what Google's answers hold, whatever short name was asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope(String);

#[derive(Debug, Error, PartialEq, Eq)]
#[error("{text:?} is not a Google scope: {problem}")]
pub struct ScopeError {
    text: String,
    problem: &'static str,
}

impl Scope {
    /// Parses a short name (`chat.spaces`, `calendar.events`), an OpenID Connect one, or a whole URL.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let wrong = |problem| ScopeError { text: text.to_owned(), problem };
        match text {
            "" => return Err(wrong("it is empty")),
            "openid" => return Ok(Scope(text.to_owned())),
            // Google's answers have the long form of these two (OpenID Connect page).
            "email" | "profile" => return Ok(Scope(format!("{PREFIX}userinfo.{text}"))),
            _ => {}
        }
        if !text.contains(':') {
            let plain =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '/');
            if !text.chars().all(plain) || text.starts_with('.') || text.ends_with('.') {
                return Err(wrong("a short name has lower-case letters, digits and dots"));
            }
            return Ok(Scope(format!("{PREFIX}{text}")));
        }
        let url = Url::parse(text).map_err(|_| wrong("it is neither a short name nor a URL"))?;
        let is_google = match url.host() {
            Some(Host::Domain(host)) => {
                host.ends_with(".googleapis.com")
                    || host.ends_with(".google.com")
                    || host == "www.googleapis.com"
            }
            _ => false,
        };
        if url.scheme() != "https" || !is_google || url.port().is_some() || url.username() != "" {
            return Err(wrong(
                "its host is not one of Google's, such as https://www.googleapis.com/auth/chat.spaces",
            ));
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\\'))
            || !text.is_ascii()
        {
            return Err(wrong("it has characters that no scope has (RFC 6749 section 3.3)"));
        }
        // The rewritten form: a proxy's host in front of the real address.
        if url.path().contains("://") || url.path().contains(":443") {
            return Err(wrong("it has another address inside; write https://www.googleapis.com/auth/…"));
        }
        Ok(Scope(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The short name, as the flags take it.
    pub fn short(&self) -> &str {
        self.0.strip_prefix(PREFIX).unwrap_or(&self.0)
    }

    /// Whether this scope gives all that `other` gives. Google's names say so: `chat.messages` covers
    /// `chat.messages.readonly` (a test holds that against the method table).
    pub fn covers(&self, other: &Scope) -> bool {
        self == other || other.0.strip_prefix(self.0.as_str()).is_some_and(|rest| rest.starts_with('.'))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A set of scopes, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(BTreeSet<Scope>);

impl ScopeSet {
    /// What `login` asks for by default: enough to create spaces, add people and post; none is restricted.
    pub fn sign_in() -> Self {
        const NAMES: [&str; 5] =
            ["chat.spaces", "chat.memberships", "chat.messages.create", "openid", "email"];
        NAMES.iter().filter_map(|name| Scope::parse(name).ok()).collect()
    }

    /// Parses names separated by commas or spaces.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        text.split([',', ' ']).filter(|name| !name.is_empty()).map(Scope::parse).collect()
    }

    /// What a token reply or a store file says was granted. What isn't a scope there is no grant either.
    pub fn granted<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().filter_map(|name| Scope::parse(name).ok()).collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn union(&self, other: &ScopeSet) -> ScopeSet {
        self.0.union(&other.0).cloned().collect()
    }

    /// Whether one of these scopes gives what `wanted` gives.
    pub fn covers(&self, wanted: &Scope) -> bool {
        self.0.iter().any(|scope| scope.covers(wanted))
    }

    /// These and those of `added` that they don't cover: no box on the consent page for nothing.
    pub fn plus(&self, added: &ScopeSet) -> ScopeSet {
        self.union(&self.missing(added))
    }

    /// Those of `wanted` that nothing here covers.
    pub fn missing(&self, wanted: &ScopeSet) -> ScopeSet {
        wanted.iter().filter(|scope| !self.covers(scope)).cloned().collect()
    }

    /// Separated by spaces, as on the wire (RFC 6749 section 3.3).
    pub fn to_parameter(&self) -> String {
        self.0.iter().map(Scope::as_str).collect::<Vec<_>>().join(" ")
    }

    /// Short names separated by commas, as the flags take them.
    pub fn to_flag(&self) -> String {
        self.0.iter().map(Scope::short).collect::<Vec<_>>().join(",")
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        ScopeSet(scopes.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::methods::{METHODS, SCOPES};

    #[test]
    fn names_are_normalised() {
        let set =
            ScopeSet::parse("email,chat.spaces https://www.googleapis.com/auth/chat.spaces,openid").unwrap();
        assert_eq!(set.to_flag(), "chat.spaces,userinfo.email,openid");
        assert_eq!(Scope::parse("https://mail.google.com/").unwrap().short(), "https://mail.google.com/");
    }

    #[test]
    fn refuses_what_is_not_googles() {
        for bad in [
            "",
            "https://2.gy-118.workers.dev/:443/https/www.googleapis.com/auth/chat.spaces",
            "http://www.googleapis.com/auth/chat.spaces",
            "https://www.googleapis.com.evil.example/auth/chat.spaces",
            "https://user@www.googleapis.com/auth/chat.spaces",
            "https://www.googleapis.com:8443/auth/chat.spaces",
            "https://evilgoogleapis.com/auth/x",
            "Chat.Spaces",
            "chat.spaces\n",
            "https://www.googleapis.com/auth/a b",
        ] {
            assert!(Scope::parse(bad).is_err(), "{bad:?}");
        }
    }

    /// `covers` goes by the names alone, so the method table has to agree.
    #[test]
    fn a_covering_scope_is_taken_wherever_the_covered_one_is() {
        for broad in SCOPES {
            for narrow in SCOPES {
                let covers = |a: &str, b: &str| Scope::parse(a).unwrap().covers(&Scope::parse(b).unwrap());
                if broad.name == narrow.name || !covers(broad.name, narrow.name) {
                    continue;
                }
                for method in METHODS {
                    let taken = |name| method.auth.user.contains(&name) || method.auth.admin.contains(&name);
                    assert!(
                        !taken(narrow.name) || taken(broad.name),
                        "{}: {} {}",
                        method.id,
                        broad.name,
                        narrow.name
                    );
                }
            }
        }
    }
}
