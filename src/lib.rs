//! Sign people and CI jobs in to Google Chat, and work there for them.

pub mod auth;
pub mod chat;
pub mod clock;
pub mod output;
pub mod random;
pub mod secret;
pub mod store;
pub mod transport;
