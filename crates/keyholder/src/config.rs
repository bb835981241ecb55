use std::{
    fs,
    net::SocketAddr,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use sanctuary_health::{LogFormat, MetricsConfig};
use sanctuary_holder_core::QuotaOverrides;
use sanctuary_types::{KeyClass, PartyId};
use serde::Deserialize;

const CONFIG_BYTES_MAX: u64 = 256 * 1024;

/// Why a configuration file is not usable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Missing, unreadable or far too large.
    #[error("cannot read the configuration {path}: {reason}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Not TOML, an unknown key, a value of the wrong form.
    #[error("the configuration {path} is not usable{place}: {reason}")]
    Form {
        /// The file.
        path: PathBuf,
        /// " (line n)" where known.
        place: String,
        /// What is wrong.
        reason: String,
    },
}

/// The daemon's configuration. Relative paths are relative to the file's folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// This key holder's id on the roster.
    pub party: PartyId,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Where counters and sealed shares are kept.
    pub data_dir: PathBuf,
    /// TLS key and certificates, signing and sealing key.
    pub identity_dir: PathBuf,
    /// The officers' keys and the authority's root.
    pub anchors: PathBuf,
    /// The signed roster; re-read when it changes.
    pub roster: PathBuf,
    /// Signed key manifests; re-read when they change, and may be absent before a ceremony.
    #[serde(default)]
    pub manifests: Vec<PathBuf>,
    /// The key that seals shares at rest, made at the first start. Default: `root.key` in
    /// `identity_dir`. Keep it off the disk and the backups of `data_dir`.
    #[serde(default)]
    pub root_key: Option<PathBuf>,
    /// Evaluations computed at once. Default: the number of processors.
    #[serde(default)]
    pub blocking_threads: Option<NonZeroUsize>,
    /// Figures for a Prometheus, alive, ready; none without.
    #[serde(default)]
    pub metrics: Option<MetricsConfig>,
    /// Form of the log.
    #[serde(default)]
    pub log: LogFormat,
    /// Daily limits other than the manifest's.
    #[serde(default)]
    pub quota: Vec<QuotaGrant>,
}

/// A daily limit of one agency other than the manifest's: a grant for a first load, or less.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaGrant {
    /// Whose.
    pub agency: PartyId,
    /// In which class.
    pub class: KeyClass,
    /// Elements per UTC day at this holder.
    pub elements_per_day: u64,
}

impl Config {
    /// A configuration with the usual values for everything optional, for programs that start the
    /// daemon themselves.
    #[must_use]
    pub fn new(
        party: PartyId,
        listen: SocketAddr,
        data_dir: PathBuf,
        identity_dir: PathBuf,
        anchors: PathBuf,
        roster: PathBuf,
        manifests: Vec<PathBuf>,
    ) -> Self {
        Self {
            party,
            listen,
            data_dir,
            identity_dir,
            anchors,
            roster,
            manifests,
            root_key: None,
            blocking_threads: None,
            metrics: None,
            log: LogFormat::default(),
            quota: Vec::new(),
        }
    }

    /// Reads a TOML file.
    ///
    /// # Errors
    /// [`ConfigError`] that names the file and the line.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |reason: String| ConfigError::Read {
            path: path.to_owned(),
            reason,
        };
        let size = fs::metadata(path)
            .map_err(|e| unreadable(e.to_string()))?
            .len();
        if size > CONFIG_BYTES_MAX {
            return Err(unreadable("it is far too large to be one".to_owned()));
        }
        let text = fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
        let mut config = Self::parse(&text).map_err(|error| ConfigError::Form {
            path: path.to_owned(),
            place: place(&text, &error),
            reason: error.message().to_owned(),
        })?;
        config.resolve(path.parent().unwrap_or(Path::new("")));
        if config.root_key().starts_with(&config.data_dir) {
            return Err(ConfigError::Form {
                path: path.to_owned(),
                place: String::new(),
                reason: "root_key must lie outside data_dir, or a stolen disk holds both"
                    .to_owned(),
            });
        }
        Ok(config)
    }

    /// Parses TOML; paths stay as written.
    ///
    /// # Errors
    /// The parser's error.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Where the root key is.
    #[must_use]
    pub fn root_key(&self) -> PathBuf {
        self.root_key
            .clone()
            .unwrap_or_else(|| self.identity_dir.join("root.key"))
    }

    pub(crate) fn evaluations_at_once(&self) -> usize {
        self.blocking_threads
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
    }

    pub(crate) fn overrides(&self) -> QuotaOverrides {
        self.quota
            .iter()
            .map(|grant| ((grant.agency.clone(), grant.class), grant.elements_per_day))
            .collect()
    }

    fn resolve(&mut self, folder: &Path) {
        let single = [
            &mut self.data_dir,
            &mut self.identity_dir,
            &mut self.anchors,
            &mut self.roster,
        ];
        let all = single
            .into_iter()
            .chain(&mut self.manifests)
            .chain(&mut self.root_key);
        for path in all {
            *path = folder.join(&*path);
        }
    }
}

fn place(text: &str, error: &toml::de::Error) -> String {
    error.span().map_or_else(String::new, |span| {
        let before = text.get(..span.start).unwrap_or_default();
        format!(" (line {})", before.matches('\n').count() + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        party = "alder"
        listen = "127.0.0.1:7411"
        data_dir = "data"
        identity_dir = "/etc/sanctuary/alder"
        anchors = "anchors.json"
        roster = "roster.json"
        manifests = ["manifest-person.json"]
        blocking_threads = 2
        log = "json"
        [[quota]]
        agency = "police"
        class = "person"
        elements_per_day = 1000
    "#;

    #[test]
    fn paths_are_relative_to_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keyholder.toml");
        fs::write(&path, GOOD).unwrap();
        let config = Config::load(&path).unwrap();
        assert_eq!(config.data_dir, dir.path().join("data"));
        assert_eq!(config.manifests, [dir.path().join("manifest-person.json")]);
        assert_eq!(
            config.root_key(),
            Path::new("/etc/sanctuary/alder/root.key")
        );
        assert_eq!(
            config.overrides().values().copied().collect::<Vec<_>>(),
            [1000]
        );
    }

    #[test]
    fn mistakes_name_the_file_and_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keyholder.toml");
        for (wrong, expected) in [
            (GOOD.replace("data_dir", "datadir"), "datadir"),
            (GOOD.replace("\"alder\"", "\"Alder Ltd\""), "party id"),
            (GOOD.replace("= 2", "= 0"), "(line 9)"),
            (
                format!("root_key = \"data/key\"\n{GOOD}"),
                "outside data_dir",
            ),
            (
                GOOD.replace("\"/etc/sanctuary/alder\"", "\"data\""),
                "outside data_dir",
            ),
        ] {
            fs::write(&path, wrong).unwrap();
            let error = Config::load(&path).unwrap_err().to_string();
            assert!(
                error.contains(expected) && error.contains("keyholder.toml"),
                "{error}"
            );
        }
        let missing = Config::load(&dir.path().join("none")).unwrap_err();
        assert!(matches!(missing, ConfigError::Read { .. }));
    }
}
