//! A store that cannot be read or written. Every error names the file.

use std::{io, path::PathBuf, sync::Arc};

use thiserror::Error;

#[derive(Debug, Error)]
pub enum Error {
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} cannot be locked: {source}", path.display())]
    Lock { path: PathBuf, source: io::Error },
    #[error("{} has been held by another process for {seconds} s", path.display())]
    LockBusy { path: PathBuf, seconds: u64 },
    #[error("{} belongs to another account of this machine", path.display())]
    Foreign { path: PathBuf },
    #[error("{} is not a file that chatauth wrote: {detail}", path.display())]
    Corrupt { path: PathBuf, detail: String },
    #[error("{} was written by a newer chatauth (format {version}, this one knows up to {known})", path.display())]
    Newer { path: PathBuf, version: u64, known: u64 },
}

impl Error {
    /// The lock could not be had; what it guards may still be read.
    pub fn is_lock(&self) -> bool {
        matches!(self, Error::Lock { .. } | Error::LockBusy { .. })
    }
}

/// Something about the store that somebody should hear of, though it went on.
#[derive(Debug)]
pub enum Notice {
    /// Others could read a secret file.
    LoosePermissions { path: PathBuf, mode: u32, mended: bool },
    /// A file that could not be read made way for a new one.
    SetAside { path: PathBuf, aside: PathBuf },
}

/// Somebody who is told.
pub type Notify = Arc<dyn Fn(&Notice) + Send + Sync>;
