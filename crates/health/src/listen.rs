use std::{io, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::TcpListener,
    sync::Semaphore,
    task::{JoinSet, spawn_blocking},
    time::{sleep, timeout},
};

use crate::Figures;

/// Connections at once: a Prometheus and whoever looks whether the daemon is ready.
const CONNECTIONS_MAX: usize = 16;
/// For the head of each request.
const HEAD: Duration = Duration::from_secs(5);
/// For a connection in all.
const CONNECTION: Duration = Duration::from_secs(120);
/// Bytes of a request's head.
const HEAD_BYTES_MAX: usize = 8 * 1024;
/// After a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(200);
/// The text format of Prometheus, as its scraper asks for it.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A daemon whose health may be asked. Its methods may block.
pub trait Watched: Send + Sync + 'static {
    /// Its figures, brought up to now.
    fn figures(&self) -> &Figures;
    /// Whether it can serve.
    ///
    /// # Errors
    /// Why not, in one sentence.
    fn readiness(&self) -> Result<(), String>;
}

/// Serves `/metrics`, `/healthz` and `/readyz` on a listener until this is dropped.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(listener: std::net::TcpListener, watched: Arc<dyn Watched>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let routes = router(watched);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let accepted = tokio::select! {
            accepted = async { (place.await, listener.accept().await) } => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let (Ok(place), Ok((stream, _))) = accepted else {
            sleep(PAUSE).await;
            continue;
        };
        let routes = routes.clone();
        connections.spawn(async move {
            let _place = place;
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD)
                .max_buf_size(HEAD_BYTES_MAX)
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
            let _ = timeout(CONNECTION, connection).await;
        });
    }
}

fn router(watched: Arc<dyn Watched>) -> Router {
    let ready = Arc::clone(&watched);
    Router::new()
        .route(
            "/healthz",
            get(|| async { plain(StatusCode::OK, "alive\n".to_owned()) }),
        )
        .route("/readyz", get(move || is_ready(Arc::clone(&ready))))
        .route("/metrics", get(move || metrics(Arc::clone(&watched))))
}

async fn is_ready(watched: Arc<dyn Watched>) -> Response {
    match spawn_blocking(move || watched.readiness()).await {
        Ok(Ok(())) => plain(StatusCode::OK, "ready\n".to_owned()),
        Ok(Err(why)) => plain(StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
        Err(_) => failed(),
    }
}

async fn metrics(watched: Arc<dyn Watched>) -> Response {
    match spawn_blocking(move || watched.figures().text()).await {
        Ok(Ok(text)) => plain(StatusCode::OK, text),
        Ok(Err(error)) => {
            tracing::error!(%error, "the figures cannot be told");
            failed()
        }
        Err(_) => failed(),
    }
}

fn failed() -> Response {
    let text = "this could not be told; see the daemon's log\n";
    plain(StatusCode::INTERNAL_SERVER_ERROR, text.to_owned())
}

fn plain(status: StatusCode, text: String) -> Response {
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, TEXT),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, text).into_response()
}
