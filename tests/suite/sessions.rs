//! A stored sign-in at work: how often Google is asked, and what is kept.

use std::time::Duration;

use chatauth::emulator::Fault;
use insta::assert_snapshot;

use crate::desk::Desk;

const HOUR: Duration = Duration::from_secs(3600);
const ME: &str = "someone@example.com";

#[test]
fn a_cached_token_needs_one_request_in_all() {
    let desk = Desk::signed_in();
    let before = std::fs::metadata(desk.profile_file(ME)).unwrap().modified().unwrap();
    assert_eq!(desk.run(&["spaces", "list"]).code, 0);
    assert_eq!(desk.requests(), ["GET /v1/spaces"]);
    assert_eq!(std::fs::metadata(desk.profile_file(ME)).unwrap().modified().unwrap(), before);
}

#[test]
fn an_expired_token_is_refreshed_once_and_kept() {
    let desk = Desk::signed_in();
    let old = desk.stored(ME);
    desk.google.clock.advance(2 * HOUR);
    assert_eq!(desk.run(&["spaces", "list"]).code, 0);
    assert_eq!(desk.run(&["spaces", "list"]).code, 0);
    assert_eq!(desk.requests(), ["POST /token", "GET /v1/spaces", "GET /v1/spaces"]);
    let new = desk.stored(ME);
    assert_ne!(new["access_token"]["token"], old["access_token"]["token"]);
    assert_eq!(new["refresh_token"], old["refresh_token"]);
    assert_eq!(new["scopes"], old["scopes"]);
}

#[test]
fn a_token_about_to_expire_counts_as_expired() {
    let desk = Desk::signed_in();
    desk.google.clock.advance(HOUR - Duration::from_secs(30));
    assert_eq!(desk.run(&["spaces", "list"]).code, 0);
    assert_eq!(desk.requests(), ["POST /token", "GET /v1/spaces"]);
}

#[test]
fn a_refused_token_leads_to_one_refresh_and_one_more_try() {
    let desk = Desk::signed_in();
    desk.google.handle.revoke_access_tokens();
    assert_eq!(desk.run(&["spaces", "list"]).code, 0);
    assert_eq!(desk.requests(), ["GET /v1/spaces", "POST /token", "GET /v1/spaces"]);

    desk.google.handle.clear_requests();
    let refusal = r#"{"error":{"code":401,"message":"No.","status":"UNAUTHENTICATED"}}"#;
    desk.google.handle.fail_next(2, Fault::Status { code: 401, headers: vec![], body: refusal.to_owned() });
    let outcome = desk.run(&["spaces", "list", "-q"]);
    assert_eq!(desk.requests(), ["GET /v1/spaces", "POST /token", "GET /v1/spaces"]);
    assert_snapshot!(outcome, @r#"
    exit 4
    --- stdout
    --- stderr
    {"error":{"kind":"sign_in_dead","exit_code":4,"http_status":401,"message":"Google does not take the token of profile someone@example.com: No.","hint":"chatauth login","status":"UNAUTHENTICATED","method":"chat.spaces.list"}}
    "#);
}

#[test]
fn a_dead_sign_in_is_kept_and_says_what_to_do() {
    let desk = Desk::signed_in();
    let kept = std::fs::read(desk.profile_file(ME)).unwrap();
    desk.google.handle.revoke_grants();
    desk.google.clock.advance(2 * HOUR);
    let outcome = desk.run(&["spaces", "list", "-q"]);
    assert_snapshot!(outcome, @r#"
    exit 4
    --- stdout
    --- stderr
    {"error":{"kind":"sign_in_dead","exit_code":4,"reason":"invalid_grant","http_status":400,"message":"Google no longer takes the sign-in of profile someone@example.com: invalid_grant: Token has been expired or revoked.","hint":"chatauth login; sign-ins end when they are revoked (by you or an administrator), unused for six months, replaced by the 100 newer ones of the same client, or after 7 days while the consent screen is in Testing"}}
    "#);
    assert_eq!(std::fs::read(desk.profile_file(ME)).unwrap(), kept);
}

#[test]
fn a_rotated_refresh_token_is_kept() {
    let desk = Desk::signed_in();
    desk.google.handle.rotate_refresh_tokens(true);
    let old = desk.stored(ME)["refresh_token"].clone();
    for _ in 0..3 {
        desk.google.clock.advance(2 * HOUR);
        assert_eq!(desk.run(&["spaces", "list"]).code, 0);
    }
    assert_ne!(desk.stored(ME)["refresh_token"], old);
}

#[cfg(unix)]
#[test]
fn a_token_that_cannot_be_saved_is_a_warning() {
    let desk = Desk::signed_in();
    desk.google.clock.advance(2 * HOUR);
    // A lock that cannot be opened, as in a read-only folder (which root could still write to).
    let lock = desk.profile_file(ME).with_extension("lock");
    std::fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink("/nonexistent", &lock).unwrap();
    let outcome = desk.run(&["spaces", "list", "-q"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(
        outcome
            .stderr
            .starts_with("warning: the new access token is not saved, the next command asks Google again: "),
        "{outcome}"
    );
}

#[test]
fn a_passing_failure_of_the_token_endpoint_is_tried_again() {
    let desk = Desk::signed_in();
    desk.google.clock.advance(2 * HOUR);
    let unavailable = Fault::Status { code: 503, headers: vec![], body: "<html>".to_owned() };
    desk.google.handle.fail_next_token(2, unavailable.clone());
    assert_eq!(desk.run(&["spaces", "list"]).code, 0);
    assert_eq!(desk.requests(), ["POST /token", "POST /token", "POST /token", "GET /v1/spaces"]);

    desk.google.clock.advance(2 * HOUR);
    desk.google.handle.fail_next_token(9, unavailable);
    let outcome = desk.run(&["spaces", "list", "-q"]);
    assert_eq!((outcome.code, outcome.error()["kind"].as_str()), (7, Some("unavailable")), "{outcome}");
    desk.google.handle.clear_faults();
    assert_eq!(desk.run(&["spaces", "list"]).code, 0, "the sign-in is as good as before");
}

#[test]
fn broken_store_files_are_told_and_left_alone() {
    let desk = Desk::signed_in();
    let file = desk.profile_file(ME);
    let whole = std::fs::read(&file).unwrap();
    for length in [0, 1, whole.len() / 2, whole.len() - 3] {
        std::fs::write(&file, &whole[..length]).unwrap();
        let outcome = desk.run(&["spaces", "list", "-q"]);
        assert_eq!((outcome.code, outcome.error()["kind"].as_str()), (3, Some("configuration")), "{outcome}");
        assert_eq!(std::fs::read(&file).unwrap().len(), length);
    }
    std::fs::write(&file, "{\"version\":7}").unwrap();
    assert_snapshot!(desk.run(&["spaces", "list", "-q"]), @r#"
    exit 3
    --- stdout
    --- stderr
    {"error":{"kind":"configuration","exit_code":3,"message":"FOLDER/home/emulators/EMULATOR/profiles/someone@example.com.json was written by a newer chatauth (format 7, this one knows up to 1)","hint":"update chatauth"}}
    "#);
    std::fs::remove_file(&file).unwrap();
    assert_snapshot!(desk.run(&["spaces", "list", "-q"]), @r#"
    exit 4
    --- stdout
    --- stderr
    {"error":{"kind":"not_signed_in","exit_code":4,"message":"there is no profile named someone@example.com","hint":"chatauth profiles list shows those there are; chatauth login adds one"}}
    "#);
    assert_eq!(desk.requests().len(), 0);
}

#[test]
fn a_file_under_another_name_is_no_sign_in() {
    let desk = Desk::signed_in();
    std::fs::copy(desk.profile_file(ME), desk.profile_file("other@example.com")).unwrap();
    let outcome = desk.run(&["spaces", "list", "-q", "--profile", "other@example.com"]);
    assert_eq!(outcome.code, 3, "{outcome}");
}

#[cfg(unix)]
#[test]
fn loose_permissions_are_mended_and_links_are_not_followed() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::signed_in();
    let file = desk.profile_file(ME);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let outcome = desk.run(&["spaces", "list", "-q"]);
    assert_eq!(outcome.code, 0);
    assert!(
        outcome.stderr.ends_with(".json could be read by others (mode 644); that is mended\n"),
        "{outcome}"
    );
    assert_eq!(crate::desk::permissions(&file), 0o600);
    let elsewhere = desk.folder.path().join("elsewhere.json");
    std::fs::rename(&file, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
    assert_eq!(desk.run(&["spaces", "list"]).code, 3);
}
