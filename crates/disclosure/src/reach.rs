//! The perpetrator-reach guard: before anybody learns where a person can be found, the requesting
//! agency says whether the alleged perpetrator could learn it through that agency's own people.

use std::collections::BTreeSet;

use sanctuary_trust::{SigningKey, TrustError, verify};
use sanctuary_types::{CaseId, PartyId, Timestamp, lp};
use serde::{Deserialize, Serialize};

use crate::Refused;

/// How long a statement holds.
pub const REACH_MAX_AGE_MS: u64 = 86_400_000;

/// Whether somebody at the requesting side, or a declared associate of theirs, is linked to the
/// alleged perpetrator's identifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Checked in full, no link found.
    No,
    /// A link.
    Yes,
    /// Could not be checked in full.
    Unknown,
}

/// A keyed hash of one identifier, made by the node that asks itself.
pub type IdentifierPrint = [u8; 32];

/// What the requester's node knows, from its own data only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReachFacts {
    /// Identifiers of the alleged perpetrators in the case; `None` when no perpetrator is known.
    pub perpetrator: Option<BTreeSet<IdentifierPrint>>,
    /// For each member of staff who would see the detail: their own identifiers, and those of the
    /// associates they have declared. `None` where a person has not declared.
    pub people: Vec<Option<BTreeSet<IdentifierPrint>>>,
}

/// The rule. A link is a yes whatever else is unknown; no is only said when somebody was checked,
/// everybody had declared and the perpetrator is known.
#[must_use]
pub fn reach(facts: &ReachFacts) -> Reach {
    let Some(perpetrator) = &facts.perpetrator else {
        return Reach::Unknown;
    };
    let mut declared = facts.people.iter().flatten();
    if declared.any(|own| !own.is_disjoint(perpetrator)) {
        return Reach::Yes;
    }
    let checked_in_full = !perpetrator.is_empty()
        && !facts.people.is_empty()
        && facts
            .people
            .iter()
            .all(|p| p.as_ref().is_some_and(|own| !own.is_empty()));
    if checked_in_full {
        Reach::No
    } else {
        Reach::Unknown
    }
}

/// The statement that the requester's node signs and the owner's node checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReachAnswer {
    /// The case.
    pub case: CaseId,
    /// The requesting agency.
    pub asker: PartyId,
    /// The agency it is said to.
    pub owner: PartyId,
    /// The answer.
    pub reach: Reach,
    /// When it was checked.
    pub at: Timestamp,
    /// Ed25519 of the requesting agency, 64 bytes as hexadecimal.
    pub signature: String,
}

impl ReachAnswer {
    /// Signs the statement.
    #[must_use]
    pub fn sign(
        case: CaseId,
        asker: &PartyId,
        owner: &PartyId,
        reach: Reach,
        at: Timestamp,
        key: &SigningKey,
    ) -> Self {
        let mut answer = Self {
            case,
            asker: asker.clone(),
            owner: owner.clone(),
            reach,
            at,
            signature: String::new(),
        };
        answer.signature = hex::encode(key.sign(&answer.message()));
        answer
    }

    /// Checks the signature under the requesting agency's roster key.
    ///
    /// # Errors
    /// [`Refused::Signature`].
    pub fn verify(&self, signing_key: &[u8; 32]) -> Result<(), Refused> {
        let fault = |_: TrustError| Refused::Signature;
        let signature = hex::decode(&self.signature).map_err(|_| Refused::Signature)?;
        verify(signing_key, &self.message(), &signature).map_err(fault)
    }

    fn message(&self) -> Vec<u8> {
        let reach = match self.reach {
            Reach::No => 0,
            Reach::Yes => 1,
            Reach::Unknown => 2,
        };
        lp(&[
            b"sanctuary/v1/reach",
            &self.case.0,
            self.asker.as_bytes(),
            self.owner.as_bytes(),
            &[reach],
            &self.at.0.to_be_bytes(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(values: &[u8]) -> BTreeSet<IdentifierPrint> {
        values.iter().map(|v| [*v; 32]).collect()
    }

    #[test]
    fn a_link_is_yes_and_no_needs_a_full_check() {
        let facts = |perpetrator: Option<&[u8]>, people: &[Option<&[u8]>]| ReachFacts {
            perpetrator: perpetrator.map(set),
            people: people.iter().map(|p| p.map(set)).collect(),
        };
        let cases: [(ReachFacts, Reach); 8] = [
            (facts(Some(&[1]), &[Some(&[2]), Some(&[3])]), Reach::No),
            (facts(Some(&[1]), &[Some(&[2]), Some(&[1, 3])]), Reach::Yes),
            (facts(Some(&[1]), &[None, Some(&[1])]), Reach::Yes),
            (facts(Some(&[1]), &[None, Some(&[2])]), Reach::Unknown),
            (facts(Some(&[1]), &[]), Reach::Unknown),
            (facts(Some(&[]), &[Some(&[2])]), Reach::Unknown),
            (facts(Some(&[1]), &[Some(&[])]), Reach::Unknown),
            (facts(None, &[Some(&[2])]), Reach::Unknown),
        ];
        for (facts, expected) in cases {
            assert_eq!(reach(&facts), expected, "{facts:?}");
        }
    }
}
