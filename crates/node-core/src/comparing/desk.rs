use sanctuary_compare::{
    Answer, CompareError, ComparisonId, Header, Opening, PairKey, Seed, Stage, Version, answer,
    finish, open,
};
use sanctuary_linkage::Comparable;
use sanctuary_normalize::RULES;
use sanctuary_trust::{PartyKind, Roster};
use sanctuary_types::{Month, PartyId, Timestamp, Visibility, limits::RECORD_TOKENS_MAX};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    ComparisonEntry, ComparisonLimits, ComparisonRefusal, ComparisonStage, ComparisonStep,
    ComparisonTask, Logged, StepOutcome,
};
use crate::{
    NodeError, NodeSecret, PublishedToken, StoredRecord, comparable_of,
    ports::{ComparisonLog, NodeStore},
};

/// Who takes part in comparisons, and on which terms.
pub struct Comparer<'a, S> {
    /// Own records and the log of comparisons.
    pub store: &'a S,
    /// The node's secret.
    pub secret: &'a NodeSecret,
    /// This agency.
    pub agency: &'a PartyId,
    /// The partnership; it says whether there is a second step.
    pub roster: &'a Roster,
    /// False when this agency takes no part, whatever the partnership has agreed.
    pub switched_on: bool,
    /// Per day.
    pub limits: ComparisonLimits,
    /// Signs with the agency's Ed25519 key.
    pub sign: &'a (dyn Fn(&[u8]) -> [u8; 64] + Sync),
}

impl<S: NodeStore + ComparisonLog> Comparer<'_, S> {
    /// Does the tasks, in order, after one durable change of the log. Costs a few milliseconds a
    /// task, so call it from a thread that may block. Tasks that have expired get no step.
    ///
    /// # Errors
    /// What the store gives; nothing may be answered then.
    pub fn work(
        &self,
        tasks: &[ComparisonTask],
        now: Timestamp,
    ) -> Result<Vec<ComparisonStep>, NodeError> {
        let mut prepared = Vec::with_capacity(tasks.len());
        for task in tasks.iter().filter(|task| task.expires > now) {
            prepared.push((task, self.prepare(task, now)?));
        }
        let ready = prepared.iter().filter_map(|(_, one)| one.as_ref().ok());
        let entries: Vec<ComparisonEntry> = ready.map(|one| one.entry.clone()).collect();
        let mut logged = self
            .store
            .log_comparisons(&entries, self.limits)?
            .into_iter();
        let mut steps = Vec::with_capacity(prepared.len());
        for (task, prepared) in prepared {
            let outcome = match prepared {
                Err(refusal) => Err(refusal),
                Ok(prepared) => match logged.next() {
                    Some(Logged::Stands) => self.perform(task, &prepared).map_err(refusal),
                    Some(Logged::Changed) => Err(ComparisonRefusal::Changed),
                    Some(Logged::Limit) | None => Err(ComparisonRefusal::Limit),
                },
            };
            steps.push(ComparisonStep {
                comparison: task.comparison,
                stage: task.stage,
                outcome: outcome.unwrap_or_else(StepOutcome::Refused),
            });
        }
        Ok(steps)
    }

    /// Everything that can be refused before the log is written: an answer is logged only to a
    /// message that the other node has sealed and signed, so that nobody else can use up a limit.
    fn prepare(
        &self,
        task: &ComparisonTask,
        now: Timestamp,
    ) -> Result<Result<Prepared, ComparisonRefusal>, NodeError> {
        if !(self.switched_on && self.roster.second_step()) {
            return Ok(Err(ComparisonRefusal::SwitchedOff));
        }
        let record = self.store.record_of(&task.own)?;
        Ok(self.check(task, record, now))
    }

    fn check(
        &self,
        task: &ComparisonTask,
        record: Option<StoredRecord>,
        now: Timestamp,
    ) -> Result<Prepared, ComparisonRefusal> {
        let peer = self.roster.party(&task.other);
        let peer = peer.filter(|p| p.kind == PartyKind::Agency && p.id != *self.agency);
        let peer = peer.ok_or(ComparisonRefusal::NotShared)?;
        let record = record.ok_or(ComparisonRefusal::UnknownRecord)?;
        let comparable = comparable(&record, now).ok_or(ComparisonRefusal::UnknownRecord)?;
        let key = pair_key(task, &record).ok_or(ComparisonRefusal::NotShared)?;
        let received = match task.stage {
            ComparisonStage::Open => Vec::new(),
            ComparisonStage::Answer => key
                .open(
                    &self.peer_header(task, Stage::Open),
                    &task.sealed,
                    &peer.signing_key,
                )
                .map_err(refusal)?,
            ComparisonStage::Finish => key
                .open(
                    &self.peer_header(task, Stage::Answer),
                    &task.sealed,
                    &peer.signing_key,
                )
                .map_err(refusal)?,
        };
        let version = self.version(task, &record);
        let made_of = match task.stage {
            ComparisonStage::Open => version.0,
            _ => first_16(&Sha256::digest(&received)),
        };
        Ok(Prepared {
            entry: ComparisonEntry {
                at: now,
                comparison: task.comparison,
                stage: task.stage,
                peer: task.other.clone(),
                own: task.own,
                made_of,
            },
            version,
            seed: self.seed(task, &record, &received),
            comparable,
            key,
            received,
        })
    }

    fn perform(&self, task: &ComparisonTask, one: &Prepared) -> Result<StepOutcome, CompareError> {
        let own = &one.comparable;
        let (stage, text) = match task.stage {
            ComparisonStage::Open => (Stage::Open, open(own, one.version, &one.seed)),
            ComparisonStage::Answer => {
                let opening = Opening::decode(&one.received)?;
                (Stage::Answer, answer(own, &opening, &one.seed))
            }
            ComparisonStage::Finish => {
                let answer = Answer::decode(&one.received)?;
                if answer.version != one.version {
                    return Err(CompareError::Changed);
                }
                return finish(own, &answer, &one.seed).map(StepOutcome::Levels);
            }
        };
        let header = Header {
            comparison: ComparisonId(task.comparison),
            stage,
            from: self.agency,
            to: &task.other,
        };
        let sealed = one
            .key
            .seal(&header, &text, &one.seed, |message| (self.sign)(message))?;
        Ok(StepOutcome::Sealed(sealed))
    }

    fn peer_header<'t>(&'t self, task: &'t ComparisonTask, stage: Stage) -> Header<'t> {
        Header {
            comparison: ComparisonId(task.comparison),
            stage,
            from: &task.other,
            to: self.agency,
        }
    }

    /// Names the version of the own record in this comparison. A keyed hash: the other node can
    /// compare it with nothing.
    fn version(&self, task: &ComparisonTask, record: &StoredRecord) -> Version {
        let parts: [&[u8]; 3] = [&task.comparison, task.other.as_bytes(), &record.content];
        let mac = self.secret.mac("sanctuary/v1/node/compare/version", &parts);
        Version(first_16(&mac))
    }

    /// The opener's seed is the same in its two stages. The answerer's depends on the opener's
    /// message, or two openings of one comparison could be laid side by side.
    fn seed(&self, task: &ComparisonTask, record: &StoredRecord, received: &[u8]) -> Seed {
        let opener = task.stage != ComparisonStage::Answer;
        let (side, received): (&[u8], &[u8]) = if opener {
            (b"opener", &[])
        } else {
            (b"answerer", received)
        };
        let digest = Sha256::digest(received);
        Seed::new(self.secret.mac(
            "sanctuary/v1/node/compare/seed",
            &[
                side,
                &task.comparison,
                task.other.as_bytes(),
                &record.pseudonym.0,
                &record.content,
                &digest,
            ],
        ))
    }
}

/// A task that may be logged and done.
struct Prepared {
    entry: ComparisonEntry,
    version: Version,
    seed: Seed,
    comparable: Comparable,
    key: PairKey,
    /// The other node's message, opened; empty in the first stage.
    received: Vec<u8>,
}

/// A record that may take part: open to other agencies, in force, normalised by the rules that the
/// other node goes by.
fn comparable(record: &StoredRecord, now: Timestamp) -> Option<Comparable> {
    let details = record.details.as_ref()?;
    let takes_part = record.takes_part()
        && details.visibility == Visibility::Open
        && details.expires >= Month::at(now)
        && details.canonical.rules == RULES
        && record.published.is_some();
    takes_part.then(|| comparable_of(&details.canonical))
}

/// From the tokens that the hub says are shared; none unless all of them are this record's.
fn pair_key(task: &ComparisonTask, record: &StoredRecord) -> Option<PairKey> {
    let tokens = &record.published.as_ref()?.tokens;
    if task.handles.len() > RECORD_TOKENS_MAX {
        return None;
    }
    let secrets: Vec<&Zeroizing<[u8; 32]>> = task
        .handles
        .iter()
        .map(|handle| {
            let named = |token: &&PublishedToken| token.handle == *handle;
            tokens.iter().find(named).map(|token| &token.match_secret)
        })
        .collect::<Option<_>>()?;
    PairKey::new(secrets.into_iter().map(|secret| &**secret)).ok()
}

fn refusal(error: CompareError) -> ComparisonRefusal {
    match error {
        CompareError::NotShared | CompareError::Signature | CompareError::Secrets => {
            ComparisonRefusal::NotShared
        }
        CompareError::Changed => ComparisonRefusal::Changed,
        _ => ComparisonRefusal::Damaged,
    }
}

fn first_16(hash: &[u8]) -> [u8; 16] {
    let mut out = [0; 16];
    out.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
    out
}
