//! `chatauth api` and `chatauth methods`: any method, checked before it's sent; any Google API.

use chatauth::{
    chat::methods::{METHODS, QueryKind},
    emulator::Fault,
};
use serde_json::{Value, json};

use crate::desk::Desk;

fn fine() -> Fault {
    Fault::Status { code: 200, headers: vec![], body: "{\"fine\":true}".to_owned() }
}

/// A name that a method's path takes.
fn name_for(example: &str) -> String {
    let mut name = String::new();
    for part in example.split('/') {
        let part = if part.starts_with('{') { "x" } else { part };
        name.push_str(&format!("{}{part}", if name.is_empty() { "" } else { "/" }));
    }
    name
}

/// The command line of a method with all that it requires.
fn command_for(method: &'static chatauth::chat::methods::Method) -> Vec<String> {
    let mut words =
        vec!["api".to_owned(), method.id.to_owned(), "-q".to_owned(), "--no-preflight".to_owned()];
    for parameter in method.path_parameters {
        let name = parameter.pattern.example().map_or("x/y".to_owned(), |example| name_for(&example));
        words.extend(["-p".to_owned(), format!("{}={name}", parameter.name)]);
    }
    for parameter in method.query.iter().filter(|parameter| parameter.required) {
        let value = match (&parameter.kind, &method.update_mask) {
            (QueryKind::FieldMask, Some(mask)) => mask.paths[0],
            _ => "users/x",
        };
        words.extend(["-p".to_owned(), format!("{}={value}", parameter.name)]);
    }
    if method.request.is_some() {
        words.extend(["--input".to_owned(), "body.json".to_owned()]);
    }
    words
}

#[test]
fn every_method_can_be_called() {
    let desk = Desk::signed_in();
    for method in METHODS {
        let body: Value = method
            .request
            .map(chatauth::chat::schema::required)
            .unwrap_or_default()
            .into_iter()
            .map(|field| (field.to_owned(), json!({})))
            .collect::<serde_json::Map<_, _>>()
            .into();
        desk.write("body.json", body.to_string());
        desk.google.handle.clear_requests();
        desk.google.handle.fail_next(1, fine());
        let mut words = command_for(method);
        words.push("--no-validate".to_owned());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let outcome = desk.run(&words);
        assert_eq!(outcome.code, 0, "{}: {outcome}", method.id);
        assert_eq!(outcome.json(), json!({ "fine": true }), "{}", method.id);
        let request = desk.google.handle.requests().pop().unwrap();
        assert_eq!(request.method, method.verb.as_str(), "{}", method.id);
        let path = method.path_parameters.iter().fold(method.path.to_owned(), |path, parameter| {
            let name = parameter.pattern.example().map_or("x/y".to_owned(), |example| name_for(&example));
            path.replace(&format!("{{+{}}}", parameter.name), &name)
        });
        assert_eq!(request.path(), format!("/{path}"), "{}", method.id);
        assert_eq!(request.body.is_empty(), method.request.is_none(), "{}", method.id);
        let identified = request.target.contains("requestId=") || request.body.contains("requestId");
        assert_eq!(identified, method.request_id.is_some(), "{}", method.id);
    }
}

#[test]
fn a_call_is_checked_before_it_is_sent() {
    let desk = Desk::signed_in();
    let create = ["api", "spaces.messages.create", "-p", "parent=spaces/A"];
    for (flags, words) in [
        (vec!["-f", "txt=x"], "Message has no field `txt`"),
        (vec!["-F", "text=7"], "text: expected text, found 7"),
        (vec!["-f", "thread.nme=x"], "thread: Thread has no field `nme`"),
        (vec!["-f", "markupSyntax=HTML"], "markupSyntax: \"HTML\" is none of MARKUP_SYNTAX_UNSPECIFIED, "),
        (vec!["-p", "pageSize=2"], "chat.spaces.messages.create has no parameter pageSize, but parent, "),
        (
            vec!["-p", "messageReplyOption=X"],
            "the parameter messageReplyOption is \"X\", and must be one of ",
        ),
    ] {
        let command: Vec<&str> = create.iter().copied().chain(flags).collect();
        let outcome = desk.run(&command);
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(outcome.error()["message"].as_str().unwrap().starts_with(words), "{words}: {outcome}");
        assert!(
            outcome.error()["hint"]
                .as_str()
                .unwrap()
                .starts_with("chatauth methods describe spaces.messages.create")
        );
    }
    for (command, words) in [
        (&["api", "spaces.messages.create"][..], "the parameter parent is missing: write spaces/{space}"),
        (
            &["api", "spaces.patch", "-p", "name=spaces/A", "-f", "displayName=x"],
            "the parameter updateMask is missing: space_details, ",
        ),
        (
            &["api", "spaces.list", "-p", "pageSize=many"],
            "the parameter pageSize is \"many\", and must be a 32-bit integer",
        ),
        (&["api", "spaces.get", "-p", "name=spaces/A", "-f", "x=y"], "chat.spaces.get takes no body"),
        (&["api", "spaces.setup"], "the field space is missing"),
        (&["api", "media.upload", "-p", "parent=spaces/A"], "the field filename is missing"),
        (
            &["api", "spaces.get", "-p", "name=spaces/../x"],
            "\"spaces/../x\" is not the name of a resource of this method: write spaces/{space}",
        ),
        (
            &["api", "spaces.patch", "-p", "name=spaces/A", "-p", "updateMask=display_nam"],
            "the parameter updateMask has \"display_nam\", which Space has not: space_details, ",
        ),
        (&["api", "spaces.make"], "the Chat API has no method spaces.make"),
        (&["api", "GET"], "after a verb comes a URL or a path"),
        (
            &["api", "GET", "https://evil.example/x"],
            "\"https://evil.example/x\" is not an address that a token may go to: ",
        ),
    ] {
        let outcome = desk.run(command);
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(outcome.error()["message"].as_str().unwrap().starts_with(words), "{words}: {outcome}");
    }
    assert_eq!(desk.requests().len(), 0);
    let sent = desk.run(&[
        "api",
        "spaces.messages.create",
        "-p",
        "parent=spaces/A",
        "-f",
        "txt=x",
        "--no-validate",
        "-q",
    ]);
    assert_eq!((sent.code, desk.requests().len()), (1, 1), "{sent}");
}

#[test]
fn a_scope_that_is_missing_is_found_before_any_request() {
    let desk = Desk::signed_in();
    let outcome = desk.run(&["api", "spaces.delete", "-p", "name=spaces/A", "-q"]);
    assert_eq!(outcome.error()["hint"], "chatauth login --add-scopes chat.delete");
    let admin = desk.run(&["api", "spaces.delete", "-p", "name=spaces/A", "-p", "useAdminAccess=true", "-q"]);
    assert_eq!(admin.error()["hint"], "chatauth login --add-scopes chat.admin.delete");
    let app = desk.run(&[
        "api",
        "spaces.messages.attachments.get",
        "-p",
        "name=spaces/A/messages/b/attachments/c",
        "-q",
    ]);
    assert_eq!((app.code, app.error()["kind"].as_str()), (5, Some("wrong_credential")), "{app}");
    assert_eq!(desk.requests().len(), 0);
}

#[test]
fn other_google_apis_are_called_with_the_same_sign_in() {
    let desk = Desk::signed_in();
    desk.write("event.json", r#"{"summary":"Release"}"#);
    desk.google.handle.clear_requests();
    let event = desk.run(&[
        "api",
        "POST",
        "https://www.googleapis.com/calendar/v3/calendars/primary/events",
        "--input",
        "event.json",
    ]);
    // The emulator isn't a calendar, but it's what was asked, at its own address.
    assert_eq!(event.code, 6, "{event}");
    let request = desk.google.handle.requests().pop().unwrap();
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("POST", "/calendar/v3/calendars/primary/events")
    );
    assert_eq!(request.body, r#"{"summary":"Release"}"#);
    assert!(request.header("authorization").unwrap().starts_with("Bearer ya29."));
    let mail = [
        "api",
        "POST",
        "https://gmail.googleapis.com/gmail/v1/users/me/messages/send",
        "-f",
        "raw=abc",
        "--dry-run",
        "-q",
    ];
    assert_eq!(
        desk.command(&mail).variable("CHATAUTH_EMULATOR_HOST", "").run().json(),
        json!({ "method": "POST", "url": "https://gmail.googleapis.com/gmail/v1/users/me/messages/send", "body": { "raw": "abc" } })
    );
    let by_path = desk.run(&["api", "get", "/v1/spaces?pageSize=1"]);
    assert_eq!((by_path.code, by_path.stdout.as_str()), (0, "{}\n"), "{by_path}");
}

#[test]
fn dry_run_can_be_a_curl_line_without_the_token() {
    let desk = Desk::signed_in();
    let command = ["api", "POST", "/v1/spaces/A/messages", "-f", "text=it's", "--dry-run", "--curl", "-q"];
    let outcome = desk.command(&command).variable("CHATAUTH_EMULATOR_HOST", "").run();
    assert_eq!(
        outcome.stdout,
        "curl -g -X POST -H \"$(chatauth token --header)\" -H 'Content-Type: application/json; charset=UTF-8' \
         --data-binary '{\"text\":\"it'\\''s\"}' 'https://chat.googleapis.com/v1/spaces/A/messages'\n"
    );
}

#[test]
fn lists_are_paged_filtered_and_cut() {
    let desk = Desk::signed_in();
    for name in ["one", "two", "three"] {
        assert_eq!(desk.run(&["spaces", "create", "--name", name]).code, 0);
    }
    desk.google.handle.clear_requests();
    let all = desk.run(&["api", "spaces.list", "-p", "pageSize=2", "--paginate"]);
    assert_eq!((all.json().as_array().unwrap().len(), desk.requests().len()), (3, 2), "{all}");
    desk.google.handle.clear_requests();
    assert_eq!(desk.run(&["spaces", "list", "--all"]).json().as_array().unwrap().len(), 3);
    assert!(desk.google.handle.requests()[0].target.contains("pageSize=1000"), "the fewest requests");

    let names = desk.run(&["spaces", "list", "--jq", ".spaces[].displayName"]);
    assert_eq!(names.stdout, "one\ntwo\nthree\n");
    let each = desk.run(&["spaces", "list", "--all", "--format", "ndjson", "--jq", ".displayName"]);
    assert_eq!(each.stdout, "one\ntwo\nthree\n");
    assert_eq!(desk.run(&["spaces", "list", "--all", "--jq", "length"]).stdout, "3\n");
    // On a terminal too, a filter is for JSON.
    let shown = desk.command(&["spaces", "list", "--all", "--jq", "map(.displayName)"]).at_terminal().run();
    assert_eq!(shown.stdout, "[\"one\",\"two\",\"three\"]\n");
    let wrong = desk.run(&["spaces", "list", "--jq", ".["]);
    assert_eq!(
        (wrong.code, wrong.error()["message"].as_str()),
        (2, Some("--jq \".[\": it is not a jq filter"))
    );

    let cut = desk.run(&["spaces", "list", "--fields", "spaces.displayName", "--limit", "2"]).json();
    assert_eq!(cut["spaces"], json!([{ "displayName": "one" }, { "displayName": "two" }]));
    assert!(cut["nextPageToken"].is_string(), "{cut}");
}

#[test]
fn methods_are_listed_and_described() {
    let desk = Desk::new();
    let all = desk.run(&["methods", "list"]).json();
    assert_eq!(all.as_array().unwrap().len(), 55);
    let table = desk.run(&["methods", "list", "spaces.messages.", "--format", "human"]).stdout;
    assert_eq!(table.lines().count(), 12);
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    let wide = desk.run(&["methods", "describe", "spaces.patch", "--format", "human"]).stdout;
    assert!(wide.lines().all(|line| line.chars().count() <= 110), "{wide}");
    let patch = desk.run(&["methods", "describe", "spaces.patch"]).json();
    assert_eq!(patch["scopes"]["admin"], json!(["chat.admin.spaces"]));
    assert_eq!(patch["useAdminAccess"], true);
    let shown = desk.run(&["methods", "describe", "chat.spaces.members.create", "--format", "human"]).stdout;
    for words in [
        "POST https://chat.googleapis.com/v1/{+parent}/members",
        "parent",
        "spaces/{space}",
        "Body: Membership",
        "user: chat.memberships, ",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(desk.run(&["methods", "describe", "spaces.message.create", "-q"]).code, 2);
    assert_eq!(desk.requests().len(), 0);
}

#[test]
fn lists_whose_pages_are_in_the_body_or_under_another_name_are_read_too() {
    let desk = Desk::signed_in();
    let page = |body: &str| Fault::Status { code: 200, headers: vec![], body: body.to_owned() };
    desk.google.handle.fail_next(1, page(r#"{"results":[{"n":1}],"nextPageToken":"second"}"#));
    desk.google.handle.fail_next(1, page(r#"{"results":[{"n":2}]}"#));
    let search = [
        "api",
        "spaces.messages.search",
        "-p",
        "parent=spaces/-",
        "-f",
        "filter=x",
        "--paginate",
        "--no-preflight",
    ];
    assert_eq!(desk.run(&search).json(), json!([{ "n": 1 }, { "n": 2 }]));
    let bodies: Vec<Value> = desk
        .google
        .handle
        .requests()
        .iter()
        .map(|request| serde_json::from_str(&request.body).unwrap())
        .collect();
    assert_eq!(bodies[0], json!({ "filter": "x", "pageSize": 100 }));
    assert_eq!(bodies[1], json!({ "filter": "x", "pageSize": 100, "pageToken": "second" }));

    desk.google.handle.fail_next(1, page(r#"{"spaces":[{"n":1}],"totalSize":1}"#));
    let search = [
        "api",
        "spaces.search",
        "-p",
        "query=x",
        "-p",
        "useAdminAccess=true",
        "--paginate",
        "--no-preflight",
    ];
    assert_eq!(desk.run(&search).json(), json!([{ "n": 1 }]));
    assert!(desk.google.handle.requests().last().unwrap().target.contains("pageSize=1000"));
}

#[test]
fn what_was_found_from_outside_stays_mended() {
    let desk = Desk::signed_in();
    let fails = |command: &[&str], words: &str| {
        let outcome = desk.run(command);
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(outcome.error()["message"].as_str().unwrap().contains(words), "{words}: {outcome}");
    };
    fails(&["api", "spaces.get", "-p", "name=spaces/A", "-p", "name=spaces/B"], "-p name is given twice");
    fails(
        &["api", "spaces.list", "-p", "pageSize=1", "-p", "pageSize=2"],
        "the parameter pageSize is given twice",
    );
    fails(
        &["api", "spaces.get", "-p", &format!("name=spaces/{}", "x".repeat(3000))],
        "is not the name of a resource",
    );
    fails(&["api", "GET", "/v1/spaces/a\tb"], "white space or control characters");
    fails(&["api", "GET", "/v1/spaces/../x"], "a segment . or ..");
    fails(
        &["api", "spaces.messages.create", "-p", "parent=spaces/A", "-f", "thread.txt=x"],
        "thread: Thread has no field `txt`, but name, threadKey",
    );
    assert_eq!(desk.requests().len(), 0);

    // Proto JSON's other spelling is a request id too.
    desk.write("setup.json", r#"{"space":{"space_type":"SPACE","display_name":"x"},"request_id":"mine"}"#);
    desk.google.handle.fail_next(1, fine());
    assert_eq!(desk.run(&["api", "spaces.setup", "--input", "setup.json", "-q"]).code, 0);
    assert_eq!(desk.google.handle.requests().pop().unwrap().body.matches("mine").count(), 1);
    // Repeated parameters are for those that Google repeats.
    let find =
        ["api", "spaces.findGroupChats", "-p", "users=users/a", "-p", "users=users/b", "--dry-run", "-q"];
    assert!(desk.run(&find).stdout.contains("users=users%2Fa&users=users%2Fb"));
    // Another API may answer with a file.
    let csv = vec![("Content-Type".to_owned(), "text/csv".to_owned())];
    desk.google.handle.fail_next(1, Fault::Status { code: 200, headers: csv, body: "a,b\n".to_owned() });
    assert_eq!(desk.run(&["api", "GET", "/v1/spaces/A", "-q"]).stdout, "a,b\n");
}

#[test]
fn a_request_id_is_for_methods_that_take_one() {
    let desk = Desk::signed_in();
    let outcome =
        desk.run(&["api", "spaces.members.create", "-p", "parent=spaces/A", "--request-id", "x", "-q"]);
    let message = "chat.spaces.members.create takes no request id, so a repeat could do it twice";
    assert_eq!((outcome.code, outcome.error()["message"].as_str()), (2, Some(message)), "{outcome}");
}

#[test]
fn a_page_of_the_network_on_the_way_is_no_answer() {
    let desk = Desk::signed_in();
    let page = || Fault::Status {
        code: 200,
        headers: vec![("Content-Type".to_owned(), "text/html; charset=utf-8".to_owned())],
        body: "<html>Sign in to the hotel's network</html>".to_owned(),
    };
    for command in [
        &["api", "GET", "/v1/spaces/A", "-q"][..],
        &["api", "POST", "/v1/spaces/A/members", "-f", "x=y", "-q"],
    ] {
        desk.google.handle.fail_next(1, page());
        let outcome = desk.run(command);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (1, ""), "{outcome}");
        assert!(outcome.error()["message"].as_str().unwrap().ends_with("it is a web page"), "{outcome}");
    }
}

#[test]
fn older_apis_rate_limits_are_rate_limits() {
    let desk = Desk::signed_in();
    let body = json!({ "error": {
        "code": 403, "message": "User Rate Limit Exceeded",
        "errors": [{ "domain": "usageLimits", "reason": "userRateLimitExceeded", "message": "User Rate Limit Exceeded" }],
    } });
    let refused = || Fault::Status { code: 403, headers: vec![], body: body.to_string() };
    desk.google.handle.fail_next(1, refused());
    assert_eq!(
        desk.run(&["api", "POST", "/v1/spaces/A/unknown", "-f", "x=y", "-q", "--retries", "0"]).code,
        6
    );
    desk.google.handle.clear_faults();
    desk.google.handle.fail_next(1, refused());
    desk.google.handle.fail_next(1, fine());
    assert_eq!(
        desk.run(&["api", "POST", "/v1/spaces", "-f", "x=y", "-q"]).code,
        0,
        "tried again: it was refused"
    );
    desk.google.handle.fail_next(9, refused());
    let outcome = desk.run(&["api", "GET", "/v1/spaces", "-q", "--retries", "1"]);
    assert_eq!((outcome.code, outcome.error()["kind"].as_str()), (7, Some("rate_limited")), "{outcome}");
}

#[test]
fn fields_and_request_ids_given_twice_do_no_harm() {
    let desk = Desk::signed_in();
    for name in ["one", "two", "three"] {
        assert_eq!(desk.run(&["spaces", "create", "--name", name]).code, 0);
    }
    let list =
        ["api", "spaces.list", "-p", "pageSize=1", "-p", "fields=spaces.displayName", "--paginate", "-q"];
    assert_eq!(desk.run(&list).json().as_array().unwrap().len(), 3, "the next page's token is asked for too");
    let send = [
        "api",
        "spaces.messages.create",
        "-p",
        "parent=spaces/A",
        "-f",
        "text=x",
        "-p",
        "requestId=a",
        "--request-id",
        "b",
        "-q",
    ];
    assert_eq!(desk.run(&send).code, 2);
}

#[test]
fn a_body_of_ones_own_is_sent_as_it_was_written() {
    let desk = Desk::signed_in();
    let text = r#"{"n": 123456789012345678901234567890, "x": 1.0e2, "s": "\u00fc"}"#;
    desk.write("body.json", text);
    desk.google.handle.fail_next(1, fine());
    assert_eq!(desk.run(&["api", "POST", "/v1/spaces", "--input", "body.json", "-q"]).code, 0);
    assert_eq!(desk.google.handle.requests().pop().unwrap().body, text);
}

#[test]
fn every_path_of_the_tables_masks_is_one() {
    let desk = Desk::new();
    for method in METHODS {
        let Some(mask) = &method.update_mask else { continue };
        let star = if mask.star { &["*"][..] } else { &[] };
        for path in mask.paths.iter().chain(star) {
            let mut words = command_for(method);
            words.retain(|word| !word.starts_with("updateMask="));
            let at = words.iter().rposition(|word| word == "-p").unwrap();
            words.insert(at + 1, format!("updateMask={path}"));
            words.push("--dry-run".to_owned());
            desk.write("body.json", "{}");
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert_eq!(desk.run(&words).code, 0, "{} {path}", method.id);
        }
    }
}
