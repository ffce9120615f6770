//! The sign-ins on disk: one file a profile, private, whole or not at all, changed under a lock only.
//!
//! Knows files and locks, but not what a token is good for: `auth` decides that. Never prints.

mod error;
mod file;
mod folder;
mod lock;
mod name;
mod profile;
mod settings;
mod wire;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;

pub use error::{Error, Notice, Notify};
pub use folder::create as create_private_folder;
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
        self.check_folders()?;
        let path = self.path(name);
        let Some(bytes) = file::read(&path, &self.notify)? else { return Ok(None) };
        wire::read_profile(&path, name, &bytes).map(Some)
    }

    /// Finds out whether a sign-in could be kept here, and under that name, before anybody is asked for one.
    pub fn prepare(&self, name: Option<&ProfileName>) -> Result<(), Error> {
        self.create_folders()?;
        let path = self.settings_path().with_extension("lock");
        let settings = lock::open(&path, &self.notify)?;
        // Where another process has the lock, it finds out or knows already.
        if lock::try_take(&path, &settings)? {
            let _held = lock::Held(settings);
            file::try_out(&self.profiles_folder())?;
        }
        let Some(name) = name else { return Ok(()) };
        lock::open(&self.path(name).with_extension("lock"), &self.notify)?;
        match self.read(name) {
            // It will make way.
            Err(Error::Corrupt { .. }) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// The names of all profiles, sorted.
    pub fn names(&self) -> Result<Vec<ProfileName>, Error> {
        let mut names = Vec::new();
        for entry in folder::entries(&self.profiles_folder())? {
            let stem = entry.to_str().and_then(|name| name.strip_suffix(".json"));
            names.extend(stem.and_then(ProfileName::from_file_stem));
        }
        names.sort();
        Ok(names)
    }

    /// Waits for the right to change a profile, for so long at most, and holds it until the guard is dropped.
    pub async fn lock(&self, name: &ProfileName, clock: &dyn Clock, wait: Duration) -> Result<Guard, Error> {
        self.create_folders()?;
        let path = self.path(name);
        let lock = lock::acquire(&path.with_extension("lock"), &self.notify, clock, wait).await?;
        Ok(Guard::new(name.clone(), path, lock, self.notify.clone()))
    }

    /// Puts a file that cannot be read out of the way, under a name that tells when. Never deletes.
    pub fn set_aside(&self, guard: &Guard, now: Timestamp) -> Result<(), Error> {
        self.put_aside(guard.path(), now)
    }

    fn put_aside(&self, path: &Path, now: Timestamp) -> Result<(), Error> {
        let aside = file::put_aside(path, &format!("corrupt-{}", now.as_millisecond()))?;
        (self.notify)(&Notice::SetAside { path: path.to_owned(), aside });
        Ok(())
    }

    fn create_folders(&self) -> Result<(), Error> {
        folder::create(&self.profiles_folder())?;
        self.check_folders()
    }

    /// The folder of the profiles is nobody else's. The data folder itself is the person's choice, and may hold
    /// other things.
    fn check_folders(&self) -> Result<(), Error> {
        folder::check(&self.profiles_folder(), &self.notify)
    }

    fn profiles_folder(&self) -> PathBuf {
        self.folder.join("profiles")
    }
}
