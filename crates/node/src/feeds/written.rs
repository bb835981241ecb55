//! A `[[feed]]` as it is written: every key of every kind, and which of them a kind has.

use std::path::PathBuf;

use sanctuary_intake::folder::Pattern;
use sanctuary_node_core::FeedName;
use serde::{Deserialize, Deserializer};

use super::{
    database::DatabaseConfig,
    folder::FolderConfig,
    settings::{FeedConfig, FeedMode, FeedSource},
};

const BRAKE_PERCENT: u8 = 20;
const BRAKE_RECORDS: u64 = 10;
const KEEP_DAYS: u32 = 30;
const OVERLAP_S: u32 = 600;
const OVERLAP_COUNT: u32 = 1_000;
const POLL_S: u32 = 60;
const POLL_ALL_S: u32 = 3_600;
const BATCH: u16 = 1_000;
const BATCH_MAX: u16 = 10_000;
const QUERY_TIMEOUT_S: u32 = 300;
const REREAD_DAYS: u32 = 30;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Folder,
    Database,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    #[serde(deserialize_with = "parsed")]
    name: FeedName,
    kind: Kind,
    mapping: Option<PathBuf>,
    #[serde(default)]
    mode: FeedMode,
    brake_percent: Option<u8>,
    brake_records: Option<u64>,
    // of a folder
    path: Option<PathBuf>,
    #[serde(default, deserialize_with = "parsed_pattern")]
    pattern: Option<Pattern>,
    keep_days: Option<u32>,
    // of a database
    url: Option<String>,
    password_file: Option<PathBuf>,
    tls_ca: Option<PathBuf>,
    query: Option<String>,
    watermark: Option<String>,
    overlap_s: Option<u32>,
    overlap_count: Option<u32>,
    poll_s: Option<u32>,
    batch: Option<u16>,
    query_timeout_s: Option<u32>,
    reread_days: Option<u32>,
    reports: Option<PathBuf>,
}

impl Written {
    /// The first key that another kind of feed has, if there is one.
    fn stray(&self) -> Option<&'static str> {
        let of_folder = [
            ("path", self.path.is_some()),
            ("pattern", self.pattern.is_some()),
            ("keep_days", self.keep_days.is_some()),
        ];
        let of_database = [
            ("url", self.url.is_some()),
            ("password_file", self.password_file.is_some()),
            ("tls_ca", self.tls_ca.is_some()),
            ("query", self.query.is_some()),
            ("watermark", self.watermark.is_some()),
            ("overlap_s", self.overlap_s.is_some()),
            ("overlap_count", self.overlap_count.is_some()),
            ("poll_s", self.poll_s.is_some()),
            ("batch", self.batch.is_some()),
            ("query_timeout_s", self.query_timeout_s.is_some()),
            ("reread_days", self.reread_days.is_some()),
            ("reports", self.reports.is_some()),
        ];
        let others: &[(&str, bool)] = match self.kind {
            Kind::Folder => &of_database,
            Kind::Database => &of_folder,
        };
        others.iter().find(|(_, given)| *given).map(|(key, _)| *key)
    }
}

impl TryFrom<Written> for FeedConfig {
    type Error = String;

    fn try_from(feed: Written) -> Result<Self, String> {
        let name = feed.name.clone();
        let lacks = |key: &str| format!("feed \"{name}\" needs `{key}`");
        if let Some(key) = feed.stray() {
            return Err(format!(
                "feed \"{name}\" has `{key}`, which is for another kind of feed"
            ));
        }
        let source = match feed.kind {
            Kind::Folder => FeedSource::Folder(FolderConfig {
                path: feed.path.ok_or_else(|| lacks("path"))?,
                pattern: feed.pattern.unwrap_or_else(Pattern::any),
                keep_days: feed.keep_days.unwrap_or(KEEP_DAYS),
            }),
            Kind::Database => {
                if feed.mode == FeedMode::Full && feed.watermark.is_some() {
                    return Err(format!(
                        "feed \"{name}\" reads everything (mode = \"full\"), so a watermark is not for it"
                    ));
                }
                let poll_s = if feed.watermark.is_some() {
                    POLL_S
                } else {
                    POLL_ALL_S
                };
                FeedSource::Database(DatabaseConfig {
                    url: feed.url.ok_or_else(|| lacks("url"))?,
                    password_file: feed.password_file,
                    tls_ca: feed.tls_ca,
                    query: feed.query.ok_or_else(|| lacks("query"))?,
                    watermark: feed.watermark,
                    overlap_s: feed.overlap_s.unwrap_or(OVERLAP_S),
                    overlap_count: feed.overlap_count.unwrap_or(OVERLAP_COUNT),
                    poll_s: feed.poll_s.unwrap_or(poll_s).max(1),
                    batch: feed.batch.unwrap_or(BATCH).clamp(1, BATCH_MAX),
                    query_timeout_s: feed.query_timeout_s.unwrap_or(QUERY_TIMEOUT_S).max(1),
                    reread_days: feed.reread_days.unwrap_or(REREAD_DAYS).max(1),
                    reports: feed.reports,
                })
            }
        };
        Ok(Self {
            name: feed.name,
            mapping: feed.mapping,
            mode: feed.mode,
            brake_percent: feed.brake_percent.unwrap_or(BRAKE_PERCENT),
            brake_records: feed.brake_records.unwrap_or(BRAKE_RECORDS),
            source,
        })
    }
}

fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

fn parsed_pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Pattern>, D::Error> {
    parsed(deserializer).map(Some)
}
