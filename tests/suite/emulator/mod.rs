//! The emulator from outside: over its socket, as a client and a browser meet it.

mod chat;
mod faults;
mod login;
mod tokens;
