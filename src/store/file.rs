//! Private files that are read whole and replaced whole.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::{Error, Notice, Notify, folder};

/// Far above any profile; a larger file isn't one of ours.
const LARGEST: u64 = 1024 * 1024;

/// Opens for the owner only, never through a symbolic link, never waiting for a pipe's other end.
#[cfg(unix)]
pub(super) fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    options.mode(0o600).custom_flags(flags.bits().cast_signed());
}

/// Elsewhere the user's data folder is private by the system's own rules.
#[cfg(not(unix))]
pub(super) fn private(_options: &mut OpenOptions) {}

pub(super) fn read(path: &Path, notify: &Notify) -> Result<Option<Vec<u8>>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let corrupt = |detail: &str| Error::Corrupt { path: path.to_owned(), detail: detail.to_owned() };
    let mut options = OpenOptions::new();
    options.read(true);
    private(&mut options);
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(plainly(path, error))),
    };
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(corrupt("it is not a regular file"));
    }
    check(path, &file, &metadata, notify)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(corrupt("it is larger than 1 MiB"));
    }
    Ok(Some(bytes))
}

/// A link's own error speaks of many levels of links; there is one, and it isn't followed.
pub(super) fn plainly(path: &Path, error: io::Error) -> io::Error {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => {
            io::Error::new(error.kind(), "it is a symbolic link, which is not followed")
        }
        _ => error,
    }
}

/// Refuses somebody else's file or folder; of ours, takes away what others were allowed.
pub(super) fn check(path: &Path, file: &File, metadata: &Metadata, notify: &Notify) -> Result<(), Error> {
    if is_somebody_elses(metadata) {
        return Err(Error::Foreign { path: path.to_owned() });
    }
    close_to_others(path, file, metadata, notify);
    Ok(())
}

/// Another account's file is not ours to trust: it could be read, or changed, by that account. Root may have
/// prepared a file for us.
#[cfg(unix)]
fn is_somebody_elses(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() != rustix::process::geteuid().as_raw() && metadata.uid() != 0
}

#[cfg(not(unix))]
fn is_somebody_elses(_metadata: &Metadata) -> bool {
    false
}

/// Takes the group's and others' rights away, where somebody gave them.
#[cfg(unix)]
fn close_to_others(path: &Path, file: &File, metadata: &Metadata, notify: &Notify) {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let ours = if metadata.is_dir() { 0o700 } else { 0o600 };
        let mended = file.set_permissions(fs::Permissions::from_mode(ours)).is_ok();
        notify(&Notice::LoosePermissions { path: path.to_owned(), mode, mended });
    }
}

#[cfg(not(unix))]
fn close_to_others(_path: &Path, _file: &File, _metadata: &Metadata, _notify: &Notify) {}

/// Writes a new file beside the old one, syncs it, and renames it over the old one: a crash at any point
/// leaves the old or the new. The caller holds the file's lock, so the new file's name can be a fixed one: what
/// a killed process left there is replaced, and doesn't pile up.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let new = path.with_extension("new");
    let written = create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        folder::sync(path.parent().unwrap_or(Path::new(".")))
    });
    written.map_err(|source| {
        // Half a file helps nobody; whether it can be removed changes nothing.
        let _ = fs::remove_file(&new);
        Error::Write { path: path.to_owned(), source }
    })
}

fn create(path: &Path) -> io::Result<File> {
    match create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            create_new(path)
        }
        outcome => outcome,
    }
}

/// Creates a file that wasn't there, for its owner to read and write whatever the umask.
pub(super) fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    private(&mut options);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A umask of 0277 or so would have taken the owner's own rights.
        if file.metadata()?.permissions().mode() & 0o777 != 0o600 {
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(file)
}

/// Finds out whether a file could be created, written and synced in a folder. Nobody else may try at the same
/// time.
pub(super) fn try_out(folder: &Path) -> Result<(), Error> {
    // No profile's file begins with a dot.
    let path = folder.join(".tried-out");
    let tried = create(&path).and_then(|mut file| {
        // More than a profile needs.
        file.write_all(&[b' '; 16 * 1024])?;
        file.sync_all()
    });
    let removed = fs::remove_file(&path);
    tried.and(removed).map_err(|source| Error::Write { path: folder.to_owned(), source })
}

pub(super) fn remove(path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => folder::sync(path.parent().unwrap_or(Path::new("."))).map_err(failed),
    }
}

/// Gives a file another name, which nothing has yet: a rename would replace what has it. The caller holds the
/// file's lock, so nobody else takes the name meanwhile.
pub(super) fn put_aside(path: &Path, ending: &str) -> Result<PathBuf, Error> {
    let mut aside = path.with_extension(ending);
    let mut number = 1;
    while fs::symlink_metadata(&aside).is_ok() {
        number += 1;
        aside = path.with_extension(format!("{ending}-{number}"));
    }
    let renamed = fs::rename(path, &aside);
    renamed.map(|()| aside).map_err(|source| Error::Write { path: path.to_owned(), source })
}
