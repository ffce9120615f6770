//! A machine whose clock is wrong: the sign-in works all the same, for one more refresh at most.

use std::time::Duration;

use chatauth::clock::{Clock, ManualClock};
use jiff::SignedDuration;

use crate::desk::{Desk, Outcome};

const ME: &str = "someone@example.com";
const HOUR: Duration = Duration::from_secs(3600);

fn errors() -> [SignedDuration; 6] {
    let (minute, hour) = (SignedDuration::from_mins(1), SignedDuration::from_hours(1));
    [minute * -10, minute * 10, hour * -2, hour * 2, hour * -24 * 3652, hour * 24 * 3652]
}

/// The machine's idea of the time.
fn wrong(desk: &Desk, error: SignedDuration) -> ManualClock {
    ManualClock::at(desk.google.clock.now() + error)
}

fn run_at(desk: &Desk, error: SignedDuration, command: &[&str]) -> Outcome {
    let outcome = desk.command(command).clock(wrong(desk, error)).run();
    assert_eq!(outcome.code, 0, "{error:#}: {outcome}");
    outcome
}

fn refreshes(desk: &Desk) -> usize {
    desk.requests().iter().filter(|request| *request == "POST /token").count()
}

/// The token that `chatauth token` gives to other programs is one that Google takes.
fn assert_gives_live_token(desk: &Desk, error: SignedDuration) {
    let token = run_at(desk, error, &["token"]).stdout;
    assert_eq!(desk.google.call(token.trim(), "GET", "/v1/spaces", None).status, 200, "{error:#}");
}

#[test]
fn a_clock_that_is_wrong_all_the_time_makes_no_difference() {
    for error in errors() {
        let desk = Desk::new();
        run_at(&desk, error, &["login"]);
        desk.google.handle.clear_requests();
        run_at(&desk, error, &["spaces", "list"]);
        assert_eq!(refreshes(&desk), 0, "{error:#}");
        desk.google.clock.advance(2 * HOUR);
        run_at(&desk, error, &["spaces", "list"]);
        run_at(&desk, error, &["spaces", "list"]);
        assert_eq!(refreshes(&desk), 1, "{error:#}");
        assert_gives_live_token(&desk, error);
    }
}

#[test]
fn a_clock_that_goes_wrong_costs_one_refresh_and_being_mended_another() {
    for error in errors() {
        let desk = Desk::signed_in();
        let refresh_token = desk.stored(ME)["refresh_token"].clone();
        for now in [error, SignedDuration::ZERO] {
            desk.google.handle.clear_requests();
            run_at(&desk, now, &["spaces", "list"]);
            run_at(&desk, now, &["spaces", "list"]);
            assert!(refreshes(&desk) <= 1, "{error:#}");
            assert_gives_live_token(&desk, now);
            // And an hour later, when the token at hand is over.
            desk.google.clock.advance(2 * HOUR);
            assert_gives_live_token(&desk, now);
            run_at(&desk, now, &["spaces", "list"]);
        }
        assert_eq!(desk.stored(ME)["refresh_token"], refresh_token, "{error:#}");
    }
}

#[test]
fn a_token_dated_by_a_wrong_clock_is_not_given_away_when_it_is_over() {
    // Less than an hour ahead cannot be told from right; only Google's 401 tells then.
    for error in errors().into_iter().filter(|error| error.as_hours() >= 2) {
        let desk = Desk::new();
        run_at(&desk, error, &["login"]);
        desk.google.clock.advance(HOUR + Duration::from_secs(300));
        assert_gives_live_token(&desk, SignedDuration::ZERO);
    }
}
