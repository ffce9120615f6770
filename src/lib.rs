//! Sign people and CI jobs in to Google Chat, and work there for them.
//!
//! The command line is [`run`]. Below it is a library in rings, each using only those under it:
//! [`chat`] (the Chat API as a table, calls, pages, errors) and [`auth`] (client files, sign-in, tokens), over
//! [`transport`] (one HTTP client) and [`store`] (files and locks). None of these prints, reads the
//! environment or exits.

pub mod auth;
pub mod chat;
pub mod clock;
pub mod emulator;
pub mod output;
pub mod random;
pub mod secret;
pub mod store;
pub mod transport;

mod cli;
mod cmd;
mod run;

use std::{ffi::OsString, panic};

pub use cli::{Browser, EXITS, Environment, Exit};
pub use run::Host;

/// Runs one command line: `arguments[0]` is the program's name. The exit code is the outcome; what there's to
/// say has been written to the host's streams.
pub fn run(arguments: Vec<OsString>, host: Host) -> Exit {
    // A panic is a bug of ours; the person gets the exit code that says so.
    panic::catch_unwind(panic::AssertUnwindSafe(|| run::run(arguments, host))).unwrap_or(Exit::Bug)
}

/// Tells a person that this program has a bug, and where.
pub fn report_bug(place: &str) {
    let mut streams = output::Streams::standard();
    let text = format!("chatauth has a bug ({place}). Please report it with the command that you ran.\n");
    // There's nobody left to tell when this fails.
    let _ = streams.stderr.write_all(text.as_bytes());
}
