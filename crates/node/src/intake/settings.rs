use std::{net::SocketAddr, path::PathBuf};

use serde::Deserialize;

/// The API for the agency's own systems: `[intake]` of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntakeConfig {
    /// Where it listens: an address of the agency's own network.
    pub listen: SocketAddr,
    /// How records are read; without it the mapping of the configuration. Read at the start.
    #[serde(default)]
    pub mapping: Option<PathBuf>,
    /// Certificate chain (PEM); needed for every address but this machine's own.
    #[serde(default)]
    pub tls_certificate: Option<PathBuf>,
    /// Its private key (PEM).
    #[serde(default)]
    pub tls_key: Option<PathBuf>,
}

impl IntakeConfig {
    /// Paths that may be relative to the configuration's folder.
    pub(crate) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.mapping
            .iter_mut()
            .chain(&mut self.tls_certificate)
            .chain(&mut self.tls_key)
    }

    /// What is wrong with it, in one sentence.
    pub(crate) fn problem(&self) -> Option<String> {
        match (&self.tls_certificate, &self.tls_key) {
            (Some(_), Some(_)) => None,
            (None, None) if self.listen.ip().is_loopback() => None,
            (None, None) => Some(format!(
                "intake on {} needs tls_certificate and tls_key: keys and records would cross the network in clear; or listen on 127.0.0.1",
                self.listen
            )),
            _ => Some("intake needs both tls_certificate and tls_key, or neither".to_owned()),
        }
    }
}
