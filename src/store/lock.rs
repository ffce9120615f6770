//! The right to change a file. A lock is a sibling file that is never deleted, so that everybody locks the
//! same one; the operating system lets it go when its holder ends, however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Error, Notify, Profile, ProfileName, file, wire};
use crate::clock::Clock;

/// How long a process waits for another's refresh or login.
pub const LOCK_WAIT: Duration = Duration::from_secs(30);
/// How often it looks.
const POLL: Duration = Duration::from_millis(20);

/// Opens a lock's file, and creates it where it's missing.
pub(super) fn open(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    file::private(&mut options);
    options.open(path).map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// Takes the lock, or says who can't: another holds it for too long, or the file system has no locks.
pub(super) async fn acquire(path: &Path, clock: &dyn Clock, wait: Duration) -> Result<File, Error> {
    let file = open(path)?;
    let start = clock.elapsed();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => return Err(Error::Lock { path: path.to_owned(), source }),
            Err(TryLockError::WouldBlock) if clock.elapsed().saturating_sub(start) >= wait => {
                return Err(Error::LockBusy { path: path.to_owned(), seconds: wait.as_secs() });
            }
            Err(TryLockError::WouldBlock) => clock.sleep(POLL).await,
        }
    }
}

/// The right to change one profile. Saving and removing are possible through it only.
pub struct Guard {
    name: ProfileName,
    path: PathBuf,
    notify: Notify,
    _lock: File,
}

impl Guard {
    pub(super) fn new(name: ProfileName, path: PathBuf, lock: File, notify: Notify) -> Self {
        Guard { name, path, notify, _lock: lock }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The profile as it is now that nobody else can change it.
    pub fn read(&self) -> Result<Option<Profile>, Error> {
        match file::read(&self.path, &self.notify)? {
            None => Ok(None),
            Some(bytes) => wire::read_profile(&self.path, &self.name, &bytes).map(Some),
        }
    }

    pub fn save(&self, profile: &Profile) -> Result<(), Error> {
        file::replace(&self.path, &wire::write_profile(profile))
    }

    pub fn remove(&self) -> Result<(), Error> {
        file::remove(&self.path)
    }
}
