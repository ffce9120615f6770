//! The HTTP side: connections, sizes, faults. What an answer is, others decide.

use std::{
    convert::Infallible,
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Response, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited, combinators::BoxBody};
use hyper::{
    body::{Body, Bytes, Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, task::JoinSet, time};

use super::{
    chat,
    handle::Fault,
    oauth, page,
    reply::Reply,
    request::Request,
    route::{Route, route},
    state::{Shared, State},
};

/// Enough for any message of the Chat API (32,000 bytes) and to see an upload come.
const MAX_CHAT_BODY: usize = 1 << 20;
/// Forms of OAuth; the longest field is an assertion of some kilobytes.
const MAX_FORM: usize = 64 << 10;
/// A body that stops arriving.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// After an accept that failed, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

pub async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // The set aborts its connections when it is dropped with this future.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        // Small answers are not held back for more; failing to say so costs only time.
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&shared), request));
            let mut server = http1::Builder::new();
            server.timer(TokioTimer::new());
            // A connection that breaks is the client's affair.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

type Outgoing = BoxBody<Bytes, io::Error>;

/// Makes hyper close the connection without an answer.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut on purpose")
    }
}

impl std::error::Error for Cut {}

async fn answer(shared: Arc<Shared>, incoming: http::Request<Incoming>) -> Result<Response<Outgoing>, Cut> {
    let (parts, body) = incoming.into_parts();
    let mut request = Request::new(parts, Bytes::new());
    let route = route(&request);
    let limit = if matches!(route, Route::Chat(_)) { MAX_CHAT_BODY } else { MAX_FORM };
    match read(body, limit).await {
        Ok(body) => request.body = body,
        Err(reply) => {
            shared.lock().log.add(request.recorded());
            return Ok(send(reply, false));
        }
    }
    let (reply, fault) = decide(&mut shared.lock(), &request, &route);
    match fault {
        Some(Fault::CutBefore | Fault::CutAfter) => return Err(Cut),
        // Real time, whatever the clock says: it is the client's own timeouts that this is for.
        Some(Fault::Delay(delay)) => time::sleep(delay).await,
        Some(Fault::Truncate) => return Ok(send(reply, true)),
        Some(Fault::Status { .. }) | None => {}
    }
    Ok(send(reply, false))
}

/// The answer, and the fault on its way.
fn decide(state: &mut State, request: &Request, route: &Route) -> (Reply, Option<Fault>) {
    state.log.add(request.recorded());
    if !request.is_local() {
        return (page::error(403, "Not here", "This emulator answers on loopback addresses only."), None);
    }
    let fault = match route {
        Route::Chat(_) => state.chat_faults.take(),
        Route::Token => state.token_faults.take(),
        _ => None,
    };
    let reply = match &fault {
        Some(Fault::CutBefore) => Reply::json_text(500, String::new()),
        Some(Fault::Status { code, headers, body }) => faulty(*code, headers, body),
        _ => dispatch(state, request, route),
    };
    (reply, fault)
}

fn dispatch(state: &mut State, request: &Request, route: &Route) -> Reply {
    match route {
        Route::Home => page::home(state, request),
        Route::Authorize => oauth::authorize::authorize(state, request),
        Route::Consent => oauth::authorize::decided(state, request),
        Route::Token => oauth::token::token(state, request),
        Route::Revoke => oauth::revoke::revoke(state, request),
        Route::TokenInfo => oauth::userinfo::token_info(state, request),
        Route::UserInfo => oauth::userinfo::user_info(state, request),
        Route::Discovery => oauth::discovery::discovery(request),
        Route::Chat(chat) => chat::call(state, request, chat),
        Route::Nowhere => page::not_found(&request.path),
    }
}

/// The answer that a test wrote itself; without a content type it is JSON.
fn faulty(code: u16, headers: &[(String, String)], body: &str) -> Reply {
    let mut reply = Reply::json_text(code, body.to_owned());
    for (name, value) in headers {
        if let Ok(name) = name.parse::<header::HeaderName>() {
            reply.headers.retain(|(existing, _)| *existing != name || name == header::SET_COOKIE);
            reply = reply.with(name, value);
        }
    }
    reply
}

async fn read(body: Incoming, limit: usize) -> Result<Bytes, Reply> {
    match time::timeout(BODY_TIMEOUT, Limited::new(body, limit).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(chat::too_large(limit)),
        Ok(Err(_)) => Err(page::error(400, "Bad request", "The body ended early.")),
        Err(_) => Err(page::error(408, "Timed out", "The body took too long.")),
    }
}

fn send(reply: Reply, truncate: bool) -> Response<Outgoing> {
    let length = reply.body.len();
    let body = if truncate {
        Half { rest: Some(reply.body.slice(..length / 2)), flushed: false }.boxed()
    } else {
        Full::new(reply.body).map_err(|never: Infallible| match never {}).boxed()
    };
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    for (name, value) in reply.headers {
        response.headers_mut().append(name, value);
    }
    let bodiless = response.status().is_informational()
        || matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if !bodiless {
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

/// Half of a body, then a broken connection.
struct Half {
    rest: Option<Bytes>,
    flushed: bool,
}

impl Body for Half {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(half) = self.rest.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.flushed {
            // hyper writes out what it has only when it has to wait for more.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}
