use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use sanctuary_console::PublicUrl;
use sanctuary_health::LogFormat;
use serde::Deserialize;

const CONFIG_BYTES_MAX: u64 = 256 * 1024;

/// Why a configuration file is not usable.
#[derive(Debug)]
pub struct ConfigError(String);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// The configuration of the operators' console. Relative paths are relative to the file's folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The hub's `data_dir`, where it writes its note; nothing else of it is read.
    pub hub_data_dir: PathBuf,
    /// The key of the note, `status.key` beside the hub's root key.
    pub status_key: PathBuf,
    /// Where operators and sessions are kept, sealed.
    pub data_dir: PathBuf,
    /// The key that seals them, made at the first start. Not the hub's.
    pub root_key: PathBuf,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where operators reach it, as their browsers write it. Requests for another host are refused.
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
    /// Form of the log.
    #[serde(default)]
    pub log: LogFormat,
}

impl Config {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// [`ConfigError`] that names the file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let wrong = |reason: &dyn std::fmt::Display| {
            ConfigError(format!(
                "the configuration {} is not usable: {reason}",
                path.display()
            ))
        };
        let size = fs::metadata(path).map_err(|e| wrong(&e))?.len();
        if size > CONFIG_BYTES_MAX {
            return Err(wrong(&"it is far too large to be one"));
        }
        let text = fs::read_to_string(path).map_err(|e| wrong(&e))?;
        let mut config = Self::parse(&text).map_err(|e| wrong(&e))?;
        config.resolve(path.parent().unwrap_or(Path::new("")));
        match config.problem() {
            None => Ok(config),
            Some(reason) => Err(wrong(&reason)),
        }
    }

    /// Parses TOML; paths stay as written.
    ///
    /// # Errors
    /// The parser's error.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// What TOML cannot express and is wrong, if anything.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if let Err(bad) = self.public_url.parse::<PublicUrl>() {
            return Some(bad.to_string());
        }
        if self.certificate.is_some() != self.key.is_some() {
            return Some("it needs both certificate and key, or neither".to_owned());
        }
        if self.certificate.is_none() && !self.listen.ip().is_loopback() {
            return Some(
                "without certificate and key it must listen on loopback, behind a proxy with TLS"
                    .to_owned(),
            );
        }
        if self.root_key.starts_with(&self.data_dir) {
            return Some(
                "root_key must lie outside data_dir, or a stolen disk holds both".to_owned(),
            );
        }
        None
    }

    fn resolve(&mut self, folder: &Path) {
        let single = [
            &mut self.hub_data_dir,
            &mut self.status_key,
            &mut self.data_dir,
            &mut self.root_key,
        ];
        let all = single
            .into_iter()
            .chain(&mut self.certificate)
            .chain(&mut self.key);
        for path in all {
            *path = folder.join(&*path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
        hub_data_dir = 'hub/data'
        status_key = 'hub/status.key'
        data_dir = 'data'
        root_key = 'root.key'
        listen = '127.0.0.1:8450'
        public_url = 'http://hub.localhost:8450'
    ";

    #[test]
    fn mistakes_say_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("operator.toml");
        fs::write(&path, GOOD).unwrap();
        let config = Config::load(&path).unwrap();
        assert_eq!(config.hub_data_dir, dir.path().join("hub/data"));
        for (wrong, words) in [
            (GOOD.replace("127.0.0.1", "0.0.0.0"), "loopback"),
            (GOOD.replace("'root.key'", "'data/root.key'"), "outside"),
            (GOOD.replace("http://hub", "ftp://hub"), "public_url"),
            (format!("{GOOD}\nkey = 'k.pem'"), "both"),
            (format!("{GOOD}\nother = 1"), "other"),
        ] {
            fs::write(&path, wrong).unwrap();
            let error = Config::load(&path).unwrap_err().to_string();
            assert!(
                error.contains(words) && error.contains("operator.toml"),
                "{error}"
            );
        }
    }
}
