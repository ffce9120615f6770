//! Files of the store that something has damaged: told, never trusted, never deleted, and never shown.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::desk::{Desk, Outcome};

const ME: &str = "someone@example.com";

/// What a file is to the store.
#[derive(Clone, Copy, Debug, PartialEq)]
enum As {
    Whole,
    Corrupt,
    Newer,
    /// Damage that may still be a file of ours, with other words in it.
    Either,
}

struct Mutation {
    what: String,
    bytes: Vec<u8>,
    expected: As,
}

fn mutation(what: impl Into<String>, bytes: impl Into<Vec<u8>>, expected: As) -> Mutation {
    Mutation { what: what.into(), bytes: bytes.into(), expected }
}

/// What can befall any file of ours.
fn mutations(whole: &[u8]) -> Vec<Mutation> {
    let text = std::str::from_utf8(whole).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    let with = |field: &str, changed: Value| {
        let mut value = value.clone();
        value[field] = changed;
        value.to_string()
    };
    let version = |text: &str| value.to_string().replacen("\"version\":1", &format!("\"version\":{text}"), 1);
    let mut all = vec![
        mutation("as it was", whole, As::Whole),
        mutation("CRLF", text.replace('\n', "\r\n"), As::Whole),
        mutation("a field of somebody's", with("note", json!({ "a": [1, 2] })), As::Whole),
        mutation("an unknown field, deep", with("note", json!(0)).replace(":0}", &deep(10_000)), As::Either),
        mutation("empty", "", As::Corrupt),
        mutation("white space", " \n", As::Corrupt),
        mutation("null", "null", As::Corrupt),
        mutation("a list", format!("[{text}]"), As::Corrupt),
        mutation("text", json!(text).to_string(), As::Corrupt),
        mutation("twice", format!("{text}{text}"), As::Corrupt),
        mutation("something behind it", format!("{text}x"), As::Corrupt),
        mutation("a byte order mark", format!("\u{feff}{text}"), As::Corrupt),
        mutation("deep", "[".repeat(100_000), As::Corrupt),
        mutation("deep and an object", "{\"a\":".repeat(100_000), As::Corrupt),
        mutation("NULs", vec![0; whole.len()], As::Corrupt),
        mutation("NULs behind it", [whole, &[0; 512]].concat(), As::Corrupt),
        mutation("its first block lost", [&[0; 64], &whole[64.min(whole.len())..]].concat(), As::Corrupt),
        mutation("1 MiB", [whole, &vec![b' '; 1024 * 1024 - whole.len()]].concat(), As::Whole),
        mutation("1 MiB + 1", [whole, &vec![b' '; 1024 * 1024 + 1 - whole.len()]].concat(), As::Corrupt),
        mutation("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(), As::Corrupt),
        mutation("Latin-1", [b"{\"\xe9\":1,", &whole[1..]].concat(), As::Corrupt),
        mutation("a key twice", text.replacen('{', "{\"version\":1,", 1), As::Corrupt),
        mutation("a version, and another", text.replacen('{', "{\"version\":2,", 1), As::Corrupt),
        mutation("version 2", version("2"), As::Newer),
        mutation("version 1000000000", version("1000000000"), As::Newer),
        mutation("the largest version", version("18446744073709551615"), As::Newer),
        mutation("version 2 of another shape", "{\"version\":2,\"refresh_token\":[7]}", As::Newer),
    ];
    let no_version =
        ["0", "-1", "\"1\"", "1.5", "1e9", "18446744073709551616", "1e999", "null", "[1]", "true"];
    all.extend(no_version.map(|text| mutation(format!("version {text}"), version(text), As::Corrupt)));
    for field in value.as_object().unwrap().keys().filter(|field| *field != "version") {
        for wrong in [json!(7), json!([]), json!({}), json!(true), json!(-1e300)] {
            // No scopes, and an account of which nothing is known, are possible.
            let possible = field == "scopes" && wrong.is_array() || field == "account" && wrong.is_object();
            let expected = if possible { As::Either } else { As::Corrupt };
            all.push(mutation(format!("{field} is {wrong}"), with(field, wrong), expected));
        }
    }
    // Cut off anywhere, also within a secret; the last byte is the line's end.
    for part in 1..40 {
        let length = (whole.len() - 2) * part / 40;
        all.push(mutation(format!("cut off after {length}"), &whole[..length], As::Corrupt));
    }
    for part in 0..80 {
        let (index, bit) = (whole.len() * part / 80, part % 8);
        let mut flipped = whole.to_vec();
        flipped[index] ^= 1 << bit;
        all.push(mutation(format!("bit {bit} of byte {index} flipped"), flipped, As::Either));
    }
    all
}

fn deep(depth: usize) -> String {
    format!(":{}{}}}", "[".repeat(depth), "]".repeat(depth))
}

/// What a profile alone can be.
fn of_a_profile(whole: &[u8]) -> Vec<Mutation> {
    let value: Value = serde_json::from_slice(whole).unwrap();
    let with = |pointer: &str, changed: Value| {
        let mut value = value.clone();
        *value.pointer_mut(pointer).unwrap() = changed;
        value.to_string()
    };
    let secret = value["refresh_token"].clone();
    vec![
        mutation("another's", with("/profile", json!("other@example.com")), As::Corrupt),
        mutation("a secret for a name", with("/profile", secret.clone()), As::Corrupt),
        mutation("a secret for a time", with("/signed_in_at", secret.clone()), As::Corrupt),
        mutation("a secret for a kind", with("/client/kind", secret.clone()), As::Corrupt),
        mutation("a secret for an expiry", with("/access_token/expires_at", secret), As::Corrupt),
        mutation("no refresh token", with("/refresh_token", json!("")), As::Corrupt),
        mutation("no client", with("/client/client_id", json!("")), As::Corrupt),
        mutation("a far expiry", with("/access_token/expires_at", json!("9999-12-30T00:00:00Z")), As::Whole),
        mutation(
            "an early expiry",
            with("/access_token/expires_at", json!("-009999-01-03T00:00:00Z")),
            As::Whole,
        ),
        mutation(
            "obtained early",
            with("/access_token/obtained_at", json!("-009999-01-03T00:00:00Z")),
            As::Whole,
        ),
        mutation(
            "obtained late",
            with("/access_token/obtained_at", json!("9999-12-30T00:00:00Z")),
            As::Whole,
        ),
        mutation("no access token", with("/access_token", json!(null)), As::Whole),
        mutation("an empty access token", with("/access_token/token", json!("")), As::Whole),
        mutation("a token of lines", with("/access_token/token", json!("a\r\nb: c")), As::Whole),
    ]
}

/// Every piece of a secret that is long enough to be one.
fn pieces(stored: &Value, pointers: &[&str]) -> Vec<String> {
    let texts = pointers.iter().filter_map(|pointer| stored.pointer(pointer)?.as_str());
    texts
        .flat_map(|text| text.as_bytes().windows(10))
        .map(|p| String::from_utf8(p.to_vec()).unwrap())
        .collect()
}

struct Case<'a> {
    desk: &'a Desk,
    file: PathBuf,
    secrets: Vec<String>,
    access: Vec<String>,
}

impl Case<'_> {
    /// Runs a command on the damaged file; what it says holds nothing of it.
    fn run(&self, mutation: &Mutation, command: &[&str]) -> Outcome {
        std::fs::write(&self.file, &mutation.bytes).unwrap();
        self.desk.google.handle.clear_requests();
        let outcome = self.desk.run(&[command, &["-q"]].concat());
        let what = &mutation.what;
        assert_ne!(outcome.code, 70, "{what}: {command:?}: {outcome}");
        // The consent page's address holds other random words, which the tests' generator repeats.
        let lines = outcome.stderr.lines().filter(|line| !line.trim_start().starts_with("http://"));
        let shown = format!("{}{}", outcome.stdout, lines.collect::<String>());
        assert!(!self.secrets.iter().any(|secret| shown.contains(secret)), "{what}: {command:?}: {outcome}");
        let shown = if command[0] == "token" { &outcome.stderr } else { &shown };
        assert!(!self.access.iter().any(|secret| shown.contains(secret)), "{what}: {command:?}: {outcome}");
        outcome
    }

    fn is_kept(&self, mutation: &Mutation) -> bool {
        std::fs::read(&self.file).is_ok_and(|bytes| bytes == mutation.bytes)
    }

    /// Whether it was put aside, whole. Then it's taken away.
    fn is_aside(&self, mutation: &Mutation) -> bool {
        let aside = set_aside(&self.file);
        let whole = aside.iter().any(|path| std::fs::read(path).unwrap() == mutation.bytes);
        aside.iter().for_each(|path| std::fs::remove_file(path).unwrap());
        whole
    }
}

fn set_aside(file: &Path) -> Vec<PathBuf> {
    let start = format!("{}.corrupt-", file.file_stem().unwrap().to_str().unwrap());
    let entries = std::fs::read_dir(file.parent().unwrap()).unwrap().flatten();
    entries
        .filter(|entry| entry.file_name().to_str().unwrap().starts_with(&start))
        .map(|e| e.path())
        .collect()
}

#[test]
fn damaged_profiles_are_told_and_kept() {
    let desk = Desk::signed_in();
    let file = desk.profile_file(ME);
    let stored = desk.stored(ME);
    let whole = std::fs::read(&file).unwrap();
    let case = Case {
        desk: &desk,
        file,
        secrets: pieces(&stored, &["/refresh_token", "/client/client_secret"]),
        access: pieces(&stored, &["/access_token/token"]),
    };
    let all: Vec<Mutation> = mutations(&whole).into_iter().chain(of_a_profile(&whole)).collect();
    assert!(all.len() >= 200, "{}", all.len());
    for mutation in &all {
        let what = &mutation.what;
        let mut codes = Vec::new();
        for command in [
            &["spaces", "list"][..],
            &["status"],
            &["token"],
            &["profiles", "use", ME],
            &["logout", "--no-revoke"],
        ] {
            let outcome = case.run(mutation, command);
            codes.push(outcome.code);
            if outcome.code == 3 {
                assert!(case.is_kept(mutation), "{what}: {command:?}");
                assert!(desk.requests().is_empty(), "{what}: {command:?}: {outcome}");
            }
            let whole = mutation.expected == As::Whole;
            assert!(!whole || outcome.code == 0, "{what}: {command:?}: {outcome}");
            let unreadable = matches!(mutation.expected, As::Corrupt | As::Newer);
            assert!(!unreadable || outcome.code == 3, "{what}: {command:?}: {outcome}");
            assert!(matches!(outcome.code, 0 | 3 | 4 | 5), "{what}: {command:?}: {outcome}");
            // A logout leaves nothing in use.
            let settings = json!({ "version": 1, "active_profile": ME }).to_string();
            std::fs::write(desk.store().join("settings.json"), settings).unwrap();
        }
        // All commands read it the same way.
        assert!(
            codes.iter().all(|&code| code == 3) || codes.iter().all(|&code| code != 3),
            "{what}: {codes:?}"
        );
        let list = case.run(mutation, &["profiles", "list"]);
        assert_eq!(list.code, 0, "{what}: {list}");
        assert_eq!(list.json()[0]["problem"].is_string(), codes[0] == 3, "{what}: {list}");
        assert!(case.is_kept(mutation), "{what}");
    }
}

#[test]
fn a_login_puts_damaged_profiles_aside() {
    let desk = Desk::signed_in();
    let stored = desk.stored(ME);
    let file = desk.profile_file(ME);
    let whole = std::fs::read(&file).unwrap();
    let case = Case {
        desk: &desk,
        file,
        secrets: pieces(&stored, &["/refresh_token", "/client/client_secret"]),
        access: pieces(&stored, &["/access_token/token"]),
    };
    for mutation in mutations(&whole).into_iter().chain(of_a_profile(&whole)) {
        check_login(&case, &mutation);
    }
}

fn check_login(case: &Case<'_>, mutation: &Mutation) {
    let login = case.run(mutation, &["login"]);
    match mutation.expected {
        As::Newer => {
            assert_eq!((login.code, case.desk.requests().len()), (3, 0), "{}: {login}", mutation.what);
            assert!(case.is_kept(mutation), "{}", mutation.what);
        }
        As::Corrupt => {
            assert_eq!(login.code, 0, "{}: {login}", mutation.what);
            assert!(case.is_aside(mutation), "{}", mutation.what);
        }
        As::Whole => {
            assert_eq!(login.code, 0, "{}: {login}", mutation.what);
            assert!(!case.is_aside(mutation), "{}", mutation.what);
        }
        // A flipped bit of the version can make it a newer one.
        As::Either => {
            let kept = login.code == 3 && case.is_kept(mutation);
            assert!(kept || login.code == 0, "{}: {login}", mutation.what);
            case.is_aside(mutation);
        }
    }
}

#[test]
fn damaged_settings_are_told_and_kept() {
    let desk = Desk::signed_in();
    let file = desk.store().join("settings.json");
    let whole = std::fs::read(&file).unwrap();
    let profile = std::fs::read(desk.profile_file(ME)).unwrap();
    let case = Case { desk: &desk, file, secrets: Vec::new(), access: Vec::new() };
    for mutation in &mutations(&whole) {
        let what = &mutation.what;
        let unreadable = matches!(mutation.expected, As::Corrupt | As::Newer);
        for command in [
            &["spaces", "list"][..],
            &["status"],
            &["token"],
            &["profiles", "list"],
            &["logout", "--no-revoke"],
        ] {
            let outcome = case.run(mutation, command);
            assert!(!unreadable || outcome.code == 3, "{what}: {command:?}: {outcome}");
            assert!(matches!(outcome.code, 0 | 3 | 4), "{what}: {command:?}: {outcome}");
            let changed = command[0] == "logout" && outcome.code == 0;
            assert!(case.is_kept(mutation) || changed, "{what}: {command:?}");
            std::fs::write(desk.profile_file(ME), &profile).unwrap();
        }
        // A profile that is named needs no settings, and leaves them as they are.
        let outcome = case.run(mutation, &["logout", "--no-revoke", "--profile", ME]);
        assert_eq!(outcome.code, 0, "{what}: {outcome}");
        assert!(case.is_kept(mutation) || !unreadable, "{what}");
        std::fs::write(desk.profile_file(ME), &profile).unwrap();

        let outcome = case.run(mutation, &["profiles", "use", ME]);
        match mutation.expected {
            As::Newer => assert!(outcome.code == 3 && case.is_kept(mutation), "{what}: {outcome}"),
            As::Corrupt => assert!(outcome.code == 0 && case.is_aside(mutation), "{what}: {outcome}"),
            As::Whole => assert_eq!(outcome.code, 0, "{what}: {outcome}"),
            As::Either => drop(case.is_aside(mutation)),
        }
    }
    for mutation in mutations(&whole).iter().filter(|mutation| mutation.expected != As::Either) {
        check_login(&case, mutation);
    }
}

#[test]
fn what_was_put_aside_is_never_overwritten() {
    let desk = Desk::signed_in();
    let file = desk.profile_file(ME);
    // The clock stands still, so all three have the same time.
    for damage in ["one", "two", "three"] {
        std::fs::write(&file, damage).unwrap();
        assert_eq!(desk.run(&["login"]).code, 0);
    }
    let mut aside: Vec<String> =
        set_aside(&file).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    aside.sort();
    assert_eq!(aside, ["one", "three", "two"]);
}
