//! What holds for the whole store: which profile is in use.
//!
//! Who needs a profile's lock as well takes that one first, so that two processes never wait for each other.

use std::{path::PathBuf, time::Duration};

use super::{Error, ProfileName, Store, file, folder, lock, wire};
use crate::clock::Clock;

impl Store {
    /// The profile in use, as `login` or `profiles use` last set it.
    pub fn active(&self) -> Result<Option<ProfileName>, Error> {
        let path = self.settings_path();
        match file::read(&path, &self.notify)? {
            None => Ok(None),
            Some(bytes) => wire::read_settings(&path, &bytes),
        }
    }

    /// Makes a profile the one in use.
    pub async fn set_active(
        &self,
        name: &ProfileName,
        clock: &dyn Clock,
        wait: Duration,
    ) -> Result<(), Error> {
        let _lock = self.lock_settings(clock, wait).await?;
        let path = self.settings_path();
        match self.active() {
            Err(Error::Corrupt { .. }) => self.put_aside(&path, clock.now())?,
            // A file of a newer version isn't overwritten: reading it says so.
            outcome => drop(outcome?),
        }
        file::replace(&path, &wire::write_settings(Some(name)))
    }

    /// Makes none the profile in use, if it is this one. Settings that cannot be read don't say so, and stay.
    pub async fn deactivate(
        &self,
        name: &ProfileName,
        clock: &dyn Clock,
        wait: Duration,
    ) -> Result<(), Error> {
        if !self.is_active(name) {
            return Ok(());
        }
        let _lock = self.lock_settings(clock, wait).await?;
        // Another login may have come into use meanwhile.
        match self.is_active(name) {
            true => file::replace(&self.settings_path(), &wire::write_settings(None)),
            false => Ok(()),
        }
    }

    fn is_active(&self, name: &ProfileName) -> bool {
        matches!(self.active(), Ok(Some(active)) if active == *name)
    }

    async fn lock_settings(&self, clock: &dyn Clock, wait: Duration) -> Result<lock::Held, Error> {
        folder::create(&self.folder)?;
        lock::acquire(&self.settings_path().with_extension("lock"), &self.notify, clock, wait).await
    }

    pub(super) fn settings_path(&self) -> PathBuf {
        self.folder.join("settings.json")
    }
}
