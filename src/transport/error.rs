//! A request that got no usable answer.

use std::time::Duration;

use thiserror::Error;

/// What went wrong with a request, and whether the server may have acted on it.
#[derive(Debug, Error)]
#[error("{host}: {fault}")]
pub struct Error {
    pub host: String,
    pub fault: Fault,
    /// The request may have reached the server, so its outcome isn't known.
    pub may_have_acted: bool,
    pub attempts: u32,
    /// The proxy that https goes through, unless `NO_PROXY` says otherwise; without its password.
    pub proxy: Option<String>,
}

#[derive(Debug, Error)]
pub enum Fault {
    #[error("cannot find the address of this host ({0})")]
    Resolve(String),
    #[error("cannot connect ({0})")]
    Connect(String),
    #[error("no secure connection ({reason})")]
    Tls { reason: String, certificate: bool },
    #[error("the proxy {proxy} gives no way there ({reason})")]
    Proxy { proxy: String, reason: String, credentials: bool },
    #[error("the connection took longer than {} s", .0.as_secs())]
    ConnectTimeout(Duration),
    #[error("no answer for {} s", .0.as_secs())]
    Silence(Duration),
    #[error("the connection broke before the answer was complete ({0})")]
    Broken(String),
    #[error("the command's time of {} s is over", .0.as_secs())]
    Deadline(Duration),
    #[error("the answer is larger than {} MiB", .0 / 1024 / 1024)]
    TooLarge(usize),
    #[error("the TLS set-up failed: {0}")]
    Setup(String),
}

impl Fault {
    /// A later try may succeed.
    pub fn is_passing(&self) -> bool {
        !matches!(
            self,
            // A certificate that isn't trusted isn't trusted the next time.
            Fault::Tls { certificate: true, .. }
                | Fault::TooLarge(_)
                | Fault::Setup(_)
                | Fault::Proxy { credentials: true, .. }
        )
    }
}
