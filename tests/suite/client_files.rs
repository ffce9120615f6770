//! Client files that cannot be used: each way to be wrong has its own line, with the file, the place and a cure.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::desk::{Desk, Outcome};

/// `login`'s outcome, within 100 ms: once of three times, as the machine may be busy with something else.
fn at_once(desk: &Desk) -> Outcome {
    let mut times = Vec::new();
    for _ in 0..3 {
        let start = Instant::now();
        let outcome = desk.run(&["login", "-q"]);
        times.push(start.elapsed());
        if start.elapsed() < Duration::from_millis(100) {
            return outcome;
        }
    }
    panic!("{times:?}");
}

/// What `login` says of a file with these bytes: exit code 3, nothing asked of anybody, the file as it was.
fn refusal(desk: &Desk, bytes: &[u8]) -> String {
    desk.write("client_secrets.json", bytes);
    let outcome = at_once(desk);
    assert_eq!((outcome.code, desk.requests().len()), (3, 0), "{outcome}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome}");
    assert!(outcome.error()["hint"].is_string(), "{outcome}");
    assert_eq!(std::fs::read(desk.folder.path().join("client_secrets.json")).unwrap(), bytes);
    let message = outcome.error()["message"].as_str().unwrap().to_owned();
    message.strip_prefix("client file client_secrets.json: ").unwrap().to_owned()
}

#[test]
fn files_that_are_no_json() {
    let desk = Desk::new();
    let utf16: Vec<u8> = "{\"installed\":{}}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let deep = [vec![b'['; 200_000], vec![b']'; 200_000]].concat();
    let cases: [(&[u8], &str); 15] = [
        (b"", "it is empty"),
        (b" \r\n\t", "it is empty"),
        (b"\xef\xbb\xbf", "it is empty"),
        (b"\xff\xfe{\0}\0", "it is not UTF-8 text but UTF-16"),
        (b"\xfe\xff\0{\0}", "it is not UTF-8 text but UTF-16"),
        (b"{\"installed\":\"\xe9\"}", "it is not UTF-8 text"),
        (&utf16, "it holds NUL bytes, so it is damaged or not UTF-8 text"),
        (&[0; 64], "it holds NUL bytes, so it is damaged or not UTF-8 text"),
        (b"client_id=x", "it is not JSON: expected value (line 1, column 1)"),
        (b"{\"installed\": {\"client_id\": \"x\",}}", "it is not JSON: trailing comma (line 1, column 33)"),
        (b"{\"installed\": {\n\"client_id\" \"x\"}}", "it is not JSON: expected `:` (line 2, column 13)"),
        (
            b"{\"installed\": {\"client_id\": \"x\"",
            "it is not JSON: EOF while parsing an object (line 1, column 31)",
        ),
        (b"{\"installed\":{}}{\"installed\":{}}", "it is not JSON: trailing characters (line 1, column 17)"),
        (&deep, "it is not JSON: recursion limit exceeded (line 1, column 128)"),
        (&[b' '; 1024 * 1024 + 1], "it is larger than 1 MiB"),
    ];
    for (bytes, words) in cases {
        assert_eq!(refusal(&desk, bytes), words);
    }
}

#[test]
fn json_that_is_no_client() {
    let desk = Desk::new();
    let neither = "Expected a JSON object with a single property for a \"web\" or \"installed\" application";
    let client = |fields: serde_json::Value| json!({ "installed": fields });
    let cases = [
        (json!([]), "it is JSON, but not an object"),
        (json!("x"), "it is JSON, but not an object"),
        (json!(null), "it is JSON, but not an object"),
        (json!({}), neither),
        (json!({ "client_id": "x", "client_secret": "y" }), neither),
        (json!({ "web": {}, "installed": {} }), "it has both \"web\" and \"installed\""),
        (json!({ "installed": null }), "its field installed is null, and must be an object"),
        (json!({ "web": [] }), "its field web is a list, and must be an object"),
        (client(json!({})), "its field installed.client_id is missing"),
        (client(json!({ "client_id": null })), "its field installed.client_id is null, and must be text"),
        (client(json!({ "client_id": 7 })), "its field installed.client_id is a number, and must be text"),
        (client(json!({ "client_id": ["x"] })), "its field installed.client_id is a list, and must be text"),
        (client(json!({ "client_id": "" })), "its field installed.client_id is empty"),
        (client(json!({ "client_id": "  " })), "its field installed.client_id is empty"),
        (
            client(json!({ "client_id": "x\ny" })),
            "its field installed.client_id is text with white space or control characters, and must be text without",
        ),
        (
            client(json!({ "client_id": "x" })),
            "its field installed.client_secret is missing: Android, iOS, Chrome and UWP clients have none, and cannot do this sign-in",
        ),
        (
            client(json!({ "client_id": "x", "client_secret": false })),
            "its field installed.client_secret is true or false, and must be text",
        ),
        (
            client(json!({ "client_id": "x", "client_secret": "y", "redirect_uris": "http://localhost" })),
            "its field installed.redirect_uris is text, and must be a list of texts",
        ),
        (
            client(json!({ "client_id": "x", "client_secret": "y", "redirect_uris": [7] })),
            "its field installed.redirect_uris is a number, and must be a list of texts",
        ),
    ];
    for (value, words) in cases {
        assert_eq!(refusal(&desk, value.to_string().as_bytes()), words, "{value}");
    }
}

#[test]
fn other_programs_files_are_recognised() {
    let desk = Desk::new();
    for (value, words) in [
        (json!({ "token": "ya29.x", "refresh_token": "1//x" }), "this is a stored token"),
        (json!({ "access_token": "ya29.x", "expires_in": 3599 }), "this is a stored token"),
        (
            json!({ "type": "service_account", "private_key": "-----BEGIN" }),
            "this is a service account's key",
        ),
        (
            json!({ "type": "authorized_user", "refresh_token": "1//x" }),
            "this is a sign-in that another program stored",
        ),
    ] {
        desk.write("client_secrets.json", value.to_string());
        let outcome = desk.run(&["login", "-q"]);
        assert_eq!(outcome.code, 3);
        assert!(outcome.error()["hint"].as_str().unwrap().starts_with(words), "{outcome}");
        assert!(
            !outcome.to_string().contains("ya29.x") && !outcome.to_string().contains("BEGIN"),
            "{outcome}"
        );
    }
}

/// A secret goes to Google's endpoints only, but a file that names others was tampered with.
#[test]
fn endpoints_are_googles_letter_by_letter() {
    let desk = Desk::new();
    let foreign = [
        "https://2.gy-118.workers.dev/:443/https/oauth2.googleapis.com/token",
        "https://2.gy-118.workers.dev/https://accounts.google.com/o/oauth2/auth",
        "http://oauth2.googleapis.com/token",
        "HTTP://OAUTH2.GOOGLEAPIS.COM/token",
        "ftp://oauth2.googleapis.com/token",
        "//oauth2.googleapis.com/token",
        "oauth2.googleapis.com/token",
        "https:oauth2.googleapis.com/token",
        "https:/oauth2.googleapis.com/token",
        "https:///oauth2.googleapis.com/token",
        "https://oauth2.googleapis.com",
        "https://oauth2.googleapis.com:443/token",
        "https://oauth2.googleapis.com:8443/token",
        "https://oauth2.googleapis.com:/token",
        "https://oauth2.googleapis.com./token",
        "https://.oauth2.googleapis.com/token",
        "https://oauth2.googleapis.com.evil.example/token",
        "https://oauth2.googleapis.comevil.example/token",
        "https://evil.example/oauth2.googleapis.com/token",
        "https://evil.example?https://oauth2.googleapis.com/token",
        "https://evil.example#https://oauth2.googleapis.com/token",
        "https://oauth2.googleapis.com@evil.example/token",
        "https://oauth2.googleapis.com%40evil.example/token",
        "https://oauth2.googleapis.com%2f@evil.example/token",
        "https://oauth2.googleapis.com\\@evil.example/token",
        "https://oauth2.googleapis.com\\.evil.example/token",
        "https://user@oauth2.googleapis.com/token",
        "https://user:password@oauth2.googleapis.com/token",
        "https://evil-oauth2.googleapis.com/token",
        "https://storage.googleapis.com/token",
        "https://sub.oauth2.googleapis.com/token",
        "https://oauth2.googleapis.co/token",
        "https://oauth2.googleap\u{0131}s.com/token",
        "https://\u{ff4f}auth2.googleapis.com/token",
        "https://oauth2\u{3002}googleapis.com/token",
        "https://xn--oauth2-googleapis.com/token",
        "https://oauth2.googleapis.com\u{200b}/token",
        "https://[::1]/token",
        "https://127.0.0.1/token",
        "https://0x7f000001/token",
        "data:text/plain,https://oauth2.googleapis.com/token",
        "javascript:https://oauth2.googleapis.com/token",
        "file:///etc/passwd",
    ];
    assert!(foreign.len() >= 40);
    for field in ["auth_uri", "token_uri"] {
        for address in foreign {
            let client = json!({ "installed": { "client_id": "x", "client_secret": "y", field: address } });
            let words = refusal(&desk, client.to_string().as_bytes());
            assert_eq!(
                words,
                format!("its field installed.{field} is not an address of Google's sign-in: {address}")
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file() {
    let desk = Desk::new();
    let path = desk.folder.path().join("client_secrets.json");
    std::fs::remove_file(&path).unwrap();
    let said = |words: &str| {
        let outcome = at_once(&desk);
        assert_eq!(outcome.error()["message"], format!("client file client_secrets.json: {words}"));
        assert_eq!(outcome.code, 3);
    };
    said("there is no such file");
    std::fs::create_dir(&path).unwrap();
    said("it is a folder");
    std::fs::remove_dir(&path).unwrap();
    std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    said("it is not a regular file");
    std::fs::remove_file(&path).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    assert_eq!(desk.run(&["login", "-q"]).code, 3);
}
