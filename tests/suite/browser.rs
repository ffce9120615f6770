//! What the browser is started with: one argument, the address that was built here, whatever the client file,
//! the command line and `BROWSER` hold.

use std::{process::Output, thread, time::Duration};

use serde_json::json;
use url::Url;

use crate::{
    desk::{Desk, get, parameter},
    program::{address_in, program},
};

/// What shells, browsers, terminals and URL parsers take for something else.
fn hostile() -> Vec<String> {
    let mut values: Vec<String> = [
        "'; touch owned; '",
        "\"; touch owned; \"",
        "$(touch owned)",
        "${IFS}touch${IFS}owned",
        "`touch owned`",
        "; touch owned",
        "& touch owned",
        "&& touch owned",
        "| touch owned",
        "|| touch owned",
        "> owned",
        "< /etc/passwd",
        "* ? [a-z] {a,b} ~",
        "!!",
        "\\",
        "%s",
        "%s %s %u %n",
        "%00",
        "%0a%0dX-Header: x",
        "%26redirect_uri=https://evil.example/",
        "&redirect_uri=https://evil.example/",
        "&state=known&code_challenge_method=plain",
        "#fragment",
        "?again=1",
        "@evil.example/",
        "-version",
        "--profile-directory=/tmp/evil",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "\u{202e}moc.elgoog\u{2066}\u{200f}",
        "gr\u{fc}\u{df}e \u{1f44b}\u{1f3fd} \u{65e5}\u{672c}",
        "%COMSPEC% ^& calc.exe",
    ]
    .map(str::to_owned)
    .to_vec();
    values.push("a".repeat(10_000));
    values
}

/// A login whose browser writes down what it was given: that, and the outcome after a refusal of consent.
fn opened(desk: &Desk, browser: &str, arguments: &[&str]) -> (Vec<String>, Output) {
    let record = desk.folder.path().join("record.txt");
    let _ = std::fs::remove_file(&record);
    let child =
        program(desk, &[&["login", "-q"], arguments].concat()).env("BROWSER", browser).spawn().unwrap();
    let mut tries = 0;
    while !record.exists() && tries < 500 {
        thread::sleep(Duration::from_millis(5));
        tries += 1;
    }
    let given =
        std::fs::read_to_string(&record).unwrap_or_else(|_| panic!("nothing was opened: {arguments:?}"));
    let given: Vec<String> = given.lines().map(str::to_owned).collect();
    let address = given.iter().find(|word| word.contains("/o/oauth2/")).unwrap();
    let address = Url::parse(address).unwrap();
    let mut refusal = Url::parse(&parameter(&address, "redirect_uri")).unwrap();
    refusal
        .query_pairs_mut()
        .append_pair("state", &parameter(&address, "state"))
        .append_pair("error", "access_denied");
    assert_eq!(get(&refusal).status, 403);
    (given, child.wait_with_output().unwrap())
}

fn desk_with_recorder() -> (Desk, String) {
    let desk = Desk::new();
    // Written whole before it can be seen.
    desk.write(
        "record.sh",
        "#!/bin/sh\nprintf '%s\\n' \"$#\" \"$@\" > record.part\nmv record.part record.txt\n",
    );
    // A file that's just written cannot be run while a child of another test still has it open; so it's read.
    let browser = format!("sh {}/record.sh", desk.folder.path().display());
    (desk, browser)
}

/// The address is on the authorization endpoint, asks exactly what a login asks, and holds nothing that means
/// anything to anybody but a URL parser.
fn assert_ours(desk: &Desk, address: &str, client_id: &str, hint: Option<&str>) {
    let url = Url::parse(address).unwrap();
    assert_eq!(url.as_str(), address);
    assert_eq!(&url[..url::Position::AfterPath], format!("http://{}/o/oauth2/v2/auth", desk.google.address));
    assert_eq!(url.fragment(), None);
    let mut names = vec![
        "client_id",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
        "access_type",
        "prompt",
    ];
    names.extend(hint.map(|_| "login_hint"));
    assert_eq!(url.query_pairs().map(|(name, _)| name.into_owned()).collect::<Vec<_>>(), names);
    assert_eq!(parameter(&url, "client_id"), client_id);
    assert_eq!(parameter(&url, "login_hint"), hint.unwrap_or_default());
    assert!(parameter(&url, "redirect_uri").starts_with("http://127.0.0.1:"));
    assert_eq!(parameter(&url, "code_challenge_method"), "S256");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._*+%=&?/:".contains(c);
    assert!(address.chars().all(plain), "{address}");
}

#[test]
fn hostile_client_ids_and_hints_stay_inside_the_address() {
    let (desk, browser) = desk_with_recorder();
    for value in hostile() {
        // Blanks are refused with the file.
        let value: String = value.split_whitespace().collect();
        desk.write(
            "client_secrets.json",
            json!({ "installed": { "client_id": value, "client_secret": "s" } }).to_string(),
        );
        // An email has no blanks and no marks that can't be seen; all else may be in one.
        let hint: String =
            value.chars().filter(|c| c.is_ascii_graphic() && *c != '@').collect::<String>() + "@example.com";
        let flag = format!("--account={hint}");
        let (given, output) = opened(&desk, &browser, &[&flag]);
        assert_eq!((given.len(), given[0].as_str()), (2, "1"), "{value}: {given:?}");
        assert_ours(&desk, &given[1], &value, Some(&hint));
        // The person is shown the same.
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(told.lines().find_map(address_in).unwrap().as_str(), given[1]);
        assert_eq!(output.status.code(), Some(4), "{told}");
    }
    assert!(!desk.folder.path().join("owned").exists());
}

#[test]
fn hostile_browser_words_stay_words() {
    let (desk, browser) = desk_with_recorder();
    let client_id = desk.google.client["client_id"].as_str().unwrap().to_owned();
    for value in hostile() {
        // A colon is between two browsers.
        let value = value.replace(':', "");
        let (given, output) = opened(&desk, &format!("{browser} {value}"), &[]);
        let words: Vec<&str> = value.split_whitespace().collect();
        let (count, given) = given.split_first().unwrap();
        assert_eq!(count, &given.len().to_string(), "{value}");
        let address = given.last().unwrap().as_str();
        let placed = words.iter().any(|word| word.contains("%s"));
        assert_eq!(given.len(), words.len() + usize::from(!placed), "{value}");
        for (word, given) in words.iter().zip(given) {
            let known = given.replace(&format!("http://{}", desk.google.address), "");
            assert!(
                given == word || word.contains("%s") && known.starts_with("/o/oauth2/"),
                "{word}: {given}"
            );
        }
        if !placed {
            assert_ours(&desk, address, &client_id, None);
        }
        assert_eq!(output.status.code(), Some(4));
    }
    assert!(!desk.folder.path().join("owned").exists());
}

#[test]
fn an_account_that_is_no_email_is_refused_before_anything_opens() {
    let desk = Desk::new();
    for account in [
        "",
        " ",
        "someone",
        "@",
        "a@",
        "@b",
        "a b@example.com",
        "a@example.com\n",
        "a\u{1b}[2J@example.com",
        "a\u{202e}@example.com",
        "a\u{7f}@example.com",
        "a\u{200f}@example.com",
        "a@b@example.com",
        "a\t@example.com",
    ] {
        let outcome = desk.run(&["login", "-q", "--account", account]);
        assert_eq!((outcome.code, desk.requests().len()), (2, 0), "{account:?}: {outcome}");
        assert_eq!(
            outcome.error()["message"],
            "--account takes an email: one @, and no blanks or control characters"
        );
    }
}
