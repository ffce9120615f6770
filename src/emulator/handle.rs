//! What tests look at in the emulator, and what they break.

use std::{sync::Arc, time::Duration};

use super::{Consent, chat::store::Space, oauth::accounts::Account, state::Shared};

/// A hand on a serving emulator. Every clone has hold of the same one.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// In their order, names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl RecordedRequest {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// What goes wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers this and does nothing.
    Status { code: u16, headers: Vec<(String, String)>, body: String },
    /// Does the work, then closes the connection without an answer.
    CutAfter,
    /// Closes the connection before doing anything.
    CutBefore,
    /// Does the work and answers with this delay.
    Delay(Duration),
    /// Announces the whole length, sends half of the body, closes.
    Truncate,
}

impl Handle {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Handle { shared }
    }

    /// Everything received, in order; of a long run the latest part.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.lock().log.all()
    }

    /// Forgets what was received so far.
    pub fn clear_requests(&self) {
        self.shared.lock().log.clear();
    }

    /// All access tokens become invalid; refresh tokens live on.
    pub fn revoke_access_tokens(&self) {
        self.shared.lock().grants.revoke_access_tokens();
    }

    /// Refresh tokens answer `invalid_grant`; access tokens live until they expire.
    pub fn revoke_grants(&self) {
        self.shared.lock().grants.revoke_refresh_tokens();
    }

    /// The next `n` requests to the Chat API meet this fault; faults queue up.
    pub fn fail_next(&self, n: usize, fault: Fault) {
        self.shared.lock().chat_faults.add(n, fault);
    }

    /// The next `n` requests to the token endpoint meet this fault; faults queue up.
    pub fn fail_next_token(&self, n: usize, fault: Fault) {
        self.shared.lock().token_faults.add(n, fault);
    }

    /// No fault is left waiting.
    pub fn clear_faults(&self) {
        let mut state = self.shared.lock();
        state.chat_faults.clear();
        state.token_faults.clear();
    }

    /// Each refresh brings a new refresh token, and the old one dies.
    pub fn rotate_refresh_tokens(&self, on: bool) {
        self.shared.lock().settings.rotate_refresh_tokens = on;
    }

    /// Codes are exchanged without a refresh token.
    pub fn omit_refresh_token(&self, on: bool) {
        self.shared.lock().settings.omit_refresh_token = on;
    }

    pub fn set_consent(&self, consent: Consent) {
        self.shared.lock().settings.consent = consent;
    }

    /// Automatic consent ticks only these scopes, short or whole; identity scopes are always granted.
    pub fn grant_only(&self, scopes: Option<Vec<String>>) {
        self.shared.lock().settings.grant_only = scopes;
    }

    /// How long new access tokens live.
    pub fn set_access_token_lifetime(&self, lifetime: Duration) {
        self.shared.lock().access_token_lifetime = lifetime;
    }

    /// New refresh tokens die after this long, and say so in `refresh_token_expires_in`.
    pub fn set_refresh_token_lifetime(&self, seconds: Option<u64>) {
        self.shared.lock().settings.refresh_token_lifetime = seconds;
    }

    /// Adds an account, by email, to a space; `false` if there is no such account or space.
    pub fn join(&self, space: &str, email: &str) -> bool {
        Account::find(email).is_some_and(|account| self.shared.lock().store.join(space, account))
    }

    /// Path and query of a space's incoming webhook, with its key and token.
    pub fn webhook(&self, space: &str) -> Option<String> {
        let state = self.shared.lock();
        state.store.spaces().find(|found| found.name == space).map(Space::webhook)
    }

    /// Off: the project has no Chat app configured, and no call works.
    pub fn app_configured(&self, on: bool) {
        self.shared.lock().settings.app_configured = on;
    }

    /// Off: the Chat API is not enabled in the project.
    pub fn api_enabled(&self, on: bool) {
        self.shared.lock().settings.api_enabled = on;
    }
}
