//! The store's files as JSON: the only place where a secret is serialized.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessToken, Account, ClientKind, Error, OAuthClient, Profile, ProfileName};
use crate::secret::Secret;

/// The format of both kinds of file. A higher one is another chatauth's, and left alone.
const FORMAT: u64 = 1;

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct ProfileFile {
    version: u64,
    profile: String,
    client: ClientFile,
    account: AccountFile,
    scopes: Vec<String>,
    refresh_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<AccessTokenFile>,
    signed_in_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct ClientFile {
    kind: ClientKindName,
    client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    redirect_uris: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ClientKindName {
    Installed,
    Web,
}

#[derive(Serialize, Deserialize)]
struct AccountFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct AccessTokenFile {
    token: String,
    #[serde(default)]
    obtained_at: Timestamp,
    expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct SettingsFile {
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_profile: Option<String>,
}

/// A file that was copied to another name would be that name's sign-in for everybody but its content.
pub(super) fn read_profile(path: &Path, expected: &ProfileName, bytes: &[u8]) -> Result<Profile, Error> {
    let file: ProfileFile = parse(path, bytes)?;
    // What it says instead isn't told: it can be anything, a secret too.
    if file.profile != expected.as_str() {
        return Err(corrupt(path, &"it is the sign-in of another profile"));
    }
    for (field, text) in [("refresh_token", &file.refresh_token), ("client_id", &file.client.client_id)] {
        if text.is_empty() {
            return Err(corrupt(path, &format_args!("its field {field} is empty")));
        }
    }
    let kind = match file.client.kind {
        ClientKindName::Installed => ClientKind::Installed,
        ClientKindName::Web => ClientKind::Web,
    };
    Ok(Profile {
        name: expected.clone(),
        client: OAuthClient {
            kind,
            client_id: file.client.client_id,
            client_secret: file.client.client_secret.map(Secret::new),
            project_id: file.client.project_id,
            redirect_uris: file.client.redirect_uris,
        },
        account: Account { email: file.account.email, subject: file.account.subject },
        scopes: file.scopes,
        refresh_token: Secret::new(file.refresh_token),
        refresh_token_expires_at: file.refresh_token_expires_at,
        access_token: file.access_token.map(|access| AccessToken {
            token: Secret::new(access.token),
            obtained_at: access.obtained_at,
            expires_at: access.expires_at,
        }),
        signed_in_at: file.signed_in_at,
    })
}

pub(super) fn write_profile(profile: &Profile) -> Vec<u8> {
    let expose = |secret: &Secret| secret.expose().to_owned();
    to_json(&ProfileFile {
        version: FORMAT,
        profile: profile.name.as_str().to_owned(),
        client: ClientFile {
            kind: match profile.client.kind {
                ClientKind::Installed => ClientKindName::Installed,
                ClientKind::Web => ClientKindName::Web,
            },
            client_id: profile.client.client_id.clone(),
            client_secret: profile.client.client_secret.as_ref().map(expose),
            project_id: profile.client.project_id.clone(),
            redirect_uris: profile.client.redirect_uris.clone(),
        },
        account: AccountFile {
            email: profile.account.email.clone(),
            subject: profile.account.subject.clone(),
        },
        scopes: profile.scopes.clone(),
        refresh_token: expose(&profile.refresh_token),
        refresh_token_expires_at: profile.refresh_token_expires_at,
        access_token: profile.access_token.as_ref().map(|access| AccessTokenFile {
            token: expose(&access.token),
            obtained_at: access.obtained_at,
            expires_at: access.expires_at,
        }),
        signed_in_at: profile.signed_in_at,
    })
}

pub(super) fn read_settings(path: &Path, bytes: &[u8]) -> Result<Option<ProfileName>, Error> {
    let file: SettingsFile = parse(path, bytes)?;
    file.active_profile
        .map(|name| ProfileName::parse(&name).map_err(|_| corrupt(path, &"it names no profile")))
        .transpose()
}

pub(super) fn write_settings(active: Option<&ProfileName>) -> Vec<u8> {
    to_json(&SettingsFile { version: FORMAT, active_profile: active.map(|name| name.as_str().to_owned()) })
}

/// The version is read first: what comes after it may look different in a newer file.
fn parse<'b, T: Deserialize<'b>>(path: &Path, bytes: &'b [u8]) -> Result<T, Error> {
    let Versioned { version } =
        serde_json::from_slice(bytes).map_err(|error| corrupt(path, &place(&error)))?;
    if version == 0 {
        return Err(corrupt(path, &"there was no format 0"));
    }
    if version > FORMAT {
        return Err(Error::Newer { path: path.to_owned(), version, known: FORMAT });
    }
    serde_json::from_slice(bytes).map_err(|error| corrupt(path, &place(&error)))
}

/// Where it broke, not on what: serde's own words can quote the file, and the file holds secrets.
fn place(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Data => "not as expected",
        _ => "not JSON",
    };
    format!("{what} at line {} column {}", error.line(), error.column())
}

fn corrupt(path: &Path, detail: &dyn std::fmt::Display) -> Error {
    Error::Corrupt { path: path.to_owned(), detail: detail.to_string() }
}

fn to_json<T: Serialize>(file: &T) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "these structs hold only strings, numbers and times")]
    let mut bytes = serde_json::to_vec_pretty(file).expect("plain structs serialize");
    bytes.push(b'\n');
    bytes
}
