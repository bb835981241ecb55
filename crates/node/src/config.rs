use std::{
    fs,
    path::{Path, PathBuf},
};

use sanctuary_health::{LogFormat, MetricsConfig};
use sanctuary_types::{PartyId, limits::COMPARISONS_PER_PEER_DAY};
use serde::Deserialize;

use crate::{
    console::ConsoleConfig,
    export::CaseUrl,
    feeds::{self, FeedConfig},
    intake::IntakeConfig,
    notices::NoticesConfig,
    review::ReviewConfig,
};

/// Bytes of a configuration file.
const CONFIG_BYTES_MAX: u64 = 256 * 1024;
/// Fastest slot: pushing each record by itself would show which postings belong together.
const PUSH_INTERVAL_MS_MIN: u64 = 100;
/// Two looks nearer to each other would not tell a file that is still written.
const FEED_POLL_MS_MIN: u64 = 200;

/// What was erased leaves the files within a week at most.
const PURGE_WITHIN_HOURS_MAX: u32 = 168;

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

/// The node's configuration. Relative paths are relative to the file's folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// This agency's id in the roster.
    pub party: PartyId,
    /// Where records, outbox and alerts are kept, sealed.
    pub data_dir: PathBuf,
    /// TLS key and certificates, signing key.
    pub identity_dir: PathBuf,
    /// The officers' keys and the authority's root.
    pub anchors: PathBuf,
    /// The signed roster; re-read when it changes.
    pub roster: PathBuf,
    /// Signed key manifests, one for each class; re-read when they change.
    #[serde(default)]
    pub manifests: Vec<PathBuf>,
    /// The key that seals everything at rest, made at the first start. Default: `root.key` in
    /// `identity_dir`. Keep it off the disk and the backups of `data_dir`.
    #[serde(default, alias = "key_file")]
    pub root_key: Option<PathBuf>,
    /// Between two slots in which the outbox is pushed, in milliseconds.
    #[serde(default = "default_push_interval_ms")]
    pub push_interval_ms: u64,
    /// The mapping that `import` uses when none is given.
    #[serde(default)]
    pub mapping: Option<PathBuf>,
    /// The page cache of the store, in MiB. Default 32, with which an import of a million rows stays
    /// below 400 MiB in all.
    #[serde(default = "default_cache_mib")]
    pub cache_mib: u64,
    /// Hours after which what was erased, withdrawn or replaced is out of every file of `data_dir`.
    #[serde(default = "default_purge_within_hours")]
    pub purge_within_hours: u32,
    /// Whether this agency takes part in encrypted comparisons with other agencies' nodes where the
    /// partnership has agreed on them. Default "on".
    #[serde(default)]
    pub second_step: Switch,
    /// Comparisons that this node begins or answers with one other agency in a UTC day.
    #[serde(default = "default_comparisons_per_day")]
    pub comparisons_per_day: u32,
    /// Hours without an answer of the hub after which `status` and the console say so. Default 24.
    #[serde(default = "default_silent_after_hours")]
    pub silent_after_hours: u32,
    /// Form of the log.
    #[serde(default)]
    pub log: LogFormat,
    /// Between two looks at the folders of feeds, in milliseconds: a file that two looks find unchanged
    /// is whole.
    #[serde(default = "default_feed_poll_ms")]
    pub feed_poll_ms: u64,
    /// Files that the agency's systems deliver by themselves.
    #[serde(default, rename = "feed")]
    pub feeds: Vec<FeedConfig>,
    /// The API for the agency's own systems; none without.
    #[serde(default)]
    pub intake: Option<IntakeConfig>,
    /// Figures for a Prometheus, alive, ready; none without.
    #[serde(default)]
    pub metrics: Option<MetricsConfig>,
    /// How possible matches are reviewed.
    #[serde(default)]
    pub review: ReviewConfig,
    /// The agency's people at work in a browser. Default: no console.
    #[serde(default)]
    pub console: Option<ConsoleConfig>,
    /// What people are told, and how. Default: nothing.
    #[serde(default)]
    pub notices: Option<NoticesConfig>,
    /// Where the agency's own system shows a record, with `{reference}` in it: a link in exports.
    #[serde(default)]
    pub case_url: Option<CaseUrl>,
}

/// On or off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// On.
    #[default]
    On,
    /// Off.
    Off,
}

const fn default_push_interval_ms() -> u64 {
    60_000
}

const fn default_comparisons_per_day() -> u32 {
    COMPARISONS_PER_PEER_DAY
}

const fn default_feed_poll_ms() -> u64 {
    5_000
}

const fn default_silent_after_hours() -> u32 {
    24
}

const fn default_purge_within_hours() -> u32 {
    24
}

const fn default_cache_mib() -> u64 {
    32
}

impl Config {
    /// A configuration with the usual values for everything optional, for programs that run a node
    /// themselves.
    #[must_use]
    pub fn new(
        party: PartyId,
        data_dir: PathBuf,
        identity_dir: PathBuf,
        anchors: PathBuf,
        roster: PathBuf,
        manifests: Vec<PathBuf>,
    ) -> Self {
        Self {
            party,
            data_dir,
            identity_dir,
            anchors,
            roster,
            manifests,
            root_key: None,
            push_interval_ms: default_push_interval_ms(),
            mapping: None,
            cache_mib: default_cache_mib(),
            purge_within_hours: default_purge_within_hours(),
            second_step: Switch::default(),
            comparisons_per_day: default_comparisons_per_day(),
            silent_after_hours: default_silent_after_hours(),
            log: LogFormat::default(),
            feed_poll_ms: default_feed_poll_ms(),
            feeds: Vec::new(),
            intake: None,
            review: ReviewConfig::default(),
            metrics: None,
            console: None,
            notices: None,
            case_url: None,
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
        if config.push_interval_ms < PUSH_INTERVAL_MS_MIN {
            return Err(ConfigError::Form {
                path: path.to_owned(),
                place: String::new(),
                reason: format!("push_interval_ms must be {PUSH_INTERVAL_MS_MIN} or more"),
            });
        }
        config.resolve(path.parent().unwrap_or(Path::new("")));
        if config.root_key().starts_with(&config.data_dir) {
            return Err(ConfigError::Form {
                path: path.to_owned(),
                place: String::new(),
                reason: "root_key must lie outside data_dir, or a stolen disk holds both"
                    .to_owned(),
            });
        }
        let too_late = config.purge_within_hours > PURGE_WITHIN_HOURS_MAX;
        let slow_enough = config.feed_poll_ms >= FEED_POLL_MS_MIN;
        let wrong = feeds::problem_of(&config.feeds, &config.data_dir)
            .or_else(|| config.intake.as_ref().and_then(IntakeConfig::problem))
            .or((!slow_enough).then(|| format!("feed_poll_ms must be {FEED_POLL_MS_MIN} or more")))
            .or(config
                .metrics
                .as_ref()
                .and_then(MetricsConfig::problem)
                .map(str::to_owned))
            .or_else(|| config.review.problem())
            .or(too_late.then(|| {
                format!("purge_within_hours must be {PURGE_WITHIN_HOURS_MAX} (a week) or less")
            }))
            .or(config.console.as_ref().and_then(ConsoleConfig::problem))
            .or(config.notices.as_ref().and_then(NoticesConfig::problem));
        match wrong {
            None => Ok(config),
            Some(reason) => Err(ConfigError::Form {
                path: path.to_owned(),
                place: String::new(),
                reason,
            }),
        }
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
            .chain(&mut self.root_key)
            .chain(&mut self.mapping)
            .chain(self.feeds.iter_mut().flat_map(FeedConfig::paths))
            .chain(self.intake.iter_mut().flat_map(IntakeConfig::paths))
            .chain(self.console.iter_mut().flat_map(ConsoleConfig::paths))
            .chain(self.notices.iter_mut().flat_map(NoticesConfig::paths));
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
        party = "police"
        data_dir = "data"
        identity_dir = "/etc/sanctuary/police"
        anchors = "anchors.json"
        roster = "roster.json"
        manifests = ["manifest-person.json", "manifest-identifier.json"]
        push_interval_ms = 1000
    "#;

    const DATABASE: &str =
        "\n[[feed]]\nname = \"db\"\nkind = \"database\"\nurl = \"postgresql://a@localhost/b\"\n";
    const FEED: &str = "\n[[feed]]\nname = \"cases\"\npath = \"exports\"\n";

    #[test]
    fn paths_are_relative_to_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("node.toml");
        fs::write(&path, GOOD).unwrap();
        let config = Config::load(&path).unwrap();
        assert_eq!(config.data_dir, dir.path().join("data"));
        assert_eq!(
            config.manifests[1],
            dir.path().join("manifest-identifier.json")
        );
        assert_eq!(
            config.root_key(),
            Path::new("/etc/sanctuary/police/root.key")
        );
        assert_eq!(config.push_interval_ms, 1000);
        assert_eq!(config.second_step, Switch::On);
        fs::write(&path, format!("{GOOD}{FEED}kind = \"folder\"")).unwrap();
        let feed = Config::load(&path).unwrap().feeds.remove(0);
        let feeds::FeedSource::Folder(folder) = &feed.source else {
            panic!("{feed:?}");
        };
        assert_eq!(folder.path, dir.path().join("exports"));
        assert_eq!((feed.brake_percent, folder.keep_days), (20, 30));
        let vetoed = Config::parse(&format!("{GOOD}\nsecond_step = \"off\"")).unwrap();
        assert_eq!(vetoed.second_step, Switch::Off);
    }

    #[test]
    fn mistakes_name_the_file_and_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("node.toml");
        for (wrong, expected) in [
            (GOOD.replace("data_dir", "datadir"), "datadir"),
            (GOOD.replace("\"police\"", "\"The Police\""), "party id"),
            (GOOD.replace("= 1000", "= \"soon\""), "(line 8)"),
            (GOOD.replace("= 1000", "= 1"), "100 or more"),
            (format!("{GOOD}\nsecond_step = \"maybe\""), "maybe"),
            (
                format!("{GOOD}\nroot_key = \"data/key\""),
                "outside data_dir",
            ),
            (
                GOOD.replace("\"/etc/sanctuary/police\"", "\"data\""),
                "outside data_dir",
            ),
            (format!("{GOOD}{FEED}kind = \"fax\""), "fax"),
            (format!("{GOOD}\n[notices]\nfax = 1"), "fax"),
            (
                format!("{GOOD}\ncase_url = \"https://cases.example/\""),
                "{reference}",
            ),
            (format!("{GOOD}{DATABASE}"), "needs `query`"),
            (
                format!("{GOOD}{DATABASE}query = \"SELECT 1\"\nkeep_days = 3"),
                "keep_days",
            ),
            (
                format!("{GOOD}\n[intake]\nlisten = \"10.0.0.1:8443\""),
                "tls_certificate",
            ),
            (
                format!("{GOOD}{FEED}kind = \"folder\"\npattern = \"../*\""),
                "without a folder",
            ),
            (
                format!("{GOOD}{FEED}kind = \"folder\"{FEED}kind = \"folder\""),
                "two feeds are named",
            ),
            (
                format!("{GOOD}{FEED}kind = \"folder\"").replace("\"exports\"", "\"data/in\""),
                "apart from data_dir",
            ),
        ] {
            fs::write(&path, wrong).unwrap();
            let error = Config::load(&path).unwrap_err().to_string();
            assert!(
                error.contains(expected) && error.contains("node.toml"),
                "{error}"
            );
        }
    }
}
