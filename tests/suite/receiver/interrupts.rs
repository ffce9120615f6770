//! Ctrl-C at any moment of a login: over at once, with the store as it was or with the new sign-in whole.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpStream},
    os::unix::process::ExitStatusExt,
    process::{Child, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use chatauth::emulator::{Consent, Fault};
use rustix::process::{Pid, Signal, kill_process};
use url::Url;

use super::Waiting;
use crate::{
    desk::{Desk, get, parameter},
    http,
    program::{address_in, program},
};

const ME: &str = "someone@example.com";

fn interrupt(child: &Child) {
    // It may just have ended by itself.
    let _ = kill_process(Pid::from_child(child), Signal::INT);
}

fn assert_at_once(since: Instant, moment: Duration) {
    let took = since.elapsed();
    assert!(took < Duration::from_secs(1), "at {moment:?} it took {took:?}");
}

fn assert_closed(consent: &Url, moment: Duration) {
    let port = Url::parse(&parameter(consent, "redirect_uri")).unwrap().socket_addrs(|| None).unwrap()[0];
    // The system may have given the port to another test's login in the meantime, which ends too.
    let closed = (0..20).any(|_| {
        let refused = TcpStream::connect(port).is_err();
        thread::sleep(Duration::from_millis(if refused { 0 } else { 50 }));
        refused
    });
    assert!(closed, "at {moment:?} the port is closed");
}

/// The store's files and what they hold; lock files may come and stay.
fn store(desk: &Desk) -> BTreeMap<String, Vec<u8>> {
    let folders = [desk.store(), desk.store().join("profiles")];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap().flatten());
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let named =
        files.map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap()));
    named.filter(|(name, _)| !name.ends_with(".lock")).collect()
}

/// 130; or, as long as the program hadn't begun, by the signal itself.
fn assert_interrupted(status: ExitStatus, told: &str, moment: Duration) {
    let before_it_began = status.signal() == Some(2) && told.is_empty();
    assert!(status.code() == Some(130) || before_it_began, "at {moment:?}: {status} {told}");
}

#[test]
fn at_any_moment_before_the_answer() {
    let desk = Desk::signed_in();
    let before = store(&desk);
    for step in 0..30 {
        let moment = Duration::from_millis(step * 5);
        let child = program(&desk, &["login", "--no-browser"]).spawn().unwrap();
        thread::sleep(moment);
        interrupt(&child);
        let since = Instant::now();
        let output = child.wait_with_output().unwrap();
        assert_at_once(since, moment);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_interrupted(output.status, &told, moment);
        if let Some(consent) = told.lines().find_map(address_in) {
            assert_closed(&consent, moment);
        }
        assert_eq!(store(&desk), before, "at {moment:?}");
    }
}

#[test]
fn at_any_moment_of_the_exchange() {
    let desk = Desk::signed_in();
    desk.google.handle.fail_next_token(99, Fault::Delay(Duration::from_millis(80)));
    let (mut interrupted, mut finished) = (0, 0);
    for step in 0..25 {
        let before = store(&desk);
        let login = Waiting::start(&mut program(&desk, &["login", "--no-browser"]));
        let honest = login.consent();
        let port: SocketAddr = honest.socket_addrs(|| None).unwrap()[0];
        let target = honest[url::Position::BeforePath..].to_owned();
        let browser = thread::spawn(move || http::send(port, "GET", &target, &[], b""));
        // The last ones come after the end.
        let moment = Duration::from_millis(step * 5);
        thread::sleep(moment);
        interrupt(&login.child);
        let since = Instant::now();
        let consent = login.address.clone();
        let (status, told) = login.end();
        assert_at_once(since, moment);
        assert_closed(&consent, moment);
        let _ = browser.join().unwrap();
        match status.code() {
            Some(0) => finished += 1,
            _ => {
                assert_interrupted(status, &told, moment);
                interrupted += 1;
            }
        }
        let after = store(&desk);
        assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "at {moment:?}");
        if status.code() == Some(0) {
            assert_ne!(after, before, "at {moment:?}");
        }
        // Whichever it is, it's whole.
        assert_eq!(desk.stored(ME)["account"]["email"], ME, "at {moment:?}");
    }
    assert!(interrupted > 0 && finished > 0, "{interrupted} interrupted, {finished} finished");
    assert_eq!(desk.run(&["spaces", "list"]).code, 0);
}

#[test]
fn denial_ends_it_within_a_second() {
    let desk = Desk::new();
    desk.google.handle.set_consent(Consent::Deny);
    let login = Waiting::start(&mut program(&desk, &["login", "--no-browser"]));
    let denial = login.consent();
    let since = Instant::now();
    assert_eq!(get(&denial).status, 403);
    let consent = login.address.clone();
    let (status, told) = login.end();
    assert_at_once(since, Duration::ZERO);
    assert_closed(&consent, Duration::ZERO);
    assert_eq!(status.code(), Some(4));
    assert!(told.contains("consent was refused in the browser"), "{told}");
    assert!(desk.profiles().is_empty());
}
