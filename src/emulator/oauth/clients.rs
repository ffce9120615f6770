//! The OAuth clients: one of each kind that a command line can use, both of one Cloud project.

use serde_json::json;
use url::{Host, Url};

/// The number of the Cloud project that both clients, and so the Chat app, belong to.
pub const PROJECT_NUMBER: &str = "100000000001";
const PROJECT_ID: &str = "chatauth-emulator";
/// What the consent screen calls the app.
pub const APP_NAME: &str = "Emulated Chat app";

pub struct Client {
    pub id: &'static str,
    /// Fixed, so that a client file stays good when the emulator starts again.
    pub secret: &'static str,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Desktop,
    Web,
}

pub static DESKTOP: Client = Client {
    id: "100000000001-emulateddesktopclient.apps.googleusercontent.com",
    secret: "GOCSPX-emulated-desktop",
    kind: Kind::Desktop,
};

pub static WEB: Client = Client {
    id: "100000000001-emulatedwebclient.apps.googleusercontent.com",
    secret: "GOCSPX-emulated-web",
    kind: Kind::Web,
};

/// What the web client has registered, matched character for character.
pub const WEB_REDIRECT_URIS: &[&str] = &[
    "http://localhost:8085/",
    "http://localhost:8085/callback",
    "http://127.0.0.1:8085/",
    "http://127.0.0.1:8085/callback",
    "https://example.com/callback",
];

impl Client {
    pub fn find(id: &str) -> Option<&'static Client> {
        [&DESKTOP, &WEB].into_iter().find(|client| client.id == id)
    }

    /// The file that the Cloud console would give. It names Google's own addresses, as the real one does.
    pub fn secrets_file(&self) -> String {
        let (kind, redirect_uris) = match self.kind {
            Kind::Desktop => ("installed", &["http://localhost"] as &[&str]),
            Kind::Web => ("web", WEB_REDIRECT_URIS),
        };
        let file = json!({ kind: {
            "client_id": self.id,
            "project_id": PROJECT_ID,
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": "https://oauth2.googleapis.com/token",
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "client_secret": self.secret,
            "redirect_uris": redirect_uris,
        }});
        file.to_string()
    }

    /// Desktop clients may use any port and path of a loopback address, web clients only what they registered.
    pub fn allows_redirect(&self, redirect_uri: &str) -> bool {
        match self.kind {
            Kind::Web => WEB_REDIRECT_URIS.contains(&redirect_uri),
            Kind::Desktop => Url::parse(redirect_uri).is_ok_and(|url| {
                let loopback = match url.host() {
                    Some(Host::Domain(name)) => name == "localhost",
                    Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
                    Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
                    None => false,
                };
                let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
                url.scheme() == "http" && loopback && plain
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn desktop_redirects_stay_on_loopback() {
        for good in ["http://127.0.0.1:9", "http://localhost", "http://[::1]:80/x?y", "http://127.0.0.1:1/cb"]
        {
            assert!(DESKTOP.allows_redirect(good), "{good}");
        }
        for bad in [
            "https://127.0.0.1:9",
            "http://example.com",
            "http://localhost.example.com",
            "http://a@localhost/",
            "http://localhost/#x",
            "urn:ietf:wg:oauth:2.0:oob",
            "",
        ] {
            assert!(!DESKTOP.allows_redirect(bad), "{bad}");
        }
    }

    #[test]
    fn web_redirects_match_exactly() {
        assert!(WEB.allows_redirect("http://localhost:8085/"));
        for bad in ["http://localhost:8085", "http://localhost:8085/x", "http://LOCALHOST:8085/"] {
            assert!(!WEB.allows_redirect(bad), "{bad}");
        }
    }
}
