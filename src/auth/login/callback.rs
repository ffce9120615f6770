//! Reading the answer of the authorization endpoint: ours, or nothing.

use std::sync::Arc;

use url::{Url, form_urlencoded};

use super::LoginError;
use crate::{secret::Secret, transport::Endpoints};

/// What the answer to our own question has to hold.
#[derive(Clone)]
pub(super) struct Expected(Arc<Parts>);

struct Parts {
    state: Secret,
    endpoints: Endpoints,
}

/// An answer that holds our state.
#[derive(Debug)]
pub(super) enum Answer {
    Code(Secret),
    Refused(LoginError),
    /// It says that another server gave it (RFC 9207): a mix-up, which must change nothing.
    Foreign {
        issuer: String,
    },
}

impl Expected {
    pub(super) fn new(state: &str, endpoints: Endpoints) -> Self {
        Expected(Arc::new(Parts { state: Secret::new(state), endpoints }))
    }

    /// Reads a redirect's query. Without our state, or with anything said twice, it's somebody else's, and
    /// nothing (RFC 6749 section 3.1: parameters must not be repeated).
    pub(super) fn read(&self, query: &str) -> Option<Answer> {
        let mut once = Once::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            once.put(&name, &value)?;
        }
        if !self.0.state.matches(once.state.as_deref()?) {
            return None;
        }
        if let Some(issuer) = once.iss.filter(|issuer| !self.0.endpoints.is_issuer(issuer)) {
            return Some(Answer::Foreign { issuer });
        }
        match (once.code, once.error) {
            (Some(code), None) if !code.is_empty() => Some(Answer::Code(Secret::new(code))),
            (None, Some(error)) if error == "access_denied" => Some(Answer::Refused(LoginError::Denied)),
            (None, Some(code)) if !code.is_empty() => {
                Some(Answer::Refused(LoginError::Refused { code, description: once.error_description }))
            }
            _ => None,
        }
    }

    /// Reads the address that a browser ended at, as pasted.
    pub(super) fn read_pasted(&self, line: &str) -> Option<Answer> {
        let bare = line.trim().trim_matches(['"', '\'', '<', '>']);
        // Browsers show, and copy, addresses without the scheme.
        let whole = if bare.contains("://") { bare.to_owned() } else { format!("http://{bare}") };
        let address = Url::parse(&whole).ok()?;
        self.read(address.query()?)
    }
}

#[derive(Default)]
struct Once {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    iss: Option<String>,
}

impl Once {
    /// `None` if the parameter was there already.
    fn put(&mut self, name: &str, value: &str) -> Option<()> {
        let slot = match name {
            "state" => &mut self.state,
            "code" => &mut self.code,
            "error" => &mut self.error,
            "error_description" => &mut self.error_description,
            "iss" => &mut self.iss,
            _ => return Some(()),
        };
        slot.replace(value.to_owned()).is_none().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_an_answer_to_our_own_question() {
        let expected = Expected::new("S", Endpoints::google());
        let code = |query: &str| match expected.read(query) {
            Some(Answer::Code(code)) => Some(code.expose().to_owned()),
            _ => None,
        };
        assert_eq!(code("state=S&code=C&scope=x").as_deref(), Some("C"));
        assert_eq!(code("state=S&code=C&iss=https%3A%2F%2Faccounts.google.com").as_deref(), Some("C"));
        for bad in [
            "",
            "code=C",
            "state=&code=C",
            "state=s&code=C",
            "state=SS&code=C",
            "state=S&state=S&code=C",
            "state=S&code=C&code=C",
            "state=S&code=",
            "state=S",
            "state=S&code=C&error=access_denied",
            "state=S&error=",
        ] {
            assert!(expected.read(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn another_servers_answer_is_told_as_such() {
        let expected = Expected::new("S", Endpoints::google());
        for (query, wanted) in [
            ("state=S&code=C&iss=https%3A%2F%2Fevil.example", "https://evil.example"),
            (
                "state=S&error=access_denied&iss=https%3A%2F%2Faccounts.google.com%2F",
                "https://accounts.google.com/",
            ),
            ("state=S&code=C&iss=", ""),
        ] {
            let answer = expected.read(query);
            assert!(matches!(answer, Some(Answer::Foreign { issuer }) if issuer == wanted), "{query}");
        }
        assert!(expected.read("state=X&code=C&iss=https%3A%2F%2Fevil.example").is_none());
    }

    #[test]
    fn tells_refusals_apart() {
        let expected = Expected::new("S", Endpoints::google());
        let refusal = |query: &str| match expected.read(query) {
            Some(Answer::Refused(error)) => error.to_string(),
            _ => String::new(),
        };
        assert_eq!(refusal("error=access_denied&state=S"), "consent was refused in the browser");
        assert_eq!(
            refusal("error=admin_policy_enforced&error_description=No&state=S"),
            "Google refused the sign-in: admin_policy_enforced (No)"
        );
        assert_eq!(refusal("error=access_denied&state=X"), "");
    }

    #[test]
    fn reads_a_pasted_address() {
        let expected = Expected::new("S", Endpoints::google());
        assert!(expected.read_pasted(" http://127.0.0.1:40001/?state=S&code=C \n").is_some());
        assert!(expected.read_pasted("\"127.0.0.1:40001/?state=S&code=C\"").is_some());
        for bad in
            ["", "C", "state=S&code=C", "http://127.0.0.1:40001/", "http://127.0.0.1:40001/?state=X&code=C"]
        {
            assert!(expected.read_pasted(bad).is_none(), "{bad:?}");
        }
    }
}
