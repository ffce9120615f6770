//! What has been granted: codes, access tokens, refresh tokens. Dead ones are kept, to say why they are.

use std::{collections::HashMap, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{accounts::AccountIndex, clients::Client, scopes::Scopes};

/// RFC 6749 section 4.1.2 recommends ten minutes at most.
pub const CODE_LIFETIME: Duration = Duration::from_secs(600);
/// Per account and client; the next one drops the oldest in silence.
const MAX_REFRESH_TOKENS: usize = 100;

/// Who allowed what to whom.
#[derive(Clone)]
pub struct Grant {
    pub client: &'static Client,
    pub account: AccountIndex,
    pub scopes: Scopes,
    /// Google's `access_type=offline`, which desktop clients always have.
    pub offline: bool,
}

pub struct Code {
    pub grant: Grant,
    pub redirect_uri: String,
    pub challenge: Option<Challenge>,
    pub expires: Timestamp,
}

/// PKCE (RFC 7636).
#[derive(Clone)]
pub enum Challenge {
    Plain(String),
    S256(String),
}

pub struct AccessToken {
    pub grant: Grant,
    pub expires: Timestamp,
    revoked: bool,
}

pub struct RefreshToken {
    pub grant: Grant,
    pub expires: Option<Timestamp>,
    revoked: bool,
    /// The order in which they were issued.
    number: u64,
}

#[derive(Default)]
pub struct Grants {
    codes: HashMap<String, Code>,
    access_tokens: HashMap<String, AccessToken>,
    refresh_tokens: HashMap<String, RefreshToken>,
    /// What each account has consented to, per client, for `prompt=none` and the second web consent.
    consents: HashMap<(&'static str, AccountIndex), Scopes>,
    issued: u64,
}

impl AccessToken {
    pub fn is_live(&self, now: Timestamp) -> bool {
        !self.revoked && now < self.expires
    }
}

impl RefreshToken {
    pub fn is_live(&self, now: Timestamp) -> bool {
        !self.revoked && self.expires.is_none_or(|expires| now < expires)
    }
}

impl Grants {
    pub fn add_code(&mut self, code: String, what: Code) {
        let consented = self.consents.entry((what.grant.client.id, what.grant.account)).or_default();
        consented.extend(what.grant.scopes.iter().cloned());
        self.codes.insert(code, what);
    }

    /// A code works once: whoever asks, it is gone.
    pub fn take_code(&mut self, code: &str, now: Timestamp) -> Option<Code> {
        self.codes.remove(code).filter(|found| now < found.expires)
    }

    pub fn consented(&self, client: &Client, account: AccountIndex) -> Option<&Scopes> {
        self.consents.get(&(client.id, account))
    }

    pub fn add_access_token(&mut self, token: String, grant: Grant, expires: Timestamp) {
        self.access_tokens.insert(token, AccessToken { grant, expires, revoked: false });
    }

    pub fn access_token(&self, token: &str) -> Option<&AccessToken> {
        self.access_tokens.get(token)
    }

    pub fn add_refresh_token(&mut self, token: String, grant: Grant, expires: Option<Timestamp>) {
        let (client, account) = (grant.client.id, grant.account);
        self.issued += 1;
        let number = self.issued;
        self.refresh_tokens.insert(token, RefreshToken { grant, expires, revoked: false, number });
        let mut live: Vec<&mut RefreshToken> = self
            .refresh_tokens
            .values_mut()
            .filter(|t| !t.revoked && t.grant.client.id == client && t.grant.account == account)
            .collect();
        if live.len() > MAX_REFRESH_TOKENS
            && let Some(oldest) = live.iter_mut().min_by_key(|token| token.number)
        {
            oldest.revoked = true;
        }
    }

    pub fn refresh_token(&self, token: &str) -> Option<&RefreshToken> {
        self.refresh_tokens.get(token)
    }

    pub fn kill_refresh_token(&mut self, token: &str) {
        if let Some(token) = self.refresh_tokens.get_mut(token) {
            token.revoked = true;
        }
    }

    pub fn revoke_access_tokens(&mut self) {
        self.access_tokens.values_mut().for_each(|token| token.revoked = true);
    }

    pub fn revoke_refresh_tokens(&mut self) {
        self.refresh_tokens.values_mut().for_each(|token| token.revoked = true);
    }

    /// Ends everything that the token's owner allowed the project, through any of its clients; `false` if the
    /// token is no live one.
    pub fn revoke(&mut self, token: &str, now: Timestamp) -> bool {
        let access = self.access_tokens.get(token).filter(|t| t.is_live(now)).map(|t| t.grant.account);
        let refresh = || self.refresh_tokens.get(token).filter(|t| t.is_live(now)).map(|t| t.grant.account);
        let Some(account) = access.or_else(refresh) else {
            return false;
        };
        let owned = |grant: &Grant| grant.account == account;
        self.codes.retain(|_, code| !owned(&code.grant));
        self.access_tokens.values_mut().filter(|t| owned(&t.grant)).for_each(|t| t.revoked = true);
        self.refresh_tokens.values_mut().filter(|t| owned(&t.grant)).for_each(|t| t.revoked = true);
        self.consents.retain(|(_, of), _| *of != account);
        true
    }
}

/// So much later; the end of time stays the end of time.
pub fn later(now: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}
