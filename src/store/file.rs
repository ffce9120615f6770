//! Private files that are read whole and replaced whole.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

use super::Error;

/// Far above any profile; a larger file isn't one of ours.
const LARGEST: u64 = 1024 * 1024;

/// Opens for the owner only, never through a symbolic link, never waiting for a pipe's other end.
#[cfg(unix)]
pub(super) fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC);
}

/// Elsewhere the user's data folder is private by the system's own rules.
#[cfg(not(unix))]
pub(super) fn private(_options: &mut OpenOptions) {}

pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    options.read(true);
    private(&mut options);
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(Error::Corrupt { path: path.to_owned(), detail: "it is not a regular file".to_owned() });
    }
    close_to_others(&file, &metadata);
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::Corrupt { path: path.to_owned(), detail: "it is larger than 1 MiB".to_owned() });
    }
    Ok(Some(bytes))
}

/// Takes the group's and others' rights away, where somebody gave them. Failing is no reason not to read.
#[cfg(unix)]
fn close_to_others(file: &File, metadata: &fs::Metadata) {
    use std::os::unix::fs::PermissionsExt;
    if metadata.permissions().mode() & 0o077 != 0 {
        let _ = file.set_permissions(fs::Permissions::from_mode(0o600));
    }
}

#[cfg(not(unix))]
fn close_to_others(_file: &File, _metadata: &fs::Metadata) {}

/// Writes a new file beside the old one, syncs it, and renames it over the old one: a crash at any point
/// leaves the old or the new.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    // tempfile creates with O_EXCL and 0600, and removes the file if anything below fails.
    let mut new = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).map_err(failed)?;
    new.write_all(bytes).map_err(failed)?;
    new.as_file().sync_all().map_err(failed)?;
    new.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder).map_err(failed)
}

pub(super) fn remove(path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => sync_folder(path.parent().unwrap_or(Path::new("."))).map_err(failed),
    }
}

pub(super) fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(|source| Error::Write { path: from.to_owned(), source })
}

/// Creates a folder, and those above it, for the owner only.
pub fn create_folder(path: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| Error::Write { path: path.to_owned(), source })
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
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
