//! The agency's web console, when `[console]` is configured: where it listens, its TLS, the node behind it.

mod config;
mod keeping;
mod office;
mod oidc;
mod oversight;
mod running;

use std::{future::Future, sync::Arc};

use anyhow::{Context, bail};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use sanctuary_console::{Console, Settings};
use tokio::net::TcpListener;

pub use config::ConsoleConfig;
pub use oidc::{OidcConfig, SecondFactorClaim, SecondFactorConfig, Stated};

use crate::{Node, run::Problems};

/// The node as its console sees it.
pub(crate) struct NodeOffice {
    node: Node,
    problems: Problems,
}

/// A console that is about to be served.
pub(crate) struct Ready {
    console: Arc<Console>,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
}

impl Ready {
    /// Opens the port and reads certificate and key, so that what is wrong is said at the start.
    pub(crate) async fn open(
        config: &ConsoleConfig,
        node: Node,
        problems: Problems,
    ) -> anyhow::Result<Self> {
        let tls = config.tls().map(|(certificate, key)| {
            let chain = CertificateDer::pem_file_iter(certificate)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .with_context(|| {
                    format!(
                        "cannot read the console's certificate {}",
                        certificate.display()
                    )
                })?;
            let key = PrivateKeyDer::from_pem_file(key)
                .with_context(|| format!("cannot read the console's key {}", key.display()))?;
            server_config(chain, key)
        });
        let tls = tls.transpose()?;
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("the console cannot listen on {}", config.listen))?;
        if tls.is_none() && !listener.local_addr()?.ip().is_loopback() {
            bail!(
                "without a certificate the console listens on loopback only, behind a proxy with TLS"
            );
        }
        let settings = Settings {
            public_url: config.public_url.parse()?,
            behind_proxy: config.behind_proxy,
            synthetic: config.synthetic,
        };
        let oidc = config.oidc.as_ref().map(|oidc| {
            let provider = oidc.provider(&settings.public_url)?;
            Ok::<_, anyhow::Error>((provider, oidc.local_accounts))
        });
        let oidc = oidc.transpose()?;
        let office = Arc::new(NodeOffice { node, problems });
        let mut console =
            Console::new(office, settings).context("a page of the console does not read")?;
        if let Some((provider, local)) = oidc {
            console = console.with_provider(provider, local);
        }
        Ok(Self {
            console: Arc::new(console),
            listener,
            tls: tls.map(Arc::new),
        })
    }

    /// Serves until `stop`.
    pub(crate) async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) {
        let served = sanctuary_console::serve(self.console, self.listener, self.tls, stop).await;
        if let Err(error) = served {
            tracing::error!(%error, "the console has stopped; restart the node");
        }
    }
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> anyhow::Result<ServerConfig> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("the console's certificate and key do not belong together")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Serves the console of a node that is open already, until `stop`: for programs that run nodes themselves.
///
/// # Errors
/// One sentence that says what to do: a port in use, a certificate that cannot be read.
pub async fn run_console(
    node: Node,
    config: &ConsoleConfig,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    if let Some(problem) = config.problem() {
        bail!(problem);
    }
    let ready = Ready::open(config, node, Problems::default()).await?;
    ready.serve(stop).await;
    Ok(())
}
