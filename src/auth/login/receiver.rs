//! Listens on loopback for the browser to come back. Anything but the answer to our own question is told
//! 404 and changes nothing.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
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
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
}

/// How often a listening thread looks whether it's over.
const POLL: Duration = Duration::from_millis(50);

impl Receiver {
    pub(super) fn start(choice: &RedirectChoice, expected: &Expected) -> Result<Self, LoginError> {
        let (listeners, exact) = match choice {
            RedirectChoice::Loopback { port } => (vec![bind_loopback(port.unwrap_or(0))?], None),
            RedirectChoice::Exact(uri) => (bind_exact(uri)?, Some(uri)),
        };
        let address = match listeners.first() {
            Some(listener) => address_of(listener)?,
            None => {
                return Err(LoginError::Listen {
                    address: "localhost".to_owned(),
                    source: io::ErrorKind::AddrNotAvailable.into(),
                });
            }
        };
        let (sender, arrivals) = mpsc::unbounded_channel();
        let stop = Arc::new(AtomicBool::new(false));
        for listener in listeners {
            let guard = Guard {
                path: exact.map_or_else(|| "/".to_owned(), |uri| uri.path.clone()),
                port: address.port(),
                expected: expected.clone(),
                sender: sender.clone(),
                stop: stop.clone(),
            };
            thread::spawn(move || guard.watch(&listener));
        }
        let redirect_uri = exact.map_or_else(|| format!("http://{address}/"), |uri| uri.as_str().to_owned());
        Ok(Receiver { redirect_uri, address, stop, arrivals })
    }

    pub(super) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
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
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Decides which request is the answer.
struct Guard {
    path: String,
    port: u16,
    expected: Expected,
    sender: mpsc::UnboundedSender<Arrival>,
    stop: Arc<AtomicBool>,
}

impl Guard {
    /// tiny_http stops accepting for good when one accept fails (a flood can use up the open files); so it's
    /// started again until the wait is over.
    fn watch(&self, listener: &TcpListener) {
        while !self.is_over() {
            let server = listener.try_clone().ok().and_then(|copy| Server::from_listener(copy, None).ok());
            if let Some(server) = server {
                self.serve(&server);
            }
            thread::park_timeout(POLL);
        }
    }

    fn serve(&self, server: &Server) {
        while !self.is_over() {
            match server.recv_timeout(POLL) {
                Ok(Some(request)) => self.handle(request),
                Ok(None) => {}
                Err(_) => return,
            }
        }
    }

    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn handle(&self, request: Request) {
        match self.answer(&request) {
            // Nobody takes a second answer; its browser is told so by the closed connection.
            Some(answer) => drop(self.sender.send(Arrival { answer, browser: request })),
            // tiny_http reads an unread body to its end before it lets a request go, and a stranger may never
            // end it: so not on this thread. Where no thread can be had, the connection is just dropped.
            None => {
                let _ = thread::Builder::new().spawn(move || page::show(Some(request), Page::NotFound));
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
