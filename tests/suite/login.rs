//! Signing in: what is asked of Google, what is stored, and what is refused.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex, mpsc},
};

use chatauth::emulator::{Consent, Fault};
use insta::assert_snapshot;
use serde_json::json;
use url::Url;

use crate::{
    desk::{Desk, Script, follow, get, parameter},
    http,
};

/// A browser that keeps the address, and then does as told.
fn keeping(kept: &Arc<Mutex<Vec<Url>>>) -> Script<impl Fn(Url) + Clone + Send + Sync + 'static> {
    let kept = Arc::clone(kept);
    Script(move |address: Url| {
        kept.lock().unwrap().push(address.clone());
        follow(&address);
    })
}

/// The callback that the consent page leads to, not yet opened.
fn callback(address: &Url) -> Url {
    Url::parse(get(address).header("location").unwrap()).unwrap()
}

fn with(address: &Url, change: impl Fn(&str, &str) -> Vec<(String, String)>) -> Url {
    let pairs: Vec<_> = address.query_pairs().flat_map(|(name, value)| change(&name, &value)).collect();
    let mut changed = address.clone();
    changed.query_pairs_mut().clear().extend_pairs(pairs);
    changed
}

#[test]
fn signs_in_and_stores_it() {
    let desk = Desk::new();
    let opened = Arc::default();
    let outcome = desk.command(&["login", "--format", "human"]).browser(keeping(&opened)).run();
    let address = opened.lock().unwrap()[0].clone();
    let shown = outcome.to_string().replace(&address[url::Position::AfterPath..], "?PARAMETERS");
    assert_snapshot!(shown, @"
    exit 0
    --- stdout
    ✓ Signed in as someone@example.com
      Profile: someone@example.com (now in use)
      Scopes: chat.memberships, chat.messages.create, chat.spaces, userinfo.email, openid
    --- stderr
    chatauth: talking to the emulator at EMULATOR, not to Google
    Your browser opens this address:

        http://EMULATOR/o/oauth2/v2/auth?PARAMETERS

    Waiting for your consent … (Ctrl-C ends it)
    Consent given.
    ");
    // One page, one exchange: the ID token tells who it is.
    assert_eq!(desk.requests(), ["GET /o/oauth2/v2/auth", "POST /token"]);

    let asked = |name: &str| parameter(&address, name);
    assert_eq!(asked("response_type"), "code");
    assert_eq!(asked("code_challenge_method"), "S256");
    assert_eq!(asked("access_type"), "offline");
    assert_eq!(asked("prompt"), "consent");
    assert_eq!((asked("state").len(), asked("code_challenge").len()), (43, 43));
    assert!(asked("redirect_uri").starts_with("http://127.0.0.1:"));
    assert_snapshot!(asked("scope").replace(' ', "\n"), @"
    https://www.googleapis.com/auth/chat.memberships
    https://www.googleapis.com/auth/chat.messages.create
    https://www.googleapis.com/auth/chat.spaces
    https://www.googleapis.com/auth/userinfo.email
    openid
    ");

    let stored = desk.stored("someone@example.com");
    assert_eq!(stored["account"]["email"], "someone@example.com");
    assert!(stored["refresh_token"].as_str().unwrap().starts_with("1//"));
    #[cfg(unix)]
    {
        use crate::desk::permissions;
        assert_eq!(permissions(&desk.profile_file("someone@example.com")), 0o600);
        assert_eq!(permissions(&desk.store()), 0o700);
        assert_eq!(permissions(&desk.home()), 0o700);
    }
}

#[test]
fn gives_scripts_json() {
    let outcome = Desk::new().run(&["login", "-q"]);
    assert_eq!(outcome.code, 0);
    assert_snapshot!(format!("{:#}", outcome.json()), @r#"
    {
      "profile": "someone@example.com",
      "email": "someone@example.com",
      "client_id": "100000000001-emulateddesktopclient.apps.googleusercontent.com",
      "scopes": [
        "https://www.googleapis.com/auth/chat.memberships",
        "https://www.googleapis.com/auth/chat.messages.create",
        "https://www.googleapis.com/auth/chat.spaces",
        "https://www.googleapis.com/auth/userinfo.email",
        "openid"
      ],
      "missing_scopes": [],
      "access_token_expires_at": "2026-11-07T10:59:59.5Z",
      "refresh_token_expires_at": null
    }
    "#);
}

#[test]
fn denial_ends_it_with_a_clear_word() {
    let desk = Desk::new();
    desk.google.handle.set_consent(Consent::Deny);
    let (page, seen) = mpsc::channel();
    let browser = Script(move |address: Url| page.send(follow(&address)).unwrap());
    let outcome = desk.command(&["login", "-q"]).browser(browser).run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (4, ""));
    assert_eq!(outcome.error()["kind"], "consent_refused");
    assert_eq!(outcome.error()["message"], "consent was refused in the browser");
    let page = seen.recv().unwrap();
    assert_eq!(page.status, 403);
    assert!(page.text().contains("Consent was refused, so nothing was stored."));
    assert!(desk.profiles().is_empty());
}

#[test]
fn only_the_answer_to_our_own_question_counts() {
    let desk = Desk::new();
    let (tell, refused) = mpsc::channel();
    let browser = Script(move |address: Url| {
        let honest = callback(&address);
        let origin = honest[..url::Position::BeforePath].to_owned();
        let same = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        let strays =
            [
                Url::parse(&format!("{origin}/favicon.ico")).unwrap(),
                Url::parse(&format!("{origin}/?code=x")).unwrap(),
                Url::parse(&format!("{origin}/?error=access_denied")).unwrap(),
                Url::parse(&format!("{origin}/?error=access_denied&state=forged")).unwrap(),
                with(&honest, |name, value| if name == "state" { vec![] } else { same(name, value) }),
                with(
                    &honest,
                    |name, value| if name == "state" { same(name, "forged") } else { same(name, value) },
                ),
                with(&honest, |name, value| {
                    if name == "state" {
                        [same(name, value), same(name, value)].concat()
                    } else {
                        same(name, value)
                    }
                }),
                with(&honest, |name, value| {
                    if name == "code" {
                        [same(name, value), same(name, "other")].concat()
                    } else {
                        same(name, value)
                    }
                }),
                with(&honest, |name, value| if name == "code" { vec![] } else { same(name, value) }),
                with(&honest, |name, value| {
                    if name == "iss" { same(name, "https://evil.example") } else { same(name, value) }
                }),
                honest.join(&format!("/elsewhere?{}", honest.query().unwrap())).unwrap(),
            ];
        let mut answers: Vec<u16> = strays.iter().map(|stray| get(stray).status).collect();
        let socket = honest.socket_addrs(|| None).unwrap()[0];
        let target = &honest[url::Position::BeforePath..];
        let foreign = http::send(socket, "GET", target, &[("host", "evil.example")], b"").unwrap();
        let posted = http::send(socket, "POST", target, &[], b"").unwrap();
        answers.extend([foreign.status, posted.status]);
        tell.send((answers, get(&honest).status)).unwrap();
    });
    let outcome = desk.command(&["login", "-q"]).browser(browser).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    let (strays, honest) = refused.recv().unwrap();
    assert_eq!((strays, honest), (vec![404; 13], 200));
}

#[test]
fn the_address_that_the_browser_ended_at_can_be_pasted() {
    let desk = Desk::new();
    let (paste, lines) = mpsc::channel();
    let browser = Script(move |address: Url| {
        paste.send("http://127.0.0.1/?code=stolen&state=forged".to_owned()).unwrap();
        paste.send(callback(&address).to_string()).unwrap();
    });
    let outcome = desk.command(&["login"]).at_terminal().typing(lines).browser(browser).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stderr.contains("That is not the address with the answer to this sign-in."), "{outcome}");
    assert!(outcome.stdout.contains("Signed in as \u{1b}[1msomeone@example.com"), "{outcome:}");
}

#[test]
fn over_ssh_the_tunnel_is_shown() {
    let desk = Desk::new();
    let outcome = desk.command(&["login"]).variable("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22").run();
    let port = outcome.stderr.split("ssh -N -L ").nth(1).unwrap().split(':').next().unwrap().to_owned();
    assert!(outcome.stderr.contains(&format!("ssh -N -L {port}:127.0.0.1:{port} ")), "{outcome}");
    assert!(outcome.stderr.contains(&format!("127.0.0.1%3A{port}")), "{outcome}");
}

#[test]
fn fewer_scopes_than_asked_are_a_warning_with_its_cure() {
    let desk = Desk::new();
    desk.google.handle.grant_only(Some(vec!["chat.spaces".to_owned()]));
    let outcome = desk.run(&["login"]);
    assert_eq!(outcome.code, 0);
    assert!(
        outcome.stderr.ends_with(
            "warning: not granted: chat.memberships,chat.messages.create; to ask again: \
             chatauth login --add-scopes chat.memberships,chat.messages.create\n"
        ),
        "{outcome}"
    );
    assert_eq!(outcome.json()["missing_scopes"].as_array().unwrap().len(), 2);
}

#[test]
fn adding_scopes_never_narrows() {
    let desk = Desk::signed_in_with(&["--scopes", "chat.spaces,openid,email"]);
    // The stored client serves: the file isn't needed any more.
    std::fs::remove_file(desk.folder.path().join("client_secrets.json")).unwrap();
    let opened = Arc::default();
    let flags = ["login", "-q", "--add-scopes", "chat.messages.readonly"];
    let outcome = desk.command(&flags).browser(keeping(&opened)).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    let address = opened.lock().unwrap()[0].clone();
    assert_eq!(parameter(&address, "login_hint"), "someone@example.com");
    let scopes = parameter(&address, "scope");
    for scope in ["chat.spaces", "chat.messages.readonly", "userinfo.email"] {
        assert!(scopes.contains(&format!("/auth/{scope}")), "{scopes}");
    }
    let other = keeping_account("other@example.com");
    let outcome = desk.command(&flags).browser(other).run();
    assert_eq!(outcome.code, 4);
    assert_eq!(
        outcome.error()["message"],
        "signed in as other@example.com, but someone@example.com was asked for; nothing was stored"
    );
}

/// A browser with a person who takes this account, whatever the hint.
fn keeping_account(email: &'static str) -> Script<impl Fn(Url) + Clone + Send + Sync + 'static> {
    Script(move |address: Url| {
        let chosen = with(&address, |name, value| match name {
            "login_hint" => vec![],
            _ => vec![(name.to_owned(), value.to_owned())],
        });
        let mut chosen = chosen;
        chosen.query_pairs_mut().append_pair("login_hint", email);
        follow(&chosen);
    })
}

#[test]
fn a_second_account_leaves_the_first_and_comes_into_use() {
    let desk = Desk::signed_in();
    let first = desk.stored("someone@example.com");
    let outcome = desk.command(&["login", "-q"]).browser(keeping_account("other@example.com")).run();
    assert_eq!(outcome.json()["profile"], "other@example.com");
    assert_eq!(desk.stored("someone@example.com"), first);
    let listed = desk.run(&["profiles", "list", "--format", "human"]);
    assert_snapshot!(listed, @"
    exit 0
    --- stdout
    *  other@example.com    other@example.com
       someone@example.com  someone@example.com
    --- stderr
    chatauth: talking to the emulator at EMULATOR, not to Google
    ");
    let wanted = desk.command(&["login", "-q", "--account", "someone@example.com"]);
    assert_eq!(wanted.browser(keeping_account("other@example.com")).run().code, 4);
}

#[test]
fn a_named_profile_says_whose_it_was() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["login", "-q", "--profile", "work"]).json()["profile"], "work");
    let outcome = desk
        .command(&["login", "-q", "--profile", "work"])
        .browser(keeping_account("other@example.com"))
        .run();
    assert_eq!(outcome.code, 0);
    assert!(
        outcome.stderr.ends_with("\nwarning: profile work was someone@example.com's until now\n"),
        "{outcome}"
    );
    assert_eq!(desk.stored("work")["account"]["email"], "other@example.com");
}

#[test]
fn without_a_refresh_token_nothing_is_stored_unless_one_is_kept() {
    let desk = Desk::new();
    desk.google.handle.omit_refresh_token(true);
    let outcome = desk.run(&["login", "-q"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.error()["message"].as_str().unwrap().starts_with("Google gave no refresh token"));
    assert!(!desk.profile_file("someone@example.com").exists());

    let desk = Desk::signed_in();
    let kept = desk.stored("someone@example.com")["refresh_token"].clone();
    desk.google.handle.omit_refresh_token(true);
    assert_eq!(desk.run(&["login", "-q"]).code, 0);
    assert_eq!(desk.stored("someone@example.com")["refresh_token"], kept);
}

#[test]
fn a_sign_in_that_google_ends_soon_is_warned_about() {
    let desk = Desk::new();
    desk.google.handle.set_refresh_token_lifetime(Some(604_799));
    let outcome = desk.run(&["login", "-q"]);
    assert_eq!(outcome.code, 0);
    assert!(outcome.stderr.contains("(in 7 days): the consent screen is in Testing"), "{outcome}");
}

#[test]
fn a_token_endpoint_that_fails_stores_nothing_and_says_why() {
    let status = |code, body: &str| Fault::Status { code, headers: vec![], body: body.to_owned() };
    let cases = [
        (status(200, "<html>"), 1, "gave an answer that cannot be used: it is not a JSON object"),
        (status(200, "{\"token_type\":\"Bearer\"}"), 1, "its field access_token is missing or empty"),
        (
            status(200, "{\"access_token\":\"\",\"token_type\":\"Bearer\"}"),
            1,
            "its field access_token is missing or empty",
        ),
        (
            status(200, "{\"access_token\":7,\"token_type\":\"Bearer\"}"),
            1,
            "its field access_token is not as expected",
        ),
        (status(500, "<html>"), 7, "status 500 without an OAuth error"),
        (
            status(400, "{\"error\":\"invalid_grant\",\"error_description\":\"Bad Request\"}"),
            1,
            "invalid_grant: Bad Request",
        ),
        (status(401, "{\"error\":\"invalid_client\"}"), 3, "invalid_client"),
        (Fault::Truncate, 7, "the connection broke before the answer was complete"),
        (Fault::CutAfter, 7, "the connection broke before the answer was complete"),
    ];
    for (fault, code, words) in cases {
        let desk = Desk::new();
        desk.google.handle.fail_next_token(1, fault.clone());
        let (page, seen) = mpsc::channel();
        let browser = Script(move |address: Url| page.send(follow(&address)).unwrap());
        let outcome = desk.command(&["login", "-q"]).browser(browser).run();
        assert_eq!(outcome.code, code, "{fault:?}: {outcome}");
        assert!(outcome.error()["message"].as_str().unwrap().contains(words), "{fault:?}: {outcome}");
        assert_eq!(seen.recv().unwrap().status, 500, "{fault:?}");
        assert!(!desk.profile_file("someone@example.com").exists(), "{fault:?}");
        // A code is good for one try.
        assert_eq!(
            desk.requests().iter().filter(|request| *request == "POST /token").count(),
            1,
            "{fault:?}"
        );
    }
}

#[test]
fn nobody_answers() {
    let desk = Desk::new();
    let outcome = desk.command(&["login", "--timeout", "1", "--no-browser", "-q"]).run();
    assert_eq!(outcome.code, 7);
    assert_eq!(outcome.error()["message"], "nobody answered the sign-in for 1 s");
}

#[test]
fn a_busy_port_is_said() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = busy.local_addr().unwrap().port().to_string();
    let outcome = Desk::new().run(&["login", "-q", "--port", &port]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.error()["message"]
            .as_str()
            .unwrap()
            .starts_with("cannot listen for the answer on 127.0.0.1:")
    );
    assert_eq!(outcome.error()["hint"], "choose another port with --port, or none for a free one");
}

#[test]
fn a_redirect_uri_is_served_exactly() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let desk = Desk::new();
    let uri = format!("http://localhost:{free}/back");
    let opened = Arc::default();
    let outcome = desk.command(&["login", "-q", "--redirect-uri", &uri]).browser(keeping(&opened)).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(parameter(&opened.lock().unwrap()[0], "redirect_uri"), uri);

    let outcome = desk.run(&["login", "-q", "--redirect-uri", "https://example.com/"]);
    assert_eq!(outcome.code, 2);
}

#[test]
fn a_web_client_uses_its_registered_loopback_address() {
    let desk = Desk::new();
    desk.write("web.json", json!({ "web": desk.google.web_client }).to_string());
    let opened = Arc::default();
    let outcome =
        desk.command(&["login", "-q", "--client-secrets", "web.json"]).browser(keeping(&opened)).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(parameter(&opened.lock().unwrap()[0], "redirect_uri"), "http://localhost:8085/");

    let mut client = desk.google.web_client.clone();
    client["redirect_uris"] = json!(["https://example.com/callback"]);
    desk.write("web.json", json!({ "web": client }).to_string());
    let outcome = desk.run(&["login", "-q", "--client-secrets", "web.json"]);
    assert_eq!(outcome.code, 3);
    assert_eq!(outcome.error()["message"], "this web client has no loopback redirect URI");
}

#[test]
fn a_missing_client_file_says_how_to_come_by_one() {
    let desk = Desk::new();
    std::fs::remove_file(desk.folder.path().join("client_secrets.json")).unwrap();
    assert_snapshot!(desk.run(&["login", "--format", "human", "-q"]), @"
    exit 3
    --- stdout
    --- stderr
    error: client file client_secrets.json: there is no such file
    hint: in the Google Cloud console under APIs & Services > Credentials, create an OAuth client ID of type Desktop app, download its JSON, and name it with --client-secrets FILE; to try without Google: chatauth demo
    ");
    desk.write("client_secret_1.json", "{}");
    assert_snapshot!(desk.command(&["login", "-q"]).variable("CHATAUTH_CLIENT_SECRETS", "none.json").run(), @r#"
    exit 3
    --- stdout
    --- stderr
    {"error":{"kind":"configuration","exit_code":3,"message":"client file none.json (from CHATAUTH_CLIENT_SECRETS): there is no such file","hint":"this folder has another that may be it: chatauth login --client-secrets client_secret_1.json"}}
    "#);
}

#[test]
fn an_unreadable_profile_is_put_aside_and_a_newer_one_stays() {
    let desk = Desk::signed_in();
    let file = desk.profile_file("someone@example.com");
    std::fs::write(&file, "{\"version\":1,").unwrap();
    let outcome = desk.run(&["login", "-q"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stderr.contains("someone@example.com.json could not be read, and is now "), "{outcome}");
    let aside = std::fs::read_dir(file.parent().unwrap())
        .unwrap()
        .flatten()
        .find(|entry| entry.file_name().to_string_lossy().starts_with("someone@example.com.corrupt-"));
    assert_eq!(std::fs::read(aside.unwrap().path()).unwrap(), b"{\"version\":1,");

    std::fs::write(&file, "{\"version\":2}").unwrap();
    let outcome = desk.run(&["login", "-q"]);
    assert_eq!(outcome.code, 3);
    assert_eq!(outcome.error()["hint"], "update chatauth");
    assert_eq!(std::fs::read(&file).unwrap(), b"{\"version\":2}");
}

#[test]
fn a_command_that_needs_a_sign_in_offers_one_and_goes_on() {
    let desk = Desk::new();
    let outcome = desk.command(&["spaces", "create", "--name", "API-made"]).at_terminal().typed("\n").run();
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stderr.contains("you are not signed in.\nSign in now? [Y/n]"), "{outcome}");
    assert!(outcome.stdout.contains("Created"), "{outcome}");

    let desk = Desk::new();
    let declined = desk.command(&["spaces", "create", "--name", "API-made"]).at_terminal().typed("n\n").run();
    assert_eq!((declined.code, desk.requests().len()), (4, 0));
    let forbidden = desk.command(&["spaces", "list", "--no-input"]).at_terminal().typed("\n").run();
    assert_eq!(forbidden.code, 4);
    assert!(!forbidden.stderr.contains("Sign in now?"));
    let scripted = desk.run(&["spaces", "list", "-q"]);
    assert_snapshot!(scripted, @r#"
    exit 4
    --- stdout
    --- stderr
    {"error":{"kind":"not_signed_in","exit_code":4,"message":"you are not signed in","hint":"chatauth login"}}
    "#);
}

#[test]
fn a_command_asks_only_for_what_it_needs_on_top() {
    let desk = Desk::new();
    let opened = Arc::default();
    let run = desk.command(&["spaces", "create", "--name", "API-made"]).at_terminal().typed("\n");
    assert_eq!(run.browser(keeping(&opened)).run().code, 0);
    let asked = parameter(&opened.lock().unwrap()[0], "scope");
    assert!(asked.contains("/auth/chat.spaces ") && !asked.contains("chat.spaces.create"), "{asked}");
}

#[test]
fn scopes_of_chat_apps_are_refused_before_the_browser_opens() {
    let outcome = Desk::new().run(&["login", "-q", "--scopes", "chat.bot"]);
    assert_eq!(outcome.code, 2);
    let message = "--scopes: a person cannot grant chat.bot, which is for Chat apps with a service account";
    assert_eq!(outcome.error()["message"], message);
}

#[test]
fn the_stored_client_serves_where_the_folder_has_none() {
    let desk = Desk::signed_in();
    std::fs::remove_file(desk.folder.path().join("client_secrets.json")).unwrap();
    let outcome = desk.run(&["login"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stderr.contains("Using the OAuth client of profile someone@example.com"), "{outcome}");
}

#[test]
fn a_sign_in_that_could_not_be_kept_is_not_asked_for() {
    let desk = Desk::new();
    // A file where the folder should be: root couldn't write there either.
    std::fs::create_dir_all(desk.store()).unwrap();
    std::fs::write(desk.store().join("profiles"), "").unwrap();
    let outcome = desk.run(&["login", "-q"]);
    assert_eq!((outcome.code, desk.requests().len()), (1, 0), "{outcome}");
    assert_eq!(outcome.error()["hint"], "choose another folder with --data-dir or CHATAUTH_HOME");
}

#[test]
fn settings_that_cannot_be_read_are_put_aside_by_the_next_login() {
    let desk = Desk::signed_in();
    let settings = desk.store().join("settings.json");
    std::fs::write(&settings, "{").unwrap();
    assert_eq!(desk.run(&["spaces", "list"]).code, 3);
    let outcome = desk.run(&["login"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stderr.contains("settings.json could not be read, and is now "), "{outcome}");
    assert_eq!(desk.run(&["spaces", "list"]).code, 0);
}

#[test]
fn google_may_answer_with_numbers_as_text_and_without_scopes() {
    let desk = Desk::new();
    let reply = json!({
        "access_token": "ya29.x", "token_type": "Bearer", "expires_in": "3599", "refresh_token": "1//x",
    });
    desk.google
        .handle
        .fail_next_token(1, Fault::Status { code: 200, headers: vec![], body: reply.to_string() });
    let outcome = desk.run(&["login", "-q"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(outcome.json()["access_token_expires_at"], "2026-11-07T10:59:59.5Z");
    assert_eq!(outcome.json()["scopes"].as_array().unwrap().len(), 5, "all that was asked for");
    // Neither scopes nor an ID token: the account is asked for.
    assert!(desk.requests().contains(&"GET /v1/userinfo".to_owned()));
}
