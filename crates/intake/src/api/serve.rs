//! The listener: connections under limits, each with its own time.

use std::{
    convert::Infallible,
    future::Future,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::Request, response::Response};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::Shown;

/// After a failed accept, as when the process has no more files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Between two pings of a gRPC connection, and how long one may wait for its answer.
const PING: Duration = Duration::from_secs(20);
const HEADER_BYTES_MAX: u32 = 16 * 1024;

/// What is spoken on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2 from its first byte, as gRPC is.
    Http2,
}

/// Limits of a listener.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; one more is closed at once.
    pub connections_max: usize,
    /// For the TLS handshake, and for the head of each request.
    pub head: Duration,
    /// For a connection in all.
    pub connection: Duration,
    /// For a gRPC connection on which nothing is asked.
    pub idle: Duration,
    /// Calls at once on a gRPC connection.
    pub calls_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 256,
            head: Duration::from_secs(10),
            connection: Duration::from_secs(3_600),
            idle: Duration::from_secs(60),
            calls_max: 64,
        }
    }
}

/// Serves until `shutdown`. Without `tls` only for a loopback address; the caller sees to that.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    protocol: Protocol,
    routes: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()> + Send,
) {
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = &mut shutdown => break,
        };
        let Ok((stream, _)) = accepted else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (tls, routes) = (tls.clone(), routes.clone());
        connections.spawn(async move {
            let _place = place;
            let served = async {
                let Some(tls) = tls else {
                    return speak(stream, None, protocol, routes, limits).await;
                };
                if let Ok(Ok(stream)) = timeout(limits.head, tls.accept(stream)).await {
                    let chain = stream.get_ref().1.peer_certificates();
                    let shown = chain.and_then(|chain| chain.first()).map(|c| Shown::of(c));
                    speak(stream, shown, protocol, routes, limits).await;
                }
            };
            let _ = timeout(limits.connection, served).await;
        });
    }
}

/// What goes wrong on a connection is the other side's to see.
async fn speak(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    shown: Option<Shown>,
    protocol: Protocol,
    routes: Router,
    limits: Limits,
) {
    let calls = Calls::default();
    let counted = calls.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let (routes, call) = (routes.clone(), counted.begin());
        let mut request = request.map(Body::new);
        if let Some(shown) = &shown {
            request.extensions_mut().insert(shown.clone());
        }
        async move {
            let answer: Result<Response, Infallible> = routes.oneshot(request).await;
            drop(call);
            answer
        }
    });
    let io = TokioIo::new(stream);
    let ended = match protocol {
        Protocol::Http1 => {
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(limits.head)
                .max_buf_size(64 * 1024)
                .serve_connection(io, service)
                .await
        }
        Protocol::Http2 => {
            let connection = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .keep_alive_interval(PING)
                .keep_alive_timeout(PING)
                .max_concurrent_streams(limits.calls_max)
                .max_pending_accept_reset_streams(32)
                .max_header_list_size(HEADER_BYTES_MAX)
                .serve_connection(io, service);
            let mut connection = std::pin::pin!(connection);
            tokio::select! {
                ended = connection.as_mut() => ended,
                had_one = calls.until_idle(limits) => {
                    if !had_one {
                        // May not even have begun to speak HTTP/2: does not end by being asked to.
                        return;
                    }
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}

/// The calls of one connection.
#[derive(Clone)]
struct Calls {
    open: Arc<AtomicUsize>,
    last: Arc<Mutex<(bool, Instant)>>,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            open: Arc::default(),
            last: Arc::new(Mutex::new((false, Instant::now()))),
        }
    }
}

/// One call, until it is answered.
struct Call(Calls);

impl Calls {
    fn begin(&self) -> Call {
        self.open.fetch_add(1, Ordering::AcqRel);
        Call(self.clone())
    }

    /// Until no call has been open for a while; the first must come as soon as the head of a request over
    /// HTTP/1 must. Whether there was any.
    async fn until_idle(&self, limits: Limits) -> bool {
        loop {
            let (had_one, last) = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
            let is_busy = self.open.load(Ordering::Acquire) > 0;
            let patience = if had_one || is_busy {
                limits.idle
            } else {
                limits.head
            };
            let left = patience.saturating_sub(last.elapsed());
            if left.is_zero() && !is_busy {
                return had_one;
            }
            sleep(left.max(ACCEPT_PAUSE)).await;
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = (true, Instant::now());
        self.0.open.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A listener of the standard library, for tokio.
///
/// # Errors
/// When it cannot be made non-blocking.
pub fn listener(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}
