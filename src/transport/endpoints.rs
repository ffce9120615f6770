//! Google's fixed addresses, or the emulator in their place.
//!
//! No file, reply or flag can send a secret to another address: every request starts from here.

use std::net::IpAddr;

use thiserror::Error;
use url::Url;

/// Where Google is: itself, or an emulator on a loopback address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    emulator: Option<EmulatorAddress>,
}

/// `host:port` of an emulator: a loopback address or `localhost`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmulatorAddress {
    host: String,
    port: u16,
}

#[derive(Debug, Error, PartialEq, Eq)]
#[error("{text:?} is not the address of an emulator: {problem}")]
pub struct EmulatorAddressError {
    text: String,
    problem: &'static str,
}

impl EmulatorAddress {
    /// Parses `127.0.0.1:8484`, `[::1]:8484` or `localhost:8484`.
    pub fn parse(text: &str) -> Result<Self, EmulatorAddressError> {
        let wrong = |problem| EmulatorAddressError { text: text.to_owned(), problem };
        let (host, port) = text.rsplit_once(':').ok_or_else(|| wrong("write host:port"))?;
        if text.contains('/') || text.contains('@') {
            return Err(wrong("write host:port, without a scheme, a path or a user"));
        }
        let port = match port.parse() {
            Ok(0) | Err(_) => return Err(wrong("the port is a number from 1 to 65535")),
            Ok(port) => port,
        };
        let address = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        let is_loopback = address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if host != "localhost" && !is_loopback {
            return Err(wrong(
                "the host must be a loopback address or localhost, so that no token leaves this machine",
            ));
        }
        if address.contains(':') && !host.starts_with('[') {
            return Err(wrong("write an IPv6 address in brackets"));
        }
        Ok(EmulatorAddress { host: host.to_owned(), port })
    }

    /// `http://host:port`, as in a browser's address bar.
    pub fn origin(&self) -> String {
        format!("http://{}:{}", self.host, self.port)
    }

    /// A folder name: one store an emulator.
    pub fn folder(&self) -> String {
        let host: String =
            self.host.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
        format!("{host}_{}", self.port)
    }
}

impl std::fmt::Display for EmulatorAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Endpoints {
    pub fn google() -> Self {
        Endpoints { emulator: None }
    }

    pub fn emulator(address: EmulatorAddress) -> Self {
        Endpoints { emulator: Some(address) }
    }

    pub fn emulator_address(&self) -> Option<&EmulatorAddress> {
        self.emulator.as_ref()
    }

    /// The authorization endpoint, for the browser.
    pub fn authorization(&self) -> Url {
        self.at("https://accounts.google.com/o/oauth2/v2/auth")
    }

    pub fn token(&self) -> Url {
        self.at("https://oauth2.googleapis.com/token")
    }

    pub fn revocation(&self) -> Url {
        self.at("https://oauth2.googleapis.com/revoke")
    }

    pub fn token_info(&self) -> Url {
        self.at("https://oauth2.googleapis.com/tokeninfo")
    }

    pub fn user_info(&self) -> Url {
        self.at("https://openidconnect.googleapis.com/v1/userinfo")
    }

    pub fn chat(&self) -> Url {
        self.at("https://chat.googleapis.com/")
    }

    /// Another of Google's APIs: the address itself, or its path at the emulator. The caller has checked its host.
    pub fn google_api(&self, url: &Url) -> Url {
        let mut moved = url.clone();
        if let Some(address) = &self.emulator {
            let origin = format!("{}{}", address.origin(), &url[url::Position::BeforePath..]);
            moved = Url::parse(&origin).unwrap_or(moved);
        }
        moved
    }

    /// Whether `iss` (RFC 9207) names the server that was asked. An emulator may give Google's name or its own.
    pub fn is_issuer(&self, issuer: &str) -> bool {
        // One port of this machine has several names.
        let here = issuer.strip_prefix("http://").and_then(|name| EmulatorAddress::parse(name).ok());
        let at_emulator = self.emulator.as_ref().zip(here).is_some_and(|(one, other)| one.port == other.port);
        issuer == "https://accounts.google.com" || at_emulator
    }

    /// One of Google's addresses, at the emulator if there is one: same path, other origin.
    fn at(&self, google: &'static str) -> Url {
        #[expect(
            clippy::expect_used,
            reason = "the callers' addresses are constants, and a test parses them all"
        )]
        let url = Url::parse(google).expect("a constant address parses");
        match &self.emulator {
            None => url,
            Some(address) => {
                #[expect(
                    clippy::expect_used,
                    reason = "host and port were checked by `EmulatorAddress::parse`"
                )]
                let origin = Url::parse(&address.origin()).expect("a checked address parses");
                origin.join(url.path()).unwrap_or(origin)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulator_is_on_this_machine() {
        for good in ["127.0.0.1:8484", "[::1]:1", "localhost:65535", "127.9.9.9:80"] {
            assert_eq!(EmulatorAddress::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:0",
            "127.0.0.1:65536",
            "10.0.0.1:80",
            "example.com:80",
            "localhost.example.com:80",
            "http://127.0.0.1:80",
            "127.0.0.1:80/",
            "a@127.0.0.1:80",
            "::1:80",
            "127.0.0.1.nip.io:80",
            "0.0.0.0:80",
            "[::1:80",
            "127.1:80",
        ] {
            assert!(EmulatorAddress::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn issuers_are_google_or_the_emulator() {
        let emulator = Endpoints::emulator(EmulatorAddress::parse("localhost:8484").unwrap());
        for issuer in ["https://accounts.google.com", "http://localhost:8484", "http://127.0.0.1:8484"] {
            assert!(emulator.is_issuer(issuer), "{issuer}");
        }
        for issuer in [
            "",
            "http://localhost:8485",
            "https://localhost:8484",
            "http://evil.example:8484",
            "http://localhost:8484/",
        ] {
            assert!(!emulator.is_issuer(issuer), "{issuer}");
        }
        assert!(Endpoints::google().is_issuer("https://accounts.google.com"));
        assert!(!Endpoints::google().is_issuer("http://localhost:8484"));
    }

    #[test]
    fn paths_stay_and_the_origin_changes() {
        let emulator = Endpoints::emulator(EmulatorAddress::parse("localhost:8484").unwrap());
        let google = Endpoints::google();
        for (at_google, at_emulator) in [
            (google.authorization(), emulator.authorization()),
            (google.token(), emulator.token()),
            (google.revocation(), emulator.revocation()),
            (google.token_info(), emulator.token_info()),
            (google.user_info(), emulator.user_info()),
            (google.chat(), emulator.chat()),
        ] {
            assert_eq!(at_google.scheme(), "https");
            assert_eq!(at_emulator.origin().ascii_serialization(), "http://localhost:8484");
            assert_eq!(at_google.path(), at_emulator.path());
        }
    }
}
