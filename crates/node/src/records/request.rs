//! The one call by which a command or a screen reaches the life of own records, as the person of a session.

use sanctuary_casework::{Actor, CaseworkError};
use sanctuary_ledger::{Act, ActorRole, EntryKind};
use sanctuary_node_core::{
    Ended, Hold, HoldReason, Kept, NodeError, RecordKey, StoredRecord, ports::NodeStore,
};
use sanctuary_policy::{Action, Day, StaffRole};
use sanctuary_rpc::now;
use sanctuary_types::DAY_MS;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    proof::hex,
    shown::{self, RecordShown},
};
use crate::{CaseFault, Node, acts};

/// Days that one hold may last; it can be put on again after somebody has looked.
const HOLD_DAYS_MAX: u64 = 366 * 2;

/// What somebody may ask of own records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordsRequest {
    /// One record, by its own reference.
    Show {
        /// The agency's own reference.
        reference: String,
    },
    /// References of records that are due for review, expire soon or whose hold ends soon.
    Due,
    /// References of records that are held.
    Held,
    /// Take a record out of sharing.
    Withdraw {
        /// The agency's own reference.
        reference: String,
    },
    /// Put a record under a legal hold, or change it.
    Hold {
        /// The agency's own reference.
        reference: String,
        /// Why.
        reason: HoldReason,
        /// The hold's last day.
        until: Day,
    },
    /// End a legal hold.
    Release {
        /// The agency's own reference.
        reference: String,
    },
    /// The log's proof that a record is gone.
    Proof {
        /// The agency's own reference.
        reference: String,
    },
}

impl Node {
    /// Does what somebody asks, as the person of their session; gives what is shown. Blocks.
    ///
    /// # Errors
    /// [`CaseFault`] with the first rule that stands against it.
    pub fn records_request(
        &self,
        by: &Actor,
        request: &RecordsRequest,
    ) -> Result<Value, CaseFault> {
        use RecordsRequest as Do;
        match request {
            Do::Show { reference } => {
                let (record, role) = self.found(by, Action::ReadRecord, reference)?;
                self.note_read(role, "record shown", Some(&record.key))?;
                Ok(json!(RecordShown::of(&record, reference, now())))
            }
            Do::Due => self.listed(by, "records due shown", |record| shown::due(record, now())),
            Do::Held => self.listed(by, "held records shown", |record| {
                let held = record.kept.hold.filter(|_| record.kept.is_held(now()));
                let line = record.details.as_ref().zip(held).map(|(details, hold)| {
                    json!({
                        "reference": details.reference,
                        "reason": hold.reason,
                        "since": shown::day(hold.since.date()),
                        "until": shown::day(hold.until.date()),
                        "withdrawn": record.kept.withdrawn.is_some(),
                    })
                });
                line.into_iter().collect()
            }),
            Do::Withdraw { reference } => self.withdraw(by, reference),
            Do::Hold {
                reference,
                reason,
                until,
            } => self.hold(by, reference, *reason, *until),
            Do::Release { reference } => self.release_hold(by, reference),
            Do::Proof { reference } => {
                let role = needs(by, Action::ProveErasure)?;
                let key = self.inner.secret.record_key(reference);
                let record = self.store().record(&key)?.ok_or_else(no_record)?;
                self.note_read(role, "proof of erasure shown", Some(&key))?;
                Ok(json!(self.record_proof(&record)?))
            }
        }
    }

    fn withdraw(&self, by: &Actor, reference: &str) -> Result<Value, CaseFault> {
        let (record, _) = self.found(by, Action::WithdrawRecord, reference)?;
        let importer = self.importer();
        let act = acts::of_gone(Ended::Withdrawn, importer.now, 1);
        self.ledger().note_blocking(act)?;
        let done = importer.withdraw(&[reference])?;
        let held = record.kept.is_held(importer.now);
        Ok(json!({ "withdrawn": done.withdrawn > 0, "held": held }))
    }

    fn hold(
        &self,
        by: &Actor,
        reference: &str,
        reason: HoldReason,
        until: Day,
    ) -> Result<Value, CaseFault> {
        let (record, role) = self.found(by, Action::HoldRecord, reference)?;
        let (since, until) = (now(), until.end());
        if until <= since || until.0 > since.0.saturating_add(HOLD_DAYS_MAX * DAY_MS) {
            return Err(fault(
                "hold_until",
                "a hold ends on a day from today to two years ahead; name one with --until",
            ));
        }
        if record.details.is_none() {
            return Err(no_record());
        }
        let hold = Some(Hold {
            reason,
            since,
            until,
        });
        let content = json!({
            "act": "legal hold",
            "record": hex(&record.key.0),
            "reason": reason,
            "until": shown::day(until.date()),
        });
        self.note_act(EntryKind::Alter, role, &content)?;
        self.keep(
            &record.key,
            Kept {
                hold,
                ..record.kept
            },
        )
    }

    fn release_hold(&self, by: &Actor, reference: &str) -> Result<Value, CaseFault> {
        let (record, role) = self.found(by, Action::ReleaseHold, reference)?;
        if record.kept.hold.is_none() {
            return Err(fault("no_hold", "this record is not held"));
        }
        let content = json!({ "act": "legal hold released", "record": hex(&record.key.0) });
        self.note_act(EntryKind::Alter, role, &content)?;
        let kept = Kept {
            hold: None,
            ..record.kept
        };
        self.keep(&record.key, kept)?;
        // What the hold alone kept ends now.
        self.end_due_blocking()?;
        let stands = self.store().record(&record.key)?;
        let ended = stands.is_some_and(|record| record.is_erased());
        Ok(json!({ "done": true, "ended": ended }))
    }

    fn keep(&self, key: &RecordKey, kept: Kept) -> Result<Value, CaseFault> {
        // Held with the counts: no import changes the record between the look and the change.
        let _counts = self.counts();
        self.store().keep(&[(*key, kept)])?;
        Ok(json!({ "done": true }))
    }

    fn found(
        &self,
        by: &Actor,
        action: Action,
        reference: &str,
    ) -> Result<(StoredRecord, ActorRole), CaseFault> {
        let role = needs(by, action)?;
        let key = self.inner.secret.record_key(reference);
        let record = self.store().record(&key)?;
        let record = record.filter(|record| !record.is_erased());
        Ok((record.ok_or_else(no_record)?, role))
    }

    fn listed<T: Serialize>(
        &self,
        by: &Actor,
        act: &str,
        mut line: impl FnMut(&StoredRecord) -> Vec<T>,
    ) -> Result<Value, CaseFault> {
        const LINES_MAX: usize = 10_000;
        let role = needs(by, Action::ReviewRecords)?;
        self.note_read(role, act, None)?;
        let mut lines = Vec::new();
        self.store().for_each_record(&mut |record| {
            if lines.len() < LINES_MAX {
                lines.extend(line(&record));
            }
            Ok(())
        })?;
        let mut lines: Vec<Value> = lines.iter().map(|line| json!(line)).collect();
        let part = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        lines.sort_by_key(|line| (part(line, "on"), part(line, "reference")));
        Ok(Value::Array(lines))
    }

    fn note_read(
        &self,
        role: ActorRole,
        act: &str,
        record: Option<&RecordKey>,
    ) -> Result<(), NodeError> {
        let record = record.map(|key| hex(&key.0));
        let content = json!({ "act": act, "record": record });
        self.note_act(EntryKind::Consult, role, &content)
    }

    fn note_act(&self, kind: EntryKind, role: ActorRole, content: &Value) -> Result<(), NodeError> {
        let act = Act {
            kind,
            role,
            concerned: Vec::new(),
            same: Vec::new(),
            content: content.to_string().into_bytes(),
        };
        self.ledger().note_blocking(act).map(|_| ())
    }
}

/// The capacity in which somebody may do it.
fn needs(by: &Actor, action: Action) -> Result<ActorRole, CaseFault> {
    let role = by.roles.iter().find(|role| action.permits_role(**role));
    match role {
        Some(StaffRole::Analyst) => Ok(ActorRole::Analyst),
        Some(StaffRole::IntelligenceOfficer) => Ok(ActorRole::IntelligenceOfficer),
        Some(StaffRole::Authoriser) => Ok(ActorRole::Authoriser),
        Some(StaffRole::Releaser) => Ok(ActorRole::Releaser),
        Some(StaffRole::SecondApprover) => Ok(ActorRole::SecondApprover),
        Some(StaffRole::DataProtectionOfficer) => Ok(ActorRole::DataProtectionOfficer),
        Some(StaffRole::Administrator) => Ok(ActorRole::Administrator),
        None => Err(CaseworkError::NeedsRole(action).into()),
    }
}

fn no_record() -> CaseFault {
    fault(
        "no_record",
        "there is no record under this reference at this node; check the reference",
    )
}

fn fault(rule: &'static str, text: &str) -> CaseFault {
    CaseFault {
        rule,
        text: text.to_owned(),
        is_passing: false,
    }
}
