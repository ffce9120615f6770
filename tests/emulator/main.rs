//! The emulator from outside: over its socket, as a client and a browser meet it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where by panicking, outside its own function too"
)]

mod chat;
mod faults;
mod http;
mod login;
mod running;
mod tokens;
