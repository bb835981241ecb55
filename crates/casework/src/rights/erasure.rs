//! Erasure and correction that reach every released copy, with the recipients' signed word that they did.

use rand_core::CryptoRng;
use sanctuary_disclosure::{Actor, Event, RecallReason, Side, Step, Text};
use sanctuary_ledger::EntryKind;
use sanctuary_policy::Action;
use sanctuary_types::{AlertId, CaseId, PartyId, Pseudonym, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Matter, MatterKind, ReleasedCopy, put, random_id};
use crate::{
    Casework, CaseworkError,
    batch::Batch,
    file::Loaded,
    letter::{Content, Letter},
};

/// What became of one released copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyState {
    /// Nothing yet.
    Waiting,
    /// Recalled or expired; the recipient has not confirmed yet, or has not been back.
    Recalled {
        /// When.
        at: Timestamp,
    },
    /// The recipient has destroyed every copy.
    Destroyed {
        /// When its word came.
        at: Timestamp,
        /// Copies.
        copies: u32,
    },
    /// Replaced by a correction that has left.
    Corrected {
        /// When it left.
        at: Timestamp,
        /// When the recipient's receipt came.
        received: Option<Timestamp>,
    },
}

/// A letter that another agency signed. Anybody with its public key can check it ([`SignedLetter::check`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedLetter {
    /// Who signed.
    pub from: PartyId,
    /// When it came.
    pub at: Timestamp,
    /// The envelope's header, hexadecimal.
    pub header: String,
    /// The letter, JSON as hexadecimal.
    pub letter: String,
    /// Ed25519 over `lp("sanctuary/v1/envelope-inner", header, letter)`, hexadecimal.
    pub signature: String,
}

impl SignedLetter {
    /// Whether `key`, the agency's Ed25519 key, signed it.
    #[must_use]
    pub fn check(&self, key: &[u8; 32]) -> bool {
        let bytes = |text: &str| hex::decode(text).unwrap_or_default();
        let (header, letter) = (bytes(&self.header), bytes(&self.letter));
        sanctuary_envelope::check_evidence(&header, &letter, &bytes(&self.signature), key).is_ok()
    }
}

/// One released copy of a matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CopyView {
    /// The case it was released in.
    pub case: CaseId,
    /// Who has it.
    pub recipient: PartyId,
    /// Which release of the case.
    pub number: u32,
    /// What became of it.
    pub state: CopyState,
    /// The recipient's signed word.
    pub proof: Option<SignedLetter>,
}

/// How far an erasure or a correction is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatterView {
    /// Its number.
    pub id: CaseId,
    /// `erasure` or `correction`.
    pub kind: &'static str,
    /// When it was opened.
    pub opened: Timestamp,
    /// When everything was reached.
    pub done: Option<Timestamp>,
    /// Every released copy.
    pub copies: Vec<CopyView>,
    /// The possible matches on the record, and whether each has gone.
    pub alerts: Vec<(AlertId, bool)>,
    /// The own record is destroyed (erasure).
    pub record_gone: bool,
}

impl Casework<'_> {
    /// Erases a record: takes it out of matching, destroys it, and recalls every released copy of it. Each
    /// recipient confirms; one that is away does when it comes back. Returns the matter's number.
    ///
    /// # Errors
    /// [`CaseworkError`]; so of every use-case.
    pub fn erase(
        &self,
        reference: &str,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<CaseId, CaseworkError> {
        Self::need(by, Action::EraseRecord)?;
        let record = self.record_of(reference)?;
        let alerts = self.ports.alerts.of_record(&record)?;
        let kind = MatterKind::Erasure {
            alerts: alerts.iter().map(|facts| facts.id).collect(),
            copies: self.copies_of(&record)?,
            record_gone: false,
        };
        self.open_matter(
            record,
            kind,
            (EntryKind::Erase, Action::EraseRecord),
            by,
            now,
            rng,
        )
    }

    /// Opens the correction of a record: every released copy of it must be corrected by two people in its
    /// own case, and the recipient's receipt must come back. The record itself is corrected by importing it
    /// anew, which corrects every possible match on it. Returns the matter's number.
    ///
    /// # Errors
    /// [`CaseworkError`].
    pub fn correct(
        &self,
        reference: &str,
        note: &Text,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<CaseId, CaseworkError> {
        Self::need(by, Action::CorrectRecord)?;
        let record = self.record_of(reference)?;
        let kind = MatterKind::Correction {
            note: note.clone(),
            copies: self.copies_of(&record)?,
        };
        self.open_matter(
            record,
            kind,
            (EntryKind::Alter, Action::CorrectRecord),
            by,
            now,
            rng,
        )
    }

    fn open_matter(
        &self,
        record: Pseudonym,
        kind: MatterKind,
        (entry, action): (EntryKind, Action),
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<CaseId, CaseworkError> {
        self.check_matters()?;
        let matter = Matter {
            id: random_id(rng),
            opened: now,
            by: Some(by.clone()),
            record,
            kind,
            done: None,
        };
        let id = matter.id;
        self.log(entry, Some(action), Some(by), &[], &json!({ "matter": id }))?;
        self.ports.store.commit(vec![put(&matter)])?;
        self.advance(matter, now, rng)?;
        Ok(id)
    }

    /// How far an erasure or a correction is, with the recipients' signed words.
    ///
    /// # Errors
    /// [`CaseworkError`].
    pub fn matter_view(&self, id: &CaseId, by: &Actor) -> Result<MatterView, CaseworkError> {
        let matter = self.matter(id)?;
        self.reading(by, Action::AnswerSubjectAccess, &json!({ "matter": id }))?;
        let (kind, copies, alerts, record_gone) = match &matter.kind {
            MatterKind::Erasure {
                alerts,
                copies,
                record_gone,
            } => ("erasure", copies, alerts.clone(), *record_gone),
            MatterKind::Correction { copies, .. } => ("correction", copies, Vec::new(), false),
            _ => return Err(CaseworkError::NoSuchMatter),
        };
        let mut views = Vec::new();
        for copy in copies {
            views.push(self.copy_view(copy)?);
        }
        let mut gone = Vec::new();
        for alert in alerts {
            let facts = self.ports.alerts.alert(&alert)?;
            gone.push((alert, facts.is_none_or(|facts| !facts.stands)));
        }
        Ok(MatterView {
            id: *id,
            kind,
            opened: matter.opened,
            done: matter.done,
            copies: views,
            alerts: gone,
            record_gone,
        })
    }

    /// Cases whose release must be corrected.
    pub(crate) fn corrections_due(&self) -> Result<Vec<CaseId>, CaseworkError> {
        let mut out = Vec::new();
        for matter in self.matters()?.into_iter().filter(|m| m.done.is_none()) {
            if let MatterKind::Correction { copies, .. } = &matter.kind {
                for copy in copies {
                    let state = self.copy_state(copy)?.0;
                    if state == CopyState::Waiting {
                        out.push(copy.case);
                    }
                }
            }
        }
        Ok(out)
    }

    /// Does what can be done of a matter now. Done again after a crash it does the rest.
    pub(super) fn advance(
        &self,
        mut matter: Matter,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CaseworkError> {
        let complete = match &mut matter.kind {
            MatterKind::Access { .. } | MatterKind::Asked { .. } => return Ok(()),
            MatterKind::Correction { copies, .. } => {
                let mut complete = true;
                for copy in copies.iter() {
                    complete &= match self.copy_state(copy)?.0 {
                        CopyState::Waiting => false,
                        CopyState::Corrected { received, .. } => received.is_some(),
                        CopyState::Recalled { .. } => false,
                        CopyState::Destroyed { .. } => true,
                    };
                }
                complete
            }
            MatterKind::Erasure {
                copies,
                record_gone,
                ..
            } => {
                // What was released since the erasure began is recalled as well.
                for copy in self.copies_of(&matter.record)? {
                    if !copies.contains(&copy) {
                        copies.push(copy);
                    }
                }
                for copy in copies.iter() {
                    if let Some(mut file) = self.load(&copy.case)?
                        && file.case.live().is_some()
                    {
                        let reason = RecallReason::Erased;
                        let by = matter.by.as_ref();
                        let step = Step::Recall { reason };
                        self.step(&mut file, step, by, Vec::new(), now, rng)?;
                    }
                }
                if !*record_gone {
                    *record_gone = self.ports.records.erase(&matter.record)?;
                }
                let mut complete = *record_gone;
                for copy in copies.iter() {
                    let state = self.copy_state(copy)?.0;
                    complete &= matches!(state, CopyState::Destroyed { .. });
                }
                self.empty_files(&matter.record)? && complete
            }
        };
        if complete {
            matter.done = Some(now);
        }
        Ok(self.ports.store.commit(vec![put(&matter)])?)
    }

    /// Takes the values out of the files that are over. `true` when none is left with values.
    fn empty_files(&self, record: &Pseudonym) -> Result<bool, CaseworkError> {
        let mut all = true;
        for mut file in self.load_all()? {
            if file.head.own != *record || file.head.side != Side::Owner || file.head.emptied {
                continue;
            }
            let answered = matches!(
                file.case.stage(),
                sanctuary_disclosure::Stage::Released | sanctuary_disclosure::Stage::Received
            );
            if !file.is_over() && (!answered || file.case.live().is_some()) {
                all = false;
                continue;
            }
            let changes = Self::empty(&mut file);
            let mut batch = Batch::new(*self, changes);
            batch.put_head(&mut file);
            self.ports.store.commit(batch.done())?;
        }
        Ok(all)
    }

    /// Live releases about a record.
    fn copies_of(&self, record: &Pseudonym) -> Result<Vec<ReleasedCopy>, CaseworkError> {
        let cases = self.load_all()?.into_iter();
        let own = cases.filter(|f| f.head.own == *record && f.head.side == Side::Owner);
        Ok(own
            .filter_map(|file| {
                Some(ReleasedCopy {
                    case: file.id(),
                    recipient: file.head.other.clone(),
                    number: file.case.live()?.number,
                })
            })
            .collect())
    }

    fn copy_view(&self, copy: &ReleasedCopy) -> Result<CopyView, CaseworkError> {
        let (state, wanted) = self.copy_state(copy)?;
        let proof = match wanted {
            Some(wanted) => self.proof_of(&copy.case, wanted)?,
            None => None,
        };
        Ok(CopyView {
            case: copy.case,
            recipient: copy.recipient.clone(),
            number: copy.number,
            state,
            proof,
        })
    }

    /// What became of a copy, and when the recipient's word came.
    fn copy_state(
        &self,
        copy: &ReleasedCopy,
    ) -> Result<(CopyState, Option<Timestamp>), CaseworkError> {
        let Some(file) = self.load(&copy.case)? else {
            return Ok((CopyState::Waiting, None));
        };
        Ok(state_in(&file, copy.number))
    }

    /// The recipient's signed letter that came at that moment and says so.
    fn proof_of(
        &self,
        case: &CaseId,
        at: Timestamp,
    ) -> Result<Option<SignedLetter>, CaseworkError> {
        let says_so = |letter: &str| {
            use sanctuary_disclosure::Body::{Destroyed, Outcome, Receipt};
            let bytes = hex::decode(letter).unwrap_or_default();
            Letter::from_bytes(&bytes).is_ok_and(|letter| {
                matches!(&letter.content, Content::Case(m)
                    if matches!(m.body, Destroyed { .. } | Receipt | Outcome(_)))
            })
        };
        let mut all = self.evidence_of(case)?.into_iter();
        let found = all.rfind(|e| e.at == at && says_so(&e.letter));
        Ok(found.map(|e| SignedLetter {
            from: e.from,
            at: e.at,
            header: e.header,
            letter: e.letter,
            signature: e.signature,
        }))
    }
}

fn state_in(file: &Loaded, number: u32) -> (CopyState, Option<Timestamp>) {
    let mut releases = 0;
    let mut state = CopyState::Waiting;
    let mut word = None;
    let mut decided = None;
    for Event { at, step, .. } in &file.events {
        match step {
            Step::Decide { proposal } => decided = Some(proposal),
            Step::Leave { .. } => {
                releases += u32::from(decided.is_some_and(|p| p.releases()));
                if releases > number {
                    let (at, received) = (*at, None);
                    state = CopyState::Corrected { at, received };
                }
            }
            Step::Recall { .. } | Step::Expire if releases >= number => {
                state = CopyState::Recalled { at: *at };
            }
            Step::TakeDestruction { copies, .. } => {
                let (at, copies) = (*at, *copies);
                state = CopyState::Destroyed { at, copies };
                word = Some(at);
            }
            Step::TakeReceipt | Step::TakeOutcome { .. } => {
                if let CopyState::Corrected { received, .. } = &mut state
                    && received.is_none()
                {
                    *received = Some(*at);
                    word = Some(*at);
                }
            }
            _ => {}
        }
    }
    (state, word)
}
