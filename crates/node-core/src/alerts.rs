//! Alerts of the hub, joined to the agency's own records by pseudonym.

use sanctuary_types::{
    AlertId, AlertKind, AlertState, Band, Evidence, Explanation, PartyId, Pseudonym, Role, Roles,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    NodeError,
    ports::{AlertCommit, NodeStore},
};

/// One alert as the hub tells it, with its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredAlert {
    /// Name of the alert.
    pub alert_id: AlertId,
    /// Grows with each change.
    pub version: u32,
    /// What it says.
    pub kind: AlertKind,
    /// How strong.
    pub band: Band,
    /// Where it stands.
    pub state: AlertState,
    /// The own record it speaks of.
    pub own: Pseudonym,
    /// The other agency.
    pub other_agency: PartyId,
    /// How the other agency regards the person.
    pub other_roles: Roles,
    /// The other record is of a child.
    pub other_is_child: bool,
    /// Why, in words and levels.
    pub evidence: Vec<Evidence>,
    /// Hexadecimal name of the cluster over more than two agencies; empty outside of one.
    pub cluster: String,
    /// Agencies of the cluster.
    pub cluster_agencies: Vec<PartyId>,
    /// To be looked at by safeguarding first.
    pub safeguarding_first: bool,
    /// When it was first raised.
    pub raised: Timestamp,
    /// This agency may let the other one know.
    pub may_release: bool,
}

/// Evidence lines of one alert.
const EVIDENCE_MAX: usize = 64;
/// Agencies of one cluster.
const CLUSTER_AGENCIES_MAX: usize = 4_096;

impl StoredAlert {
    /// Takes out what it says of the other record; that it was there, and its version, stays.
    pub fn empty(&mut self) {
        self.evidence.clear();
        self.cluster.clear();
        self.cluster_agencies.clear();
        self.other_roles = Roles::default();
        self.other_is_child = false;
    }

    /// Refuses what no honest hub sends.
    ///
    /// # Errors
    /// [`NodeError::BadAlert`].
    pub fn check(&self) -> Result<(), NodeError> {
        let wrong = if self.version == 0 {
            Some("version 0")
        } else if self.evidence.len() > EVIDENCE_MAX {
            Some("too much evidence")
        } else if self.cluster_agencies.len() > CLUSTER_AGENCIES_MAX {
            Some("too many agencies")
        } else if self.cluster.len() > 64 {
            Some("a cluster name that is too long")
        } else {
            None
        };
        wrong.map_or(Ok(()), |what| Err(NodeError::BadAlert(what)))
    }
}

/// An alert for display at the node: the only place where it stands beside a name.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct AlertView {
    /// The alert.
    #[serde(flatten)]
    pub alert: StoredAlert,
    /// The agency's own reference; `None` when the record is no longer here.
    pub record: Option<String>,
    /// Names as the agency wrote them.
    pub names: Option<String>,
    /// The other agency's roles in words.
    pub other_roles_words: Vec<&'static str>,
    /// The evidence in plain English.
    pub explanation: Explanation,
}

impl std::fmt::Debug for AlertView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AlertView")
            .field("alert", &self.alert)
            .field("record", &"<redacted>")
            .finish_non_exhaustive()
    }
}

/// Takes events of the hub, in order: the effect of each (alert, version) happens once, and the
/// cursor moves in the same step, so that a crash neither loses nor repeats one.
///
/// # Errors
/// [`NodeError::BadAlert`], or what the store gives.
pub fn receive_alerts(
    store: &impl NodeStore,
    events: Vec<(u64, StoredAlert)>,
) -> Result<(), NodeError> {
    let Some(cursor) = events.iter().map(|(cursor, _)| *cursor).max() else {
        return Ok(());
    };
    let mut alerts = Vec::with_capacity(events.len());
    for (_, alert) in events {
        alert.check()?;
        alerts.push(alert);
    }
    store.commit_alerts(AlertCommit { alerts, cursor })
}

/// Every alert with its own record, newest first.
///
/// # Errors
/// What the store gives.
pub fn alert_views(store: &impl NodeStore) -> Result<Vec<AlertView>, NodeError> {
    let mut alerts = store.alerts()?;
    alerts.sort_by_key(|alert| std::cmp::Reverse((alert.raised, alert.alert_id)));
    alerts
        .into_iter()
        .map(|alert| {
            let record = store.record_of(&alert.own)?;
            let details = record.as_ref().and_then(|record| record.details.as_ref());
            Ok(AlertView {
                record: details.map(|d| d.reference.clone()),
                names: details.map(|d| d.names.clone()),
                other_roles_words: alert.other_roles.iter().map(Role::word).collect(),
                explanation: Explanation::of(&alert.evidence),
                alert,
            })
        })
        .collect()
}
