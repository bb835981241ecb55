//! People's rights over what the partnership did with their data: access ("who asked about me, on what
//! basis, what was released"), correction and erasure that reach every released copy, the figures, and the
//! evidence of a data protection officer.
//!
//! Only agencies that are linked to a record by a possible match can be asked about it; nobody knows of
//! others. A safety hold reads the same as nothing held.

mod access;
mod erasure;
mod evidence;
mod figures;

use rand_core::CryptoRng;
use sanctuary_disclosure::{Actor, Text};
use sanctuary_envelope::{Header, SessionKey};
use sanctuary_types::{AlertId, CaseId, PartyId, Pseudonym, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Casework, CaseworkError, Change, Happening, Shelf,
    batch::{Batch, Under},
    clocks::stopped,
    codec::{self, from_json},
    letter::LetterRow,
    proof::ProofRole,
    receiving::Taken,
};

pub use access::{ACCESS_LINES_MAX, AccessLine, AccessQuestionView, AccessReport, AccessState};
pub use erasure::{CopyState, CopyView, MatterView, SignedLetter};
pub use evidence::{Control, EvidencePack, Holds};
pub use figures::{Figures, Times};

/// Matters under way at a time.
const MATTERS_MAX: usize = 10_000;

/// What two nodes tell each other about people's rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RightsMessage {
    /// The person behind the record that the match links asks who asked about them.
    AccessQuestion,
    /// What may be told. None: nothing is held, or it is held back; nobody can tell which.
    AccessAnswer {
        /// The lines.
        lines: Vec<AccessLine>,
    },
}

/// A matter of rights at this agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Matter {
    pub(crate) id: CaseId,
    pub(crate) opened: Timestamp,
    /// Who opened it; absent for what another agency asks.
    pub(crate) by: Option<Actor>,
    pub(crate) record: Pseudonym,
    pub(crate) kind: MatterKind,
    pub(crate) done: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MatterKind {
    Access {
        questions: Vec<Question>,
        /// Cases held back from the person, and why.
        held: Vec<CaseId>,
        reason: Option<Text>,
    },
    /// Another agency's question.
    Asked {
        from: PartyId,
        alert: AlertId,
        held: Vec<CaseId>,
        reason: Option<Text>,
    },
    Correction {
        note: Text,
        copies: Vec<ReleasedCopy>,
    },
    Erasure {
        alerts: Vec<AlertId>,
        copies: Vec<ReleasedCopy>,
        record_gone: bool,
    },
}

/// A question to one agency, under its own number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    pub(crate) id: CaseId,
    pub(crate) alert: AlertId,
    pub(crate) other: PartyId,
    pub(crate) answer: Option<(Timestamp, Vec<AccessLine>)>,
}

/// A release that another agency holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleasedCopy {
    pub(crate) case: CaseId,
    pub(crate) recipient: PartyId,
    pub(crate) number: u32,
}

impl Casework<'_> {
    pub(crate) fn matters(&self) -> Result<Vec<Matter>, CaseworkError> {
        let rows = self.ports.store.list(Shelf::Matter, &[])?;
        let read = |(_, row): &(Vec<u8>, crate::Value)| from_json(row, "matter of rights");
        rows.iter().map(read).collect()
    }

    pub(crate) fn matter(&self, id: &CaseId) -> Result<Matter, CaseworkError> {
        let row = self.ports.store.get(Shelf::Matter, &id.0)?;
        let row = row.ok_or(CaseworkError::NoSuchMatter)?;
        from_json(&row, "matter of rights")
    }

    pub(crate) fn check_matters(&self) -> Result<(), CaseworkError> {
        let open = self.matters()?.iter().filter(|m| m.done.is_none()).count();
        if open >= MATTERS_MAX {
            return Err(crate::asking::too_many("matters of rights", MATTERS_MAX));
        }
        Ok(())
    }

    /// Goes on with what is under way.
    pub(crate) fn tick_matters(
        &self,
        now: Timestamp,
        rng: &mut impl CryptoRng,
        out: &mut Vec<Happening>,
    ) -> Result<(), CaseworkError> {
        for matter in self.matters()?.into_iter().filter(|m| m.done.is_none()) {
            let id = matter.id;
            match self.advance(matter, now, rng) {
                Ok(()) => {}
                Err(error) if error.is_passing() => return Err(error),
                Err(error) => out.push(stopped(Some(id), &error)),
            }
        }
        Ok(())
    }

    /// A message about rights that came.
    pub(crate) fn take_rights(
        &self,
        from: &PartyId,
        header: &Header,
        message: RightsMessage,
        with: Vec<Change>,
        now: Timestamp,
    ) -> Result<Taken, CaseworkError> {
        match message {
            RightsMessage::AccessQuestion => self.take_access_question(from, header, with, now),
            RightsMessage::AccessAnswer { lines } => {
                self.take_access_answer(from, header, lines, with, now)
            }
        }
    }

    /// What a letter about rights is sealed under: whatever proof of the match there is. Without one it is
    /// begun, and the letter waits.
    pub(crate) fn under_match(
        &self,
        row: &LetterRow,
        batch: &mut Batch<'_>,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Option<Under>, CaseworkError> {
        for role in [ProofRole::Asker, ProofRole::Owner] {
            let known = self.match_row(&row.alert, role)?;
            if let Some((epoch, secret)) = known.and_then(|m| m.session) {
                return Ok(Some(Under {
                    epoch,
                    session: SessionKey::from_store(secret.0),
                    agreement_version: self.agreement()?.version,
                }));
            }
        }
        if let Some(facts) = self.ports.alerts.alert(&row.alert)?
            && facts.stands
        {
            self.begin_proof(&facts, batch, now, rng)?;
        }
        Ok(None)
    }
}

pub(crate) fn put(matter: &Matter) -> Change {
    Change::put(Shelf::Matter, matter.id.0, codec::json(matter))
}

pub(crate) fn random_id(rng: &mut impl CryptoRng) -> CaseId {
    let mut id = [0; 16];
    rng.fill_bytes(&mut id);
    CaseId(id)
}
