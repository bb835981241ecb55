//! An alert as the hub keeps it: both sides, what was found, what was decided, what each side has
//! been told.

use sanctuary_types::{
    AlertId, AlertKind, AlertState, PartyId, Pseudonym, Roles, Timestamp, Visibility,
};
use serde::{Deserialize, Serialize};

use crate::{HubError, clusters::ClusterView, events::View, scoring::Finding};

/// Two records that may belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alert {
    pub(crate) id: AlertId,
    /// In the order of (pseudonym, agency).
    pub(crate) sides: [Side; 2],
    /// `None` while the evidence is gone.
    pub(crate) finding: Option<Finding>,
    pub(crate) decision: Option<Decision>,
    /// The side whose record the hub knew first. Matters only between two owner-first records,
    /// where the earlier one's owner decides.
    pub(crate) earlier: u8,
    /// Since when there is nothing to tell any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lapsed: Option<Timestamp>,
    /// What it said has been taken out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) emptied: bool,
}

/// One record of an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Side {
    pub(crate) agency: PartyId,
    pub(crate) pseudonym: Pseudonym,
    pub(crate) visibility: Visibility,
    pub(crate) roles: Roles,
    pub(crate) child: bool,
    /// The owner lets the other side know.
    pub(crate) released: bool,
    pub(crate) told: Option<Told>,
}

/// What a side was told last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) cursor: u64,
    pub(crate) version: u32,
    pub(crate) raised: Timestamp,
    pub(crate) state: AlertState,
    /// Of the view: tells whether there is anything new to tell.
    pub(crate) digest: [u8; 16],
}

/// A person's decision on an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Decision {
    /// `Confirmed` or `NotTheSame`.
    pub(crate) state: AlertState,
    /// What the alert said when it was taken.
    #[serde(default)]
    pub(crate) kind: Option<AlertKind>,
    /// Kinds of token that agreed when it was taken.
    pub(crate) codes: Vec<u8>,
    pub(crate) by: PartyId,
    pub(crate) reason: String,
    pub(crate) at: Timestamp,
}

impl Alert {
    /// Whether somebody decided on it or released it.
    pub(crate) fn is_special(&self) -> bool {
        self.decision.is_some() || self.sides.iter().any(|side| side.released)
    }

    /// What a person decided of the two records: one person, or not.
    pub(crate) fn label(&self) -> Option<bool> {
        let decision = self.decision.as_ref()?;
        match decision.kind? {
            AlertKind::SamePerson | AlertKind::VictimIsSuspect => {
                Some(decision.state == AlertState::Confirmed)
            }
            AlertKind::SharedIdentifier => None,
        }
    }

    /// Whether side `i` may hear of it: the other record is open, or its owner has released it.
    /// Between two owner-first records the earlier one's owner hears first, else nobody ever would.
    pub(crate) fn hears(&self, i: usize) -> bool {
        let (own, other) = (&self.sides[i], &self.sides[1 - i]);
        match other.visibility {
            Visibility::Open => true,
            Visibility::OwnerFirst => {
                other.released
                    || (own.visibility == Visibility::OwnerFirst && usize::from(self.earlier) == i)
            }
            Visibility::Silent => false,
        }
    }

    /// Takes a new finding. "Not the same" falls when a kind of token agrees that did not when it
    /// was decided.
    pub(crate) fn set_finding(&mut self, finding: Option<Finding>) {
        let stale = |decision: &Decision| {
            decision.state == AlertState::NotTheSame
                && finding
                    .as_ref()
                    .is_some_and(|f| f.codes.iter().any(|code| !decision.codes.contains(code)))
        };
        if self.decision.as_ref().is_some_and(stale) {
            self.decision = None;
        }
        self.finding = finding;
    }

    /// Where it stands.
    pub(crate) fn state(&self) -> AlertState {
        match (&self.finding, &self.decision) {
            (None, _) => AlertState::Lapsed,
            (Some(_), Some(decision)) => decision.state,
            (Some(_), None) => AlertState::Open,
        }
    }

    /// What side `i` may see; `None` when it may not hear of it or there is nothing any more.
    pub(crate) fn view(&self, i: usize, cluster: Option<ClusterView>) -> Option<View> {
        let finding = self.finding.as_ref().filter(|_| self.hears(i))?;
        let (own, other) = (&self.sides[i], &self.sides[1 - i]);
        let may_release =
            own.visibility == Visibility::OwnerFirst && !own.released && !self.hears(1 - i);
        let (cluster_id, cluster_agencies) =
            cluster.map_or((None, Vec::new()), |view| (Some(view.id), view.agencies));
        Some(View {
            kind: finding.kind,
            band: finding.band,
            state: self.state(),
            own_pseudonym: own.pseudonym,
            other_agency: other.agency.clone(),
            other_roles: other.roles,
            other_is_child: other.child,
            evidence: finding.evidence.clone(),
            cluster_id,
            cluster_agencies,
            safeguarding_first: finding.kind == AlertKind::VictimIsSuspect,
            may_release,
        })
    }

    pub(crate) fn to_json(&self) -> Result<Vec<u8>, HubError> {
        serde_json::to_vec(self).map_err(|_| HubError::DamagedState)
    }

    pub(crate) fn from_json(json: &[u8]) -> Result<Self, HubError> {
        serde_json::from_slice(json).map_err(|_| HubError::DamagedState)
    }
}
