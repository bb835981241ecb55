use sanctuary_types::{
    AlertId, AlertKind, AlertState, Band, Evidence, EvidenceKind, Outcome, PartyId, Pseudonym,
    Roles, Timestamp,
};
use serde::{Deserialize, Serialize};

/// A possible match as the hub tells it, with what the own record adds. Nothing in it names a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertFacts {
    /// The alert; the same at both agencies.
    pub id: AlertId,
    /// The hub's version: grows with each change.
    pub version: u32,
    /// What it says.
    pub kind: AlertKind,
    /// How strong.
    pub band: Band,
    /// Where it stands at the hub.
    pub hub: AlertState,
    /// The own record.
    pub own: Pseudonym,
    /// The other agency.
    pub other: PartyId,
    /// How this agency regards the person.
    pub own_roles: Roles,
    /// How the other one does.
    pub other_roles: Roles,
    /// Under 18 at either agency.
    pub child: bool,
    /// Safeguarding looks at it first.
    pub safeguarding_first: bool,
    /// What was compared and what came of it.
    pub evidence: Vec<Evidence>,
    /// Agencies of the cluster, when there are more than two.
    pub cluster_agencies: Vec<PartyId>,
    /// When the hub first raised it.
    pub raised: Timestamp,
    /// This agency may let the other one know (an owner-first record).
    pub may_release: bool,
}

impl AlertFacts {
    /// The kinds of evidence that speak for it.
    #[must_use]
    pub fn agreed(&self) -> Vec<EvidenceKind> {
        let mut kinds: Vec<EvidenceKind> = self
            .evidence
            .iter()
            .filter(|e| matches!(e.outcome, Outcome::Agreed | Outcome::Partly))
            .map(|e| e.kind)
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }
}
