//! Spaces and messages: what is sent for which flags, and what is shown.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::desk::{Caught, Desk, Readable};

/// The last request's query and body.
fn sent(desk: &Desk) -> (String, Value) {
    let request = desk.google.handle.requests().pop().unwrap();
    let query = request.target.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
    let query = query.split('&').filter(|pair| !pair.starts_with("requestId=")).collect::<Vec<_>>().join("&");
    (query, serde_json::from_str(&request.body).unwrap_or_default())
}

#[test]
fn creates_a_space() {
    let desk = Desk::signed_in();
    let outcome = desk.run(&["spaces", "create", "--name", "API-made", "--format", "human", "-q"]);
    let name = desk.run(&["spaces", "list"]).json()["spaces"][0]["name"].as_str().unwrap().to_owned();
    assert_snapshot!(outcome.to_string().replace(name.strip_prefix("spaces/").unwrap(), "ID"), @"
    exit 0
    --- stdout
    ✓ Created API-made
      spaces/ID
      https://chat.google.com/room/ID?cls=11
    --- stderr
    ");

    let flags = ["--description", "For X", "--guidelines", "Be kind", "--external"];
    let create: Vec<&str> = ["spaces", "create", "--name", "Second"].iter().chain(&flags).copied().collect();
    assert_eq!(desk.run(&create).code, 0);
    assert_eq!(
        sent(&desk).1,
        json!({
            "spaceType": "SPACE",
            "displayName": "Second",
            "spaceDetails": { "description": "For X", "guidelines": "Be kind" },
            "externalUserAllowed": true,
        })
    );
    assert_eq!(desk.run(&["spaces", "create", "--name", "Second"]).code, 1);
}

#[test]
fn a_body_of_ones_own_is_merged_with_the_flags() {
    let desk = Desk::signed_in();
    desk.write(
        "space.json",
        r#"{"displayName":"File","spaceDetails":{"guidelines":"G"},"spaceHistoryState":"HISTORY_ON"}"#,
    );
    let flags = ["spaces", "create", "--json", "space.json", "--name", "Flag", "--description", "D"];
    assert_eq!(desk.run(&flags).code, 0);
    let merged = json!({
        "displayName": "Flag",
        "spaceDetails": { "guidelines": "G", "description": "D" },
        "spaceHistoryState": "HISTORY_ON",
        "spaceType": "SPACE",
    });
    assert_eq!(sent(&desk).1, merged);
    let typed = desk
        .command(&["spaces", "create", "--json", "-", "-q"])
        .typed(r#"{"displayName":"Typed","oops":1}"#)
        .run();
    assert_snapshot!(typed, @r#"
    exit 1
    --- stdout
    --- stderr
    {"error":{"kind":"invalid_argument","exit_code":1,"http_status":400,"message":"Invalid JSON payload received. Unknown name \"oops\" at 'space': Cannot find field.","status":"INVALID_ARGUMENT","method":"chat.spaces.create","request_id":"ca2f588a-be12-4708-9d30-80237d64f550"}}
    "#);
}

#[test]
fn dry_run_needs_nobody_and_sends_nothing() {
    let desk = Desk::new();
    let outcome = desk.run(&[
        "spaces",
        "create",
        "--name",
        "X",
        "--request-id",
        "R",
        "--dry-run",
        "--format",
        "human",
        "-q",
    ]);
    assert_snapshot!(outcome, @r#"
    exit 0
    --- stdout
    POST http://EMULATOR/v1/spaces?requestId=R
    {
      "spaceType": "SPACE",
      "displayName": "X"
    }
    --- stderr
    "#);
    let send = [
        "messages",
        "send",
        "--space",
        "A",
        "--text",
        "hi",
        "--thread-key",
        "k",
        "--request-id",
        "R",
        "--dry-run",
    ];
    let google = desk.command(&send).variable("CHATAUTH_EMULATOR_HOST", "").run();
    assert_snapshot!(google, @r#"
    exit 0
    --- stdout
    {"method":"POST","url":"https://chat.googleapis.com/v1/spaces/A/messages?messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD&requestId=R","body":{"text":"hi","thread":{"threadKey":"k"}}}
    --- stderr
    "#);
    assert_eq!(desk.requests().len(), 0);
}

#[test]
fn sends_text_from_a_flag_a_file_and_standard_input() {
    let desk = Desk::signed_in();
    let space = desk.space();
    desk.write("notice.txt", "two\nlines\n");
    assert_eq!(desk.run(&["messages", "send", "--space", &space, "--text", "-5 °C"]).code, 0);
    assert_eq!(sent(&desk), (String::new(), json!({ "text": "-5 °C" })));
    assert_eq!(desk.run(&["messages", "send", "--space", &space, "--text-file", "notice.txt"]).code, 0);
    assert_eq!(sent(&desk).1, json!({ "text": "two\nlines" }));
    assert_eq!(
        desk.command(&["messages", "send", "--space", &space, "--text", "-"]).typed("piped\r\n").run().code,
        0
    );
    assert_eq!(sent(&desk).1, json!({ "text": "piped" }));
    let by_variable =
        desk.command(&["messages", "send", "--text", "x"]).variable("CHATAUTH_SPACE", &space).run();
    assert_eq!(by_variable.code, 0);
    let outcome = desk.run(&["messages", "send", "--space", &space, "--text", "x", "--format", "human"]);
    assert!(outcome.stdout.starts_with(&format!("✓ Sent {space}/messages/")), "{outcome}");
}

#[test]
fn threads_work_without_knowing_googles_pair_of_options() {
    let desk = Desk::signed_in();
    let space = desk.space();
    let send = |flags: &[&str]| {
        let all: Vec<&str> =
            ["messages", "send", "--space", &space, "--text", "x"].iter().chain(flags).copied().collect();
        desk.run(&all)
    };
    let first = send(&["--thread-key", "deploy-7"]).json();
    assert_eq!(sent(&desk).0, "messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD");
    let second = send(&["--thread-key", "deploy-7"]).json();
    assert_eq!(first["thread"]["name"], second["thread"]["name"]);
    let thread = first["thread"]["name"].as_str().unwrap();
    assert_eq!(send(&["--thread", thread]).json()["thread"]["name"], thread);
    let missing = send(&["--thread", "none", "--reply-option", "fail", "-q"]);
    assert_eq!((missing.code, sent(&desk).0.as_str()), (6, "messageReplyOption=REPLY_MESSAGE_OR_FAIL"));
    assert_eq!(send(&["--thread", "spaces/OTHER/threads/x"]).code, 2);
}

#[test]
fn bad_input_is_refused_before_any_request() {
    let desk = Desk::signed_in();
    desk.write("list.json", "[]");
    desk.write("bad.json", "{");
    let large = "x".repeat(32_001);
    let accents = "é".repeat(16_001);
    let cases: [(&[&str], &str); 16] = [
        (&["spaces", "create", "--name", " "], "--name is empty"),
        (
            &["spaces", "create", "--name", &large[..129]],
            "--name has 129 characters, and Google Chat takes 128 at most",
        ),
        (&["spaces", "create", "--json", "bad.json"], "--json bad.json: it is not JSON (line 1, column 1)"),
        (&["spaces", "create", "--json", "list.json"], "--json list.json: it is JSON, but not an object"),
        (&["spaces", "create", "--json", "none.json"], "--json none.json: there is no such file"),
        (&["spaces", "create", "--json", "."], "--json .: it is a folder"),
        (&["messages", "send", "--text", "x"], "no space given"),
        (
            &["messages", "send", "--space", "a/../b", "--text", "x"],
            "\"a/../b\" is not the name of a space: write spaces/AAA, the id AAA, or the space's address from the browser",
        ),
        (&["messages", "send", "--space", "A"], "no message given"),
        (&["messages", "send", "--space", "A", "--text", ""], "the text is empty"),
        (
            &["messages", "send", "--space", "A", "--text", &large],
            "the message has 32001 bytes, and Google Chat takes 32000 at most",
        ),
        (
            &["messages", "send", "--space", "A", "--text", &accents],
            "the message has 32002 bytes, and Google Chat takes 32000 at most",
        ),
        (
            &["messages", "send", "--space", "A", "--json", "-", "--text", "-"],
            "standard input can be the text or the JSON, not both",
        ),
        (
            &["messages", "get", "x"],
            "\"x\" is not the name of a message: write spaces/AAA/messages/BBB, or --space AAA and the id BBB",
        ),
        (
            &["login", "--scopes", "https://evil.example/x"],
            "--scopes: \"https://evil.example/x\" is not a Google scope: its host is not one of Google's, such as https://www.googleapis.com/auth/chat.spaces",
        ),
        (&["profiles", "use", ""], "\"\" cannot be a profile's name: it is empty"),
    ];
    for (arguments, message) in cases {
        let outcome = desk.run(arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}: {outcome}");
        assert_eq!(outcome.error()["message"], message);
    }
    let id = desk.run(&["messages", "send", "--space", "A", "--text", "x", "--message-id", "Mine"]);
    assert_eq!(id.code, 2);
    assert_eq!(desk.requests().len(), 0);
}

#[test]
fn a_text_at_the_limit_goes() {
    let desk = Desk::signed_in();
    let space = desk.space();
    assert_eq!(desk.run(&["messages", "send", "--space", &space, "--text", &"x".repeat(32_000)]).code, 0);
}

/// Somebody with 30 messages in a space.
fn with_messages() -> (Desk, String) {
    let desk = Desk::signed_in_with(&["--add-scopes", "chat.messages.readonly"]);
    let space = desk.space();
    for number in 0..30 {
        let text = format!("message {number}");
        assert_eq!(desk.run(&["messages", "send", "--space", &space, "--text", &text]).code, 0);
    }
    desk.google.handle.clear_requests();
    (desk, space)
}

#[test]
fn lists_a_page_a_number_or_all() {
    let (desk, space) = with_messages();
    let list = |flags: &[&str]| {
        let all: Vec<&str> =
            ["messages", "list", "--space", &space, "-q"].iter().chain(flags).copied().collect();
        desk.run(&all)
    };
    // One page is Google's object as it came.
    let page = list(&[]);
    assert!(page.stdout.starts_with("{\n  \"messages\": [\n    {\n      \"name\": \""), "{page}");
    let token = page.json()["nextPageToken"].as_str().unwrap().to_owned();
    assert_eq!(page.json()["messages"].as_array().unwrap().len(), 25);
    assert_eq!(list(&["--page-token", &token]).json()["messages"].as_array().unwrap().len(), 5);

    assert_eq!(list(&["--limit", "3"]).json()["messages"].as_array().unwrap().len(), 3);
    assert_eq!(list(&["--all"]).json().as_array().unwrap().len(), 30);
    let lines = list(&["--all", "--format", "ndjson"]).stdout;
    let texts: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((texts.len(), texts[29].as_str()), (30, "message 29"));

    let human = list(&["--format", "human"]);
    assert!(human.stdout.contains("  message 24\n") && !human.stdout.contains("message 25"), "{human}");
    let hinted = desk.run(&["messages", "list", "--space", &space, "--format", "human"]);
    assert!(hinted.stderr.contains("There is more: --all lists everything, --page-token "), "{hinted}");
    let newest = list(&["--limit", "1", "--order-by", "createTime desc"]).json();
    assert_eq!(newest["messages"][0]["text"], "message 29");
}

#[test]
fn an_empty_list_is_empty_in_every_format() {
    let desk = Desk::signed_in();
    assert_eq!(desk.run(&["spaces", "list", "--all"]).stdout, "[]\n");
    assert_eq!(desk.run(&["spaces", "list", "--format", "ndjson"]).stdout, "");
    let human = desk.run(&["spaces", "list", "--format", "human"]);
    assert!(human.stdout.is_empty() && human.stderr.ends_with("Nothing to list.\n"), "{human}");
}

#[test]
fn a_message_is_got_by_either_name() {
    let (desk, space) = with_messages();
    let sent = desk
        .run(&["messages", "send", "--space", &space, "--text", "mine", "--message-id", "client-mine"])
        .json();
    let by_id = desk.run(&["messages", "get", "client-mine", "--space", &space]).json();
    assert_eq!(by_id["name"], sent["name"]);
    let name = sent["name"].as_str().unwrap();
    let human = desk.run(&["messages", "get", name, "--format", "human"]);
    assert!(human.stdout.ends_with(&format!("  Sam One  {name}\n  mine\n")), "{human}");
}

#[test]
fn what_others_write_cannot_act_on_the_terminal() {
    let desk = Desk::signed_in_with(&["--add-scopes", "chat.messages.readonly"]);
    let space = desk.space();
    let text = "a\u{1b}[2Jb\u{202e}c\nd\u{7}";
    assert_eq!(desk.run(&["messages", "send", "--space", &space, "--text", text]).code, 0);
    let human = desk.run(&["messages", "list", "--space", &space, "--format", "human"]);
    assert!(human.stdout.ends_with("  a<U+001B>[2Jb<U+202E>c\n  d<U+0007>\n"), "{human}");
    let json = desk.run(&["messages", "list", "--space", &space]).json();
    assert_eq!(json["messages"][0]["text"], text);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    #[derive(Clone)]
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl Readable for Closed {
        fn read(&self) -> String {
            String::new()
        }
    }
    let desk = Desk::signed_in();
    let outcome = desk.command(&["spaces", "list", "-q"]).run_into(Closed);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let whole = desk.command(&["spaces", "list", "-q"]).run_into(Caught::default());
    assert_eq!(whole.code, 0);
}

#[test]
fn formats_are_chosen_by_stream_flag_and_variable() {
    let desk = Desk::signed_in();
    desk.space();
    assert!(desk.run(&["spaces", "list"]).stdout.starts_with('{'));
    assert!(desk.command(&["spaces", "list"]).at_terminal().run().stdout.starts_with("spaces/"));
    assert!(
        desk.command(&["spaces", "list"])
            .variable("CHATAUTH_FORMAT", "human")
            .run()
            .stdout
            .starts_with("spaces/")
    );
    let flag =
        desk.command(&["spaces", "list", "--format", "ndjson"]).variable("CHATAUTH_FORMAT", "human").run();
    assert!(flag.stdout.starts_with("{\"name\""), "{flag}");
    assert_eq!(desk.command(&["spaces", "list"]).variable("CHATAUTH_FORMAT", "xml").run().code, 3);
    let usage = desk.run(&["spaces", "make"]);
    assert_eq!(usage.error()["kind"], "usage");
    let usage = desk.run(&["spaces", "make", "--format", "human"]);
    assert!(usage.stderr.starts_with("error: unrecognized subcommand 'make'"), "{usage}");
}

#[test]
fn no_color_in_pipes_and_by_wish() {
    let desk = Desk::signed_in();
    let list = |name: &str, terminal: bool| {
        let run = desk.command(&["status", "--format", "human"]).variable(name, "1");
        if terminal { run.at_terminal().run() } else { run.run() }
    };
    assert!(list("X", true).stdout.contains('\u{1b}'));
    assert!(!list("NO_COLOR", true).stdout.contains('\u{1b}'));
    assert!(!list("X", false).stdout.contains('\u{1b}'));
    assert!(list("CLICOLOR_FORCE", false).stdout.contains('\u{1b}'));
}

#[test]
fn an_empty_variable_in_a_script_is_no_key() {
    let desk = Desk::signed_in();
    let send = ["messages", "send", "--space", "A", "--text", "x", "-q"];
    for (flags, message) in [
        (["--request-id", ""], "--request-id is empty"),
        (["--thread-key", ""], "--thread-key is empty"),
        (["--reply-option", "fail"], "--reply-option needs a thread"),
    ] {
        let outcome = desk.run(&[&send[..], &flags[..]].concat());
        assert_eq!((outcome.code, outcome.error()["message"].as_str()), (2, Some(message)), "{outcome}");
    }
    assert_eq!(desk.requests().len(), 0);
}

#[test]
fn byte_order_marks_are_no_part_of_what_is_read() {
    let desk = Desk::signed_in();
    desk.write("space.json", "\u{feff}{\"displayName\":\"Marked\"}");
    desk.write("text.txt", "\u{feff}text\r\n");
    let space =
        desk.run(&["spaces", "create", "--json", "space.json"]).json()["name"].as_str().unwrap().to_owned();
    assert_eq!(desk.run(&["messages", "send", "--space", &space, "--text-file", "text.txt"]).code, 0);
    assert_eq!(sent(&desk).1, json!({ "text": "text" }));
}

#[test]
fn what_was_made_is_told_also_where_it_cannot_be_written() {
    #[derive(Clone)]
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl Readable for Full {
        fn read(&self) -> String {
            String::new()
        }
    }
    let desk = Desk::signed_in();
    let space = desk.space();
    let outcome = desk.command(&["messages", "send", "-q", "--space", &space, "--text", "x"]).run_into(Full);
    assert_eq!(outcome.code, 1);
    let message = outcome.error()["message"].as_str().unwrap().to_owned();
    assert!(
        message.starts_with(&format!("{space}/messages/")) && message.contains(" was made, but "),
        "{outcome}"
    );
    assert!(outcome.error()["name"].as_str().unwrap().starts_with(&space));
}
