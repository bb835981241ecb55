//! What the hub says of itself to its operator. It inevitably knows when each agency calls and pushes, and
//! what it refuses; it says nothing of what an agency holds or of what matched.

use std::collections::BTreeMap;

use sanctuary_types::{PartyId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{CERTIFICATE_LEFT_MIN_MS, DAY_MS, MANIFEST_LEFT_MIN_MS};

/// How much room a disk must have left before somebody is told.
const FREE_BYTES_MIN: u64 = 1024 * 1024 * 1024;
const HOUR_MS: u64 = 3_600_000;

/// The hub.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HubStatus {
    /// Its id on the roster.
    pub party: String,
    /// Its version.
    pub version: String,
    /// When this was true.
    pub at: Timestamp,
    /// Since when it runs.
    pub since: Timestamp,
    /// The epoch whose tags are compared.
    pub epoch: u32,
    /// The rules whose tokens are compared.
    pub rules_version: u16,
    /// The roster in force.
    pub roster_version: u32,
    /// When it was issued.
    pub roster_issued: Timestamp,
    /// Until when the own certificate holds.
    pub certificate_until: Timestamp,
    /// Rounds.
    pub rounds: RoundStatus,
    /// Postings of everybody, dummies included.
    pub stored_postings: u64,
    /// Memory of the index.
    pub index_bytes: u64,
    /// Memory of the process.
    pub memory_bytes: Option<u64>,
    /// Bytes in the data directory.
    pub data_bytes: u64,
    /// Room on its disk.
    pub free_bytes: Option<u64>,
    /// The ledger.
    pub log: LogStatus,
    /// Versions of the sharing agreement and of editions, state only.
    pub agreement_version: u32,
    /// Editions of the board pack that are published.
    pub editions: Vec<String>,
    /// Key manifests that the hub was given, "person, epoch 1", and until when each holds.
    pub manifests: BTreeMap<String, Timestamp>,
    /// The key holders on the roster.
    pub key_holders: Vec<PartyId>,
    /// Each agency on the roster.
    pub agencies: Vec<AgencyStatus>,
    /// The last errors, newest first.
    pub errors: Vec<Remark>,
    /// What needs a person, a sentence each that says what to do.
    pub attention: Vec<String>,
}

/// Rounds since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoundStatus {
    /// Finished.
    pub finished: u64,
    /// Failed; the next one repeats it.
    pub failed: u64,
    /// When the last one ended.
    pub last: Option<Timestamp>,
    /// How long it took.
    pub last_ms: u64,
    /// Between two of them.
    pub interval_ms: u64,
}

/// The ledger as the hub runs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogStatus {
    /// Entries.
    pub entries: u64,
    /// When the newest checkpoint was signed.
    pub checkpoint: Option<Timestamp>,
    /// Entries of the newest checkpoint that enough witnesses cosigned.
    pub witnessed: Option<u64>,
    /// Who has cosigned the newest one.
    pub witnesses: Vec<String>,
    /// How many must.
    pub witnesses_needed: usize,
    /// What somebody must be told; empty when there is nothing.
    pub alarm: String,
}

/// One agency, as the hub meets it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgencyStatus {
    /// Which.
    pub agency: String,
    /// When the hub first saw it on the roster.
    pub known_since: Timestamp,
    /// When its node last called.
    pub last_call: Option<Timestamp>,
    /// Until when the certificate holds with which it last called.
    pub certificate_until: Option<Timestamp>,
    /// When it last pushed.
    pub last_push: Option<Timestamp>,
    /// When it last followed its stream.
    pub last_followed: Option<Timestamp>,
    /// Pauses between two pushes, in milliseconds, of which its rhythm is learnt.
    pub pauses_ms: Vec<u64>,
    /// The UTC day that the two counts are of.
    pub day: u32,
    /// Batches of that day.
    pub batches: u64,
    /// Refusals of that day, by code.
    pub refusals: BTreeMap<String, u64>,
    /// Whether it is silent.
    pub silence: Option<Silence>,
}

/// A silence that somebody is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Since when.
    pub since: Timestamp,
    /// What has not been heard.
    pub of: SilenceOf,
}

/// What has not been heard of an agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SilenceOf {
    /// Its node does not call at all.
    Calls,
    /// Its node calls and pushes nothing, for longer than is usual for it.
    Pushes,
}

/// An error and when it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// When.
    pub at: Timestamp,
    /// One sentence, no identifier in it.
    pub text: String,
}

impl HubStatus {
    /// Works out what needs a person.
    pub fn attend(&mut self) {
        let now = self.at;
        let hours = |since: Timestamp| now.0.saturating_sub(since.0) / HOUR_MS;
        let mut found = Vec::new();
        for agency in &self.agencies {
            let Some(silence) = agency.silence else {
                continue;
            };
            found.push(match silence.of {
                SilenceOf::Calls => format!(
                    "the node of {} has not called for {} hours; ask the agency whether it runs and is connected",
                    agency.agency,
                    hours(silence.since)
                ),
                SilenceOf::Pushes => format!(
                    "{} has pushed nothing for {} hours, which is longer than usual; ask the agency whether its systems still deliver",
                    agency.agency,
                    hours(silence.since)
                ),
            });
        }
        if !self.log.alarm.is_empty() {
            found.push(self.log.alarm.clone());
        }
        let patience_ms = (self.rounds.interval_ms * 10).max(600_000);
        let last = self.rounds.last.unwrap_or(self.since);
        if now.0.saturating_sub(last.0) > patience_ms {
            found.push(
                "no match round has ended for too long; see the last errors and restart the hub"
                    .to_owned(),
            );
        }
        if self.free_bytes.is_some_and(|free| free < FREE_BYTES_MIN) {
            found.push(
                "the disk of the data directory has less than 1 GiB left; make room".to_owned(),
            );
        }
        for (key, until) in &self.manifests {
            let left_ms = until.0.saturating_sub(now.0);
            if left_ms < MANIFEST_LEFT_MIN_MS {
                found.push(format!(
                    "the manifest of the key {key} holds {} more days; ask the officers for the next epoch",
                    left_ms / DAY_MS
                ));
            }
        }
        let left_ms = self.certificate_until.0.saturating_sub(now.0);
        if left_ms < CERTIFICATE_LEFT_MIN_MS {
            found.push(format!(
                "the certificate holds {} more days; ask the registrar to renew it",
                left_ms / DAY_MS
            ));
        }
        self.attention = found;
    }

    /// How many agencies are silent.
    #[must_use]
    pub fn silent(&self) -> usize {
        self.agencies.iter().filter(|a| a.silence.is_some()).count()
    }
}
