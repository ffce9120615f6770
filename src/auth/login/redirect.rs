//! Where the browser is sent back to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::LoginError;
use crate::store::{ClientKind, OAuthClient};

/// How the redirect URI is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectChoice {
    /// A desktop client: `127.0.0.1` and this port, or any free one (RFC 8252 section 7.3).
    Loopback { port: Option<u16> },
    /// Exactly this one.
    Exact(RedirectUri),
}

/// A redirect URI that can be served here: http, on a loopback host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    pub(super) host: LoopbackHost,
    pub(super) port: u16,
    pub(super) path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LoopbackHost {
    V4(Ipv4Addr),
    V6,
    /// Either loopback: the browser decides.
    Localhost,
}

impl LoopbackHost {
    pub(super) fn addresses(self) -> Vec<IpAddr> {
        match self {
            LoopbackHost::V4(address) => vec![address.into()],
            LoopbackHost::V6 => vec![Ipv6Addr::LOCALHOST.into()],
            LoopbackHost::Localhost => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        }
    }
}

impl RedirectUri {
    pub fn parse(text: &str) -> Result<Self, LoginError> {
        let wrong = |problem| LoginError::RedirectUri { text: text.to_owned(), problem };
        let url = Url::parse(text).map_err(|_| wrong("it is not an address"))?;
        if url.scheme() != "http" {
            return Err(wrong("it must start with http://, as only this machine is asked"));
        }
        let host = match url.host() {
            Some(Host::Ipv4(address)) if address.is_loopback() => LoopbackHost::V4(address),
            Some(Host::Ipv6(Ipv6Addr::LOCALHOST)) => LoopbackHost::V6,
            Some(Host::Domain("localhost")) => LoopbackHost::Localhost,
            _ => return Err(wrong("its host must be localhost, 127.0.0.1 or [::1]")),
        };
        if !url.username().is_empty()
            || url.password().is_some()
            || url.fragment().is_some()
            || url.query().is_some()
        {
            return Err(wrong("it must not have a user, a query or a fragment"));
        }
        let port = url.port().unwrap_or(80);
        Ok(RedirectUri { text: text.to_owned(), host, port, path: url.path().to_owned() })
    }

    /// As it was written: Google compares it letter by letter.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl RedirectChoice {
    /// The choice for a client, from what was asked for.
    pub fn new(
        client: &OAuthClient,
        redirect_uri: Option<&str>,
        port: Option<u16>,
    ) -> Result<Self, LoginError> {
        if let Some(text) = redirect_uri {
            return RedirectUri::parse(text).map(RedirectChoice::Exact);
        }
        if client.kind == ClientKind::Installed {
            return Ok(RedirectChoice::Loopback { port });
        }
        client
            .redirect_uris
            .iter()
            .filter_map(|text| RedirectUri::parse(text).ok())
            .find(|uri| port.is_none_or(|port| uri.port == port))
            .map(RedirectChoice::Exact)
            .ok_or(LoginError::NoLoopbackRedirect { port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serves_loopback_only() {
        let uri = RedirectUri::parse("http://localhost:3000").unwrap();
        assert_eq!((uri.as_str(), uri.port, uri.path.as_str()), ("http://localhost:3000", 3000, "/"));
        assert_eq!(RedirectUri::parse("http://[::1]:8085/callback").unwrap().path, "/callback");
        for bad in [
            "https://localhost:3000",
            "http://example.com/",
            "http://localhost.example.com/",
            "localhost:3000",
            "http://u@localhost/",
            "http://localhost/?a=b",
            "http://localhost/#x",
            "http://10.0.0.1/",
            "",
            "urn:ietf:wg:oauth:2.0:oob",
        ] {
            assert!(RedirectUri::parse(bad).is_err(), "{bad:?}");
        }
    }
}
