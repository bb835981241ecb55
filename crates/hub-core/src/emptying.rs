//! Alerts that have lapsed for long: what they said of two records goes, at both agencies' streams too.
//!
//! What stays is the alert's id, the two agencies and the last versions they were told, so that an alert
//! on the same two records later goes on where this one ended.

use sanctuary_types::{DAY_MS, Pseudonym, Roles, Timestamp, Visibility, limits::LAPSED_ALERT_DAYS};

use crate::{
    Hub, HubError,
    alert::Alert,
    events,
    matching::Matching,
    ports::{Change, PostingLog, StateStore, StateTable},
};

/// Alerts emptied in one atomic change.
const ALERTS_PER_WRITE: usize = 256;

/// Empties what is due, at most once a day; gives how many alerts.
pub(crate) fn run<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    matching: &mut Matching,
    now: Timestamp,
) -> Result<usize, HubError> {
    if matching.emptied_on == Some(now.day()) {
        return Ok(0);
    }
    let kept_ms = u64::from(LAPSED_ALERT_DAYS) * DAY_MS;
    let is_due = |alert: &&Alert| {
        let lapsed = alert.lapsed.filter(|_| !alert.emptied);
        lapsed.is_some_and(|at| at.0.saturating_add(kept_ms) <= now.0)
    };
    let mut due: Vec<Alert> = matching.alerts.values().filter(is_due).cloned().collect();
    due.sort_by_key(|alert| alert.id);
    for step in due.chunks_mut(ALERTS_PER_WRITE) {
        let mut changes = Vec::new();
        for alert in step.iter_mut() {
            for side in &alert.sides {
                let cursor = side.told.as_ref().map(|told| told.cursor);
                changes.extend(cursor.map(|cursor| events::gone(&side.agency, cursor)));
            }
            alert.empty();
            changes.push(Change {
                table: StateTable::Alerts,
                key: alert.id.0.to_vec(),
                value: Some(alert.to_json()?),
            });
        }
        hub.state.apply(&changes)?;
        for alert in step.iter() {
            matching.special.remove(&alert.id);
            matching.alerts.insert(alert.id, alert.clone());
        }
    }
    matching.emptied_on = Some(now.day());
    Ok(due.len())
}

impl Alert {
    fn empty(&mut self) {
        self.finding = None;
        self.decision = None;
        self.emptied = true;
        for side in &mut self.sides {
            side.pseudonym = Pseudonym([0; 16]);
            side.visibility = Visibility::Silent;
            side.roles = Roles::default();
            side.child = false;
            side.released = false;
        }
    }
}
