//! Folders that are private, and on disk when what's in them is.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::Path,
};

use super::{Error, Notify, file};

/// Refuses somebody else's folder, and closes ours to others: for one that only the store uses. Where it is a
/// link, what it leads to is looked at: somebody may keep it on another disk. What cannot be opened, the next
/// step reports.
pub(super) fn check(path: &Path, notify: &Notify) -> Result<(), Error> {
    let opened = fs::metadata(path).and_then(|found| match found.is_dir() {
        true => File::open(path),
        false => Err(io::ErrorKind::NotADirectory.into()),
    });
    match opened.and_then(|folder| Ok((folder.metadata()?, folder))) {
        Ok((metadata, folder)) => file::check(path, &folder, &metadata, notify),
        Err(_) => Ok(()),
    }
}

/// Creates a folder, and those above it, for the owner only, and puts each on disk.
pub fn create(path: &Path) -> Result<(), Error> {
    let mut missing: Vec<&Path> = path.ancestors().take_while(|folder| !folder.is_dir()).collect();
    missing.retain(|folder| !folder.as_os_str().is_empty());
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    for folder in missing.into_iter().rev() {
        let made = match builder.create(folder) {
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
            Err(error) => Err(error),
            Ok(()) => open_to_owner(folder).and_then(|()| {
                let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
                sync(above.unwrap_or(Path::new(".")))
            }),
        };
        made.map_err(|source| Error::Write { path: folder.to_owned(), source })?;
    }
    Ok(())
}

/// A folder just made may lack its owner's own rights, by the umask.
#[cfg(unix)]
fn open_to_owner(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(folder)?.permissions().mode() & 0o777 != 0o700 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn open_to_owner(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// The names in a folder; none if there's no folder.
pub(super) fn entries(folder: &Path) -> Result<Vec<OsString>, Error> {
    let failed = |source| Error::Read { path: folder.to_owned(), source };
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(error)),
        Ok(entries) => {
            entries.map(|entry| entry.map(|e| e.file_name())).collect::<io::Result<_>>().map_err(failed)
        }
    }
}

/// A rename is on disk only when its folder is.
#[cfg(unix)]
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some file systems can't sync a folder, and say so.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            Ok(())
        }
        outcome => outcome,
    }
}

#[cfg(not(unix))]
pub(super) fn sync(_folder: &Path) -> io::Result<()> {
    Ok(())
}
