//! Private files that are read whole and replaced whole.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

use super::{Error, Notice, Notify};

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
        Err(error) => return Err(failed(error)),
    };
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(corrupt("it is not a regular file"));
    }
    if is_somebody_elses(&metadata) {
        return Err(Error::Foreign { path: path.to_owned() });
    }
    close_to_others(path, &file, &metadata, notify);
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(corrupt("it is larger than 1 MiB"));
    }
    Ok(Some(bytes))
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
        let mended = file.set_permissions(fs::Permissions::from_mode(0o600)).is_ok();
        notify(&Notice::LoosePermissions { path: path.to_owned(), mode, mended });
    }
}

#[cfg(not(unix))]
fn close_to_others(_path: &Path, _file: &File, _metadata: &Metadata, _notify: &Notify) {}

/// Writes a new file beside the old one, syncs it, and renames it over the old one: a crash at any point
/// leaves the old or the new. The caller holds the file's lock, so the new file's name can be a fixed one: what
/// a killed process left there is replaced, and doesn't pile up.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let new = path.with_extension("new");
    let written = create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        sync_folder(folder)
    });
    written.map_err(|source| {
        // Half a file helps nobody; whether it can be removed changes nothing.
        let _ = fs::remove_file(&new);
        Error::Write { path: path.to_owned(), source }
    })
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            options.open(path)
        }
        outcome => outcome,
    }
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

/// Creates a folder, and those above it, for the owner only, and puts each on disk.
pub fn create_folder(path: &Path) -> Result<(), Error> {
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
            Ok(()) => sync_folder(
                folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new(".")),
            ),
        };
        made.map_err(|source| Error::Write { path: folder.to_owned(), source })?;
    }
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
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some file systems can't sync a folder, and say so.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        outcome => outcome,
    }
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
