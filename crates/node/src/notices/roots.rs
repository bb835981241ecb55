//! Whose certificates a receiver may have: the authorities of this machine, or those of one file.

use std::path::Path;

use rustls::pki_types::{CertificateDer, pem::PemObject};

/// The authorities.
pub(super) fn roots(ca_file: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, String> {
    let found = match ca_file {
        Some(path) => CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|_| format!("cannot read certificates from {}", path.display()))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    if found.is_empty() {
        return Err(
            "this machine has no certificates of authorities; name a file with ca_file".to_owned(),
        );
    }
    Ok(found)
}

/// TLS 1.2 or newer to a receiver of the agency's own choice.
pub(super) fn connector(ca_file: Option<&Path>) -> Result<tokio_rustls::TlsConnector, String> {
    let mut store = rustls::RootCertStore::empty();
    store.add_parsable_certificates(roots(ca_file)?);
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(tokio_rustls::TlsConnector::from(std::sync::Arc::new(
        config,
    )))
}
