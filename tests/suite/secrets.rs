//! Secrets stay where they belong. Every command is run, in success and failure, at full verbosity; then all
//! that was written anywhere is searched for every secret there was, in its encoded forms too.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use chatauth::emulator::{Consent, Fault};
use url::form_urlencoded;

use crate::desk::{Desk, Outcome, Run, Script, follow};

const READY: &str = "ya29.planted-ready-token";
const PROXY_PASSWORD: &str = "planted-proxy-password";
const WEBHOOK: &str = "https://chat.googleapis.com/v1/spaces/A/messages?key=planted-key&token=planted-token";

/// Everything that was said so far, and by which command.
#[derive(Default)]
struct Heard(Mutex<Vec<(String, String)>>);

impl Heard {
    fn run(&self, desk: &Desk, arguments: &[&str]) -> Outcome {
        self.hear(arguments, desk.command(arguments))
    }

    fn hear(&self, arguments: &[&str], run: Run<'_>) -> Outcome {
        let run = run.variable("CHATAUTH_WEBHOOK_URL", WEBHOOK);
        let run = run.variable("HTTPS_PROXY", &format!("http://sam:{PROXY_PASSWORD}@127.0.0.1:9"));
        let outcome = run.run();
        self.0.lock().unwrap().push((arguments.join(" "), format!("{}{}", outcome.stdout, outcome.stderr)));
        outcome
    }
}

/// All commands that there are, in a form that does something.
const COMMANDS: [&[&str]; 16] = [
    &["-vvv", "status"],
    &["-vvv", "status", "--format", "human"],
    &["-vvv", "refresh"],
    &["-vvv", "profiles", "list"],
    &["-vvv", "profiles", "use", "someone@example.com"],
    &["-vvv", "spaces", "create", "--name", "Secrets"],
    &["-vvv", "spaces", "create", "--name", "Secrets", "--dry-run"],
    &["-vvv", "spaces", "list", "--format", "human"],
    &["-vvv", "spaces", "get", "AAAA"],
    &["-vvv", "messages", "send", "--space", "AAAA", "--text", "x"],
    &["-vvv", "messages", "send", "--space", "AAAA", "--text", "x", "--dry-run"],
    &["-vvv", "messages", "list", "--space", "AAAA"],
    &["-vvv", "messages", "get", "b", "--space", "AAAA"],
    &["-vvv", "emulator", "env"],
    &["-vvv", "demo", "--yes"],
    &["-vvv", "nonsense"],
];

/// A server that repeats what it was sent.
fn echo(desk: &Desk, code: u16) -> Fault {
    let stored = fs::read_to_string(desk.profile_file("someone@example.com")).unwrap_or_default();
    let stored: serde_json::Value = serde_json::from_str(&stored).unwrap_or_default();
    let sent = format!("You sent {}", stored["access_token"]["token"].as_str().unwrap_or_default());
    let body = serde_json::json!({
        "error": { "code": code, "message": sent, "status": "INTERNAL" },
    });
    Fault::Status { code, headers: vec![], body: body.to_string() }
}

fn token_echo(desk: &Desk) -> Fault {
    let stored = desk.stored("someone@example.com");
    let sent = format!("You sent {} and {}", stored["refresh_token"], stored["client"]["client_secret"]);
    let body = serde_json::json!({ "error": "invalid_grant", "error_description": sent });
    Fault::Status { code: 400, headers: vec![], body: body.to_string() }
}

#[test]
fn nothing_but_the_store_and_the_token_command_has_a_secret() {
    let desk = Desk::new();
    let heard = Heard::default();
    let mut secrets = BTreeSet::from([
        READY.to_owned(),
        PROXY_PASSWORD.to_owned(),
        "planted-key".to_owned(),
        "planted-token".to_owned(),
        desk.google.client["client_secret"].as_str().unwrap().to_owned(),
    ]);

    // Sign-ins: well, denied, with an answer that can't be used, and one that panics half-way.
    heard.run(&desk, &["-vvv", "login", "--add-scopes", "chat.messages.readonly"]);
    desk.google.handle.set_consent(Consent::Deny);
    heard.run(&desk, &["-vvv", "login"]);
    desk.google.handle.set_consent(Consent::Auto);
    desk.google.handle.fail_next_token(1, Fault::Truncate);
    heard.run(&desk, &["-vvv", "login"]);
    collect(&desk, &mut secrets);

    for command in COMMANDS {
        heard.run(&desk, command);
        desk.google.handle.fail_next(5, echo(&desk, 500));
        heard.run(&desk, command);
        desk.google.handle.clear_faults();
        desk.google.handle.fail_next(2, echo(&desk, 401));
        heard.run(&desk, command);
        desk.google.handle.clear_faults();
        collect(&desk, &mut secrets);
        heard.hear(command, desk.command(command).variable("CHATAUTH_ACCESS_TOKEN", READY));
        heard.hear(command, desk.command(command).at_terminal());
    }
    desk.google.handle.revoke_access_tokens();
    desk.google.handle.fail_next_token(1, token_echo(&desk));
    let refused = heard.run(&desk, &["-vvv", "refresh"]);
    assert_eq!(refused.code, 4, "{refused}");
    assert!(refused.error()["message"].as_str().unwrap().contains("You sent \"[redacted]\""), "{refused}");

    let whole = fs::read(desk.profile_file("someone@example.com")).unwrap();
    for cut in [1, 100, 300, whole.len() - 2] {
        fs::write(desk.profile_file("someone@example.com"), &whole[..cut]).unwrap();
        heard.run(&desk, &["-vvv", "spaces", "list"]);
    }
    fs::write(desk.profile_file("someone@example.com"), &whole).unwrap();
    heard.run(&desk, &["-vvv", "logout"]);
    collect(&desk, &mut secrets);

    // Codes, verifiers, tokens of every refresh: there have to be many, or this test looks for nothing.
    assert!(secrets.len() > 15, "{}", secrets.len());
    let heard = heard.0.into_inner().unwrap();
    assert!(heard.iter().any(|(_, text)| text.contains("> POST http://")), "nothing was traced");
    for secret in &secrets {
        for form in forms(secret) {
            for (command, text) in &heard {
                assert!(!text.contains(&form), "chatauth {command} shows {secret} as {form}:\n{text}");
            }
        }
    }
    let found = files_with(desk.folder.path(), &secrets);
    assert_eq!(
        found,
        ["client_secrets.json", "emulators/client_secrets.json"],
        "the emulator's own secret is in its file"
    );
}

/// Every token, code, verifier and secret that went over the wire or is stored.
fn collect(desk: &Desk, secrets: &mut BTreeSet<String>) {
    for request in desk.google.handle.requests() {
        if let Some(token) = request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")) {
            secrets.insert(token.to_owned());
        }
        for (name, value) in form_urlencoded::parse(request.body.as_bytes()) {
            let is_secret =
                ["code", "code_verifier", "refresh_token", "client_secret", "token", "access_token"];
            if is_secret.contains(&name.as_ref()) {
                secrets.insert(value.into_owned());
            }
        }
    }
    let stored = fs::read(desk.profile_file("someone@example.com")).unwrap_or_default();
    let stored: serde_json::Value = serde_json::from_slice(&stored).unwrap_or_default();
    for secret in [&stored["refresh_token"], &stored["access_token"]["token"]] {
        secrets.extend(secret.as_str().map(str::to_owned));
    }
}

/// A secret as it is, in a URL, in base64 at each alignment, in hexadecimal, and backwards.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), secret.chars().rev().collect()];
    forms.push(form_urlencoded::byte_serialize(secret.as_bytes()).collect());
    forms.push(secret.bytes().map(|byte| format!("{byte:02x}")).collect());
    for skipped in 0..3 {
        // Only whole groups of three bytes look the same wherever they stand.
        let rest = &secret.as_bytes()[skipped..];
        let whole = &rest[..rest.len() / 3 * 3];
        forms.extend([STANDARD_NO_PAD.encode(whole), URL_SAFE_NO_PAD.encode(whole)]);
    }
    forms
}

/// The files below a folder that hold one of the secrets, by their path in the folder or the data folder.
fn files_with(folder: &Path, secrets: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            if secrets.iter().any(|secret| text.contains(secret.as_str())) {
                let shown = path.strip_prefix(folder).unwrap();
                found.push(shown.strip_prefix("home").unwrap_or(shown).display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_panic_tells_nothing() {
    let desk = Desk::new();
    struct Panics;
    impl chatauth::Browser for Panics {
        fn open(&self, address: &url::Url, _failed: Box<dyn FnOnce() + Send>) {
            panic!("a bug, with {address} and {READY}");
        }
    }
    let outcome = desk.command(&["-vvv", "login"]).browser(Panics).run();
    assert_eq!(outcome.code, 70);
    assert!(!outcome.stderr.contains(READY) && outcome.stdout.is_empty(), "{outcome}");
}

#[test]
fn a_debugger_sees_no_secret_either() {
    let secret = chatauth::secret::Secret::new("planted");
    assert_eq!(format!("{secret:?}"), "[redacted]");
    let opened = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&opened);
    let desk = Desk::new();
    let browser = Script(move |address: url::Url| {
        kept.lock().unwrap().push(address.to_string());
        follow(&address);
    });
    assert_eq!(desk.command(&["login"]).browser(browser).run().code, 0);
    // The browser's address bar and history have the state and the challenge, never the verifier.
    let mut sent = BTreeSet::new();
    collect(&desk, &mut sent);
    let address = opened.lock().unwrap()[0].clone();
    assert!(sent.iter().all(|secret| !address.contains(secret.as_str())), "{address}");
}
