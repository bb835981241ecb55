//! The log as people at the node are shown it.

use sanctuary_ledger::{Checkpoint, EntryId, Promise, Receipt, SignedEntry};
use sanctuary_node_core::NodeError;
use sanctuary_types::{PartyId, Timestamp};
use serde::{Deserialize, Serialize};

use super::NodeLedger;
use crate::store::Standing;

/// Where the node stands with the log. Counts only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerStatus {
    /// Acts that the hub has not promised yet.
    pub waiting: u64,
    /// Promised acts whose proof is not here yet.
    pub unproven: u64,
    /// Acts that the hub does not take.
    pub refused: u64,
    /// Entries of the last checkpoint accepted.
    pub entries: u64,
    /// When the hub signed it; 0 = none yet.
    pub checkpoint_ms: u64,
    /// For how long the log has stood still, once longer than it may; 0 = it lives.
    pub silent_ms: u64,
    /// Promises that the hub broke.
    pub broken_promises: u64,
    /// Forks that the hub signed.
    pub forks: u64,
}

impl LedgerStatus {
    /// What somebody must be told at once; empty when there is nothing of the kind.
    #[must_use]
    pub fn alarm(&self) -> String {
        let mut alarms = Vec::new();
        if self.forks > 0 {
            alarms.push("the hub signed two different pasts of the ledger; send the files in the data folder's evidence folder to the auditor".to_owned());
        }
        if self.broken_promises > 0 {
            alarms.push(format!("the hub broke {} promises of the ledger; send the files in the data folder's evidence folder to the auditor", self.broken_promises));
        }
        if self.silent_ms > 0 {
            alarms.push(format!(
                "the ledger has stood still for {} minutes; ask the hub's operator and the auditor",
                self.silent_ms / 60_000
            ));
        }
        if self.refused > 0 {
            alarms.push(format!(
                "the ledger does not take {} acts of this node; see `sanctuary-node receipts`",
                self.refused
            ));
        }
        alarms.join("; ")
    }
}

/// How far an act has come in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Kept here, not yet promised by the hub.
    Waiting,
    /// Promised by the hub.
    Promised,
    /// Proven to be in a checkpoint that enough witnesses cosigned.
    Proven,
    /// Not taken by the hub.
    Refused,
}

/// One act of this node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoggedAct {
    /// The entry's id.
    pub id: EntryId,
    /// What was done: the word of the kind.
    pub kind: String,
    /// In which capacity, as its code.
    pub role: u8,
    /// When, by this node's clock.
    pub time: Timestamp,
    /// The other parties it concerns.
    pub concerned: Vec<PartyId>,
    /// How far it has come.
    pub progress: Progress,
    /// Where it stands in the log, once promised.
    pub index: Option<u64>,
    /// What it was about; none after its erasure, and in lists.
    pub content: Option<String>,
    /// Why the hub did not take it.
    pub reason: Option<String>,
    /// The hub's promise, while its proof is not here.
    pub promise: Option<Promise>,
    /// The receipt, which anybody with the public keys can check.
    pub receipt: Option<Receipt>,
}

impl NodeLedger {
    /// Where this node stands with the log.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn status(&self) -> Result<LedgerStatus, NodeError> {
        let [waiting, unproven, refused] = self.store.counts()?;
        let accepted = match (self.store.accepted()?, self.log_key()) {
            (Some(note), Ok((_, log))) => Checkpoint::verify(&note, &log).ok(),
            _ => None,
        };
        Ok(LedgerStatus {
            waiting,
            unproven,
            refused,
            entries: accepted.as_ref().map_or(0, Checkpoint::size),
            checkpoint_ms: accepted.as_ref().map_or(0, |c| c.time().0),
            silent_ms: self.silent_ms().ok().flatten().unwrap_or(0),
            broken_promises: self.store.evidence()?.len() as u64,
            forks: self.store.forks()?.len() as u64,
        })
    }

    /// The newest acts of this node, at most `limit`, with their receipts and without what they were
    /// about.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn logged(&self, limit: usize) -> Result<Vec<LoggedAct>, NodeError> {
        let mut entries = self.store.entries()?;
        entries.sort_by_key(|e| std::cmp::Reverse((e.entry().time(), e.entry().id())));
        entries
            .into_iter()
            .take(limit)
            .map(|entry| self.shown(&entry))
            .collect()
    }

    /// One act with what it was about and its receipt; none for an id that is not of this node.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn logged_act(&self, id: &EntryId) -> Result<Option<LoggedAct>, NodeError> {
        let Some(entry) = self.store.entry(id)? else {
            return Ok(None);
        };
        let mut act = self.shown(&entry)?;
        let content = self.store.content(id)?;
        act.content = content.map(|c| String::from_utf8_lossy(c.content()).into_owned());
        Ok(Some(act))
    }

    fn shown(&self, signed: &SignedEntry) -> Result<LoggedAct, NodeError> {
        let entry = signed.entry();
        let mut act = LoggedAct {
            id: entry.id(),
            kind: entry.kind().word().to_owned(),
            role: entry.role().code(),
            time: entry.time(),
            concerned: entry.concerned().to_vec(),
            progress: Progress::Waiting,
            index: None,
            content: None,
            reason: None,
            promise: None,
            receipt: None,
        };
        match self.store.standing(&entry.id())? {
            Some(Standing::Receipted(receipt)) => {
                act.progress = Progress::Proven;
                act.index = Some(receipt.promise.index);
                act.receipt = Some(receipt);
            }
            Some(Standing::Promised(promise)) => {
                act.progress = Progress::Promised;
                act.index = Some(promise.index);
                act.promise = Some(promise);
            }
            Some(Standing::Dead(dead)) => {
                act.progress = Progress::Refused;
                act.reason = Some(dead.reason);
            }
            Some(Standing::Pending) | None => {}
        }
        Ok(act)
    }
}
