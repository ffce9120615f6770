//! Opens the loopback sockets that the browser comes back to.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::net::{TcpListener, TcpSocket};

use super::{
    LoginError,
    redirect::{LoopbackHost, RedirectChoice, RedirectUri},
};

/// How many connections may wait to be accepted. Where this is full, Linux keeps a browser waiting for a second.
const BACKLOG: u32 = 4096;

/// At least one socket, all of the same port.
pub(super) fn listen(choice: &RedirectChoice) -> Result<Vec<TcpListener>, LoginError> {
    match choice {
        RedirectChoice::Loopback { port } => Ok(vec![bind_loopback(port.unwrap_or(0))?]),
        RedirectChoice::Exact(uri) => bind_exact(uri),
    }
}

/// `127.0.0.1`, or `[::1]` where there's no IPv4 loopback.
fn bind_loopback(port: u16) -> Result<TcpListener, LoginError> {
    match bind(Ipv4Addr::LOCALHOST.into(), port) {
        Err(LoginError::Listen { source, .. }) if is_absent(&source) => {
            bind(Ipv6Addr::LOCALHOST.into(), port)
        }
        outcome => outcome,
    }
}

fn bind_exact(uri: &RedirectUri) -> Result<Vec<TcpListener>, LoginError> {
    let mut listeners = Vec::new();
    for address in uri.host.addresses() {
        match bind(address, uri.port) {
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

fn bind(address: IpAddr, port: u16) -> Result<TcpListener, LoginError> {
    let address = SocketAddr::new(address, port);
    let open = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A port that was closed a moment ago counts as free; on Windows the option would share a used one.
        #[cfg(not(windows))]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    open().map_err(|source| LoginError::Listen { address: address.to_string(), source })
}

/// Whether it's the loopback that is missing. Systems have many words for that (an unknown family, a missing
/// address), and few for a port that is not to be had.
fn is_absent(error: &io::Error) -> bool {
    !matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}
