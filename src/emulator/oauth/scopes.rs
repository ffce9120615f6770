//! Which scopes the consent screen can show, how they are written in full, and what they say to a person.

use std::collections::BTreeSet;

use crate::chat::methods::{CredentialKind, SCOPES};

/// What every Google API's scope begins with.
const PREFIX: &str = "https://www.googleapis.com/auth/";
pub const OPENID: &str = "openid";
pub const EMAIL: &str = "https://www.googleapis.com/auth/userinfo.email";
pub const PROFILE: &str = "https://www.googleapis.com/auth/userinfo.profile";

/// Scopes in full, in no order that a client asked for.
pub type Scopes = BTreeSet<String>;

/// The scopes of a request, or those that cannot be shown.
pub fn parse(text: &str) -> Result<Scopes, Vec<String>> {
    let (mut known, mut unknown) = (Scopes::new(), Vec::new());
    for scope in text.split_ascii_whitespace() {
        match in_full(scope) {
            Some(scope) => {
                known.insert(scope);
            }
            None => unknown.push(scope.to_owned()),
        }
    }
    if unknown.is_empty() { Ok(known) } else { Err(unknown) }
}

/// As Google returns it: `email` is the address of a scope; `None` for what cannot go on the consent screen.
fn in_full(scope: &str) -> Option<String> {
    match scope {
        "openid" => return Some(OPENID.to_owned()),
        "email" => return Some(EMAIL.to_owned()),
        "profile" => return Some(PROFILE.to_owned()),
        _ => {}
    }
    let name = scope.strip_prefix(PREFIX)?;
    let known = if name == "chat" || name.starts_with("chat.") {
        // A Chat app's own scopes have no person who could consent to them.
        SCOPES.iter().any(|facts| facts.name == name && facts.kind != CredentialKind::App)
    } else {
        is_well_formed(name)
    };
    known.then(|| scope.to_owned())
}

/// Of other APIs the emulator has no list.
fn is_well_formed(name: &str) -> bool {
    let end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    end(bytes.first())
        && end(bytes.last())
        && !name.contains("..")
        && bytes
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'))
}

/// The scope's address, for a name as the method table has it.
pub fn address(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// Whether a grant has the scope of this short name.
pub fn contains(scopes: &Scopes, name: &str) -> bool {
    scopes.contains(&address(name))
}

/// Scopes of signing in, that a person cannot untick.
pub fn is_identity(scope: &str) -> bool {
    matches!(scope, OPENID | EMAIL | PROFILE)
}

/// Those of a request that a person ticked; signing in is always part of it.
pub fn narrowed<'a>(asked: &Scopes, ticked: impl IntoIterator<Item = &'a str>) -> Scopes {
    let ticked: Scopes =
        ticked.into_iter().map(|scope| in_full(scope).unwrap_or_else(|| address(scope))).collect();
    asked.iter().filter(|scope| is_identity(scope) || ticked.contains(*scope)).cloned().collect()
}

pub fn joined(scopes: &Scopes) -> String {
    scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// What a scope lets an app do, for the consent page.
pub fn description(scope: &str) -> &'static str {
    let name = scope.strip_prefix(PREFIX).unwrap_or(scope);
    match name {
        "chat.spaces" => "Create spaces, and see and change those you are in",
        "chat.spaces.create" => "Create new spaces in Google Chat",
        "chat.spaces.readonly" => "See the spaces you are in",
        "chat.spaces.pins" => "See, add and remove pinned messages",
        "chat.spaces.pins.readonly" => "See pinned messages",
        "chat.messages" => "See, write, change and delete messages and reactions",
        "chat.messages.create" => "Write messages in Google Chat",
        "chat.messages.readonly" => "See messages and reactions",
        "chat.messages.reactions" => "See, add and remove reactions",
        "chat.messages.reactions.create" => "Add reactions to messages",
        "chat.messages.reactions.readonly" => "See reactions to messages",
        "chat.memberships" => "See, add, change and remove members of spaces",
        "chat.memberships.app" => "Add this app to spaces and remove it from them",
        "chat.memberships.readonly" => "See the members of spaces",
        "chat.customemojis" => "See, create and delete custom emoji",
        "chat.customemojis.readonly" => "See custom emoji",
        "chat.delete" => "Delete spaces and messages, and members from spaces",
        "chat.import" => "Import spaces, messages and members",
        "chat.users.availability" => "See and change your availability in Chat",
        "chat.users.availability.readonly" => "See your availability in Chat",
        "chat.users.readstate" => "See and change what you have read",
        "chat.users.readstate.readonly" => "See what you have read",
        "chat.users.sections" => "See and change the sections of your Chat list",
        "chat.users.sections.readonly" => "See the sections of your Chat list",
        "chat.users.spacesettings" => "See and change your notifications per space",
        "chat.admin.delete" => "Delete spaces of your organization and members from them",
        "chat.admin.memberships" => "See and change the members of your organization's spaces",
        "chat.admin.memberships.readonly" => "See the members of your organization's spaces",
        "chat.admin.spaces" => "See and change your organization's spaces",
        "chat.admin.spaces.readonly" => "See your organization's spaces",
        OPENID => "Know who you are on Google",
        "userinfo.email" => "See your email address",
        "userinfo.profile" => "See your name",
        _ if name.ends_with(".readonly") => "See your data in another Google product",
        _ => "Use another Google product for you",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn app_scopes_and_garbage_cannot_be_shown() {
        let bad = [
            "https://www.googleapis.com/auth/chat.bot",
            "https://www.googleapis.com/auth/chat.app.spaces",
            "https://www.googleapis.com/auth/chat.nonsense",
            "chat.spaces",
            "https://www.googleapis.com/auth/a b",
            "https://www.googleapis.com/auth/",
            "https://example.com/auth/x",
        ];
        for scope in bad {
            assert!(parse(&format!("openid {scope}")).is_err(), "{scope}");
        }
        let good = parse("email openid https://www.googleapis.com/auth/calendar.events").expect("known");
        assert!(good.contains(EMAIL) && good.len() == 3);
    }

    #[test]
    fn every_scope_a_person_can_grant_is_described() {
        for facts in SCOPES.iter().filter(|facts| facts.kind != CredentialKind::App) {
            assert!(!description(&address(facts.name)).contains("another Google product"), "{}", facts.name);
        }
    }
}
