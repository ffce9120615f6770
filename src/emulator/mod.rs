//! An emulator of Google's OAuth and of the Chat API, in memory and on loopback only.
//!
//! For people it stands in for Google with `chatauth emulator start`, so that a login and a post can be tried
//! without an account; for the tests it is the one double of Google there is, and can be told to fail. Its
//! Chat routes, scopes and parameters come from the table in `chat::methods`. It is no reference: where Google
//! doesn't say what it does, the emulator picks one answer and its modules say which. It logs nothing.

mod chat;
mod handle;
mod oauth;
mod page;
mod reply;
mod request;
mod route;
mod server;
mod state;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::net::TcpListener;

use crate::{clock::Clock, random::Random};
pub use handle::{Fault, Handle, RecordedRequest};
use oauth::clients;
use state::{Shared, State};

/// What happens to a person's consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// A page asks.
    Ask,
    /// Granted without a page.
    Auto,
    /// Denied without a page.
    Deny,
}

pub struct Options {
    /// 0 takes any free port.
    pub port: u16,
    pub consent: Consent,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub access_token_lifetime: Duration,
}

impl Options {
    /// What Google says of its access tokens: an hour, less the second it took.
    pub const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(3599);
}

/// The client file of every emulator, as the Cloud console gives it for a desktop app.
pub fn client_secrets() -> String {
    clients::DESKTOP.secrets_file()
}

/// A bound emulator, that serves once it is told to.
pub struct Emulator {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Emulator {
    /// Takes the port on 127.0.0.1; connections wait there until `serve`.
    pub async fn bind(options: Options) -> io::Result<Emulator> {
        let listener = TcpListener::bind(("127.0.0.1", options.port)).await?;
        let address = listener.local_addr()?;
        Ok(Emulator { listener, address, shared: Arc::new(Shared::new(State::new(options))) })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client file as the Cloud console gives it for a desktop app.
    pub fn client_secrets(&self) -> String {
        clients::DESKTOP.secrets_file()
    }

    /// A client file as the Cloud console gives it for a web app.
    pub fn web_client_secrets(&self) -> String {
        clients::WEB.secrets_file()
    }

    /// What to look at it with, and break it with, while it serves.
    pub fn handle(&self) -> Handle {
        Handle::new(Arc::clone(&self.shared))
    }

    /// Serves until dropped; open connections are closed with it.
    pub async fn serve(self) {
        server::serve(self.listener, self.shared).await;
    }
}
