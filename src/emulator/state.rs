//! Everything the emulator knows, behind one lock.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use super::{
    Consent, Options,
    chat::{paging::Pages, store::Store},
    handle::{Fault, RecordedRequest},
    oauth::{authorize::Transactions, grants::Grants},
};
use crate::{clock::Clock, random::Random};

/// The state, shared by connections and handles.
pub struct Shared(Mutex<State>);

pub struct State {
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub access_token_lifetime: Duration,
    pub settings: Settings,
    pub log: Log,
    pub chat_faults: Faults,
    pub token_faults: Faults,
    pub transactions: Transactions,
    pub grants: Grants,
    pub store: Store,
    pub pages: Pages,
}

/// What a handle can switch.
pub struct Settings {
    pub consent: Consent,
    pub grant_only: Option<Vec<String>>,
    pub rotate_refresh_tokens: bool,
    pub omit_refresh_token: bool,
    pub refresh_token_lifetime: Option<u64>,
    pub app_configured: bool,
    pub api_enabled: bool,
}

impl Shared {
    pub fn new(state: State) -> Self {
        Shared(Mutex::new(state))
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    pub fn new(options: Options) -> Self {
        let pages = Pages::new(options.random.token());
        State {
            clock: options.clock,
            random: options.random,
            access_token_lifetime: options.access_token_lifetime,
            settings: Settings {
                consent: options.consent,
                grant_only: None,
                rotate_refresh_tokens: false,
                omit_refresh_token: false,
                refresh_token_lifetime: None,
                app_configured: true,
                api_enabled: true,
            },
            log: Log::default(),
            chat_faults: Faults::default(),
            token_faults: Faults::default(),
            transactions: Transactions::default(),
            grants: Grants::default(),
            store: Store::default(),
            pages,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// So many characters of base64url, up to 43.
    pub fn id(&self, characters: usize) -> String {
        let mut id = self.random.token();
        id.truncate(characters);
        id
    }
}

/// The requests received.
#[derive(Default)]
pub struct Log {
    requests: VecDeque<RecordedRequest>,
    bytes: usize,
}

impl Log {
    /// An emulator may run for days, and what it was sent is for tests only.
    const MAX_REQUESTS: usize = 20_000;
    const MAX_BYTES: usize = 64 << 20;

    pub fn add(&mut self, request: RecordedRequest) {
        self.bytes += size(&request);
        self.requests.push_back(request);
        while self.requests.len() > Self::MAX_REQUESTS || self.bytes > Self::MAX_BYTES {
            let Some(oldest) = self.requests.pop_front() else { break };
            self.bytes -= size(&oldest);
        }
    }

    pub fn all(&self) -> Vec<RecordedRequest> {
        self.requests.iter().cloned().collect()
    }

    pub fn clear(&mut self) {
        *self = Log::default();
    }
}

fn size(request: &RecordedRequest) -> usize {
    let headers: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    request.target.len() + headers + request.body.len()
}

/// Faults that wait for requests.
#[derive(Default)]
pub struct Faults(VecDeque<(usize, Fault)>);

impl Faults {
    pub fn add(&mut self, times: usize, fault: Fault) {
        self.0.push_back((times, fault));
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn take(&mut self) -> Option<Fault> {
        loop {
            let (times, fault) = self.0.front_mut()?;
            if let Some(left) = times.checked_sub(1) {
                *times = left;
                return Some(fault.clone());
            }
            self.0.pop_front();
        }
    }
}
