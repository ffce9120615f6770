//! What holds the house together, held by tests: the method table against Google's facts, the README against
//! the code, and the rings against each other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod facts;
mod readme;
mod rings;
mod security;
mod tree;
