//! What a command works with: made once a run from the settings, each part at its first use.

use std::{cell::Cell, path::PathBuf, sync::Arc, time::Duration};

use super::{Browser, Failure, Settings, settings::Origin, trace};
use crate::{
    auth::{Credential, Notice, Reach, Session},
    chat,
    clock::Clock,
    output::Ui,
    random::Random,
    store::{self, ProfileName, Store},
    transport::{Deadline, Endpoints, Transport},
};

/// The time of a whole command, where nothing else is said.
const COMMAND_TIME: Duration = Duration::from_secs(120);

pub struct Context {
    pub settings: Settings,
    pub ui: Arc<Ui>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub browser: Arc<dyn Browser>,
    pub folder: PathBuf,
    pub endpoints: Endpoints,
    pub store: Store,
    pub transport: Transport,
    deadline: Cell<Deadline>,
    notice: Box<dyn Fn(Notice) + Send + Sync>,
}

impl Context {
    pub fn new(
        settings: Settings,
        ui: Arc<Ui>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        browser: Arc<dyn Browser>,
        folder: PathBuf,
    ) -> Self {
        let endpoints = settings.emulator.clone().map_or_else(Endpoints::google, Endpoints::emulator);
        let told = ui.clone();
        let store = Store::new(&settings.data_folder, settings.emulator.as_ref())
            .notifying(Arc::new(move |notice| told.warn(&store_notice_text(notice))));
        let mut transport =
            Transport::new(settings.network.clone(), settings.tries, clock.clone(), random.clone());
        let verbose = settings.verbose;
        if verbose > 0 {
            let ui = ui.clone();
            transport = transport.observed_by(Arc::new(move |event| {
                trace::lines(event, verbose).iter().for_each(|line| ui.say(line));
            }));
        }
        let deadline = Cell::new(time_for(&settings, &*clock));
        let told = ui.clone();
        let notice = Box::new(move |notice| told.warn(&notice_text(&notice)));
        Context {
            settings,
            ui,
            clock,
            random,
            browser,
            folder,
            endpoints,
            store,
            transport,
            deadline,
            notice,
        }
    }

    /// Says once what changes everything: that an emulator is in force.
    pub fn announce(&self) {
        if let Some(address) = &self.settings.emulator {
            self.ui.note(&format!("chatauth: talking to the emulator at {address}, not to Google"));
        }
    }

    /// Starts the command's time anew: what a person took to answer doesn't count.
    pub fn restart_time(&self) {
        self.deadline.set(time_for(&self.settings, &*self.clock));
    }

    pub fn reach(&self) -> Reach<'_> {
        Reach {
            endpoints: &self.endpoints,
            transport: &self.transport,
            random: &*self.random,
            deadline: self.deadline.get(),
        }
    }

    /// The profile that the command line itself names.
    pub fn named_profile(&self) -> Option<&ProfileName> {
        match &self.settings.profile {
            Some((name, Origin::Flag(_))) => Some(name),
            _ => None,
        }
    }

    /// The profile that was named, or the one in use.
    pub fn profile_name(&self) -> Result<Option<ProfileName>, Failure> {
        match &self.settings.profile {
            Some((name, _)) => Ok(Some(name.clone())),
            None => Ok(self.store.active()?),
        }
    }

    /// That profile, opened.
    pub fn session(&self) -> Result<Session<'_>, Failure> {
        let Some(name) = self.profile_name()? else {
            let names = self.store.names()?;
            let hint = names.first().map(|name| format!("chatauth profiles use {name}, or chatauth login"));
            return Err(Failure::not_signed_in().maybe_hint(hint));
        };
        Session::open(&self.store, &name, &self.notice).map_err(|error| {
            let failure = Failure::from(error);
            match &self.settings.profile {
                Some((_, origin)) => {
                    Failure { message: format!("{} (from {origin})", failure.message), ..failure }
                }
                None => failure,
            }
        })
    }

    /// The credential in force: a profile by flag, a ready token, then the profile named or in use.
    pub fn credential(&self) -> Result<Credential<'_>, Failure> {
        match &self.settings.access_token {
            Some(token) if self.named_profile().is_none() => {
                Ok(Credential::Ready { token: token.clone(), origin: "CHATAUTH_ACCESS_TOKEN".to_owned() })
            }
            _ => Ok(Credential::Profile(Box::new(self.session()?))),
        }
    }

    pub fn chat<'a>(&'a self, credential: &'a Credential<'a>) -> chat::Client<'a> {
        chat::Client {
            reach: self.reach(),
            credential,
            quota_project: self.settings.quota_project.clone(),
            preflight: self.settings.preflight,
        }
    }
}

fn time_for(settings: &Settings, clock: &dyn Clock) -> Deadline {
    Deadline::after(clock, settings.timeout.unwrap_or(COMMAND_TIME))
}

fn store_notice_text(notice: &store::Notice) -> String {
    match notice {
        store::Notice::LoosePermissions { path, mode, mended: true } => {
            format!("{} could be read by others (mode {mode:03o}); that is mended", path.display())
        }
        store::Notice::LoosePermissions { path, mode, mended: false } => {
            format!("{} can be read by others (mode {mode:03o}): chmod go= it", path.display())
        }
        store::Notice::SetAside { path, aside } => {
            format!("{} could not be read, and is now {}", path.display(), aside.display())
        }
    }
}

fn notice_text(notice: &Notice) -> String {
    match notice {
        Notice::NotSaved(error) => {
            format!("the new access token is not saved, the next command asks Google again: {error}")
        }
        Notice::NotLocked(error) => format!("refreshed for this command only: {error}"),
    }
}
