//! Acts that the hub logs about what it is asked and told: the log itself read, possible matches read, a
//! decision taken, a roster in force.

use std::sync::atomic::Ordering;

use sanctuary_ledger::{Act, ActorRole, EntryKind, LedgerError};
use sanctuary_rpc::now;
use sanctuary_trust::{Party, PartyKind};
use sanctuary_types::{PartyId, lp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::HubLedger;
use crate::Purged;

const HOUR_MS: u64 = 3_600_000;
const MINUTE_MS: u64 = 60_000;

impl HubLedger {
    /// Somebody reads entries of the log: one entry for each reader and hour.
    pub(super) fn log_query(&self, caller: &Party) -> Result<(), LedgerError> {
        let hour = now().0 / HOUR_MS;
        let role = match caller.kind {
            PartyKind::Officer => ActorRole::Officer,
            _ => ActorRole::System,
        };
        let content = json!({ "act": "ledger read", "by": caller.id, "hour": hour });
        let same = lp(&[b"log-query", caller.id.as_bytes(), &hour.to_be_bytes()]);
        self.about(EntryKind::LogQuery, role, &caller.id, same, &content)
    }

    /// An agency reads its possible matches by itself, not through its node: one entry for each agency
    /// and minute.
    ///
    /// # Errors
    /// [`LedgerError`]: then it must not be shown them.
    pub fn log_reading(&self, agency: &PartyId) -> Result<(), LedgerError> {
        let minute = now().0 / MINUTE_MS;
        let content = json!({ "act": "possible matches read", "by": agency, "minute": minute });
        let same = lp(&[b"read", agency.as_bytes(), &minute.to_be_bytes()]);
        self.about(
            EntryKind::Consult,
            ActorRole::System,
            agency,
            same,
            &content,
        )
    }

    /// An agency tells a decision on a possible match. `told` is what exactly, as `lp` parts.
    ///
    /// # Errors
    /// [`LedgerError`]: then the decision must not be taken.
    pub fn log_decision(&self, agency: &PartyId, told: &[&[u8]]) -> Result<(), LedgerError> {
        let told = lp(told);
        let content = json!({
            "act": "decision told",
            "by": agency,
            "decision": hex::encode(Sha256::digest(&told)),
        });
        let same = lp(&[b"decision", agency.as_bytes(), &told]);
        self.about(
            EntryKind::Decision,
            ActorRole::Analyst,
            agency,
            same,
            &content,
        )
    }

    /// Items that were withdrawn or whose time was over were erased, and alerts that lapsed long ago emptied.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn log_expiry(&self, erased: u64, emptied: u64) -> Result<(), LedgerError> {
        let content =
            json!({ "act": "expired items erased", "count": erased, "alerts_emptied": emptied });
        self.log_erasure(&content)
    }

    /// What was erased is out of the files of a store.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn log_purge(&self, purged: &Purged) -> Result<(), LedgerError> {
        let content = json!({
            "act": "erased items taken out of the files",
            "store": purged.store,
            "rows_kept": purged.rows,
        });
        self.log_erasure(&content)
    }

    fn log_erasure(&self, content: &serde_json::Value) -> Result<(), LedgerError> {
        self.log_own(Act {
            kind: EntryKind::Erase,
            role: ActorRole::System,
            concerned: Vec::new(),
            same: Vec::new(),
            content: content.to_string().into_bytes(),
        })
        .map(|_| ())
    }

    /// The roster in force, when it is a new one. Officers signed it.
    pub(super) fn log_roster(&self) -> Result<(), LedgerError> {
        let roster = self.0.roster.current();
        let version = roster.version();
        if self.0.roster_logged.load(Ordering::Acquire) == version {
            return Ok(());
        }
        let parties: Vec<Value> = roster
            .parties()
            .iter()
            .map(|party| json!([party.id, hex::encode(party.signing_key)]))
            .collect();
        let hash = hex::encode(Sha256::digest(Value::from(parties).to_string()));
        let content = json!({
            "act": "roster in force",
            "version": version,
            "issued_ms": roster.issued(),
            "parties": roster.parties().len(),
            "second_step": roster.second_step(),
            "signing_keys_sha256": hash,
        });
        let same = lp(&[b"roster", &version.to_be_bytes(), hash.as_bytes()]);
        self.log_own(Act {
            kind: EntryKind::Roster,
            role: ActorRole::System,
            concerned: Vec::new(),
            same,
            content: content.to_string().into_bytes(),
        })?;
        self.0.roster_logged.store(version, Ordering::Release);
        Ok(())
    }

    fn about(
        &self,
        kind: EntryKind,
        role: ActorRole,
        concerned: &PartyId,
        same: Vec<u8>,
        content: &Value,
    ) -> Result<(), LedgerError> {
        self.log_own(Act {
            kind,
            role,
            concerned: vec![concerned.clone()],
            same,
            content: content.to_string().into_bytes(),
        })
        .map(|_| ())
    }
}
