use std::{collections::BTreeSet, future::Future, path::Path, sync::Arc};

use anyhow::Context;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use sanctuary_console::{Settings, serve_routes};
use sanctuary_disclosure::PersonId;
use sanctuary_health::StatusNote;
use sanctuary_staff::{NewMember, Register};
use sanctuary_store::Sealer;

use crate::{Config, Desk, OperatorTables, router, serve::now};

/// Serves the console until `stop`.
///
/// # Errors
/// One sentence that says what to do: a store in use, a certificate that cannot be read.
pub async fn run(
    config: Config,
    listener: std::net::TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let note = StatusNote::find(&config.hub_data_dir, &config.status_key).context(
        "the key of the hub's note cannot be read; start the hub once, and see `status_key`",
    )?;
    let settings = Settings {
        public_url: config.public_url.parse()?,
        behind_proxy: config.behind_proxy,
        synthetic: false,
    };
    let desk = Desk::new(register(&config)?, note, settings).context("a page does not read")?;
    let tls = match (&config.certificate, &config.key) {
        (Some(certificate), Some(key)) => Some(Arc::new(server_config(certificate, key)?)),
        _ => None,
    };
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    tracing::info!(listen = %listener.local_addr()?, url = %config.public_url, "the operators' console is open");
    serve_routes(router(Arc::new(desk)), listener, tls, stop).await?;
    Ok(())
}

/// Adds the first operator, while there is none; gives the start code.
///
/// # Errors
/// One sentence that says what to do.
pub fn add_first(config: &Config, person: &str, name: &str) -> anyhow::Result<String> {
    let person: PersonId = person
        .parse()
        .map_err(|_| anyhow::anyhow!("a staff number is letters, digits and dashes"))?;
    let new = NewMember {
        person,
        name: name.to_owned(),
        email: None,
        roles: BTreeSet::new(),
        functions: BTreeSet::new(),
    };
    let code = register(config)?.add_first(new, now(), &mut rand::rng())?;
    Ok(code.0.expose().to_owned())
}

fn register(config: &Config) -> anyhow::Result<Register<OperatorTables>> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("cannot create {}", config.data_dir.display()))?;
    let sealer = Sealer::from_key_file_or_generate(&config.root_key)?;
    let tables = OperatorTables::open(&config.data_dir.join("operators"), sealer)?;
    Ok(Register::new(tables, "hub"))
}

fn server_config(certificate: &Path, key: &Path) -> anyhow::Result<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read the certificate {}", certificate.display()))?;
    let key = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read the key {}", key.display()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("certificate and key do not belong together")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
