use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::Resumption,
    crypto::{CryptoProvider, ring},
    server::{NoServerSessionStorage, WebPkiClientVerifier},
    version::TLS13,
};

use crate::{Identity, RpcError};

const HTTP2: &[u8] = b"h2";

/// TLS 1.3 only, client certificates demanded, no resumption (a resumed session would skip the
/// certificate check), HTTP/2.
///
/// # Errors
/// [`RpcError::Identity`] when key, certificate or root cannot be used.
pub fn server_config(identity: &Identity) -> Result<ServerConfig, RpcError> {
    let provider = Arc::new(ring::default_provider());
    let clients = WebPkiClientVerifier::builder_with_provider(
        Arc::new(roots(identity)?),
        Arc::clone(&provider),
    )
    .build()
    .map_err(|_| unusable("root certificate"))?;
    let material = identity.tls();
    let mut config = with_tls13(ServerConfig::builder_with_provider, provider)?
        .with_client_cert_verifier(clients)
        .with_single_cert(material.chain.clone(), material.private_key())
        .map_err(|_| unusable("TLS key or certificate"))?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.alpn_protocols = vec![HTTP2.to_vec()];
    Ok(config)
}

/// TLS 1.3 only, own certificate shown, server's chain and name checked, no resumption, HTTP/2.
///
/// # Errors
/// [`RpcError::Identity`] when key, certificate or root cannot be used.
pub fn client_config(identity: &Identity) -> Result<ClientConfig, RpcError> {
    let provider = Arc::new(ring::default_provider());
    let material = identity.tls();
    let mut config = with_tls13(ClientConfig::builder_with_provider, provider)?
        .with_root_certificates(roots(identity)?)
        .with_client_auth_cert(material.chain.clone(), material.private_key())
        .map_err(|_| unusable("TLS key or certificate"))?;
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![HTTP2.to_vec()];
    Ok(config)
}

fn with_tls13<S: rustls::ConfigSide>(
    builder: impl FnOnce(Arc<CryptoProvider>) -> rustls::ConfigBuilder<S, rustls::WantsVersions>,
    provider: Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<S, rustls::WantsVerifier>, RpcError> {
    builder(provider)
        .with_protocol_versions(&[&TLS13])
        .map_err(|_| unusable("TLS version"))
}

fn roots(identity: &Identity) -> Result<RootCertStore, RpcError> {
    let mut roots = RootCertStore::empty();
    roots
        .add(identity.root().clone())
        .map_err(|_| unusable("root certificate"))?;
    Ok(roots)
}

fn unusable(what: &'static str) -> RpcError {
    RpcError::Identity {
        what,
        reason: "the files do not belong together or are damaged; restore them or enrol again",
    }
}
