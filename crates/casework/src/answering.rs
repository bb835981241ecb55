//! The use-cases of the agency that is asked.

use std::collections::BTreeMap;

use rand_core::CryptoRng;
use sanctuary_disclosure::{Actor, RecallReason, Side, Step, StepKind, Text};
use sanctuary_policy::{Action, Field};
use sanctuary_types::{CaseId, Timestamp};
use serde_json::json;

use crate::{Casework, CaseworkError, ProposalDraft, asking::plain_steps};

impl Casework<'_> {
    /// What the own record holds of the details asked for, to propose from. Nothing of it is ticked.
    ///
    /// # Errors
    /// [`CaseworkError`]; so of every use-case.
    pub fn suggest(
        &self,
        case: &CaseId,
        by: &Actor,
    ) -> Result<BTreeMap<Field, Text>, CaseworkError> {
        let file = self.case_of(case)?;
        if file.head.side != Side::Owner {
            return Err(sanctuary_disclosure::Refused::WrongSide(StepKind::Decide).into());
        }
        self.reading(
            by,
            Action::ReadRecord,
            &json!({ "case": case, "own_record": true }),
        )?;
        let shielded = Action::RevealShielded.permits_any(&by.roles);
        let fields: Vec<Field> = file.case.request().fields();
        let shown: Vec<Field> = fields
            .into_iter()
            .filter(|f| shielded || !f.is_shielded())
            .collect();
        Ok(self.ports.records.items(&file.head.own, &shown)?)
    }

    /// Proposes an answer, or the correction of what was released. Returns the digest that the second
    /// person approves.
    ///
    /// # Errors
    /// [`CaseworkError`].
    pub fn propose(
        &self,
        case: &CaseId,
        draft: &ProposalDraft,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<String, CaseworkError> {
        let mut file = self.case_of(case)?;
        file.case.may(StepKind::Decide, by)?;
        let proposal = draft.proposal(&file.case, &self.agreement()?, now)?;
        let digest = hex::encode(proposal.digest());
        let step = Step::Decide {
            proposal: Box::new(proposal),
        };
        self.step(&mut file, step, Some(by), Vec::new(), now, rng)?;
        Ok(digest)
    }

    /// The second person approves exactly what they read: `digest` stands beside it in the case.
    ///
    /// # Errors
    /// [`CaseworkError`].
    pub fn approve(
        &self,
        case: &CaseId,
        digest: &str,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CaseworkError> {
        let digest = digest.to_owned();
        self.plain(case, Step::Approve { digest }, by, now, rng)
    }
}

plain_steps! {
    /// Acknowledges the request.
    acknowledge() => Step::Acknowledge;
    /// Asks the requester a question.
    ask(text: Text) => Step::Ask { text };
    /// The second person gives the proposal back, with details that must not be released.
    give_back(struck: Vec<Field>, note: Text) => Step::Return { struck, note };
    /// The data protection officer stops an answer before it leaves.
    stop(note: Text) => Step::Veto { note };
    /// Recalls what was released.
    recall(reason: RecallReason) => Step::Recall { reason };
    /// An independent person looks at the refusal of an urgent request.
    review_refusal(upheld: bool, note: Text) => Step::Review { upheld, note };
}
