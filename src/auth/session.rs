//! A stored sign-in at work: its cached access token, refreshed by exactly one process.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use super::{Error, Reach, ScopeSet, oauth};
use crate::{
    secret::Secret,
    store::{self, AccessToken, Guard, Profile, ProfileName, Store},
};

/// A token this close to its end is as good as expired: the call it's for may take that long.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// Something that went on without success, and that somebody should hear of.
#[derive(Debug)]
pub enum Notice {
    /// The new access token could not be saved: the next command asks Google again.
    NotSaved(store::Error),
    /// The lock could not be had: refreshed for own use, nothing saved.
    NotLocked(store::Error),
}

/// A profile that was read, and the way to keep its token fresh.
pub struct Session<'a> {
    store: &'a Store,
    name: ProfileName,
    profile: Mutex<Profile>,
    notice: &'a (dyn Fn(Notice) + Sync),
}

impl<'a> Session<'a> {
    pub fn open(
        store: &'a Store,
        name: &ProfileName,
        notice: &'a (dyn Fn(Notice) + Sync),
    ) -> Result<Self, Error> {
        let profile = store.read(name)?.ok_or_else(|| Error::NoSuchProfile(name.clone()))?;
        Ok(Session { store, name: name.clone(), profile: Mutex::new(profile), notice })
    }

    pub fn name(&self) -> &ProfileName {
        &self.name
    }

    /// The profile as last read or saved.
    pub fn profile(&self) -> Profile {
        self.locked().clone()
    }

    /// An access token that is good for the next call. `rejected` is one that Google has just refused: it isn't
    /// given again.
    pub async fn token(&self, reach: Reach<'_>, rejected: Option<&Secret>) -> Result<AccessToken, Error> {
        let now = || reach.transport.clock().now();
        if let Some(token) = self.cached(rejected, now()) {
            return Ok(token);
        }
        match self.store.lock(&self.name, reach.transport.clock(), reach.lock_wait()).await {
            Ok(guard) => {
                // Another process may have refreshed while this one waited.
                let profile = guard.read()?.ok_or_else(|| Error::NoSuchProfile(self.name.clone()))?;
                self.remember(profile);
                match self.cached(rejected, now()) {
                    Some(token) => Ok(token),
                    None => self.refresh(reach, Ok(&guard)).await,
                }
            }
            // A read-only store has no lock file, and needs none: nothing will be saved.
            Err(error) if error.is_lock() || matches!(error, store::Error::Write { .. }) => {
                let profile =
                    self.store.read(&self.name)?.ok_or_else(|| Error::NoSuchProfile(self.name.clone()))?;
                self.remember(profile);
                match self.cached(rejected, now()) {
                    Some(token) => Ok(token),
                    None => self.refresh(reach, Err(error)).await,
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Asks Google, with the right to save what it answers, or the reason why there's none.
    async fn refresh(
        &self,
        reach: Reach<'_>,
        guard: Result<&Guard, store::Error>,
    ) -> Result<AccessToken, Error> {
        let mut profile = self.profile();
        let mut outcome = oauth::refresh(reach, &profile.client, &profile.refresh_token).await;
        if let Err(Error::Refused(refusal)) = &outcome
            && refusal.code == "invalid_grant"
            && let Some(newer) = self.store.read(&self.name)?
            && newer.refresh_token != profile.refresh_token
        {
            // A login, or a refresh without the lock, has saved another one meanwhile.
            profile = newer;
            outcome = oauth::refresh(reach, &profile.client, &profile.refresh_token).await;
        }
        let reply = outcome.map_err(|error| match error {
            Error::Refused(answer) if answer.ends_sign_in() => {
                Error::SignInDead { profile: self.name.clone(), answer }
            }
            other => other,
        })?;
        let rotated = reply.refresh_token.is_some_and(|new| {
            let rotated = new != profile.refresh_token;
            profile.refresh_token = new;
            rotated
        });
        if reply.refresh_token_expires_at.is_some() {
            profile.refresh_token_expires_at = reply.refresh_token_expires_at;
        }
        if let Some(scopes) = reply.scopes {
            profile.scopes = scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
        }
        let token = reply.access_token;
        profile.access_token = Some(token.clone());
        match guard.and_then(|guard| guard.save(&profile)) {
            // The old refresh token may be dead by now: without the new one on disk the sign-in is lost.
            Err(source) if rotated => {
                return Err(Error::RotationLost { profile: self.name.clone(), source });
            }
            Err(error) if error.is_lock() => (self.notice)(Notice::NotLocked(error)),
            Err(error) => (self.notice)(Notice::NotSaved(error)),
            Ok(()) => {}
        }
        self.remember(profile);
        Ok(token)
    }

    /// What Google granted.
    pub fn scopes(&self) -> ScopeSet {
        ScopeSet::granted(self.locked().scopes.iter().map(String::as_str))
    }

    fn cached(&self, rejected: Option<&Secret>, now: Timestamp) -> Option<AccessToken> {
        let profile = self.locked();
        let token = profile.access_token.as_ref()?;
        // One that was obtained in the future was dated by a clock that was wrong.
        let fresh =
            token.expires_at.duration_since(now) > MARGIN && token.obtained_at.duration_since(now) <= MARGIN;
        (fresh && Some(&token.token) != rejected).then(|| token.clone())
    }

    fn remember(&self, profile: Profile) {
        *self.locked() = profile;
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Profile> {
        self.profile.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
