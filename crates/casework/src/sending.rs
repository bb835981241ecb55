//! Sending a request: the match is proven first, then the request leaves sealed.

use rand_core::CryptoRng;
use sanctuary_disclosure::{Actor, Step, StepKind};
use sanctuary_ledger::EntryKind;
use sanctuary_policy::Action;
use sanctuary_types::{CaseId, Timestamp};
use serde_json::json;

use crate::{Casework, CaseworkError, batch::Batch, file::Loaded};

/// What sending has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It has left.
    Now,
    /// The two nodes prove the match to each other; it leaves by itself when they have.
    ProvingMatch,
}

impl Casework<'_> {
    /// Sends an authorised request. The nodes prove the match to each other first, once for each match;
    /// until then the request waits, and nothing of it has left.
    ///
    /// # Errors
    /// [`CaseworkError`] with the first rule that it breaks.
    pub fn send(
        &self,
        case: &CaseId,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Sent, CaseworkError> {
        let mut file = self.case_of(case)?;
        self.check_terms(&file)?;
        if self.send_now(&mut file, by, now, rng)? {
            return Ok(Sent::Now);
        }
        // Refused now rather than when the proof has come.
        self.try_step(&file, &Step::Send, by, now)?;
        let facts = self.standing(&file.head.alert)?;
        let mut batch = Batch::new(*self, Vec::new());
        self.begin_proof(&facts, &mut batch, now, rng)?;
        file.head.wish = Some(by.clone());
        batch.put_head(&mut file);
        let about = json!({ "case": case, "wish": "send" });
        let action = Some(Action::SendRequest);
        let concerned = [file.head.other.clone()];
        let entry = self.log(EntryKind::Combine, action, Some(by), &concerned, &about)?;
        batch.note_entry(case, entry);
        self.ports.store.commit(batch.done())?;
        Ok(Sent::ProvingMatch)
    }

    /// Both nodes seal and open under the version that the request was written under.
    fn check_terms(&self, file: &Loaded) -> Result<(), CaseworkError> {
        let agreement = self.agreement()?;
        if file.case.terms().agreement_version == agreement.version {
            Ok(())
        } else {
            Err(CaseworkError::AgreementChanged)
        }
    }

    /// Sends it when the match is proven.
    pub(crate) fn send_now(
        &self,
        file: &mut Loaded,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<bool, CaseworkError> {
        file.case.may(StepKind::Send, by)?;
        self.check_terms(file)?;
        let Some(session) = self.proven_as_asker(&file.head.alert)? else {
            return Ok(false);
        };
        file.head.session = Some(session);
        file.head.wish = None;
        self.step(file, Step::Send, Some(by), Vec::new(), now, rng)?;
        Ok(true)
    }
}
