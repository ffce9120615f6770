//! The sign-ins on disk: one file a profile, private, whole or not at all, changed under a lock only.
//!
//! Knows files and locks, but not what a token is good for: `auth` decides that. Never prints.

mod error;
mod file;
mod lock;
mod name;
mod profile;
mod wire;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;

pub use error::{Error, Notice, Notify};
pub use file::create_folder as create_private_folder;
pub use lock::{Guard, LOCK_WAIT};
pub use name::{ProfileName, ProfileNameError};
pub use profile::{AccessToken, Account, ClientKind, OAuthClient, Profile};

use crate::{clock::Clock, transport::EmulatorAddress};

/// A folder of sign-ins.
#[derive(Clone)]
pub struct Store {
    folder: PathBuf,
    notify: Notify,
}

impl Store {
    /// The store below a data folder. An emulator's sign-ins have a store of their own, so that its tokens
    /// and Google's never mix.
    pub fn new(data_folder: &Path, emulator: Option<&EmulatorAddress>) -> Self {
        let folder = match emulator {
            None => data_folder.to_owned(),
            Some(address) => data_folder.join("emulators").join(address.folder()),
        };
        Store { folder, notify: Arc::new(|_| ()) }
    }

    /// Tells somebody of what goes on all the same.
    pub fn notifying(mut self, notify: Notify) -> Self {
        self.notify = notify;
        self
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a profile's file is, or would be.
    pub fn path(&self, name: &ProfileName) -> PathBuf {
        self.profiles_folder().join(format!("{}.json", name.file_stem()))
    }

    /// A profile as last saved; `None` if there's none of that name.
    pub fn read(&self, name: &ProfileName) -> Result<Option<Profile>, Error> {
        let path = self.path(name);
        let Some(bytes) = file::read(&path, &self.notify)? else { return Ok(None) };
        wire::read_profile(&path, name, &bytes).map(Some)
    }

    /// Finds out whether a sign-in could be kept here, before anybody is asked for one.
    pub fn prepare(&self) -> Result<(), Error> {
        file::create_folder(&self.profiles_folder())?;
        lock::open(&self.settings_path().with_extension("lock")).map(drop)
    }

    /// The names of all profiles, sorted.
    pub fn names(&self) -> Result<Vec<ProfileName>, Error> {
        let folder = self.profiles_folder();
        let mut names = Vec::new();
        for entry in file::entries(&folder)? {
            let stem = entry.to_str().and_then(|name| name.strip_suffix(".json"));
            names.extend(stem.and_then(ProfileName::from_file_stem));
        }
        names.sort();
        Ok(names)
    }

    /// The profile in use, as `login` or `profiles use` last set it.
    pub fn active(&self) -> Result<Option<ProfileName>, Error> {
        let path = self.settings_path();
        match file::read(&path, &self.notify)? {
            None => Ok(None),
            Some(bytes) => wire::read_settings(&path, &bytes),
        }
    }

    /// Makes a profile the one in use, or none.
    pub async fn set_active(&self, name: Option<&ProfileName>, clock: &dyn Clock) -> Result<(), Error> {
        let path = self.settings_path();
        file::create_folder(&self.folder)?;
        let _lock = lock::acquire(&path.with_extension("lock"), clock, LOCK_WAIT).await?;
        match self.active() {
            Err(Error::Corrupt { .. }) => self.put_aside(&path, clock.now())?,
            // A file of a newer version isn't overwritten: reading it says so.
            outcome => drop(outcome?),
        }
        file::replace(&path, &wire::write_settings(name))
    }

    /// Waits for the right to change a profile, for so long at most, and holds it until the guard is dropped.
    pub async fn lock(&self, name: &ProfileName, clock: &dyn Clock, wait: Duration) -> Result<Guard, Error> {
        file::create_folder(&self.profiles_folder())?;
        let path = self.path(name);
        let lock = lock::acquire(&path.with_extension("lock"), clock, wait).await?;
        Ok(Guard::new(name.clone(), path, lock, self.notify.clone()))
    }

    /// Puts a file that cannot be read out of the way, under a name that tells when. Never deletes.
    pub fn set_aside(&self, guard: &Guard, now: Timestamp) -> Result<(), Error> {
        self.put_aside(guard.path(), now)
    }

    fn put_aside(&self, path: &Path, now: Timestamp) -> Result<(), Error> {
        let aside = path.with_extension(format!("corrupt-{}", now.as_millisecond()));
        file::rename(path, &aside)?;
        (self.notify)(&Notice::SetAside { path: path.to_owned(), aside });
        Ok(())
    }

    fn profiles_folder(&self) -> PathBuf {
        self.folder.join("profiles")
    }

    fn settings_path(&self) -> PathBuf {
        self.folder.join("settings.json")
    }
}
