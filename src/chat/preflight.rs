//! Can this credential call this method? Asked before any request, so that the answer can say how to mend it.

use super::{
    Call, Error,
    methods::{CredentialKind, Method, SCOPES, Sensitivity},
};
use crate::auth::{Credential, Scope, ScopeSet};

/// Refuses a call that Google would refuse. Where the table has doubts, Google decides.
pub(super) fn check(call: &Call, credential: &Credential<'_>) -> Result<(), Error> {
    let (Some(method), Some(kind), Some(granted)) = (call.method(), credential.kind(), credential.granted())
    else {
        return Ok(());
    };
    let kind = call.kind(kind);
    let accepted = method.scopes_for(kind);
    if accepted.is_empty() {
        return if method.auth.doubts.is_empty() {
            Err(Error::WrongKind { method: method.id, kind })
        } else {
            Ok(())
        };
    }
    let covered =
        accepted.iter().filter_map(|name| Scope::parse(name).ok()).any(|scope| granted.covers(&scope));
    if covered || !method.auth.doubts.is_empty() {
        return Ok(());
    }
    Err(Error::ScopeMissing { method: method.id, needed: smallest_scope(method, kind), granted })
}

/// Scopes with which a method does less than it says: `members.create` only adds the calling app.
const NARROWER: [&str; 1] = ["chat.memberships.app"];

/// The scope to ask for: of those that the method takes, the least sensitive, then the one that opens the
/// fewest methods. Scopes of import mode are never asked for unasked.
pub fn smallest_scope(method: &Method, kind: CredentialKind) -> Option<Scope> {
    let open = |name: &str| {
        super::methods::METHODS.iter().filter(|method| method.scopes_for(kind).contains(&name)).count()
    };
    let sensitivity = |name: &str| {
        // What Google's page doesn't list yet is taken for sensitive.
        SCOPES
            .iter()
            .find(|scope| scope.name == name)
            .and_then(|s| s.sensitivity)
            .unwrap_or(Sensitivity::Sensitive)
    };
    method
        .scopes_for(kind)
        .iter()
        .filter(|name| !method.auth.import_mode_only.contains(name) && !NARROWER.contains(name))
        .min_by_key(|name| (sensitivity(name), open(name)))
        .and_then(|name| Scope::parse(name).ok())
}

/// What a person has to sign in with for a method, besides what is asked for anyway.
impl Method {
    pub fn sign_in_scopes(&self) -> ScopeSet {
        smallest_scope(self, CredentialKind::User).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::methods::METHODS;

    #[test]
    fn asks_for_the_least() {
        let smallest = |id: &str| {
            let scope = smallest_scope(Method::find(id).unwrap(), CredentialKind::User);
            scope.map(|scope| scope.short().to_owned()).unwrap_or_default()
        };
        assert_eq!(smallest("spaces.messages.list"), "chat.messages.readonly");
        assert_eq!(smallest("spaces.messages.create"), "chat.messages.create");
        assert_eq!(smallest("spaces.create"), "chat.spaces.create");
        assert_eq!(smallest("spaces.list"), "chat.spaces.readonly");
        assert_eq!(smallest("users.sections.list"), "chat.users.sections.readonly");
        assert_eq!(smallest("spaces.members.create"), "chat.memberships");
        assert_eq!(smallest("spaces.messages.replaceCards"), "");
    }

    #[test]
    fn never_asks_for_import_mode() {
        for method in METHODS {
            let scope = smallest_scope(method, CredentialKind::User);
            let only_import = method.auth.user == ["chat.import"];
            assert!(only_import || scope.is_none_or(|scope| scope.short() != "chat.import"), "{}", method.id);
        }
    }
}
