//! Alerts that come into the queue.

use std::collections::BTreeMap;

use sanctuary_node_core::{NodeError, StoredAlert, is_child, ports::NodeStore};
use sanctuary_review::{AlertFacts, Heard};
use sanctuary_rpc::now;
use sanctuary_types::AlertId;

use super::fault;
use crate::Node;

/// Alerts taken in at once while catching up.
const AT_ONCE: usize = 1_024;

impl Node {
    /// Takes events of the hub into the queue, before the stream's cursor moves: heard again they change
    /// nothing.
    pub(crate) fn hear_for_review(
        &self,
        events: &[(u64, StoredAlert)],
    ) -> Result<Heard, NodeError> {
        let mut heard = Vec::with_capacity(events.len());
        for (_, alert) in events {
            alert.check()?;
            heard.push(self.review_facts(alert)?);
        }
        self.review().hear(heard, now()).map_err(fault)
    }

    /// Takes in what was stored before there was a queue, or while it could not be written. Blocks.
    ///
    /// # Errors
    /// What the stores give.
    pub fn catch_up_review(&self) -> Result<Heard, NodeError> {
        let desk = &self.inner.review.desk;
        let behind = |alert: &StoredAlert| {
            let known = desk.alert_version(&alert.alert_id);
            known.is_none_or(|version| version < alert.version)
        };
        let alerts = self.inner.store.alerts()?;
        let missing: BTreeMap<AlertId, StoredAlert> = alerts
            .into_iter()
            .filter(behind)
            .map(|alert| (alert.alert_id, alert))
            .collect();
        let mut sum = Heard::default();
        let mut waiting = Vec::with_capacity(AT_ONCE);
        let mut left = missing.len();
        for alert in missing.values() {
            waiting.push(self.review_facts(alert)?);
            left -= 1;
            if waiting.len() == AT_ONCE || left == 0 {
                let heard = self.review().hear(std::mem::take(&mut waiting), now());
                let heard = heard.map_err(fault)?;
                sum.new += heard.new;
                sum.changed += heard.changed;
                sum.known += heard.known;
            }
        }
        Ok(sum)
    }

    fn review_facts(&self, alert: &StoredAlert) -> Result<AlertFacts, NodeError> {
        let record = self.inner.store.record_of(&alert.own)?;
        let details = record.as_ref().and_then(|r| r.details.as_ref());
        let own_child = details.is_some_and(|d| is_child(&d.canonical, now()));
        Ok(AlertFacts {
            id: alert.alert_id,
            version: alert.version,
            kind: alert.kind,
            band: alert.band,
            hub: alert.state,
            own: alert.own,
            other: alert.other_agency.clone(),
            own_roles: details.map(|d| d.roles).unwrap_or_default(),
            other_roles: alert.other_roles,
            child: own_child || alert.other_is_child,
            safeguarding_first: alert.safeguarding_first,
            evidence: alert.evidence.clone(),
            cluster_agencies: alert.cluster_agencies.clone(),
            raised: alert.raised,
            may_release: alert.may_release,
        })
    }
}
