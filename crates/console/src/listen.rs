//! The console on a port: plain on loopback, where a proxy ends TLS, or with TLS of its own. Connections have
//! limits: how many, how long for the handshake and for the head of a request, how long in all.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

use crate::{Console, router};

/// Connections at once; one more waits for its turn.
const CONNECTIONS_MAX: usize = 512;
/// For the handshake, and for the head of each request.
const HEAD: Duration = Duration::from_secs(10);
/// For a connection in all: browsers open another one.
const CONNECTION: Duration = Duration::from_secs(600);
/// Bytes of a request's head.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// After a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(200);

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Serves the console until `stop`; with TLS when there is a configuration for it.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    console: Arc<Console>,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_routes(router(console), listener, tls, stop).await
}

/// As [`serve`], for pages of another kind.
///
/// # Errors
/// As [`serve`].
pub async fn serve_routes(
    routes: Router,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    listener.local_addr()?;
    let tls = tls.map(TlsAcceptor::from);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let accepted = tokio::select! {
            accepted = async { (place.await, listener.accept().await) } => accepted,
            Some(_) = connections.join_next() => continue,
            () = &mut stop => return Ok(()),
        };
        let (Ok(place), Ok((stream, from))) = accepted else {
            sleep(PAUSE).await;
            continue;
        };
        let (tls, routes) = (tls.clone(), routes.clone().layer(Extension(Peer(from))));
        connections.spawn(async move {
            let _place = place;
            // What goes wrong on a connection is the browser's to see.
            let _ = timeout(CONNECTION, converse(stream, tls, routes)).await;
        });
    }
}

async fn converse(stream: TcpStream, tls: Option<TlsAcceptor>, routes: Router) {
    let _ = stream.set_nodelay(true);
    match tls {
        None => speak(stream, routes).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(HEAD, tls.accept(stream)).await {
                speak(stream, routes).await;
            }
        }
    }
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, routes: Router) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    if let Err(error) = connection.await {
        if error.is_parse() || error.is_timeout() {
            // Too large a head, one that does not come, or no HTTP at all; the error holds nothing of it.
            tracing::info!(rule = "no_request", %error, "the console refused a request");
        } else {
            tracing::debug!(%error, "a connection to the console ended");
        }
    }
}
