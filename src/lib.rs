//! Sign people and CI jobs in to Google Chat, and work there for them.

pub mod chat;
pub mod clock;
pub mod emulator;
pub mod random;
pub mod secret;
