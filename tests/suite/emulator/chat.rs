//! The Chat API: checks, spaces, messages, pages.

use std::time::Duration;

use chatauth::chat::methods::METHODS;
use serde_json::{Value, json};

use crate::{
    http::{self, Response},
    running::{CHAT, Running},
};

fn error(reply: &Response) -> (u16, String) {
    (reply.status, reply.json()["error"]["status"].as_str().unwrap_or_default().to_owned())
}

fn message(reply: &Response) -> String {
    reply.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
}

fn invalid() -> (u16, String) {
    (400, "INVALID_ARGUMENT".to_owned())
}

/// A space of the first account, by name.
fn space(emulator: &Running, token: &str, name: &str) -> String {
    let body = json!({"spaceType": "SPACE", "displayName": name});
    let reply = emulator.call(token, "POST", "/v1/spaces", Some(&body));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["name"].as_str().expect("a name").to_owned()
}

fn post(emulator: &Running, token: &str, space: &str, query: &str, body: &Value) -> Response {
    emulator.call(token, "POST", &format!("/v1/{space}/messages{query}"), Some(body))
}

#[test]
fn a_bearer_is_needed_and_says_why_not() {
    let emulator = Running::start();
    let none = emulator.get("/v1/spaces");
    assert_eq!(error(&none), (401, "UNAUTHENTICATED".into()));
    assert_eq!(none.json()["error"]["details"][0]["reason"], "CREDENTIALS_MISSING");
    assert!(none.header("www-authenticate").is_some_and(|v| v.starts_with("Bearer realm=")));
    let token = emulator.access_token();
    assert_eq!(emulator.call(&token, "GET", "/v1/spaces", None).status, 200);
    emulator.handle.revoke_access_tokens();
    let dead = emulator.call(&token, "GET", "/v1/spaces", None);
    assert_eq!(dead.json()["error"]["details"][0]["reason"], "ACCESS_TOKEN_EXPIRED");
    assert!(dead.header("www-authenticate").is_some_and(|v| v.contains("error=\"invalid_token\"")));
    let old = emulator.access_token();
    emulator.clock.advance(Duration::from_secs(3600));
    assert_eq!(emulator.call(&old, "GET", "/v1/spaces", None).status, 401);
}

#[test]
fn the_scope_decides_by_method() {
    let emulator = Running::start();
    let narrow =
        emulator.sign_in("someone@example.com", "https://www.googleapis.com/auth/chat.messages.create");
    let token = narrow["access_token"].as_str().unwrap();
    let reply = emulator.call(token, "GET", "/v1/spaces/A/messages", None);
    assert_eq!(error(&reply), (403, "PERMISSION_DENIED".into()));
    let detail = &reply.json()["error"]["details"][0];
    assert_eq!(detail["reason"], "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    assert_eq!(detail["metadata"]["method"], "google.chat.v1.ChatService.ListMessages");
    let challenge = reply.header("www-authenticate").expect("a challenge");
    assert!(
        challenge.contains("error=\"insufficient_scope\"")
            && challenge.contains("/auth/chat.messages.readonly")
    );
    assert_eq!(post(&emulator, token, "spaces/A", "", &json!({"text": "x"})).status, 404);
    // Administrator access takes administrator scopes.
    let token = emulator.access_token();
    assert_eq!(emulator.call(&token, "GET", "/v1/spaces/A?useAdminAccess=true", None).status, 403);
}

#[test]
fn every_method_of_the_table_is_checked_and_answered() {
    let emulator = Running::start();
    let names: Vec<String> = METHODS
        .iter()
        .flat_map(|method| method.auth.user)
        .map(|scope| format!("https://www.googleapis.com/auth/{scope}"))
        .collect();
    let token = emulator.sign_in("someone@example.com", &names.join(" "))["access_token"].clone();
    let token = token.as_str().unwrap();
    for method in METHODS.iter().filter(|method| !method.auth.user.is_empty()) {
        let name = method.path_parameters.first().map(|p| p.pattern.example().unwrap_or("a/b".into()));
        let name = name.unwrap_or_default().replace(['{', '}'], "");
        let path = match method.path.split_once("{+") {
            Some((before, rest)) => format!("/{before}{name}{}", rest.split_once('}').unwrap().1),
            None => format!("/{}", method.path),
        };
        let unknown = emulator.call(token, method.verb.as_str(), &format!("{path}?foo=1"), None);
        assert_eq!(error(&unknown), invalid(), "{}: {}", method.id, unknown.text());
        let required: Vec<String> =
            method.query.iter().filter(|p| p.required).map(|p| format!("{}=x", p.name)).collect();
        let body = method.request.map(|_| json!({}));
        let target = format!("{path}?{}", required.join("&"));
        let reply = emulator.call(token, method.verb.as_str(), &target, body.as_ref());
        if reply.status == 501 {
            assert!(message(&reply).contains(method.id), "{}: {}", method.id, reply.text());
        } else {
            assert!(matches!(reply.status, 200 | 400 | 404), "{}: {}", method.id, reply.text());
        }
    }
}

#[test]
fn a_wrong_query_is_refused_in_googles_words() {
    let emulator = Running::start();
    let token = emulator.access_token();
    let get = |query: &str| emulator.call(&token, "GET", &format!("/v1/spaces?{query}"), None);
    assert_eq!(
        message(&get("foo=1")),
        "Invalid JSON payload received. Unknown name \"foo\": Cannot bind query parameter. Field 'foo' could not be \
         found in request message."
    );
    assert_eq!(message(&get("pageSize=x")), "Invalid value at 'page_size' (TYPE_INT32), \"x\"");
    assert_eq!(get("pageSize=x").json()["error"]["details"][0]["fieldViolations"][0]["field"], "page_size");
    assert_eq!(error(&get("pageSize=1&pageSize=2")), invalid());
    assert_eq!(error(&get("pageSize=-1")), invalid());
    for good in [
        "page_size=5",
        "alt=json&$.xgafv=2&prettyPrint=false&key=k&quotaUser=q",
        "pageSize=0",
        "pageSize=99999",
    ] {
        assert_eq!(get(good).status, 200, "{good}");
    }
    let reply = emulator.call(&token, "GET", "/v1/spaces/A?useAdminAccess=yes", None);
    assert_eq!(message(&reply), "Invalid value at 'use_admin_access' (TYPE_BOOL), \"yes\"");
    let reply = post(&emulator, &token, "spaces/A", "?messageReplyOption=X", &json!({"text": "x"}));
    assert!(message(&reply).contains("google.chat.v1.CreateMessageRequest.MessageReplyOption), \"X\""));
}

#[test]
fn a_wrong_body_is_refused_in_googles_words() {
    let emulator = Running::start();
    let token = emulator.access_token();
    let body = json!({"spaceType": "X", "foo": 1, "displayName": 7});
    let reply = emulator.call(&token, "POST", "/v1/spaces", Some(&body));
    assert_eq!(error(&reply), invalid());
    let told = message(&reply);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "Invalid value at 'space.space_type' (type.googleapis.com/google.chat.v1.Space.SpaceType), \"X\"",
            "Invalid JSON payload received. Unknown name \"foo\" at 'space': Cannot find field.",
            "Invalid value at 'space.display_name' (TYPE_STRING), 7",
        ]
    );
    assert_eq!(reply.json()["error"]["details"][0]["fieldViolations"].as_array().map(Vec::len), Some(3));

    let bearer = format!("Bearer {token}");
    for (kind, body) in
        [("application/json", &b"{\"a\": "[..]), ("application/json", b"[]"), ("text/plain", b"{}")]
    {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        let reply = http::send(emulator.address, "POST", "/v1/spaces", &headers, body).expect("an answer");
        assert_eq!(error(&reply), invalid(), "{}", reply.text());
    }
    let large = vec![b' '; (1 << 20) + 1];
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let reply = http::send(emulator.address, "POST", "/v1/spaces", &headers, &large).expect("an answer");
    assert_eq!(reply.status, 400);
    let reply = http::send(emulator.address, "GET", "/v1/spaces", &headers, b"{}").expect("an answer");
    assert_eq!(reply.status, 400);
}

#[test]
fn a_space_is_made_and_served_as_google_does() {
    let emulator = Running::start();
    let token = emulator.access_token();
    let body =
        json!({"spaceType": "SPACE", "displayName": "API-made", "space_details": {"description": "d"}});
    let reply = emulator.call(&token, "POST", "/v1/spaces", Some(&body));
    assert_eq!(reply.header("content-type"), Some("application/json; charset=UTF-8"));
    assert!(reply.text().starts_with("{\n  \"name\": \"spaces/AAAA"), "{}", reply.text());
    let space = reply.json();
    let id = space["name"].as_str().unwrap().strip_prefix("spaces/").unwrap().to_owned();
    assert_eq!(id.len(), 11);
    assert_eq!(space["createTime"], "2026-11-07T10:00:00.500000Z");
    assert_eq!(space["spaceUri"], format!("https://chat.google.com/room/{id}?cls=11"));
    assert_eq!(space["spaceDetails"]["description"], "d");
    assert_eq!(emulator.call(&token, "GET", &format!("/v1/spaces/{id}"), None).json(), space);
    let part = emulator.call(&token, "GET", &format!("/v1/spaces/{id}?fields=name&prettyPrint=false"), None);
    assert_eq!(part.text(), format!("{{\"name\":\"spaces/{id}\"}}"));
    let other = emulator.sign_in("other@example.com", CHAT)["access_token"].clone();
    let reply = emulator.call(other.as_str().unwrap(), "GET", &format!("/v1/spaces/{id}"), None);
    assert_eq!(error(&reply), (403, "PERMISSION_DENIED".into()));
    assert_eq!(emulator.call(&token, "GET", "/v1/spaces/nothing", None).status, 404);
}

#[test]
fn what_a_space_must_be() {
    let emulator = Running::start();
    let token = emulator.access_token();
    let create = |body: Value| emulator.call(&token, "POST", "/v1/spaces", Some(&body));
    for bad in [
        json!({}),
        json!({"displayName": "x"}),
        json!({"spaceType": "SPACE"}),
        json!({"spaceType": "SPACE", "displayName": "  "}),
        json!({"spaceType": "SPACE", "displayName": "é".repeat(129)}),
        json!({"spaceType": "SPACE", "displayName": "x", "spaceDetails": {"description": "d".repeat(151)}}),
        json!({"spaceType": "SPACE", "displayName": "x", "spaceDetails": {"guidelines": "d".repeat(5001)}}),
        json!({"spaceType": "GROUP_CHAT"}),
        json!({"spaceType": "DIRECT_MESSAGE"}),
    ] {
        assert_eq!(error(&create(bad.clone())), invalid(), "{bad}");
    }
    assert_eq!(create(json!({"spaceType": "SPACE", "displayName": "é".repeat(128)})).status, 200);
    space(&emulator, &token, "taken");
    let taken = create(json!({"spaceType": 1, "displayName": "taken"}));
    assert_eq!(error(&taken), (409, "ALREADY_EXISTS".into()));
    assert_eq!(create(json!({"spaceType": "SPACE", "displayName": "i", "importMode": true})).status, 403);
}

#[test]
fn a_request_id_makes_one_thing() {
    let emulator = Running::start();
    let token = emulator.access_token();
    let create = |token: &str, name: &str| {
        let body = json!({"spaceType": "SPACE", "displayName": name});
        emulator.call(token, "POST", "/v1/spaces?requestId=r1", Some(&body))
    };
    let first = create(&token, "one").json();
    assert_eq!(create(&token, "one").json(), first);
    assert_eq!(create(&token, "other words").json(), first);
    let other = emulator.sign_in("other@example.com", CHAT)["access_token"].clone();
    assert_eq!(create(other.as_str().unwrap(), "one").status, 400);

    let name = first["name"].as_str().unwrap();
    let sent = post(&emulator, &token, name, "?requestId=m1", &json!({"text": "hello"})).json();
    assert_eq!(post(&emulator, &token, name, "?requestId=m1", &json!({"text": "hello"})).json(), sent);
    let all = emulator.call(&token, "GET", &format!("/v1/{name}/messages"), None).json();
    assert_eq!(all["messages"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_message_is_made_and_found_by_either_id() {
    let emulator = Running::start();
    let token = emulator.access_token();
    let name = space(&emulator, &token, "talk");
    let reply = post(&emulator, &token, &name, "?messageId=client-build-7", &json!({"text": "hello"}));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let sent = reply.json();
    let own = sent["name"].as_str().unwrap();
    let thread = sent["thread"]["name"].as_str().unwrap().rsplit('/').next().unwrap();
    assert_eq!(own, format!("{name}/messages/{thread}.{thread}"));
    assert_eq!(
        sent["sender"],
        json!({"name": "users/100000000000000000001", "displayName": "Sam One", "type": "HUMAN"})
    );
    assert_eq!(sent["clientAssignedMessageId"], "client-build-7");
    for path in [own.to_owned(), format!("{name}/messages/client-build-7")] {
        assert_eq!(emulator.call(&token, "GET", &format!("/v1/{path}"), None).json(), sent);
    }
    let again = post(&emulator, &token, &name, "?messageId=client-build-7", &json!({"text": "hello"}));
    assert_eq!(error(&again), (409, "ALREADY_EXISTS".into()));
    for bad in ["build", "client-", "client-A", "client-a_b", &format!("client-{}", "a".repeat(57))] {
        let reply = post(&emulator, &token, &name, &format!("?messageId={bad}"), &json!({"text": "x"}));
        assert_eq!(error(&reply), invalid(), "{bad}");
    }
    let bodies = [
        json!({}),
        json!({"text": ""}),
        json!({"text": "x".repeat(32_001)}),
        json!({"text": "x", "cardsV2": [{"cardId": "a", "card": {}}]}),
        json!({"text": "x", "privateMessageViewer": {"name": "users/1"}}),
    ];
    for bad in bodies {
        assert_eq!(error(&post(&emulator, &token, &name, "", &bad)), invalid(), "{bad}");
    }
    assert_eq!(post(&emulator, &token, &name, "", &json!({"text": "é".repeat(16_000)})).status, 200);
}

#[test]
fn threads_by_key_and_name() {
    let emulator = Running::start();
    let token = emulator.access_token();
    let name = space(&emulator, &token, "threads");
    let thread = |query: &str, thread: Value| {
        let reply = post(&emulator, &token, &name, query, &json!({"text": "x", "thread": thread}));
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["thread"]["name"].as_str().unwrap().to_owned()
    };
    let fallback = "?messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD";
    let or_fail = "?messageReplyOption=REPLY_MESSAGE_OR_FAIL";
    let first = thread(fallback, json!({"threadKey": "k"}));
    assert_eq!(thread(fallback, json!({"thread_key": "k"})), first);
    assert_eq!(thread(&format!("{fallback}&threadKey=k"), json!({})), first);
    assert_eq!(thread(or_fail, json!({"name": first})), first);
    assert_ne!(thread("", json!({"threadKey": "k"})), first);
    assert_ne!(thread(or_fail, json!({"threadKey": "new"})), first);
    let nowhere = json!({"name": format!("{name}/threads/nothing")});
    assert_ne!(thread(fallback, nowhere.clone()), first);
    let failed = post(&emulator, &token, &name, or_fail, &json!({"text": "x", "thread": nowhere}));
    assert_eq!(error(&failed), (404, "NOT_FOUND".into()));
    let foreign = json!({"text": "x", "thread": {"name": "spaces/other/threads/x"}});
    assert_eq!(error(&post(&emulator, &token, &name, fallback, &foreign)), invalid());
    let long = json!({"text": "x", "thread": {"threadKey": "k".repeat(4001)}});
    assert_eq!(error(&post(&emulator, &token, &name, fallback, &long)), invalid());
    let filter = format!("/v1/{name}/messages?filter=thread.name%20%3D%20{first}");
    let found = emulator.call(&token, "GET", &filter, None).json();
    assert_eq!(found["messages"].as_array().map(Vec::len), Some(4));
    assert_eq!(found["messages"][1]["threadReply"], true);
}

#[test]
fn lists_come_in_pages_bound_to_their_parameters() {
    let emulator = Running::start();
    let token = emulator.access_token();
    let name = space(&emulator, &token, "pages");
    for number in 0..5 {
        assert_eq!(post(&emulator, &token, &name, "", &json!({"text": number.to_string()})).status, 200);
        emulator.clock.advance(Duration::from_secs(60));
    }
    let list = |query: &str| emulator.call(&token, "GET", &format!("/v1/{name}/messages?{query}"), None);
    let texts = |reply: &Value| -> String {
        reply["messages"].as_array().into_iter().flatten().map(|m| m["text"].as_str().unwrap()).collect()
    };
    assert_eq!(texts(&list("").json()), "01234");
    assert_eq!(texts(&list("orderBy=createTime%20desc").json()), "43210");
    let first = list("pageSize=2&orderBy=create_time%20DESC").json();
    let next = first["nextPageToken"].as_str().expect("more").to_owned();
    let second = list(&format!("pageSize=2&orderBy=create_time%20DESC&pageToken={next}")).json();
    let last = second["nextPageToken"].as_str().expect("more").to_owned();
    let third = list(&format!("pageSize=9&orderBy=create_time%20DESC&pageToken={last}")).json();
    assert_eq!([texts(&first), texts(&second), texts(&third)], ["43", "21", "0"]);
    assert_eq!(third.get("nextPageToken"), None);
    for bad in [format!("pageToken={next}"), "pageToken=nonsense".to_owned(), "orderBy=text".to_owned()] {
        assert_eq!(error(&list(&bad)), invalid(), "{bad}");
    }
    let window = "filter=create_time%3E%222026-11-07T10%3A00%3A30Z%22%20AND%20create_time%3C%222026-11-07T10%3A02%3A30Z%22";
    assert_eq!(texts(&list(window).json()), "12");
    assert_eq!(error(&list("filter=nonsense")), invalid());

    space(&emulator, &token, "another");
    let spaces = |query: &str| emulator.call(&token, "GET", &format!("/v1/spaces?{query}"), None).json();
    assert_eq!(spaces("filter=space_type%20%3D%20%22SPACE%22")["spaces"].as_array().map(Vec::len), Some(2));
    assert_eq!(spaces("filter=spaceType%20%3D%20%22GROUP_CHAT%22"), json!({}));
    assert!(spaces("pageSize=1")["nextPageToken"].is_string());
}

#[test]
fn the_project_may_lack_the_api_or_the_app() {
    let emulator = Running::start();
    let token = emulator.access_token();
    emulator.handle.app_configured(false);
    let reply = emulator.call(&token, "GET", "/v1/spaces", None);
    assert_eq!(error(&reply), (404, "NOT_FOUND".into()));
    assert!(message(&reply).starts_with("Google Chat app not found."));
    assert!(reply.json()["error"]["details"][0]["links"][0]["url"].is_string());
    emulator.handle.api_enabled(false);
    let reply = emulator.call(&token, "GET", "/v1/spaces", None);
    assert_eq!(error(&reply), (403, "PERMISSION_DENIED".into()));
    let detail = &reply.json()["error"]["details"][0];
    assert_eq!(detail["reason"], "SERVICE_DISABLED");
    assert!(detail["metadata"]["activationUrl"].is_string());
}

#[test]
fn a_webhook_posts_with_its_url_alone() {
    let emulator = Running::start();
    let token = emulator.access_token();
    let name = space(&emulator, &token, "<b>hooked");
    let target = emulator.handle.webhook(&name).expect("a webhook");
    let send = |target: &str, body: &Value| {
        let headers = [("content-type", "application/json; charset=UTF-8")];
        http::send(emulator.address, "POST", target, &headers, body.to_string().as_bytes())
            .expect("an answer")
    };
    let body = json!({"text": "hello", "cardsV2": [{"cardId": "a", "card": {"header": {"title": "t"}}}],
        "thread": {"threadKey": "k"}});
    let threaded = format!("{target}&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD");
    let first = send(&threaded, &body);
    assert_eq!(first.status, 200, "{}", first.text());
    let first = first.json();
    assert_eq!((first.get("sender"), &first["cardsV2"]), (None, &body["cardsV2"]));
    assert_eq!(send(&threaded, &body).json()["thread"], first["thread"]);
    let seen = emulator.call(&token, "GET", &format!("/v1/{}", first["name"].as_str().unwrap()), None).json();
    assert_eq!(seen["sender"]["type"], "BOT");

    assert_eq!(send(&target.replace("key=", "key=x"), &body).status, 400);
    assert_eq!(error(&send(&format!("{target}x"), &body)), (403, "PERMISSION_DENIED".into()));
    assert_eq!(send(&target.replace(&name, "spaces/other"), &body).status, 404);
    // With a bearer it is a person's call, and those have no token parameter.
    assert_eq!(error(&emulator.call(&token, "POST", &target, Some(&json!({"text": "x"})))), invalid());
    let page = emulator.get("/").text();
    assert!(page.contains("&lt;b&gt;hooked") && !page.contains("<b>"));
}

#[test]
fn two_people_in_one_space() {
    let emulator = Running::start();
    let token = emulator.access_token();
    let name = space(&emulator, &token, "shared");
    assert!(
        emulator.handle.join(&name, "other@example.com")
            && !emulator.handle.join(&name, "nobody@example.com")
    );
    let other = emulator.sign_in("other@example.com", CHAT)["access_token"].clone();
    let sent = post(&emulator, other.as_str().unwrap(), &name, "?requestId=a", &json!({"text": "x"}));
    assert_eq!(sent.json()["sender"]["displayName"], "Olga Other");
    assert_eq!(error(&post(&emulator, &token, &name, "?requestId=a", &json!({"text": "x"}))), invalid());
    let seen = emulator.call(&token, "GET", &format!("/v1/{name}"), None).json();
    assert_eq!(seen["membershipCount"]["joinedDirectHumanUserCount"], 2);
}

#[test]
fn import_mode_is_for_its_own_scope() {
    let emulator = Running::start();
    let import = emulator.sign_in("someone@example.com", "https://www.googleapis.com/auth/chat.import");
    let import = import["access_token"].as_str().unwrap();
    let create = |body: Value| emulator.call(import, "POST", "/v1/spaces", Some(&body));
    assert_eq!(create(json!({"spaceType": "SPACE", "displayName": "plain"})).status, 403);
    let group = create(json!({"spaceType": "GROUP_CHAT", "importMode": true}));
    assert_eq!(group.status, 200, "{}", group.text());
    let group = group.json();
    assert_eq!(group["importModeExpireTime"], "2027-02-05T10:00:00.500000Z");
    let name = group["name"].as_str().unwrap();
    let token = emulator.access_token();
    let listed = || emulator.call(&token, "GET", "/v1/spaces", None).json();
    assert_eq!(listed(), json!({}));
    assert_eq!(post(&emulator, import, name, "", &json!({"text": "x"})).status, 200);
    assert_eq!(listed()["spaces"][0]["name"], name);
    let ordinary = space(&emulator, &token, "ordinary");
    assert_eq!(post(&emulator, import, &ordinary, "", &json!({"text": "x"})).status, 403);
}
