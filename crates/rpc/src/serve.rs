use std::{
    collections::HashMap,
    fmt,
    future::Future,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{FutureExt, future::Shared};
use sanctuary_trust::{spki_sha256, validity};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{service::Routes, transport::Server};

use crate::{
    Identity, Peer, RosterWatch, RpcError, Tap,
    authorise::{AuthoriseLayer, CallWatch},
    caller::prefix,
    error::transport_cause,
    server_config,
    stream::{ServerStream, Tapped},
};

/// Limits of a server.
#[derive(Clone)]
pub struct ServeOptions {
    /// For the wire test only.
    pub tap: Option<Tap>,
    /// Hears of every call.
    pub watch: Option<Arc<dyn CallWatch>>,
    /// A peer that does not finish the handshake in this time is dropped.
    pub handshake_timeout_ms: u64,
    /// Connections at once, from everybody.
    pub connections_max: usize,
    /// Connections at once from one key.
    pub connections_per_peer_max: usize,
    /// Calls at once on one connection.
    pub calls_per_connection_max: u32,
    /// A connection is renewed after this time, so that its certificate is checked again.
    pub connection_age_max_ms: u64,
    /// After the shutdown signal, open calls have this time to end.
    pub shutdown_grace_ms: u64,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            tap: None,
            watch: None,
            handshake_timeout_ms: 5_000,
            connections_max: 1_024,
            connections_per_peer_max: 32,
            calls_per_connection_max: 64,
            connection_age_max_ms: 12 * 3_600_000,
            shutdown_grace_ms: 3_000,
        }
    }
}

impl fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeOptions")
            .field("connections_max", &self.connections_max)
            .field("tapped", &self.tap.is_some())
            .finish_non_exhaustive()
    }
}

type Places = (OwnedSemaphorePermit, PeerPlace);
type Incoming = mpsc::Sender<io::Result<ServerStream<Places>>>;

/// Serves `routes` until `shutdown` with the usual limits. See [`serve_with`].
///
/// # Errors
/// As [`serve_with`].
pub async fn serve(
    listener: std::net::TcpListener,
    identity: Identity,
    roster: RosterWatch,
    routes: Routes,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), RpcError> {
    serve_with(
        listener,
        identity,
        roster,
        routes,
        shutdown,
        ServeOptions::default(),
    )
    .await
}

/// Serves `routes` over mutual TLS 1.3 until `shutdown`. Every request is refused before it reaches
/// a service unless its peer's key is on the roster at that moment and the authorisation matrix names
/// its kind of party for the call; services ask [`crate::caller`] who it is. Message sizes are limited by the services.
///
/// # Errors
/// [`RpcError`] when the listener or the identity cannot be used.
pub async fn serve_with(
    listener: std::net::TcpListener,
    identity: Identity,
    roster: RosterWatch,
    routes: Routes,
    shutdown: impl Future<Output = ()> + Send,
    options: ServeOptions,
) -> Result<(), RpcError> {
    let listener = into_tokio(listener)?;
    // Fails now rather than at the first connection.
    server_config(&identity)?;
    let (cut_sender, cut) = oneshot::channel::<()>();
    let (incoming, accepted) = mpsc::channel(64);
    let accept = Accept {
        identity,
        incoming,
        cut: cut.shared(),
        peers: PeerPlaces::default(),
        options: options.clone(),
    };
    let acceptor = tokio::spawn(accept_all(listener, accept));
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = Server::builder()
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20)
        .max_concurrent_streams(options.calls_per_connection_max)
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
        .http2_max_pending_accept_reset_streams(Some(32))
        .max_connection_age(Duration::from_millis(options.connection_age_max_ms))
        .layer(AuthoriseLayer {
            roster,
            watch: options.watch.clone(),
        })
        .add_routes(routes)
        .serve_with_incoming_shutdown(ReceiverStream::new(accepted), async {
            let _ = stopped.await;
        });
    tokio::pin!(serving);
    let early = tokio::select! {
        result = &mut serving => Some(result),
        () = shutdown => None,
    };
    acceptor.abort();
    drop(stop);
    let result = match early {
        Some(result) => result,
        None => {
            let grace = Duration::from_millis(options.shutdown_grace_ms);
            match timeout(grace, &mut serving).await {
                Ok(result) => result,
                Err(_) => {
                    tracing::info!("cut the connections that were still open at shutdown");
                    drop(cut_sender);
                    let _ = timeout(Duration::from_millis(500), &mut serving).await;
                    Ok(())
                }
            }
        }
    };
    result.map_err(|error| RpcError::Listen(error.to_string()))
}

struct Accept {
    identity: Identity,
    incoming: Incoming,
    cut: Shared<oneshot::Receiver<()>>,
    peers: PeerPlaces,
    options: ServeOptions,
}

/// Owns the listener alone, so that the port is free as soon as this ends.
async fn accept_all(listener: TcpListener, accept: Accept) {
    let places = Arc::new(Semaphore::new(accept.options.connections_max));
    let accept = Arc::new(accept);
    loop {
        // Taken before accepting: beyond the limit, callers wait in the kernel's queue.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((socket, address)) => {
                let accept = Arc::clone(&accept);
                tokio::spawn(async move { accept.greet(socket, address, place).await });
            }
            Err(error) => {
                // Mostly "too many open files": connections will end and free some.
                tracing::error!(%error, "cannot accept a connection; trying again");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

impl Accept {
    async fn greet(&self, socket: TcpStream, address: SocketAddr, place: OwnedSemaphorePermit) {
        match self.handshake(socket, address, place).await {
            Ok(stream) => {
                let _ = self.incoming.send(Ok(stream)).await;
            }
            Err(reason) => tracing::warn!(%address, %reason, "refused a connection"),
        }
    }

    async fn handshake(
        &self,
        socket: TcpStream,
        address: SocketAddr,
        place: OwnedSemaphorePermit,
    ) -> Result<ServerStream<Places>, String> {
        let _ = socket.set_nodelay(true);
        // Built for each connection, so that a renewed certificate is used at once.
        let config = server_config(&self.identity).map_err(|e| e.to_string())?;
        let accepting = TlsAcceptor::from(Arc::new(config)).accept(socket);
        let limit = Duration::from_millis(self.options.handshake_timeout_ms);
        let stream = match timeout(limit, accepting).await {
            Err(_) => return Err("the handshake took too long".to_owned()),
            Ok(Err(error)) => return Err(handshake_fault(&error)),
            Ok(Ok(stream)) => stream,
        };
        let leaf = stream
            .get_ref()
            .1
            .peer_certificates()
            .and_then(|chain| chain.first())
            .ok_or("it showed no certificate")?;
        let spki = spki_sha256(leaf).map_err(|e| e.to_string())?;
        let certificate_until = validity(leaf).map_err(|e| e.to_string())?.not_after;
        let peer_place = self
            .peers
            .take(spki, self.options.connections_per_peer_max)
            .ok_or_else(|| format!("the key {} has too many connections", prefix(&spki)))?;
        Ok(ServerStream::new(
            Tapped::new(stream, self.options.tap.clone()),
            Peer {
                spki_sha256: spki,
                certificate_until,
                address,
            },
            self.cut.clone(),
            (place, peer_place),
        ))
    }
}

fn handshake_fault(error: &io::Error) -> String {
    match error
        .get_ref()
        .and_then(|e| e.downcast_ref::<rustls::Error>())
    {
        Some(rustls::Error::InvalidCertificate(reason)) => {
            format!("its certificate is refused ({reason})")
        }
        Some(tls) => format!("no TLS 1.3 with a certificate ({tls})"),
        None => transport_cause(error).unwrap_or_else(|| "the connection broke".to_owned()),
    }
}

/// Counts the connections of each key.
#[derive(Clone, Default)]
struct PeerPlaces(Arc<Mutex<HashMap<[u8; 32], usize>>>);

struct PeerPlace {
    places: PeerPlaces,
    spki: [u8; 32],
}

impl PeerPlaces {
    fn take(&self, spki: [u8; 32], max: usize) -> Option<PeerPlace> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(spki).or_default();
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(PeerPlace {
            places: self.clone(),
            spki,
        })
    }
}

impl Drop for PeerPlace {
    fn drop(&mut self) {
        let mut counts = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.spki) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.spki);
            }
        }
    }
}

fn into_tokio(listener: std::net::TcpListener) -> Result<TcpListener, RpcError> {
    listener
        .set_nonblocking(true)
        .and_then(|()| TcpListener::from_std(listener))
        .map_err(|e| RpcError::Listen(e.to_string()))
}
