//! TLS 1.3 with ring for the API, with client certificates where an authority of them is named.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use rustls::{RootCertStore, ServerConfig, server::WebPkiClientVerifier};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use sanctuary_intake::api::Protocol;
use tokio_rustls::TlsAcceptor;

use super::IntakeConfig;

/// `None` without a certificate.
pub(super) fn acceptor(
    intake: &IntakeConfig,
    protocol: Protocol,
) -> anyhow::Result<Option<TlsAcceptor>> {
    let (Some(certificate), Some(key)) = (&intake.tls_certificate, &intake.tls_key) else {
        return Ok(None);
    };
    let unusable = |path: &Path| format!("{} is not usable as PEM", path.display());
    let key = PrivateKeyDer::from_pem_file(key).with_context(|| unusable(key))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?;
    let builder = match &intake.client_ca {
        // The API key says who it is.
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            for root in certificates(authority)? {
                roots.add(root).with_context(|| unusable(authority))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            let verifier = verifier.build().with_context(|| unusable(authority))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(certificates(certificate)?, key)
        .context("the certificate and the key of intake do not fit")?;
    config.alpn_protocols = match protocol {
        Protocol::Http1 => vec![b"http/1.1".to_vec()],
        Protocol::Http2 => vec![b"h2".to_vec()],
    };
    // A resumed session would keep a certificate that has run out since.
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("{} is not usable as PEM", path.display()))
}
