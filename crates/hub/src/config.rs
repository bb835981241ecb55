use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use sanctuary_health::{LogFormat, MetricsConfig};
use sanctuary_types::{Epoch, PartyId, RulesVersion};
use serde::Deserialize;

use crate::health::SilenceRules;

const CONFIG_BYTES_MAX: u64 = 256 * 1024;
/// Rounds more often than this would tell an agency when another one pushes.
const ROUND_INTERVAL_MS_MIN: u64 = 100;

/// The normalisation rules whose tokens this hub compares. It cannot ask the rules themselves: the
/// hub does not contain them.
pub const RULES: RulesVersion = RulesVersion(1);

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
    /// Not TOML, an unknown key, a value of the wrong form or out of range.
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
    /// The hub's id on the roster.
    pub party: PartyId,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Where the log and the alerts are kept.
    pub data_dir: PathBuf,
    /// 32 bytes as hexadecimal, mode 0600, made at the first start: seals log and alerts at rest and
    /// keys stored tags. Keep it off the disk and the backups of `data_dir`.
    pub root_key: PathBuf,
    /// TLS key and certificates, signing key.
    pub identity_dir: PathBuf,
    /// The officers' keys and the authority's root.
    pub anchors: PathBuf,
    /// The signed roster; re-read when it changes.
    pub roster: PathBuf,
    /// The epoch whose tags are compared.
    pub epoch: Epoch,
    /// Rules whose tokens are compared, if not those this program was built for.
    #[serde(default = "default_rules")]
    pub rules_version: RulesVersion,
    /// Between two match rounds.
    #[serde(default = "default_round_interval_ms")]
    pub round_interval_ms: u64,
    /// Whether alerts are raised from probability 0.2 instead of 0.5.
    #[serde(default)]
    pub possible_band: bool,
    /// Hours after which what was withdrawn or has expired is out of every file of `data_dir`.
    #[serde(default = "default_purge_within_hours")]
    pub purge_within_hours: u32,
    /// Memory for the stores' caches.
    #[serde(default = "default_cache_mib")]
    pub cache_mib: u64,
    /// Signed key manifests, so that `status` says how long they hold; the hub needs none to work.
    #[serde(default)]
    pub manifests: Vec<PathBuf>,
    /// Hours without a call of an agency's node after which it is told to be silent. Default 24.
    #[serde(default = "default_silent_after_hours")]
    pub silent_after_hours: u32,
    /// Agencies of which a silence is told earlier or later.
    #[serde(default)]
    pub silence: Vec<SilenceConfig>,
    /// Figures for a Prometheus, alive, ready; none without.
    #[serde(default)]
    pub metrics: Option<MetricsConfig>,
    /// Form of the log.
    #[serde(default)]
    pub log: LogFormat,
}

/// `[[silence]]`: when the silence of one agency is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilenceConfig {
    /// Which.
    pub agency: PartyId,
    /// Hours without a call. Default: `silent_after_hours`.
    #[serde(default)]
    pub call_hours: Option<u32>,
    /// Hours without a push. Default: learnt from its own rhythm, at least four days.
    #[serde(default)]
    pub push_hours: Option<u32>,
}

const fn default_rules() -> RulesVersion {
    RULES
}
const fn default_round_interval_ms() -> u64 {
    60_000
}
const fn default_silent_after_hours() -> u32 {
    24
}
const fn default_purge_within_hours() -> u32 {
    24
}
const fn default_cache_mib() -> u64 {
    256
}

impl Config {
    /// A configuration with the usual values for everything optional, for programs that start the
    /// daemon themselves.
    #[must_use]
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        party: PartyId,
        listen: SocketAddr,
        data_dir: PathBuf,
        root_key: PathBuf,
        identity_dir: PathBuf,
        anchors: PathBuf,
        roster: PathBuf,
        epoch: Epoch,
    ) -> Self {
        Self {
            party,
            listen,
            data_dir,
            root_key,
            identity_dir,
            anchors,
            roster,
            epoch,
            rules_version: default_rules(),
            round_interval_ms: default_round_interval_ms(),
            possible_band: false,
            purge_within_hours: default_purge_within_hours(),
            cache_mib: default_cache_mib(),
            manifests: Vec::new(),
            silent_after_hours: default_silent_after_hours(),
            silence: Vec::new(),
            metrics: None,
            log: LogFormat::default(),
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
        let form = |place: String, reason: String| ConfigError::Form {
            path: path.to_owned(),
            place,
            reason,
        };
        let size = fs::metadata(path)
            .map_err(|e| unreadable(e.to_string()))?
            .len();
        if size > CONFIG_BYTES_MAX {
            return Err(unreadable("it is far too large to be one".to_owned()));
        }
        let text = fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
        let mut config = Self::parse(&text)
            .map_err(|error| form(place(&text, &error), error.message().to_owned()))?;
        config.resolve(path.parent().unwrap_or(Path::new("")));
        config
            .check()
            .map_err(|reason| form(String::new(), reason.to_owned()))?;
        Ok(config)
    }

    /// Parses TOML; paths stay as written.
    ///
    /// # Errors
    /// The parser's error.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Rules that TOML cannot express.
    ///
    /// # Errors
    /// What to correct.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.round_interval_ms < ROUND_INTERVAL_MS_MIN {
            return Err("round_interval_ms must be at least 100");
        }
        if self.root_key.starts_with(&self.data_dir) {
            return Err("root_key must lie outside data_dir, or a stolen disk holds both");
        }
        if self.purge_within_hours > 168 {
            return Err("purge_within_hours must be a week (168) at most");
        }
        if !(8..=1_048_576).contains(&self.cache_mib) {
            return Err("cache_mib must be between 8 and 1048576");
        }
        if let Some(problem) = self.metrics.as_ref().and_then(MetricsConfig::problem) {
            return Err(problem);
        }
        Ok(())
    }

    /// From when on silences are told.
    pub(crate) fn silence_rules(&self) -> SilenceRules {
        let ms = |hours: u32| u64::from(hours) * 3_600_000;
        let own = self.silence.iter().map(|rule| {
            let hours = (rule.call_hours.map(ms), rule.push_hours.map(ms));
            (rule.agency.clone(), hours)
        });
        SilenceRules {
            contact_ms: ms(self.silent_after_hours),
            own: own.collect(),
        }
    }

    fn resolve(&mut self, folder: &Path) {
        let paths = [
            &mut self.data_dir,
            &mut self.root_key,
            &mut self.identity_dir,
            &mut self.anchors,
            &mut self.roster,
        ];
        for path in paths.into_iter().chain(&mut self.manifests) {
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
        party = "hub"
        listen = "127.0.0.1:7400"
        data_dir = "data"
        root_key = "/etc/sanctuary/hub/root.key"
        identity_dir = "identity"
        anchors = "anchors.json"
        roster = "roster.json"
        epoch = 1
    "#;

    #[test]
    fn paths_are_relative_to_the_file_and_rounds_are_a_minute_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hub.toml");
        fs::write(&path, GOOD).unwrap();
        let config = Config::load(&path).unwrap();
        assert_eq!(config.data_dir, dir.path().join("data"));
        assert_eq!(config.root_key, Path::new("/etc/sanctuary/hub/root.key"));
        assert_eq!(
            (config.round_interval_ms, config.rules_version),
            (60_000, RULES)
        );
        assert!(!config.possible_band);
    }

    #[test]
    fn mistakes_name_the_file_and_say_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hub.toml");
        let in_data = GOOD.replace("/etc/sanctuary/hub/root.key", "data/root.key");
        for (wrong, expected) in [
            (GOOD.replace("data_dir", "datadir"), "datadir"),
            (GOOD.replace("\"hub\"", "\"The Hub\""), "(line 2)"),
            (in_data, "outside data_dir"),
            (format!("{GOOD}\nround_interval_ms = 1"), "at least 100"),
        ] {
            fs::write(&path, wrong).unwrap();
            let error = Config::load(&path).unwrap_err().to_string();
            assert!(
                error.contains(expected) && error.contains("hub.toml"),
                "{error}"
            );
        }
    }
}
