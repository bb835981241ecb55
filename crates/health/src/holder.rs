//! What a key holder says of itself to its operator.

use std::collections::BTreeMap;

use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CERTIFICATE_LEFT_MIN_MS, DAY_MS, MANIFEST_LEFT_MIN_MS};

/// A key holder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HolderStatus {
    /// Its id on the roster.
    pub party: String,
    /// Its version.
    pub version: String,
    /// When this was true.
    pub at: Timestamp,
    /// Since when it runs.
    pub since: Timestamp,
    /// The roster in force.
    pub roster_version: u32,
    /// Until when the own certificate holds.
    pub certificate_until: Timestamp,
    /// Keys under which it answers, "person, epoch 1", and until when their manifests hold.
    pub keys: BTreeMap<String, Timestamp>,
    /// Evaluations since the start.
    pub evaluations: u64,
    /// Elements evaluated since the start.
    pub elements: u64,
    /// Refusals since the start, by code.
    pub refusals: BTreeMap<String, u64>,
    /// When its acts were last all in the ledger.
    pub logged: Option<Timestamp>,
    /// What it last failed at; empty when all is well.
    pub last_problem: String,
    /// What needs a person, a sentence each that says what to do.
    pub attention: Vec<String>,
}

impl HolderStatus {
    /// Works out what needs a person.
    pub fn attend(&mut self) {
        let left_ms = |until: Timestamp| until.0.saturating_sub(self.at.0);
        let mut found = Vec::new();
        if !self.last_problem.is_empty() {
            found.push(self.last_problem.clone());
        }
        if self.keys.is_empty() {
            found.push("it answers under no key; put the newest manifests in place".to_owned());
        }
        for (key, until) in &self.keys {
            if left_ms(*until) < MANIFEST_LEFT_MIN_MS {
                found.push(format!(
                    "the manifest of the key {key} holds {} more days; ask the officers for the next epoch",
                    left_ms(*until) / DAY_MS
                ));
            }
        }
        if left_ms(self.certificate_until) < CERTIFICATE_LEFT_MIN_MS {
            found.push(format!(
                "the certificate holds {} more days; ask the registrar to renew it",
                left_ms(self.certificate_until) / DAY_MS
            ));
        }
        self.attention = found;
    }
}
