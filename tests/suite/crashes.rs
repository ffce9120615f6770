//! Processes killed at any moment: what they leave is the old sign-in or the new one, and works.

use std::{
    thread,
    time::{Duration, Instant},
};

use chatauth::{
    emulator::Fault,
    random::{Random, SystemRandom},
};
use serde_json::Value;

use crate::{
    desk::{Desk, get},
    http,
    program::{expire, program, waiting_login_to},
};

const ME: &str = "someone@example.com";

/// What the killed ones left.
#[derive(Debug, Default)]
struct Left {
    old: usize,
    new: usize,
}

impl Left {
    /// A file that doesn't parse ends the test.
    fn count(&mut self, before: &Value, after: &Value) {
        assert_eq!(after["refresh_token"].as_str().map(|token| &token[..3]), Some("1//"));
        assert_eq!(after["account"], before["account"]);
        if before["access_token"] == after["access_token"] { self.old += 1 } else { self.new += 1 }
    }
}

fn at_most(longest: Duration) -> Duration {
    let random: &dyn Random = &SystemRandom;
    longest.mul_f64(random.fraction())
}

/// No more than the profile, its lock and one unfinished new file, however many were killed.
fn assert_no_pile(desk: &Desk, most: usize) {
    let files: Vec<_> = std::fs::read_dir(desk.store().join("profiles")).unwrap().flatten().collect();
    assert!(files.len() <= most, "{files:?}");
}

#[test]
fn killed_refreshes_leave_the_old_or_the_new() {
    kill_refreshes(70);
}

#[test]
fn killed_logins_leave_the_old_or_the_new() {
    kill_logins(30);
}

#[test]
#[ignore = "long: cargo test --test suite -- --ignored"]
fn a_thousand_killed_leave_the_old_or_the_new() {
    kill_refreshes(700);
    kill_logins(300);
}

fn kill_refreshes(count: usize) {
    let desk = Desk::signed_in();
    let start = Instant::now();
    assert!(program(&desk, &["refresh"]).output().unwrap().status.success());
    let whole = start.elapsed();
    let mut left = Left::default();
    for round in 0..count {
        let before = desk.stored(ME);
        desk.google.handle.clear_requests();
        let mut child = program(&desk, &["refresh"]).spawn().unwrap();
        if round % 4 == 0 {
            thread::sleep(at_most(whole));
        } else {
            // Mostly when there's something to save.
            while desk.requests().is_empty() && child.try_wait().unwrap().is_none() {
                thread::sleep(Duration::from_micros(200));
            }
            thread::sleep(at_most(Duration::from_millis(6)));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        left.count(&before, &desk.stored(ME));
        assert_no_pile(&desk, 3);
        if round % 20 == 0 {
            let next = desk.run(&["refresh"]);
            assert_eq!(next.code, 0, "{next}");
            assert_no_pile(&desk, 2);
        }
    }
    println!("{count} refreshes killed: {left:?}");
    let next = desk.run(&["spaces", "list"]);
    assert_eq!(next.code, 0, "{next}");
}

fn kill_logins(count: usize) {
    let desk = Desk::signed_in();
    let mut left = Left::default();
    for _ in 0..count {
        let before = desk.stored(ME);
        let (mut child, address) = waiting_login_to(&desk, ME);
        let browser = thread::spawn(move || {
            let callback = url::Url::parse(get(&address).header("location").unwrap()).unwrap();
            let socket = callback.socket_addrs(|| None).unwrap()[0];
            // Its page may never come.
            let _ = http::send(socket, "GET", &callback[url::Position::BeforePath..], &[], b"");
        });
        while desk.requests().last().is_none_or(|request| request != "POST /token") {
            thread::sleep(Duration::from_micros(200));
        }
        thread::sleep(at_most(Duration::from_millis(12)));
        child.kill().unwrap();
        child.wait().unwrap();
        browser.join().unwrap();
        desk.google.handle.clear_requests();
        left.count(&before, &desk.stored(ME));
        assert_no_pile(&desk, 3);
    }
    println!("{count} logins killed: {left:?}");
    let next = desk.run(&["refresh"]);
    assert_eq!(next.code, 0, "{next}");
    assert_no_pile(&desk, 2);
}

#[test]
fn a_rotated_refresh_token_is_saved_before_its_access_token_is_used() {
    let desk = Desk::signed_in();
    expire(&desk);
    let old = desk.stored(ME);
    desk.google.handle.rotate_refresh_tokens(true);
    desk.google.handle.fail_next(1, Fault::Delay(Duration::from_secs(5)));
    let mut child = program(&desk, &["spaces", "list"]).spawn().unwrap();
    while desk.requests().last().is_none_or(|request| request != "GET /v1/spaces") {
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let new = desk.stored(ME);
    assert_ne!(new["refresh_token"], old["refresh_token"]);
    assert_ne!(new["access_token"]["token"], old["access_token"]["token"]);
    assert_eq!(desk.run(&["refresh"]).code, 0, "the old one would be refused");
}
