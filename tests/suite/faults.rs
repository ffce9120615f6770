//! A store whose disk, folder, lock or owner isn't as it should be: what was there is kept, and the right word
//! is said.

use std::{
    ffi::OsStr,
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::{
    desk::{Desk, Outcome, follow, permissions},
    program::{expire, outcome, program, waiting},
};

const ME: &str = "someone@example.com";

/// The program, after what a shell does first.
fn after(preparation: &str, desk: &Desk, arguments: &[&str]) -> Command {
    let wanted = program(desk, arguments);
    let script = format!("{preparation}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(wanted.get_program()).args(wanted.get_args());
    command.env_clear().envs(wanted.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(desk.folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Every write to a file fails, as on a full disk (with EFBIG for ENOSPC).
const FULL: &str = "trap '' XFSZ; ulimit -f 0";

fn login_that_is_not_begun(desk: &Desk, output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}", outcome(output));
    assert_eq!(desk.requests().len(), 0, "nobody is asked for a sign-in that cannot be kept");
}

fn is_root() -> bool {
    // A file that was just made is this process's own.
    tempfile::tempfile().unwrap().metadata().unwrap().uid() == 0
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_full_disk_keeps_the_old_and_is_told() {
    let desk = Desk::signed_in();
    expire(&desk);
    let kept = fs::read(desk.profile_file(ME)).unwrap();
    let settings = fs::read(desk.store().join("settings.json")).unwrap();
    let list = after(FULL, &desk, &["spaces", "list", "-q"]).output().unwrap();
    let told = outcome(&list);
    assert_eq!(list.status.code(), Some(0), "{told}");
    assert!(
        told.contains("warning: the new access token is not saved, the next command asks Google again: ")
    );
    assert!(told.contains("cannot be written: File too large"), "{told}");

    desk.google.handle.clear_requests();
    let login = after(FULL, &desk, &["login", "-q", "--no-browser"]).output().unwrap();
    login_that_is_not_begun(&desk, &login, 1);
    let other = after(FULL, &desk, &["profiles", "use", ME, "-q"]).output().unwrap();
    assert_eq!(other.status.code(), Some(1), "{}", outcome(&other));

    assert_eq!(fs::read(desk.profile_file(ME)).unwrap(), kept);
    assert_eq!(fs::read(desk.store().join("settings.json")).unwrap(), settings);
    assert_eq!(files(&desk.store()), ["profiles", "settings.json", "settings.lock"]);
    assert_eq!(files(&desk.store().join("profiles")), [format!("{ME}.json"), format!("{ME}.lock")]);
}

#[test]
fn a_rotated_token_that_cannot_be_saved_is_an_error() {
    for fault in [FULL, "cd home/emulators/*/profiles; rm x.lock; ln -s /nowhere x.lock"] {
        let desk = Desk::signed_in_with(&["--profile", "x"]);
        desk.google.handle.rotate_refresh_tokens(true);
        let kept = fs::read(desk.profile_file("x")).unwrap();
        let output = after(fault, &desk, &["refresh", "-q"]).output().unwrap();
        let told = outcome(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(
            told.contains(
                "Google has replaced the refresh token of profile x, and the new one cannot be saved"
            ),
            "{told}"
        );
        assert!(told.contains("then chatauth login"), "{told}");
        assert_eq!(fs::read(desk.profile_file("x")).unwrap(), kept);
    }
}

/// Runs the program as an account that root's rights don't help; `None` where that cannot be.
fn without_rights(desk: &Desk, arguments: &[&str]) -> Option<Output> {
    let mut command = program(desk, arguments);
    if is_root() {
        use std::os::unix::process::CommandExt;
        give_away(desk.folder.path());
        // The build's folder may be closed to that account.
        let copy = desk.folder.path().join("chatauth");
        if !copy.exists() {
            fs::copy(env!("CARGO_BIN_EXE_chatauth"), &copy).unwrap();
        }
        let environment: Vec<_> =
            command.get_envs().map(|(name, value)| (name.to_owned(), value.map(OsStr::to_owned))).collect();
        command = Command::new(copy);
        command.args(arguments).env_clear().current_dir(desk.folder.path()).uid(12345).gid(12345);
        command.envs(environment.into_iter().filter_map(|(name, value)| Some((name, value?))));
    }
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            println!("skipped: no process of another account can be started here ({error})");
            None
        }
    }
}

fn give_away(path: &Path) {
    chown(path, Some(12345), Some(12345)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give_away(&entry.unwrap().path());
        }
    }
}

#[test]
fn a_read_only_store_is_used_with_a_warning_and_takes_no_login() {
    let desk = Desk::signed_in();
    expire(&desk);
    let kept = fs::read(desk.profile_file(ME)).unwrap();
    let profiles = desk.store().join("profiles");
    fs::set_permissions(&profiles, Permissions::from_mode(0o500)).unwrap();
    let Some(list) = without_rights(&desk, &["spaces", "list", "-q"]) else { return };
    let told = outcome(&list);
    assert_eq!(list.status.code(), Some(0), "{told}");
    assert!(told.contains("warning: the new access token is not saved"), "{told}");
    desk.google.handle.clear_requests();
    let login = without_rights(&desk, &["login", "-q", "--no-browser"]).unwrap();
    login_that_is_not_begun(&desk, &login, 1);
    fs::set_permissions(&profiles, Permissions::from_mode(0o700)).unwrap();
    assert_eq!(fs::read(desk.profile_file(ME)).unwrap(), kept);
    assert_eq!(files(&profiles), [format!("{ME}.json"), format!("{ME}.lock")]);
}

#[test]
fn a_file_in_the_place_of_the_folder_is_told() {
    let desk = Desk::signed_in();
    let profiles = desk.store().join("profiles");
    fs::remove_dir_all(&profiles).unwrap();
    fs::write(&profiles, "mine").unwrap();
    for command in [&["spaces", "list"][..], &["token"], &["login"], &["logout"], &["profiles", "list"]] {
        let outcome = desk.run(&[command, &["-q"]].concat());
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(outcome.error()["message"].as_str().unwrap().contains("Not a directory"), "{outcome}");
    }
    assert_eq!(fs::read(&profiles).unwrap(), b"mine");
    assert_eq!(desk.requests().len(), 0);
}

#[test]
fn a_lock_that_cannot_be_had_costs_a_refresh_a_warning_and_a_login_its_beginning() {
    let desk = Desk::signed_in_with(&["--profile", "x"]);
    expire_named(&desk, "x");
    let lock = desk.profile_file("x").with_extension("lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    let kept = fs::read(desk.profile_file("x")).unwrap();
    let list = desk.run(&["spaces", "list", "-q"]);
    assert_eq!(list.code, 0, "{list}");
    assert!(list.stderr.starts_with("warning: the new access token is not saved"), "{list}");
    desk.google.handle.clear_requests();
    let login = desk.run(&["login", "-q", "--profile", "x"]);
    assert_eq!((login.code, desk.requests().len()), (1, 0), "{login}");
    assert_eq!(fs::read(desk.profile_file("x")).unwrap(), kept);
}

fn expire_named(desk: &Desk, name: &str) {
    let mut profile = desk.stored(name);
    profile["access_token"]["expires_at"] = "2020-01-01T00:00:00Z".into();
    fs::write(desk.profile_file(name), profile.to_string()).unwrap();
}

#[test]
fn whatever_the_umask_files_are_private_and_usable() {
    for umask in ["000", "022", "077", "277", "777"] {
        let desk = Desk::new();
        let (child, address) =
            waiting(after(&format!("umask {umask}"), &desk, &["login", "-q", "--no-browser"]));
        follow(&address);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "umask {umask}: {}", outcome(&output));
        let store = desk.store();
        let profiles = store.join("profiles");
        for folder in [desk.home(), store.clone(), profiles.clone()] {
            assert_eq!(permissions(&folder), 0o700, "umask {umask}: {}", folder.display());
        }
        for (folder, count) in [(store, 2), (profiles, 2)] {
            let paths = files(&folder).into_iter().map(|name| folder.join(name));
            let plain: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
            assert_eq!(plain.len(), count);
            for file in plain {
                assert_eq!(permissions(&file), 0o600, "umask {umask}: {}", file.display());
            }
        }
    }
}

/// Moves a file elsewhere and leaves a link to it.
fn link_away(desk: &Desk, path: &Path) -> PathBuf {
    let elsewhere = desk.folder.path().join("elsewhere");
    if path.exists() {
        fs::rename(path, &elsewhere).unwrap();
    } else {
        fs::write(&elsewhere, "somebody's").unwrap();
    }
    symlink(&elsewhere, path).unwrap();
    elsewhere
}

#[test]
fn links_in_the_place_of_files_are_not_followed() {
    let told = |outcome: &Outcome| {
        assert!(outcome.stderr.contains("it is a symbolic link, which is not followed"), "{outcome}");
    };
    // The new file: it's the link that is replaced, and what it led to stays.
    let desk = Desk::signed_in();
    let elsewhere = link_away(&desk, &desk.profile_file(ME).with_extension("new"));
    assert_eq!(desk.run(&["refresh"]).code, 0);
    assert_eq!(fs::read(elsewhere).unwrap(), b"somebody's");
    assert!(!desk.profile_file(ME).with_extension("new").is_symlink());

    for (file, refresh, login) in [
        (desk.profile_file(ME), 3, 3),
        (desk.store().join("settings.json"), 3, 3),
        (desk.profile_file(ME).with_extension("lock"), 0, 1),
        (desk.store().join("settings.lock"), 0, 1),
    ] {
        let elsewhere = link_away(&desk, &file);
        let kept = fs::read(&elsewhere).unwrap();
        desk.google.handle.clear_requests();
        let outcome = desk.run(&["refresh", "-q"]);
        assert_eq!(outcome.code, refresh, "{}: {outcome}", file.display());
        if refresh != 0 || file.ends_with(format!("{ME}.lock")) {
            told(&outcome);
        }
        desk.google.handle.clear_requests();
        let outcome = desk.run(&["login", "-q", "--account", ME]);
        assert_eq!((outcome.code, desk.requests().len()), (login, 0), "{}: {outcome}", file.display());
        told(&outcome);
        assert_eq!(fs::read(&elsewhere).unwrap(), kept, "{}", file.display());
        fs::rename(&elsewhere, &file).unwrap();
    }
    assert_eq!(desk.run(&["refresh"]).code, 0);
}

/// A person may keep sign-ins on another disk.
#[test]
fn a_folder_of_ones_own_may_be_a_link() {
    let desk = Desk::signed_in();
    for folder in [desk.store().join("profiles"), desk.home()] {
        let moved = folder.with_extension("moved");
        fs::rename(&folder, &moved).unwrap();
        symlink(&moved, &folder).unwrap();
        assert_eq!(desk.run(&["refresh"]).code, 0);
        assert_eq!(desk.run(&["login"]).code, 0);
        assert!(folder.is_symlink());
    }
}

#[test]
fn other_peoples_files_are_refused() {
    if !is_root() {
        println!("skipped: only root can give files to other accounts");
        return;
    }
    let desk = Desk::signed_in();
    let store = desk.store();
    for (path, told_by) in [
        (desk.profile_file(ME), "someone@example.com.json"),
        (store.join("settings.json"), "settings.json"),
        (desk.profile_file(ME).with_extension("lock"), "someone@example.com.lock"),
        (store.join("profiles"), "profiles"),
    ] {
        chown(&path, Some(12345), None).unwrap();
        desk.google.handle.clear_requests();
        for command in [&["refresh", "-q"][..], &["login", "-q", "--account", ME], &["logout", "-q"]] {
            let outcome = desk.run(command);
            assert_eq!((outcome.code, desk.requests().len()), (3, 0), "{}: {outcome}", path.display());
            let words = format!("{told_by} belongs to another account of this machine");
            assert!(outcome.error()["message"].as_str().unwrap().ends_with(&words), "{outcome}");
        }
        chown(&path, Some(0), None).unwrap();
    }
    assert_eq!(desk.run(&["refresh"]).code, 0);
}

#[test]
fn a_folder_that_others_can_look_into_is_closed_with_a_warning() {
    let desk = Desk::signed_in();
    let profiles = desk.store().join("profiles");
    fs::set_permissions(&profiles, Permissions::from_mode(0o755)).unwrap();
    let outcome = desk.run(&["spaces", "list", "-q"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(
        outcome.stderr.ends_with("/profiles could be read by others (mode 755); that is mended\n"),
        "{outcome}"
    );
    assert_eq!(permissions(&profiles), 0o700);
    // The data folder may be a folder of the person's own, with other things in it.
    fs::set_permissions(desk.home(), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(desk.run(&["spaces", "list", "-q"]).stderr, "");
    assert_eq!(permissions(&desk.home()), 0o755);
}
