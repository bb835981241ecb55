//! The console on a port: plain on loopback, where a proxy ends TLS, or with TLS of its own.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

use crate::{Console, router};

/// A browser that does not finish the handshake in this time is dropped.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes at once.
const HANDSHAKES_MAX: usize = 256;
/// After a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(200);

/// A connection, plain or not.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

type Incoming = (Box<dyn Wire>, SocketAddr);

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, Door>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Connections whose handshake is done.
struct Door {
    ready: mpsc::Receiver<Incoming>,
    local: SocketAddr,
}

impl Listener for Door {
    type Io = Box<dyn Wire>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Incoming {
        match self.ready.recv().await {
            Some(incoming) => incoming,
            // Nobody accepts any more: the server is about to end.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }
}

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
    let local = listener.local_addr()?;
    let (sender, ready) = mpsc::channel(64);
    let accepting = tokio::spawn(accept(listener, tls.map(TlsAcceptor::from), sender));
    let service = router(console).into_make_service_with_connect_info::<Peer>();
    let served = axum::serve(Door { ready, local }, service)
        .with_graceful_shutdown(stop)
        .await;
    accepting.abort();
    served
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, ready: mpsc::Sender<Incoming>) {
    let places = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    loop {
        let Ok((stream, from)) = listener.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let (tls, ready) = (tls.clone(), ready.clone());
        tokio::spawn(async move {
            let done = timeout(HANDSHAKE, shake(stream, tls)).await;
            drop(place);
            if let Ok(Ok(wire)) = done {
                // The server has ended: so does the connection.
                let _ = ready.send((wire, from)).await;
            }
        });
    }
}

async fn shake(stream: TcpStream, tls: Option<TlsAcceptor>) -> io::Result<Box<dyn Wire>> {
    stream.set_nodelay(true)?;
    Ok(match tls {
        None => Box::new(stream),
        Some(tls) => Box::new(tls.accept(stream).await?),
    })
}
