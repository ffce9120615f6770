//! Listens on loopback for the browser to come back. Anything but the answer to our own question is told
//! 404 and changes nothing.
//!
//! Each connection is a task of a few KiB, so strangers cost next to nothing, and all of it ends with the
//! `Receiver`.

use std::{collections::VecDeque, io, net::SocketAddr, time::Duration};

use tiny_http::Method;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::{AbortHandle, JoinSet},
};

use super::{
    LoginError,
    callback::{Answer, Expected},
    listen::listen,
    page::{Browser, Page},
    redirect::RedirectChoice,
    request::Request,
};

/// The answer, and the browser that waits for a page.
pub(super) struct Arrival {
    pub(super) answer: Answer,
    pub(super) browser: Browser,
}

/// Listening, until it's dropped.
pub(super) struct Receiver {
    redirect_uri: String,
    address: SocketAddr,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
    /// Dropped with the receiver, and so ended.
    _listening: JoinSet<()>,
}

/// How many connections may be open without having said what they want. Beyond it the oldest goes: a browser
/// that has an answer says so at once. Some systems allow a process 256 open files.
const MOST_SILENT: usize = 128;
/// Before the next try when a connection cannot be accepted.
const PAUSE: Duration = Duration::from_millis(10);

impl Receiver {
    pub(super) fn start(choice: &RedirectChoice, expected: &Expected) -> Result<Self, LoginError> {
        let failed = |source| LoginError::Listen { address: "localhost".to_owned(), source };
        let listeners = listen(choice)?;
        let first = listeners.first().ok_or_else(|| failed(io::ErrorKind::AddrNotAvailable.into()))?;
        let address = first.local_addr().map_err(failed)?;
        let (path, redirect_uri) = match choice {
            RedirectChoice::Loopback { .. } => ("/".to_owned(), format!("http://{address}/")),
            RedirectChoice::Exact(uri) => (uri.path.clone(), uri.as_str().to_owned()),
        };
        let (sender, arrivals) = mpsc::unbounded_channel();
        let guard = Guard { path, port: address.port(), expected: expected.clone(), sender };
        let mut listening = JoinSet::new();
        for listener in listeners {
            listening.spawn(accept(listener, guard.clone()));
        }
        Ok(Receiver { redirect_uri, address, arrivals, _listening: listening })
    }

    pub(super) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next answer to our own question.
    pub(super) async fn next(&mut self) -> Arrival {
        match self.arrivals.recv().await {
            Some(arrival) => arrival,
            // Nothing listens any more: only the deadline can end the wait.
            None => std::future::pending().await,
        }
    }
}

/// Accepts for as long as there's somebody who waits for an answer.
async fn accept(listener: TcpListener, guard: Guard) {
    // Ended with this task.
    let mut visits = JoinSet::new();
    let mut silent: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => silent.push_back(visits.spawn(guard.clone().meet(stream))),
            // The visitor is gone already, or the open files are used up: then the older half makes room.
            Err(_) => {
                silent.drain(..silent.len().div_ceil(2)).for_each(|visit| visit.abort());
                tokio::time::sleep(PAUSE).await;
            }
        }
        while visits.try_join_next().is_some() {}
        silent.retain(|visit| !visit.is_finished());
        if silent.len() > MOST_SILENT
            && let Some(oldest) = silent.pop_front()
        {
            oldest.abort();
        }
        // However many come: each may say what it wants before the next.
        tokio::task::yield_now().await;
    }
}

/// Decides which request is the answer.
#[derive(Clone)]
struct Guard {
    path: String,
    port: u16,
    expected: Expected,
    sender: mpsc::UnboundedSender<Arrival>,
}

impl Guard {
    async fn meet(self, mut stream: TcpStream) {
        let request = Request::read(&mut stream).await;
        let head_only = request.as_ref().is_some_and(|request| request.method == Method::Head);
        let browser = Browser::new(stream, head_only);
        match request.and_then(|request| self.answer(&request)) {
            // A second answer is nobody's: its connection is closed with the receiver.
            Some(answer) => drop(self.sender.send(Arrival { answer, browser })),
            None => browser.show(Page::NotFound).await,
        }
    }

    fn answer(&self, request: &Request) -> Option<Answer> {
        if request.method != Method::Get || !self.is_our_host(request.host.as_deref()?) {
            return None;
        }
        let (path, query) = request.target.split_once('?')?;
        if path != self.path {
            return None;
        }
        self.expected.read(query)
    }

    /// A page that has our address by another name (DNS rebinding) sends that name.
    fn is_our_host(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, port.parse().ok()),
            _ => (host, Some(80)),
        };
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        let loopback = name.eq_ignore_ascii_case("localhost")
            || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        loopback && port == Some(self.port)
    }
}
