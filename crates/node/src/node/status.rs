//! What a node holds, in counts, and what of it needs a person.

use std::sync::PoisonError;

use sanctuary_node_core::{NodeError, ports::NodeStore};
use sanctuary_normalize::RULES;
use sanctuary_rpc::now;
use sanctuary_trust::files::load_manifest;
use sanctuary_types::{DAY_MS, Epoch, KeyClass, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Node, QuotaLeft};
use crate::ledger::LedgerStatus;

const HOUR_MS: u64 = 3_600_000;
/// A certificate holds 14 days and is renewed weekly: with fewer days left the renewal has not happened.
const CERTIFICATE_LEFT_MIN_MS: u64 = 4 * DAY_MS;
/// A key ceremony needs officers of several agencies at one time.
const MANIFEST_LEFT_MIN_MS: u64 = 30 * DAY_MS;
/// What waits longer than this waits for something that does not come by itself.
const WAITING_MAX_MS: u64 = DAY_MS;

/// What a node holds, for display. Counts and times only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeStatus {
    /// Records that take part.
    pub records: u64,
    /// Records known only from Duty to Notify reports: counted, never tokenised.
    pub notify_only: u64,
    /// Records that wait to be tokenised.
    pub pending: u64,
    /// Of these, records that were made by earlier rules and wait behind the others; what stands of them at
    /// the hub goes on matching.
    #[serde(default)]
    pub pending_new_rules: u64,
    /// Batches that wait for the hub.
    pub outbox: u64,
    /// Alerts received.
    pub alerts: u64,
    /// Where the node stands with the partnership's log.
    #[serde(default)]
    pub ledger: LedgerStatus,
    /// When the hub last held a batch of this node durably.
    #[serde(default)]
    pub last_push: Option<Timestamp>,
    /// When the hub last answered.
    #[serde(default)]
    pub hub_heard: Option<Timestamp>,
    /// Since when something has been waiting without a break; nothing waits for longer.
    #[serde(default)]
    pub waiting_since: Option<Timestamp>,
    /// What the key holders last said of the day's quota, in the order of classes.
    #[serde(default)]
    pub quotas: Vec<QuotaLeft>,
    /// The rules by which this program normalises.
    #[serde(default)]
    pub rules_version: u16,
    /// The roster in force.
    #[serde(default)]
    pub roster_version: u32,
    /// Until when the own certificate holds.
    #[serde(default)]
    pub certificate_until: Timestamp,
    /// The key manifests in use, and until when each holds.
    #[serde(default)]
    pub manifests: Vec<KeyUntil>,
    /// What the daemon last failed at, in one sentence; empty when all is well.
    pub last_problem: String,
    /// What needs a person, a sentence each that says what to do.
    #[serde(default)]
    pub attention: Vec<String>,
}

/// Until when a key may be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUntil {
    /// Which key.
    pub class: KeyClass,
    /// Its epoch.
    pub epoch: Epoch,
    /// The end of its manifest.
    pub until: Timestamp,
}

impl NodeStatus {
    /// Elements left today under a key, at the key holder that has least; none while none was asked.
    #[must_use]
    pub fn quota_left(&self, class: KeyClass, now: Timestamp) -> Option<u64> {
        let of_class = self.quotas.iter().filter(|q| q.class == class);
        of_class.map(|q| q.left(now)).min()
    }

    /// Works out what needs a person. `hub_silent_ms` is how long the hub may be away.
    pub(crate) fn attend(&mut self, now: Timestamp, hub_silent_ms: u64) {
        let mut found = Vec::new();
        if !self.last_problem.is_empty() {
            found.push(self.last_problem.clone());
        }
        let passed = |since: Timestamp| now.0.saturating_sub(since.0);
        if let Some(heard) = self.hub_heard.filter(|h| passed(*h) > hub_silent_ms) {
            found.push(format!(
                "the hub was last heard {} hours ago; see that this machine reaches it, then ask its operator",
                passed(heard) / HOUR_MS
            ));
        }
        if let Some(since) = self.waiting_since.filter(|s| passed(*s) > WAITING_MAX_MS) {
            found.push(format!(
                "records have been waiting for {} hours; see the problem, the quota and that the hub answers",
                passed(since) / HOUR_MS
            ));
        }
        let spent = KeyClass::ALL
            .iter()
            .filter(|c| self.quota_left(**c, now) == Some(0));
        for class in spent.filter(|_| self.pending > 0) {
            found.push(format!(
                "today's quota of the {} key is used up; it goes on at 00:00 UTC, or ask the key holders for a larger one",
                class.label()
            ));
        }
        let left = |until: Timestamp| until.0.saturating_sub(now.0);
        if left(self.certificate_until) < CERTIFICATE_LEFT_MIN_MS {
            found.push(format!(
                "the certificate holds {} more days; ask the registrar to renew it",
                left(self.certificate_until) / DAY_MS
            ));
        }
        for key in &self.manifests {
            if left(key.until) < MANIFEST_LEFT_MIN_MS {
                found.push(format!(
                    "the manifest of the {} key holds {} more days; ask the officers for the next epoch",
                    key.class.label(),
                    left(key.until) / DAY_MS
                ));
            }
        }
        self.attention = found;
    }
}

impl Node {
    /// Counts for display.
    ///
    /// # Errors
    /// What the store gives.
    pub fn status(&self) -> Result<NodeStatus, NodeError> {
        self.status_with("")
    }

    /// As [`Node::status`], with what the daemon's loops last failed at.
    ///
    /// # Errors
    /// What the store gives.
    pub(crate) fn status_with(&self, problems: &str) -> Result<NodeStatus, NodeError> {
        let (records, notify_only) = {
            let counts = self.inner.counts.lock();
            let counts = counts.unwrap_or_else(PoisonError::into_inner);
            (counts.records(), counts.notify_only())
        };
        self.look_what_waits()?;
        let met = self.met();
        let ledger = self.inner.ledger.status()?;
        let alarm = ledger.alarm();
        let told: Vec<&str> = [alarm.as_str(), problems]
            .into_iter()
            .filter(|p| !p.is_empty())
            .collect();
        let mut status = NodeStatus {
            records,
            notify_only,
            pending: self.inner.store.pending_len()?,
            pending_new_rules: self.inner.store.behind_len()?,
            outbox: self.inner.store.outbox_len()?,
            alerts: self.inner.store.alerts()?.len() as u64,
            ledger,
            last_push: met.pushed,
            hub_heard: met.heard,
            waiting_since: met.waiting_since,
            quotas: met.quotas,
            rules_version: RULES.0,
            roster_version: self.roster().current().version(),
            certificate_until: self.inner.peers.identity().validity().not_after,
            manifests: self.manifests(),
            last_problem: told.join("; "),
            attention: Vec::new(),
        };
        status.attend(now(), self.inner.hub_silent_ms);
        Ok(status)
    }

    /// The manifests on disk that enough officers signed; one that cannot be used is told by the loop that
    /// needs it.
    fn manifests(&self) -> Vec<KeyUntil> {
        let roster = self.roster();
        let signed = self
            .inner
            .manifests
            .iter()
            .filter_map(|path| load_manifest(path).ok());
        let read = signed.filter_map(|signed| {
            let manifest = signed
                .verify(roster.anchors(), &roster.current(), now())
                .ok()?;
            Some(KeyUntil {
                class: manifest.class,
                epoch: manifest.epoch,
                until: manifest.not_after,
            })
        });
        read.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_392_000_000);

    fn well() -> NodeStatus {
        NodeStatus {
            certificate_until: Timestamp(NOW.0 + 10 * DAY_MS),
            hub_heard: Some(Timestamp(NOW.0 - HOUR_MS)),
            ..NodeStatus::default()
        }
    }

    fn quota(used: u64, asked: Timestamp) -> QuotaLeft {
        QuotaLeft {
            key_holder: "alder".parse().unwrap(),
            class: KeyClass::Person,
            used,
            limit: 100,
            asked,
        }
    }

    fn told(mut status: NodeStatus) -> String {
        status.attend(NOW, DAY_MS);
        status.attention.join("\n")
    }

    #[test]
    fn a_node_that_is_well_needs_nobody() {
        assert_eq!(told(well()), "");
        let fresh = NodeStatus {
            hub_heard: None,
            ..well()
        };
        assert_eq!(told(fresh), "", "a node that has just begun");
    }

    #[test]
    fn each_thing_that_needs_a_person_is_told_once_with_what_to_do() {
        let mut status = well();
        status.last_problem = "the disk is full".to_owned();
        status.hub_heard = Some(Timestamp(NOW.0 - 30 * HOUR_MS));
        status.waiting_since = Some(Timestamp(NOW.0 - 25 * HOUR_MS));
        status.pending = 3;
        status.quotas = vec![quota(100, NOW)];
        status.certificate_until = Timestamp(NOW.0 + 2 * DAY_MS);
        status.manifests = vec![KeyUntil {
            class: KeyClass::Identifier,
            epoch: Epoch(1),
            until: Timestamp(NOW.0 + 20 * DAY_MS),
        }];
        let told = told(status);
        for words in [
            "the disk is full",
            "last heard 30 hours ago",
            "waiting for 25 hours",
            "quota of the person key is used up",
            "certificate holds 2 more days",
            "identifier key holds 20 more days",
        ] {
            assert_eq!(told.matches(words).count(), 1, "{words}: {told}");
        }
        assert_eq!(told.lines().count(), 6);
    }

    #[test]
    fn a_new_day_has_all_of_its_quota() {
        let mut status = well();
        status.pending = 1;
        status.quotas = vec![quota(100, Timestamp(NOW.0 - DAY_MS))];
        assert_eq!(status.quota_left(KeyClass::Person, NOW), Some(100));
        assert_eq!(told(status), "");
    }
}
