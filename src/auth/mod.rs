//! Who somebody is at Google: client files, sign-in, tokens and scopes.
//!
//! Never prints, reads the environment or exits: it's a library, and the command line one of its users.

pub mod login;

mod client_file;
mod credential;
mod error;
mod identity;
mod oauth;
mod revocation;
mod scope;
mod session;
mod token_info;

pub use client_file::{ClientFileError, LARGEST as LARGEST_CLIENT_FILE, LooksLike, read_client_file};
pub use credential::Credential;
pub use error::{Error, TokenEndpointError};
pub use revocation::revoke;
pub use scope::{Scope, ScopeError, ScopeSet};
pub use session::{Notice, Session};
pub use token_info::{TokenInfo, token_info};

use std::time::Duration;

use crate::{
    random::Random,
    store::LOCK_WAIT,
    transport::{Deadline, Endpoints, Transport},
};

/// What every step needs to reach Google: where it is, the way there, and until when.
#[derive(Clone, Copy)]
pub struct Reach<'a> {
    pub endpoints: &'a Endpoints,
    pub transport: &'a Transport,
    pub random: &'a dyn Random,
    pub deadline: Deadline,
}

impl Reach<'_> {
    /// How long another process may hold a lock: as long as the store says, but within the first half of the
    /// time that is left; the other half is for doing without.
    pub fn lock_wait(&self) -> Duration {
        self.deadline.remaining(self.transport.clock()).map_or(LOCK_WAIT, |left| (left / 2).min(LOCK_WAIT))
    }
}
