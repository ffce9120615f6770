//! Listens on loopback for the browser to come back. Anything but the answer to our own question is told
//! 404 and changes nothing.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    sync::Arc,
    thread,
};

use tiny_http::{Method, Request, Server};
use tokio::sync::mpsc;

use super::{
    LoginError,
    callback::{Answer, Expected},
    page::{self, Page},
    redirect::{LoopbackHost, RedirectChoice, RedirectUri},
};

/// The answer, and the browser that waits for a page.
pub(super) struct Arrival {
    pub(super) answer: Answer,
    pub(super) browser: Request,
}

/// Listening, until it's dropped.
pub(super) struct Receiver {
    redirect_uri: String,
    port: u16,
    servers: Vec<Arc<Server>>,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
}

impl Receiver {
    pub(super) fn start(choice: &RedirectChoice, expected: Expected) -> Result<Self, LoginError> {
        let (listeners, redirect_uri, path) = match choice {
            RedirectChoice::Loopback { port } => {
                let listener = bind_loopback(port.unwrap_or(0))?;
                let address = address_of(&listener)?;
                (vec![listener], format!("http://{address}/"), "/".to_owned())
            }
            RedirectChoice::Exact(uri) => (bind_exact(uri)?, uri.as_str().to_owned(), uri.path.clone()),
        };
        let (sender, arrivals) = mpsc::unbounded_channel();
        let mut servers = Vec::new();
        let mut port = 0;
        for listener in listeners {
            let address = address_of(&listener)?;
            port = address.port();
            let failed = |error: Box<dyn std::error::Error + Send + Sync>| LoginError::Listen {
                address: address.to_string(),
                source: io::Error::other(error),
            };
            let server = Arc::new(Server::from_listener(listener, None).map_err(failed)?);
            servers.push(server.clone());
            let guard =
                Guard { path: path.clone(), port, expected: expected.clone(), sender: sender.clone() };
            thread::spawn(move || guard.watch(&server));
        }
        Ok(Receiver { redirect_uri, port, servers, arrivals })
    }

    pub(super) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The first answer to our own question.
    pub(super) async fn next(&mut self) -> Arrival {
        match self.arrivals.recv().await {
            Some(arrival) => arrival,
            // No thread listens any more: only the deadline can end the wait.
            None => std::future::pending().await,
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        for server in &self.servers {
            server.unblock();
        }
    }
}

/// Decides which request is the answer.
struct Guard {
    path: String,
    port: u16,
    expected: Expected,
    sender: mpsc::UnboundedSender<Arrival>,
}

impl Guard {
    fn watch(&self, server: &Server) {
        for request in server.incoming_requests() {
            match self.answer(&request) {
                Some(answer) => {
                    if self.sender.send(Arrival { answer, browser: request }).is_err() {
                        return;
                    }
                }
                // tiny_http reads an unread body to its end before it lets a request go, and a stranger
                // may never end it: so not on this thread.
                None => {
                    thread::spawn(move || page::show(Some(request), Page::NotFound));
                }
            }
        }
    }

    fn answer(&self, request: &Request) -> Option<Answer> {
        if *request.method() != Method::Get || !self.is_our_host(request) {
            return None;
        }
        let (path, query) = request.url().split_once('?')?;
        if path != self.path {
            return None;
        }
        self.expected.read(query)
    }

    /// A page that has our address by another name (DNS rebinding) sends that name.
    fn is_our_host(&self, request: &Request) -> bool {
        let host = request.headers().iter().find(|header| header.field.equiv("Host"));
        let Some(host) = host.map(|header| header.value.as_str()) else { return false };
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, port.parse().ok()),
            _ => (host, Some(80)),
        };
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        let loopback =
            name == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        loopback && port == Some(self.port)
    }
}

/// `127.0.0.1`, or `[::1]` where there's no IPv4 loopback.
fn bind_loopback(port: u16) -> Result<TcpListener, LoginError> {
    let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match TcpListener::bind(v4) {
        Err(error) if is_absent(&error) => bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))),
        Err(source) => Err(LoginError::Listen { address: v4.to_string(), source }),
        Ok(listener) => Ok(listener),
    }
}

fn bind_exact(uri: &RedirectUri) -> Result<Vec<TcpListener>, LoginError> {
    let mut listeners = Vec::new();
    for address in uri.host.addresses() {
        match bind(SocketAddr::from((address, uri.port))) {
            // One of the two loopbacks may be missing on this machine.
            Err(LoginError::Listen { source, .. })
                if uri.host == LoopbackHost::Localhost
                    && is_absent(&source)
                    && (address.is_ipv4() || !listeners.is_empty()) => {}
            Err(error) => return Err(error),
            Ok(listener) => listeners.push(listener),
        }
    }
    Ok(listeners)
}

fn bind(address: SocketAddr) -> Result<TcpListener, LoginError> {
    TcpListener::bind(address).map_err(|source| LoginError::Listen { address: address.to_string(), source })
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
}

fn address_of(listener: &TcpListener) -> Result<SocketAddr, LoginError> {
    listener.local_addr().map_err(|source| LoginError::Listen { address: String::new(), source })
}
