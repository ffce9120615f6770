//! The program itself, as a process: signals, streams, the environment, and many at once.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use insta::assert_snapshot;

use crate::desk::{Desk, follow};

const ME: &str = "someone@example.com";

/// The program, with nothing of the tester's own environment but what it's given.
pub fn program(desk: &Desk, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatauth"));
    command
        .args(arguments)
        .current_dir(desk.folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("CHATAUTH_HOME", desk.home())
        .env("CHATAUTH_EMULATOR_HOST", desk.google.address.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub fn outcome(output: &Output) -> String {
    let code = output.status.code().map_or("by signal".to_owned(), |code| code.to_string());
    format!("exit {code}\n--- stdout\n{}--- stderr\n{}", text(&output.stdout), text(&output.stderr))
}

/// The address on a line of its own.
pub fn address_in(line: &str) -> Option<url::Url> {
    line.trim().starts_with("http").then(|| url::Url::parse(line.trim()).ok())?
}

/// Makes the stored access token look expired.
pub fn expire(desk: &Desk) {
    let mut profile = desk.stored(ME);
    profile["access_token"]["expires_at"] = "2020-01-01T00:00:00Z".into();
    std::fs::write(desk.profile_file(ME), profile.to_string()).unwrap();
}

/// A sign-in that waits for the browser, and the address that it printed.
fn waiting_login(desk: &Desk) -> (Child, url::Url) {
    waiting(program(desk, &["login", "--no-browser"]))
}

/// The same, to a profile of that name.
pub fn waiting_login_to(desk: &Desk, profile: &str) -> (Child, url::Url) {
    waiting(program(desk, &["login", "--no-browser", "--profile", profile]))
}

pub fn waiting(mut login: Command) -> (Child, url::Url) {
    let mut child = login.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = lines.find_map(|line| address_in(&line.unwrap())).unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    (child, address)
}

#[test]
fn demo_does_the_main_job_with_nobody_there() {
    let desk = Desk::new();
    let output = program(&desk, &["demo", "--format", "human"]).output().unwrap();
    let shown = outcome(&output);
    for words in [
        "✓ Signed in as someone@example.com",
        "✓ Created API-made",
        "✓ Sent spaces/",
        "  Hello from chatauth\n",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(output.status.code(), Some(0));
    // It's all in the process: neither the store nor the emulator that's in force are touched.
    assert!(!desk.home().exists());
    assert_eq!(desk.requests().len(), 0);
    let json = program(&desk, &["demo", "-q"]).output().unwrap();
    let values = serde_json::Deserializer::from_slice(&json.stdout).into_iter::<serde_json::Value>();
    assert_eq!(values.map(Result::unwrap).count(), 4);
}

#[test]
fn ctrl_c_and_term_end_a_waiting_login_at_once() {
    for (signal, code, word) in [(libc::SIGINT, 130, "interrupted"), (libc::SIGTERM, 143, "terminated")] {
        let desk = Desk::new();
        let (child, address) = waiting_login(&desk);
        let start = Instant::now();
        let killed =
            Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{word}");
        assert!(start.elapsed() < Duration::from_secs(1));
        let port =
            url::Url::parse(&crate::desk::parameter(&address, "redirect_uri")).unwrap().port().unwrap();
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "the port is closed");
        assert!(desk.profiles().is_empty());
    }
}

#[test]
fn browser_gets_the_address_as_one_argument_and_no_secret() {
    let desk = Desk::new();
    desk.write(
        "open.sh",
        "#!/bin/sh\nenv > env.txt\nprintf '%s\\n' \"$#\" \"$1\" > open.part\nmv open.part open.txt\n",
    );
    let child = program(&desk, &["login", "-q"])
        .env("BROWSER", format!("sh {}/open.sh", desk.folder.path().display()))
        .env("CHATAUTH_ACCESS_TOKEN", "ya29.planted")
        .spawn()
        .unwrap();
    let opened = desk.folder.path().join("open.txt");
    while !opened.exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let opened = std::fs::read_to_string(opened).unwrap();
    let (count, address) = opened.trim().split_once('\n').unwrap();
    assert_eq!(count, "1");
    follow(&url::Url::parse(address).unwrap());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", outcome(&output));
    assert!(text(&output.stderr).contains("CHATAUTH_ACCESS_TOKEN is set, and is used before this sign-in"));
    assert!(!std::fs::read_to_string(desk.folder.path().join("env.txt")).unwrap().contains("planted"));
}

#[test]
fn a_full_disk_behind_standard_output_is_told() {
    let desk = Desk::signed_in();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = program(&desk, &["-q", "spaces", "list"]).stdout(full).output().unwrap();
    assert_snapshot!(outcome(&output), @r#"
    exit 1
    --- stdout
    --- stderr
    {"error":{"kind":"failed","exit_code":1,"message":"standard output cannot be written: No space left on device (os error 28)"}}
    "#);
}

#[test]
fn a_closed_pipe_is_quiet() {
    let desk = Desk::signed_in();
    let mut child = program(&desk, &["-q", "spaces", "list"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(outcome(&output), "exit 0\n--- stdout\n--- stderr\n");
}

#[test]
fn without_a_home_it_says_so() {
    let desk = Desk::new();
    let output = program(&desk, &["status"]).env_remove("CHATAUTH_HOME").env("HOME", "").output().unwrap();
    // The system knows root's home all the same; either way nothing is written elsewhere.
    assert!(matches!(output.status.code(), Some(3 | 4)), "{}", outcome(&output));
}

#[test]
fn the_emulator_is_ready_for_scripts() {
    let desk = Desk::new();
    let ready = desk.folder.path().join("ready");
    let start = ["emulator", "start", "--port", "0", "--consent", "auto", "--ready-file", "ready"];
    let mut emulator = program(&desk, &start).env_remove("CHATAUTH_EMULATOR_HOST").spawn().unwrap();
    while !ready.exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let lines = std::fs::read_to_string(&ready).unwrap();
    let value = |name: &str| {
        let line = lines.lines().find_map(|line| line.strip_prefix(&format!("export {name}="))).unwrap();
        line.trim_matches('\'').to_owned()
    };
    let address = value("CHATAUTH_EMULATOR_HOST");
    let client = std::fs::read_to_string(value("CHATAUTH_CLIENT_SECRETS")).unwrap();
    assert!(client.contains("\"installed\""));
    let mut login = program(&desk, &["login", "--no-browser"])
        .env("CHATAUTH_EMULATOR_HOST", &address)
        .env("CHATAUTH_CLIENT_SECRETS", value("CHATAUTH_CLIENT_SECRETS"))
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(login.stderr.take().unwrap()).lines();
    let page = lines.find_map(|line| address_in(&line.unwrap())).unwrap();
    follow(&page);
    assert_eq!(login.wait().unwrap().code(), Some(0));

    Command::new("kill").arg(emulator.id().to_string()).status().unwrap();
    assert_eq!(emulator.wait().unwrap().code(), Some(143));
    assert!(!ready.exists(), "a stale file would mislead the next script");
    let mut told = String::new();
    emulator.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&told).unwrap()["host"], address.as_str());
}

#[test]
fn emulator_env_points_a_shell_at_it() {
    let desk = Desk::new();
    let output = program(&desk, &["emulator", "env", "--port", "9000", "-q"]).output().unwrap();
    let shown = text(&output.stdout).replace(&desk.home().display().to_string(), "HOME");
    assert_eq!(
        shown,
        "export CHATAUTH_EMULATOR_HOST=127.0.0.1:9000\nexport CHATAUTH_CLIENT_SECRETS='HOME/emulators/client_secrets.json'\n"
    );
    // A file of somebody's own is never overwritten.
    let file = desk.home().join("emulators/client_secrets.json");
    std::fs::File::create(&file).unwrap().write_all(b"{\"installed\":{}}").unwrap();
    let output = program(&desk, &["emulator", "env"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", outcome(&output));
    assert_eq!(std::fs::read(&file).unwrap(), b"{\"installed\":{}}");
}

#[test]
fn help_names_every_command_and_exit_code() {
    let desk = Desk::new();
    let output = program(&desk, &["--help"]).output().unwrap();
    let help = text(&output.stdout);
    for (_, code, meaning) in chatauth::EXITS {
        assert!(help.contains(&format!("{code:>3}  {meaning}")), "{help}");
    }
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn ctrl_c_ends_a_wait_for_standard_input() {
    let desk = Desk::signed_in();
    let mut child = program(&desk, &["-q", "messages", "send", "--space", "A", "--text", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "it waits");
    Command::new("kill").args(["-2", &child.id().to_string()]).status().unwrap();
    let stdin = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(output.status.code(), Some(130), "{}", outcome(&output));
}

#[test]
fn a_browser_that_cannot_be_run_is_told() {
    let desk = Desk::new();
    let output = program(&desk, &["login", "-q", "--timeout", "1"])
        .env("BROWSER", "/nonexistent/browser")
        .env("PATH", "/nonexistent")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(7));
    assert!(
        text(&output.stderr)
            .contains("warning: no browser could be opened here: open the address above yourself")
    );
}

#[test]
fn a_slow_pipe_costs_the_command_no_time_unless_it_was_limited() {
    let desk = Desk::signed_in();
    let mut child =
        program(&desk, &["-q", "messages", "send", "--space", "A", "--text", "-", "--timeout", "1"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
    let stdin = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(output.status.code(), Some(7), "{}", outcome(&output));
    assert!(text(&output.stderr).contains("--text -: nothing more came for 1 s"), "{}", outcome(&output));
    assert_eq!(desk.requests().len(), 0);
}

#[test]
fn a_file_of_somebodys_own_is_no_ready_file() {
    let desk = Desk::new();
    desk.write("mine", "precious");
    let start = ["emulator", "start", "--port", "0", "--ready-file", "mine"];
    let output = program(&desk, &start).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", outcome(&output));
    assert_eq!(std::fs::read(desk.folder.path().join("mine")).unwrap(), b"precious");
}
