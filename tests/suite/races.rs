//! Processes that meet at one store: who refreshes, who waits, and whose word stays.

use std::{
    process::{Child, Command, Output},
    thread,
    time::{Duration, Instant},
};

use chatauth::emulator::Fault;

use crate::{
    desk::{Desk, follow},
    program::{expire, outcome, program, waiting_login_to},
};

const ME: &str = "someone@example.com";

fn expect(child: Child, codes: &[i32]) -> Output {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.code().is_some_and(|code| codes.contains(&code)), "{}", outcome(&output));
    output
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Copies of the sign-in under other names.
fn copies(desk: &Desk, count: usize) -> Vec<String> {
    let mut profile = desk.stored(ME);
    let copy = |number| {
        let name = format!("p{number}");
        profile["profile"] = name.as_str().into();
        std::fs::write(desk.profile_file(&name), profile.to_string()).unwrap();
        name
    };
    (0..count).map(copy).collect()
}

#[test]
fn processes_with_one_expired_token_ask_once() {
    ask_once(40);
}

#[test]
#[ignore = "long: cargo test --test suite -- --ignored"]
fn two_hundred_processes_with_one_expired_token_ask_once() {
    ask_once(200);
}

fn ask_once(count: usize) {
    let desk = Desk::signed_in();
    expire(&desk);
    desk.google.handle.fail_next_token(count, Fault::Delay(Duration::from_millis(300)));
    let start = Instant::now();
    let children: Vec<Child> =
        (0..count).map(|_| program(&desk, &["spaces", "list"]).spawn().unwrap()).collect();
    for child in children {
        expect(child, &[0]);
    }
    let elapsed = start.elapsed();
    println!("{count} processes: {elapsed:?}");
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
    let requests = desk.requests();
    assert_eq!(requests.iter().filter(|request| *request == "POST /token").count(), 1);
    assert_eq!(requests.len(), count + 1);
}

#[test]
fn a_stopped_refresh_delays_the_others_and_does_not_stop_them() {
    let desk = Desk::signed_in();
    expire(&desk);
    desk.google.handle.fail_next_token(1, Fault::Delay(Duration::from_millis(300)));
    let stopped = program(&desk, &["refresh", "-q"]).spawn().unwrap();
    until("the refresh is under way", || desk.requests() == ["POST /token"]);
    signal(&stopped, "-STOP");
    let kept = std::fs::read(desk.profile_file(ME)).unwrap();

    let start = Instant::now();
    let list = ["spaces", "list", "-q", "--timeout", "4"];
    let others: Vec<Child> = (0..3).map(|_| program(&desk, &list).spawn().unwrap()).collect();
    for other in others {
        let told = outcome(&expect(other, &[0]));
        assert!(told.contains("warning: refreshed for this command only: "), "{told}");
        assert!(told.contains(".lock has been held by another process for "), "{told}");
    }
    assert!(start.elapsed() > Duration::from_millis(1500), "half of their time: {:?}", start.elapsed());
    assert_eq!(std::fs::read(desk.profile_file(ME)).unwrap(), kept, "only the lock's holder saves");

    signal(&stopped, "-CONT");
    expect(stopped, &[0]);
    assert_ne!(std::fs::read(desk.profile_file(ME)).unwrap(), kept);
    desk.google.handle.clear_requests();
    expect(program(&desk, &["spaces", "list"]).spawn().unwrap(), &[0]);
    assert_eq!(desk.requests(), ["GET /v1/spaces"]);
}

#[test]
fn no_refresh_undoes_a_logout() {
    refresh_against_logout(30);
}

#[test]
#[ignore = "long: cargo test --test suite -- --ignored"]
fn no_refresh_of_two_hundred_undoes_a_logout() {
    refresh_against_logout(200);
}

fn refresh_against_logout(count: usize) {
    let desk = Desk::signed_in();
    expire(&desk);
    let names = copies(&desk, count);
    let mut first = 0;
    // As many at once as a machine bears, and either first.
    for (round, batch) in names.chunks(10).enumerate() {
        desk.google.handle.fail_next_token(batch.len(), Fault::Delay(Duration::from_millis(20)));
        let racing: Vec<_> = batch
            .iter()
            .enumerate()
            .map(|(place, name)| {
                let refresh = || program(&desk, &["refresh", "--profile", name]).spawn().unwrap();
                let logout =
                    || program(&desk, &["logout", "--no-revoke", "--profile", name]).spawn().unwrap();
                let pause = || thread::sleep(Duration::from_millis(round as u64 % 10 * 3));
                if place % 2 == 0 {
                    let refresh = refresh();
                    pause();
                    (refresh, logout())
                } else {
                    let logout = logout();
                    (refresh(), logout)
                }
            })
            .collect();
        for (refresh, logout) in racing {
            first += usize::from(expect(refresh, &[0, 4]).status.success());
            expect(logout, &[0]);
        }
        desk.google.handle.clear_faults();
    }
    println!("of {count}, the refresh was first {first} times");
    assert_eq!(desk.profiles(), [format!("{ME}.json")]);
}

#[test]
fn logins_at_once_leave_whole_profiles_and_one_in_use() {
    log_in(15);
}

#[test]
#[ignore = "long: cargo test --test suite -- --ignored"]
fn fifty_logins_at_once_leave_whole_profiles_and_one_in_use() {
    log_in(50);
}

fn log_in(count: usize) {
    let desk = Desk::new();
    let names: Vec<String> = (0..5).map(|number| format!("p{number}")).collect();
    let waiting: Vec<_> =
        names.iter().cycle().take(count).map(|name| waiting_login_to(&desk, name)).collect();
    let browsers: Vec<_> = waiting
        .into_iter()
        .map(|(child, address)| {
            thread::spawn(move || {
                follow(&address);
                child
            })
        })
        .collect();
    for browser in browsers {
        expect(browser.join().unwrap(), &[0]);
    }
    let mut profiles = desk.profiles();
    profiles.sort();
    assert_eq!(profiles, names.iter().map(|name| format!("{name}.json")).collect::<Vec<_>>());
    let settings: serde_json::Value =
        serde_json::from_slice(&std::fs::read(desk.store().join("settings.json")).unwrap()).unwrap();
    assert!(names.iter().any(|name| settings["active_profile"] == name.as_str()), "{settings}");
    for name in &names {
        let used = desk.run(&["refresh", "--profile", name]);
        assert_eq!(used.code, 0, "{used}");
    }
    let files = std::fs::read_dir(desk.store().join("profiles")).unwrap().count();
    assert_eq!(files, 10, "a file and a lock each");
}

#[test]
fn a_logout_leaves_the_login_that_came_into_use_meanwhile() {
    let desk = Desk::signed_in();
    let names = copies(&desk, 1);
    let store = desk.store();
    let settings = std::fs::File::options().write(true).open(store.join("settings.lock")).unwrap();
    settings.lock().unwrap();
    let logout = program(&desk, &["logout", "--no-revoke"]).spawn().unwrap();
    until("the profile is forgotten", || !desk.profile_file(ME).exists());
    thread::sleep(Duration::from_millis(50));
    let in_use = serde_json::json!({ "version": 1, "active_profile": names[0] }).to_string();
    std::fs::write(store.join("settings.json"), &in_use).unwrap();
    drop(settings);
    expect(logout, &[0]);
    assert_eq!(std::fs::read_to_string(store.join("settings.json")).unwrap(), in_use);
}
