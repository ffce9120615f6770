//! `client_secrets.json`, as the Google Cloud console gives it for a desktop or web client.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::{
    secret::Secret,
    store::{ClientKind, OAuthClient},
    transport::Endpoints,
};

/// Far above any client file.
pub const LARGEST: usize = 1024 * 1024;

#[derive(Debug, Error, PartialEq, Eq)]
pub enum ClientFileError {
    #[error("it is empty")]
    Empty,
    #[error("it is larger than 1 MiB")]
    TooLarge,
    #[error("it is not UTF-8 text{}", if *utf16 { " but UTF-16" } else { "" })]
    NotUtf8 { utf16: bool },
    #[error("it holds NUL bytes, so it is damaged or not UTF-8 text")]
    Nul,
    #[error("it is not JSON: {what} (line {line}, column {column})")]
    NotJson { what: String, line: usize, column: usize },
    #[error("it is JSON, but not an object")]
    NotAnObject,
    /// The words of Google's own samples for a file with neither key, which people search for.
    #[error("Expected a JSON object with a single property for a \"web\" or \"installed\" application")]
    NeitherKey { looks_like: LooksLike },
    #[error("it has both \"web\" and \"installed\"")]
    BothKeys,
    #[error("its field {0} is missing")]
    Missing(String),
    #[error("its field {0} is empty")]
    EmptyField(String),
    #[error("its field {field} is {found}, and must be {expected}")]
    WrongType { field: String, found: &'static str, expected: &'static str },
    #[error(
        "its field {0} is missing: Android, iOS, Chrome and UWP clients have none, and cannot do this sign-in"
    )]
    NoSecret(String),
    #[error("its field {field} is not an address of Google's sign-in: {address}")]
    ForeignEndpoint { field: String, address: String },
}

/// What a file without either key seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LooksLike {
    Token,
    ServiceAccount,
    AuthorizedUser,
    Unknown,
}

/// Reads a client file's bytes. With an emulator in force its own addresses are taken too, and neither they nor
/// Google's are used: requests go to the endpoints, whatever the file says.
pub fn read_client_file(bytes: &[u8], endpoints: &Endpoints) -> Result<OAuthClient, ClientFileError> {
    if bytes.len() > LARGEST {
        return Err(ClientFileError::TooLarge);
    }
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let text = std::str::from_utf8(bytes).map_err(|_| ClientFileError::NotUtf8 { utf16 })?;
    // A byte order mark is no part of the text (RFC 8259 section 8.1 lets a parser ignore it).
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(ClientFileError::Empty);
    }
    if text.contains('\0') {
        return Err(ClientFileError::Nul);
    }
    let value: Value = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    let Value::Object(object) = value else { return Err(ClientFileError::NotAnObject) };
    let (kind, key) = match (object.contains_key("installed"), object.contains_key("web")) {
        (true, false) => (ClientKind::Installed, "installed"),
        (false, true) => (ClientKind::Web, "web"),
        (true, true) => return Err(ClientFileError::BothKeys),
        (false, false) => return Err(ClientFileError::NeitherKey { looks_like: looks_like(&object) }),
    };
    let fields = match &object[key] {
        Value::Object(fields) => fields,
        other => return Err(wrong_type(key, other, "an object")),
    };
    Fields { key, fields }.read(kind, endpoints)
}

struct Fields<'a> {
    key: &'static str,
    fields: &'a Map<String, Value>,
}

impl Fields<'_> {
    fn read(&self, kind: ClientKind, endpoints: &Endpoints) -> Result<OAuthClient, ClientFileError> {
        let client_id =
            self.text("client_id")?.ok_or_else(|| ClientFileError::Missing(self.path("client_id")))?;
        for field in ["auth_uri", "token_uri"] {
            if let Some(address) = self.text(field)?
                && !is_known(&address, endpoints)
            {
                return Err(ClientFileError::ForeignEndpoint { field: self.path(field), address });
            }
        }
        let secret = self
            .text("client_secret")?
            .ok_or_else(|| ClientFileError::NoSecret(self.path("client_secret")))?;
        Ok(OAuthClient {
            kind,
            client_id,
            client_secret: Some(Secret::new(secret)),
            project_id: self.text("project_id")?,
            redirect_uris: self.list("redirect_uris")?,
        })
    }

    /// A text field; absent is `None`, and so is nothing else.
    fn text(&self, field: &str) -> Result<Option<String>, ClientFileError> {
        match self.fields.get(field) {
            None => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => {
                Err(ClientFileError::EmptyField(self.path(field)))
            }
            Some(Value::String(text)) if text.contains(|c: char| c.is_whitespace() || c.is_control()) => {
                Err(ClientFileError::WrongType {
                    field: self.path(field),
                    found: "text with white space or control characters",
                    expected: "text without",
                })
            }
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(wrong_type(&self.path(field), other, "text")),
        }
    }

    fn list(&self, field: &str) -> Result<Vec<String>, ClientFileError> {
        let wrong = |found: &Value| wrong_type(&self.path(field), found, "a list of texts");
        match self.fields.get(field) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => {
                items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(|| wrong(item))).collect()
            }
            Some(other) => Err(wrong(other)),
        }
    }

    fn path(&self, field: &str) -> String {
        format!("{}.{field}", self.key)
    }
}

/// serde's words for what is wrong, without their place: of a syntax error they quote nothing of the file.
fn not_json(error: &serde_json::Error) -> ClientFileError {
    let words = error.to_string();
    let what = words.split(" at line ").next().unwrap_or_default().to_owned();
    ClientFileError::NotJson { what, line: error.line(), column: error.column() }
}

fn wrong_type(field: &str, found: &Value, expected: &'static str) -> ClientFileError {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    ClientFileError::WrongType { field: field.to_owned(), found, expected }
}

fn looks_like(object: &Map<String, Value>) -> LooksLike {
    match object.get("type").and_then(Value::as_str) {
        Some("service_account") => LooksLike::ServiceAccount,
        Some("authorized_user") => LooksLike::AuthorizedUser,
        _ if object.contains_key("access_token")
            || object.contains_key("refresh_token")
            || object.contains_key("token") =>
        {
            LooksLike::Token
        }
        _ => LooksLike::Unknown,
    }
}

/// Google's sign-in hosts, spelled exactly so: the secret goes to the fixed endpoints in any case, but a file
/// that says otherwise was tampered with or isn't Google's.
fn is_known(address: &str, endpoints: &Endpoints) -> bool {
    const GOOGLE: [&str; 3] =
        ["https://accounts.google.com/", "https://oauth2.googleapis.com/", "https://www.googleapis.com/"];
    let at_google =
        GOOGLE.iter().any(|prefix| address.starts_with(prefix)) && url::Url::parse(address).is_ok();
    let at_emulator = endpoints.emulator_address().is_some()
        && url::Url::parse(address).is_ok_and(|url| {
            url.scheme() == "http"
                && match url.host() {
                    Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
                    Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
                    Some(url::Host::Domain(name)) => name == "localhost",
                    None => false,
                }
        });
    at_google || at_emulator
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<OAuthClient, ClientFileError> {
        read_client_file(text.as_bytes(), &Endpoints::google())
    }

    #[test]
    fn reads_both_kinds() {
        let file =
            parse(r#"{"web":{"client_id":"i","client_secret":"s","redirect_uris":["http://localhost:1/"]}}"#)
                .unwrap();
        assert_eq!((file.kind, file.redirect_uris.len()), (ClientKind::Web, 1));
        let marked = "\u{feff}{\"installed\":{\"client_id\":\"i\",\"client_secret\":\"s\"}}";
        assert_eq!(parse(marked).unwrap().kind, ClientKind::Installed);
    }

    #[test]
    fn recognises_the_guides_own_mistake() {
        let found = parse(r#"{"token":"ya29.x","refresh_token":"1//x"}"#).unwrap_err();
        assert_eq!(found, ClientFileError::NeitherKey { looks_like: LooksLike::Token });
        let found = parse(r#"{"type":"service_account"}"#).unwrap_err();
        assert_eq!(found, ClientFileError::NeitherKey { looks_like: LooksLike::ServiceAccount });
    }
}
