//! What chatauth does, from outside: the emulator is the only Google there is, loopback the only network.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test that cannot go on says where by panicking; it is the process's edge as main is"
)]

mod api;
#[cfg(unix)]
mod browser;
mod calls;
mod client_files;
mod clocks;
mod commands;
#[cfg(unix)]
mod crashes;
mod desk;
mod emulator;
#[cfg(unix)]
mod faults;
mod http;
mod login;
mod mutations;
mod pages;
#[cfg(unix)]
mod program;
mod proxies;
#[cfg(unix)]
mod races;
mod receiver;
mod refusals;
mod refused_calls;
mod retries;
mod running;
mod secrets;
mod sessions;
mod sign_ins;
mod terminal;
