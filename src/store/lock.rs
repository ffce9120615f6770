//! The right to change a file. A lock is a sibling file that is never deleted, so that everybody locks the
//! same one; the operating system lets it go when its holder ends, however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Error, Notify, Profile, ProfileName, file, wire};
use crate::clock::Clock;

/// How long a process waits for another's refresh or login.
pub const LOCK_WAIT: Duration = Duration::from_secs(30);
/// How often it looks.
const POLL: Duration = Duration::from_millis(20);

/// A lock that is held, until this is dropped.
pub(super) struct Held(pub(super) File);

impl Drop for Held {
    fn drop(&mut self) {
        // Closing the file isn't enough where another thread is just starting a program: until that has begun,
        // it has the file open too. Failing leaves it to the closing.
        let _ = self.0.unlock();
    }
}

/// Opens a lock's file, and creates it where it's missing.
pub(super) fn open(path: &Path, notify: &Notify) -> Result<File, Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source: file::plainly(path, source) };
    match file::create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        created => return created.map_err(failed),
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    file::private(&mut options);
    let file = options.open(path).map_err(failed)?;
    // Who can open it can lock it, for as long as they like.
    file::check(path, &file, &file.metadata().map_err(failed)?, notify)?;
    Ok(file)
}

/// Takes the lock if nobody has it; an error is a file system without locks.
pub(super) fn try_take(path: &Path, file: &File) -> Result<bool, Error> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(source)) => Err(Error::Lock { path: path.to_owned(), source }),
    }
}

/// Takes the lock, or says who can't: another holds it for too long, or the file system has no locks.
pub(super) async fn acquire(
    path: &Path,
    notify: &Notify,
    clock: &dyn Clock,
    wait: Duration,
) -> Result<Held, Error> {
    let file = open(path, notify)?;
    let start = clock.elapsed();
    while !try_take(path, &file)? {
        if clock.elapsed().saturating_sub(start) >= wait {
            return Err(Error::LockBusy { path: path.to_owned(), seconds: wait.as_secs_f64().ceil() as u64 });
        }
        clock.sleep(POLL).await;
    }
    Ok(Held(file))
}

/// The right to change one profile. Saving and removing are possible through it only.
pub struct Guard {
    name: ProfileName,
    path: PathBuf,
    notify: Notify,
    _lock: Held,
}

impl Guard {
    pub(super) fn new(name: ProfileName, path: PathBuf, lock: Held, notify: Notify) -> Self {
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
