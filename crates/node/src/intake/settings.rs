use std::{net::SocketAddr, path::PathBuf};

use serde::Deserialize;

/// The API for the agency's own systems: `[intake]` of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntakeConfig {
    /// Where it listens for HTTP: an address of the agency's own network.
    pub listen: SocketAddr,
    /// Where it listens for gRPC; nowhere without.
    #[serde(default)]
    pub grpc_listen: Option<SocketAddr>,
    /// How records are read; without it the mapping of the configuration. Read at the start.
    #[serde(default)]
    pub mapping: Option<PathBuf>,
    /// Certificate chain (PEM); needed for every address but this machine's own.
    #[serde(default)]
    pub tls_certificate: Option<PathBuf>,
    /// Its private key (PEM).
    #[serde(default)]
    pub tls_key: Option<PathBuf>,
    /// The authority of the agency's systems (PEM): callers must show a certificate of it.
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
    /// What a caller shows where client certificates are asked for.
    #[serde(default)]
    pub client_auth: ClientAuth,
}

/// What a caller shows where client certificates are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// A certificate, which stands for the live key of its name.
    #[default]
    Certificate,
    /// A certificate, and the key of its name.
    CertificateAndKey,
}

impl IntakeConfig {
    /// Paths that may be relative to the configuration's folder.
    pub(crate) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.mapping
            .iter_mut()
            .chain(&mut self.tls_certificate)
            .chain(&mut self.tls_key)
            .chain(&mut self.client_ca)
    }

    /// What is wrong with it, in one sentence.
    pub(crate) fn problem(&self) -> Option<String> {
        let mut addresses = [Some(self.listen), self.grpc_listen].into_iter().flatten();
        let abroad = addresses.find(|a| !a.ip().is_loopback());
        if self.grpc_listen == Some(self.listen) {
            return Some("grpc_listen of intake must be another address than listen".to_owned());
        }
        if self.client_auth == ClientAuth::CertificateAndKey && self.client_ca.is_none() {
            return Some("client_auth of intake needs client_ca".to_owned());
        }
        match (&self.tls_certificate, &self.tls_key, abroad) {
            (Some(_), Some(_), _) => None,
            (None, None, Some(abroad)) => Some(format!(
                "intake on {abroad} needs tls_certificate and tls_key: keys and records would cross the network in clear; or listen on 127.0.0.1"
            )),
            (None, None, None) if self.client_ca.is_some() => Some(
                "client_ca of intake needs tls_certificate and tls_key: certificates are shown over TLS only"
                    .to_owned(),
            ),
            (None, None, None) => None,
            _ => Some("intake needs both tls_certificate and tls_key, or neither".to_owned()),
        }
    }
}
