//! Looking at sign-ins, using them elsewhere, and ending them.

use std::time::Duration;

use chatauth::emulator::Fault;
use insta::assert_snapshot;

use crate::desk::{Desk, Script, follow};

const ME: &str = "someone@example.com";

#[test]
fn token_prints_the_token_and_nothing_else() {
    let desk = Desk::signed_in();
    let stored = desk.stored(ME)["access_token"]["token"].as_str().unwrap().to_owned();
    assert_eq!(desk.run(&["token"]).stdout, format!("{stored}\n"));
    assert_eq!(desk.run(&["token", "--header"]).stdout, format!("Authorization: Bearer {stored}\n"));
    let json = desk.run(&["token", "--format", "json"]).json();
    assert_eq!(json["access_token"], stored.as_str());
    assert_eq!((json["token_type"].as_str(), json["email"].as_str()), (Some("Bearer"), Some(ME)));
    assert_eq!(desk.requests().len(), 0);
}

#[test]
fn refresh_gets_another_one_now() {
    let desk = Desk::signed_in();
    let before = desk.run(&["token"]).stdout;
    assert_snapshot!(desk.run(&["refresh", "--format", "human", "-q"]), @"
    exit 0
    --- stdout
    ✓ New access token for someone@example.com, until 2026-11-07 10:59 UTC
    --- stderr
    ");
    assert_ne!(desk.run(&["token"]).stdout, before);
    assert_eq!(desk.requests(), ["POST /token"]);
}

#[test]
fn a_ready_token_goes_before_a_profile_but_not_before_a_flag() {
    let desk = Desk::signed_in();
    let token = desk.run(&["token"]).stdout.trim().to_owned();
    let other = Desk::new();
    let with = |arguments: &[&str], token: &str| {
        other.command(arguments).variable("CHATAUTH_ACCESS_TOKEN", token).run()
    };
    assert_eq!(with(&["token"], &token).stdout.trim(), token);
    let named = with(&["token", "-q", "--profile", "none"], &token);
    assert_snapshot!(named, @r#"
    exit 4
    --- stdout
    --- stderr
    {"error":{"kind":"not_signed_in","exit_code":4,"message":"there is no profile named none (from --profile)","hint":"chatauth profiles list shows those there are; chatauth login adds one"}}
    "#);
    let refused = with(&["spaces", "list", "-q"], &token);
    assert_eq!((refused.code, refused.error()["http_status"].as_u64()), (4, Some(401)), "{refused}");
    assert_eq!(other.requests(), ["GET /v1/spaces"]);
    assert_eq!(with(&["token", "-q"], "two\nlines").code, 3);
    let empty = with(&["token", "-q"], "");
    assert_eq!(empty.error()["kind"], "not_signed_in");
}

#[test]
fn status_says_what_works_and_how_to_mend_the_rest() {
    let desk = Desk::signed_in();
    assert_snapshot!(desk.run(&["status", "--format", "human", "-q"]), @"
    exit 0
    --- stdout
    EMULATOR
      ✓ Signed in as someone@example.com (profile someone@example.com)
      - Client: 100000000001-emulateddesktopclient.apps.googleusercontent.com
      - Access token: ya29.**************** (until 2026-11-07 10:59 UTC)
      - Scopes: chat.memberships, chat.messages.create, chat.spaces, userinfo.email, openid
      - Not granted: messages list; chatauth login --add-scopes chat.messages.readonly
    --- stderr
    ");
    assert_eq!(desk.requests(), ["POST /tokeninfo"]);
    assert_snapshot!(format!("{:#}", desk.run(&["status", "-q"]).json()).replace(&desk.google.address.to_string(), "EMULATOR"), @r#"
    {
      "host": "EMULATOR",
      "source": "profile someone@example.com",
      "email": "someone@example.com",
      "works": true,
      "checked": true,
      "problem": null,
      "client_id": "100000000001-emulateddesktopclient.apps.googleusercontent.com",
      "expires_at": "2026-11-07T10:59:59.5Z",
      "scopes": [
        "https://www.googleapis.com/auth/chat.memberships",
        "https://www.googleapis.com/auth/chat.messages.create",
        "https://www.googleapis.com/auth/chat.spaces",
        "https://www.googleapis.com/auth/userinfo.email",
        "openid"
      ],
      "not_granted": [
        {
          "command": "messages list",
          "scope": "chat.messages.readonly"
        }
      ],
      "other_profiles": []
    }
    "#);

    desk.google.handle.revoke_access_tokens();
    assert_eq!(desk.run(&["status", "-q"]).code, 0);
    desk.google.handle.revoke_access_tokens();
    desk.google.handle.revoke_grants();
    let dead = desk.run(&["status", "-q"]);
    assert_eq!((dead.code, dead.json()["works"].as_bool()), (4, Some(false)), "{dead}");
    assert_eq!(Desk::new().run(&["status", "-q"]).code, 4);
}

#[test]
fn logout_revokes_and_forgets() {
    let desk = Desk::signed_in();
    assert_snapshot!(desk.run(&["logout", "-q"]), @r#"
    exit 0
    --- stdout
    {"profile":"someone@example.com","revoked":true,"forgotten":true}
    --- stderr
    "#);
    assert_eq!(desk.requests(), ["POST /revoke"]);
    assert!(!desk.profile_file(ME).exists());
    assert_eq!(desk.run(&["spaces", "list"]).code, 4);
    assert_eq!(desk.run(&["logout"]).code, 4);
}

#[test]
fn logout_forgets_also_when_google_does_not_answer() {
    let desk = Desk::signed_in();
    assert_eq!(desk.run(&["logout", "-q", "--no-revoke"]).json()["revoked"], false);
    assert_eq!(desk.requests().len(), 0);

    let desk = Desk::signed_in();
    // A port where nobody listens, with the same store.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let home = desk.home().join("emulators");
    std::fs::rename(desk.store(), home.join(closed.to_string().replace(':', "_"))).unwrap();
    let outcome = desk
        .command(&["logout", "-q", "--retries", "0"])
        .variable("CHATAUTH_EMULATOR_HOST", &closed.to_string())
        .run();
    assert_eq!(outcome.code, 1, "{outcome}");
    assert!(
        outcome.error()["message"]
            .as_str()
            .unwrap()
            .starts_with("forgotten here, but not revoked at Google: ")
    );
    let gone =
        desk.command(&["profiles", "list"]).variable("CHATAUTH_EMULATOR_HOST", &closed.to_string()).run();
    assert_eq!(gone.stdout, "[]\n");
}

#[test]
fn logout_asks_before_it_ends_other_sign_ins_of_the_same_account() {
    let desk = Desk::signed_in();
    assert_eq!(desk.run(&["login", "--profile", "again"]).code, 0);
    desk.google.handle.clear_requests();
    assert_snapshot!(desk.run(&["logout", "-q"]), @r#"
    exit 2
    --- stdout
    --- stderr
    {"error":{"kind":"usage","exit_code":2,"message":"signing out also ends the sign-ins of the same account to the same project: someone@example.com","hint":"chatauth logout --yes does it; --no-revoke only forgets this one here"}}
    "#);
    let declined = desk.command(&["logout"]).at_terminal().typed("n\n").run();
    assert_eq!((declined.code, desk.requests().len()), (1, 0), "{declined}");
    assert_eq!(desk.run(&["logout", "--yes"]).code, 0);
    assert_eq!(desk.requests(), ["POST /revoke"]);
    assert_eq!(desk.run(&["logout", "--all", "-q"]).code, 0);
    assert_eq!(desk.run(&["profiles", "list"]).stdout, "[]\n");
}

#[test]
fn profiles_are_chosen_and_removed() {
    let desk = Desk::signed_in();
    let other = Script(|address: url::Url| {
        let mut address = address;
        address.query_pairs_mut().append_pair("login_hint", "other@example.com");
        follow(&address);
    });
    assert_eq!(desk.command(&["login", "--profile", "Work"]).browser(other).run().code, 0);
    assert_snapshot!(desk.run(&["profiles", "use", ME, "--format", "human", "-q"]), @"
    exit 0
    --- stdout
    ✓ someone@example.com is in use now
    --- stderr
    ");
    assert_snapshot!(desk.run(&["profiles", "list", "-q"]), @r#"
    exit 0
    --- stdout
    [{"profile":"Work","email":"other@example.com","in_use":false,"problem":null},{"profile":"someone@example.com","email":"someone@example.com","in_use":true,"problem":null}]
    --- stderr
    "#);
    assert_eq!(
        desk.run(&["token", "--profile", "Work", "--format", "json"]).json()["email"],
        "other@example.com"
    );
    assert_eq!(
        desk.command(&["token", "--format", "json"]).variable("CHATAUTH_PROFILE", "Work").run().json()["profile"],
        "Work"
    );
    assert_eq!(desk.run(&["profiles", "remove", ME]).code, 0);
    assert_snapshot!(desk.run(&["profiles", "use", ME, "-q"]), @r#"
    exit 4
    --- stdout
    --- stderr
    {"error":{"kind":"not_signed_in","exit_code":4,"message":"there is no profile named someone@example.com","hint":"chatauth profiles list shows those there are; chatauth login adds one"}}
    "#);
    assert_eq!(desk.run(&["spaces", "list", "-q"]).error()["kind"], "not_signed_in");
    assert_eq!(desk.run(&["profiles", "use", "../x", "-q"]).code, 2);
}

#[test]
fn each_emulator_and_google_have_stores_of_their_own() {
    let desk = Desk::signed_in();
    let other = Desk::new();
    let elsewhere =
        desk.command(&["token", "-q"]).variable("CHATAUTH_EMULATOR_HOST", &other.google.address.to_string());
    assert_eq!(elsewhere.run().code, 4);
    let at_google = desk.command(&["token", "-q"]).variable("CHATAUTH_EMULATOR_HOST", "").run();
    assert_eq!(at_google.code, 4);
    let outside = desk.command(&["token", "-q"]).variable("CHATAUTH_EMULATOR_HOST", "example.com:80").run();
    assert_eq!(outside.code, 3);
}

#[test]
fn a_refresh_that_google_is_slow_with_ends_in_time() {
    let desk = Desk::signed_in();
    desk.google.clock.advance(Duration::from_secs(7200));
    desk.google.handle.fail_next_token(1, Fault::Delay(Duration::from_secs(5)));
    let outcome = desk.run(&["spaces", "list", "-q", "--timeout", "1"]);
    assert_eq!((outcome.code, outcome.error()["kind"].as_str()), (7, Some("timed_out")), "{outcome}");
}

#[test]
fn hints_name_the_profile_that_the_command_named() {
    let desk = Desk::signed_in_with(&["--profile", "work"]);
    let list = ["messages", "list", "--space", "A", "-q"];
    let named = desk.run(&[&list[..], &["--profile", "work"]].concat());
    assert_eq!(named.error()["hint"], "chatauth login --profile work --add-scopes chat.messages.readonly");
    assert_eq!(desk.run(&list).error()["hint"], "chatauth login --add-scopes chat.messages.readonly");
}

#[test]
fn without_a_sign_in_in_use_the_others_are_named() {
    let desk = Desk::signed_in();
    assert_eq!(desk.run(&["login", "--profile", "work"]).code, 0);
    assert_eq!(desk.run(&["profiles", "remove", "work"]).code, 0);
    let outcome = desk.run(&["spaces", "list", "-q"]);
    assert_eq!(outcome.error()["hint"], "chatauth profiles use someone@example.com, or chatauth login");
}

#[test]
fn a_file_that_cannot_be_read_is_neither_removed_nor_in_the_way() {
    let desk = Desk::signed_in();
    let broken = desk.profile_file("broken");
    std::fs::write(&broken, "{").unwrap();
    assert_eq!(desk.run(&["profiles", "remove", "broken"]).code, 3);
    let outcome = desk.run(&["logout", "--all"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stderr.contains("warning: left alone: "), "{outcome}");
    assert_eq!(std::fs::read(&broken).unwrap(), b"{");
    assert!(!desk.profile_file(ME).exists());
}

#[test]
fn a_lock_that_stays_taken_is_waited_for_within_the_commands_time() {
    let desk = Desk::signed_in();
    desk.google.clock.advance(Duration::from_secs(7200));
    let lock =
        std::fs::File::options().write(true).open(desk.profile_file(ME).with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let before = desk.google.clock.sleeps().len();
    let outcome = desk.run(&["spaces", "list", "-q", "--timeout", "2"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stderr.starts_with("warning: refreshed for this command only: "), "{outcome}");
    let waited: Duration = desk.google.clock.sleeps()[before..].iter().sum();
    assert!(waited < Duration::from_millis(1050), "half is left for the refresh and the call: {waited:?}");

    let before = desk.google.clock.sleeps().len();
    assert_eq!(desk.run(&["spaces", "list", "-q"]).code, 0);
    let waited: Duration = desk.google.clock.sleeps()[before..].iter().sum();
    assert!(waited.as_secs() == 30, "the longest: {waited:?}");
    assert_eq!(desk.run(&["logout", "-q", "--timeout", "2"]).code, 7);
    assert!(desk.profile_file(ME).exists());
}
