//! The listener: connections under limits, each with its own time.

use std::{future::Future, io, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

/// After a failed accept, as when the process has no more files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Limits of a listener.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; one more is closed at once.
    pub connections_max: usize,
    /// For the TLS handshake, and for the head of each request.
    pub head: Duration,
    /// For a connection in all.
    pub connection: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 256,
            head: Duration::from_secs(10),
            connection: Duration::from_secs(3_600),
        }
    }
}

/// Serves until `shutdown`. Without `tls` only for a loopback address; the caller sees to that.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
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
        let (tls, routes) = (tls.clone(), routes.clone());
        connections.spawn(async move {
            let _place = place;
            let served = async {
                match tls {
                    None => speak(stream, routes, limits).await,
                    Some(tls) => {
                        if let Ok(Ok(stream)) = timeout(limits.head, tls.accept(stream)).await {
                            speak(stream, routes, limits).await;
                        }
                    }
                }
            };
            let _ = timeout(limits.connection, served).await;
        });
    }
}

/// What goes wrong on a connection is the other side's to see.
async fn speak(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    routes: Router,
    limits: Limits,
) {
    let service = TowerToHyperService::new(routes);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection ended");
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
