use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use sanctuary_console::PublicUrl;
use serde::Deserialize;

use super::oidc::OidcConfig;

/// `[console]`: the agency's people at work in a browser.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where people reach it, as their browsers write it. Requests for another host are refused.
    pub public_url: String,
    /// Certificate chain, PEM. With neither certificate nor key a proxy on this machine ends TLS.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    #[serde(default)]
    pub key: Option<PathBuf>,
    /// A proxy of yours stands in front and writes `X-Forwarded-For`. Default false.
    #[serde(default)]
    pub behind_proxy: bool,
    /// The records are made up, and each page says so. Default false.
    #[serde(default)]
    pub synthetic: bool,
    /// People sign in by the agency's identity provider. Default: by staff number and password.
    #[serde(default)]
    pub oidc: Option<OidcConfig>,
}

impl ConsoleConfig {
    /// Certificate and key, when the console ends TLS itself.
    pub(crate) fn tls(&self) -> Option<(&Path, &Path)> {
        Some((self.certificate.as_deref()?, self.key.as_deref()?))
    }

    /// What is wrong with it, if anything.
    pub(crate) fn problem(&self) -> Option<String> {
        if let Err(bad) = self.public_url.parse::<PublicUrl>() {
            return Some(bad.to_string());
        }
        if self.certificate.is_some() != self.key.is_some() {
            return Some("the console needs both certificate and key, or neither".to_owned());
        }
        if self.tls().is_none() && !self.listen.ip().is_loopback() {
            return Some(
                "without certificate and key the console must listen on loopback, behind a proxy with TLS"
                    .to_owned(),
            );
        }
        self.oidc.as_ref().and_then(OidcConfig::problem)
    }

    /// Its paths.
    pub(crate) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let provider = self.oidc.iter_mut().flat_map(OidcConfig::paths);
        self.certificate
            .iter_mut()
            .chain(&mut self.key)
            .chain(provider)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(more: &str) -> ConsoleConfig {
        toml::from_str(more).unwrap()
    }

    #[test]
    fn plain_is_for_loopback_only() {
        let loopback = config("listen = '127.0.0.1:8443'\npublic_url = 'https://console.example'");
        assert_eq!(loopback.problem(), None);
        let open = config("listen = '0.0.0.0:8443'\npublic_url = 'https://console.example'");
        assert!(open.problem().unwrap().contains("loopback"));
        let half = config(
            "listen = '0.0.0.0:8443'\npublic_url = 'https://console.example'\nkey = 'k.pem'",
        );
        assert!(half.problem().unwrap().contains("both"));
        let plain = config("listen = '127.0.0.1:8443'\npublic_url = 'http://console.example'");
        assert!(plain.problem().is_some());
    }
}
