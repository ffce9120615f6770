//! Stores a grant as a profile: whole, under its name, and as the one in use.

use super::{LoginError, LoginRequest, SignedIn};
use crate::{
    auth::{Error, Reach, ScopeSet, oauth::TokenReply},
    store::{self, Account, Guard, Profile, ProfileName, Store},
};

/// What came of a sign-in.
pub(super) struct Grant {
    pub(super) reply: TokenReply,
    pub(super) granted: ScopeSet,
    pub(super) account: Account,
}

pub(super) async fn store_grant(
    reach: Reach<'_>,
    request: &LoginRequest,
    store: &Store,
    Grant { reply, granted, account }: Grant,
) -> Result<SignedIn, Error> {
    if let Some(wanted) = &request.account {
        let same = account.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(wanted));
        if !same {
            return Err(LoginError::WrongAccount { wanted: wanted.clone(), got: account.email }.into());
        }
    }
    let clock = reach.transport.clock();
    let name = name_for(reach, request, &account);
    let guard = store.lock(&name, clock, reach.lock_wait()).await?;
    let previous = previous(store, &guard, reach)?;
    let profile = Profile {
        refresh_token: match (reply.refresh_token, &previous) {
            (Some(token), _) => token,
            (None, Some(old)) if is_same_grant(old, request, &account) => old.refresh_token.clone(),
            (None, _) => return Err(LoginError::NoRefreshToken.into()),
        },
        name,
        client: request.client.clone(),
        refresh_token_expires_at: reply.refresh_token_expires_at,
        access_token: Some(reply.access_token),
        signed_in_at: clock.now(),
        scopes: granted.iter().map(|scope| scope.as_str().to_owned()).collect(),
        account,
    };
    guard.save(&profile)?;
    // Still under the profile's lock: a logout comes before both, or after both.
    store.set_active(&profile.name, clock, reach.lock_wait()).await?;
    drop(guard);
    let replaced_account = previous.and_then(|old| {
        let other = old.account.subject != profile.account.subject;
        old.account.email.filter(|_| other)
    });
    let missing: ScopeSet = granted.missing(&request.scopes);
    Ok(SignedIn { profile, missing, replaced_account })
}

/// The name that a sign-in of this account will have: the one that was asked for, else the email.
pub(super) fn expected_name(request: &LoginRequest, email: Option<&str>) -> Option<ProfileName> {
    let by_email = || ProfileName::parse(&email?.to_lowercase()).ok();
    request.profile.clone().or_else(by_email)
}

/// That name, or without either one that nobody has.
fn name_for(reach: Reach<'_>, request: &LoginRequest, account: &Account) -> ProfileName {
    expected_name(request, account.email.as_deref()).unwrap_or_else(|| ProfileName::generated(reach.random))
}

/// What was stored under the name. A file that cannot be read is put aside; a newer version's stays.
fn previous(store: &Store, guard: &Guard, reach: Reach<'_>) -> Result<Option<Profile>, Error> {
    match guard.read() {
        Err(store::Error::Corrupt { .. }) => {
            store.set_aside(guard, reach.transport.clock().now())?;
            Ok(None)
        }
        outcome => Ok(outcome?),
    }
}

/// Google leaves the refresh token out when it has given one before, to the same client for the same account.
fn is_same_grant(old: &Profile, request: &LoginRequest, account: &Account) -> bool {
    old.client.client_id == request.client.client_id
        && account.subject.is_some()
        && old.account.subject == account.subject
}
