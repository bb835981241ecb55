use std::{error::Error, fmt, sync::Arc, time::Duration};

use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use sanctuary_trust::{dns_name, spki_sha256};
use sanctuary_types::PartyId;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::{
    codegen::http::Uri,
    transport::{Channel, Endpoint},
};

use crate::{
    Identity, RosterWatch, RpcError, Tap, client_config,
    error::{WrongServer, find, transport_cause},
    now,
    stream::Tapped,
};

/// Limits of a client.
#[derive(Clone)]
pub struct ConnectOptions {
    /// For the wire test only.
    pub tap: Option<Tap>,
    /// Time for TCP and TLS together.
    pub connect_timeout_ms: u64,
    /// Time for the beginning of each answer; a stream's later messages are not limited by it.
    pub deadline_ms: u64,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            tap: None,
            connect_timeout_ms: 5_000,
            deadline_ms: 30_000,
        }
    }
}

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectOptions")
            .field("connect_timeout_ms", &self.connect_timeout_ms)
            .field("deadline_ms", &self.deadline_ms)
            .finish_non_exhaustive()
    }
}

/// The address (`host:port`) of a party, from the roster.
///
/// # Errors
/// [`RpcError::UnknownParty`] or [`RpcError::NoEndpoint`].
pub fn endpoint_of(roster: &RosterWatch, party: &PartyId) -> Result<String, RpcError> {
    roster
        .party(party)?
        .endpoint
        .ok_or_else(|| RpcError::NoEndpoint(party.clone()))
}

/// Connects to `expected` at `endpoint` (`host:port`), with the usual limits.
///
/// # Errors
/// As [`connect_with`].
pub async fn connect(
    endpoint: &str,
    expected: &PartyId,
    identity: &Identity,
    roster: &RosterWatch,
) -> Result<Channel, RpcError> {
    connect_with(
        endpoint,
        expected,
        identity,
        roster,
        ConnectOptions::default(),
    )
    .await
}

/// Connects to `expected` at `endpoint` and makes sure that it is that party: its certificate
/// chains to the partnership's root, is for its name, and its key is the one on the roster now.
/// The channel reconnects by itself and checks the same again each time.
///
/// # Errors
/// [`RpcError`] that says who could not be reached and why, in one sentence.
pub async fn connect_with(
    endpoint: &str,
    expected: &PartyId,
    identity: &Identity,
    roster: &RosterWatch,
    options: ConnectOptions,
) -> Result<Channel, RpcError> {
    let dial = Dial::new(endpoint, expected, identity, roster, options)?;
    identity.check_in_force(now())?;
    roster.party(expected)?;
    let unreachable = |error: &(dyn Error + 'static)| match find::<WrongServer>(error) {
        Some(wrong) => RpcError::WrongParty(wrong.clone()),
        None => RpcError::Unreachable {
            party: expected.clone(),
            endpoint: dial.endpoint.clone(),
            reason: transport_cause(error).unwrap_or_else(|| {
                "it did not answer in time; check that the service runs".to_owned()
            }),
        },
    };
    dial.channel_settings()?
        .connect_with_connector(dial.clone().connector())
        .await
        .map_err(|error| unreachable(&error))
}

/// As [`connect_with`], but connects at the first call and not before; for parties that may be down.
///
/// # Errors
/// [`RpcError::Endpoint`] when `endpoint` is not an address.
pub fn connect_lazy(
    endpoint: &str,
    expected: &PartyId,
    identity: &Identity,
    roster: &RosterWatch,
    options: ConnectOptions,
) -> Result<Channel, RpcError> {
    let dial = Dial::new(endpoint, expected, identity, roster, options)?;
    Ok(dial
        .channel_settings()?
        .connect_with_connector_lazy(dial.connector()))
}

/// Everything one connection attempt needs.
#[derive(Clone)]
struct Dial {
    endpoint: String,
    expected: PartyId,
    identity: Identity,
    roster: RosterWatch,
    options: ConnectOptions,
}

type BoxError = Box<dyn Error + Send + Sync>;
type Connection = TokioIo<Tapped<TlsStream<TcpStream>>>;

impl Dial {
    fn new(
        endpoint: &str,
        expected: &PartyId,
        identity: &Identity,
        roster: &RosterWatch,
        options: ConnectOptions,
    ) -> Result<Self, RpcError> {
        let endpoint = endpoint.strip_prefix("https://").unwrap_or(endpoint);
        if endpoint.contains('/') || !endpoint.contains(':') {
            return Err(RpcError::Endpoint);
        }
        Ok(Self {
            endpoint: endpoint.to_owned(),
            expected: expected.clone(),
            identity: identity.clone(),
            roster: roster.clone(),
            options,
        })
    }

    /// The URI is a name for the HTTP layer only (TLS is ours, so its scheme is plain); where to
    /// connect and whom to expect is in `self`.
    fn channel_settings(&self) -> Result<Endpoint, RpcError> {
        Ok(
            Endpoint::from_shared(format!("http://{}", dns_name(&self.expected)))
                .map_err(|_| RpcError::Endpoint)?
                .connect_timeout(Duration::from_millis(self.options.connect_timeout_ms))
                .timeout(Duration::from_millis(self.options.deadline_ms))
                .initial_stream_window_size(1 << 20)
                .initial_connection_window_size(4 << 20)
                .http2_keep_alive_interval(Duration::from_secs(20))
                .keep_alive_timeout(Duration::from_secs(10))
                .keep_alive_while_idle(true),
        )
    }

    fn connector(
        self,
    ) -> impl tower::Service<
        Uri,
        Response = Connection,
        Error = BoxError,
        Future = impl Future<Output = Result<Connection, BoxError>> + Send,
    > + Send
    + 'static {
        tower::service_fn(move |_: Uri| {
            let dial = self.clone();
            async move { dial.once().await }
        })
    }

    async fn once(&self) -> Result<Connection, BoxError> {
        let expected = self.roster.party(&self.expected)?;
        let socket = TcpStream::connect(&self.endpoint).await?;
        socket.set_nodelay(true)?;
        let name = ServerName::try_from(dns_name(&self.expected))?;
        let config = client_config(&self.identity)?;
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, socket)
            .await?;
        // Before a single byte of ours: the key must be the roster's, not only the authority's word.
        let leaf = stream
            .get_ref()
            .1
            .peer_certificates()
            .and_then(|c| c.first());
        if leaf.and_then(|l| spki_sha256(l).ok()) != Some(expected.spki_sha256) {
            return Err(Box::new(WrongServer {
                endpoint: self.endpoint.clone(),
                expected: self.expected.clone(),
            }));
        }
        Ok(TokioIo::new(Tapped::new(stream, self.options.tap.clone())))
    }
}
