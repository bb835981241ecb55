//! Telling: from what changed to durable events, and only then to memory.

use std::collections::HashMap;

use sanctuary_types::{AlertId, AlertState, PartyId, Timestamp};

use crate::{
    HubError,
    alert::{Alert, Told},
    batch::sha256,
    clusters::ClusterView,
    events::{self, AlertEvent, View},
    ports::{Change, StateStore, StateTable},
};

/// Alerts written in one atomic change: bounds what a crash can leave for the next round.
const ALERTS_PER_WRITE: usize = 1024;

/// What a round told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TellReport {
    /// Alerts an agency heard of for the first time.
    pub raised: u32,
    /// Alerts that changed for an agency.
    pub changed: u32,
    /// Alerts that lapsed for an agency.
    pub lapsed: u32,
}

/// Collects changed alerts and writes them in portions.
pub(crate) struct Teller<'a, S> {
    state: &'a S,
    now: Timestamp,
    alerts: &'a mut HashMap<AlertId, Alert>,
    cursors: &'a mut HashMap<PartyId, u64>,
    waiting: Vec<Alert>,
    changes: Vec<Change>,
    /// Cursors given out and not yet durable.
    given: HashMap<PartyId, u64>,
    report: TellReport,
}

impl<'a, S: StateStore> Teller<'a, S> {
    pub(crate) fn new(
        state: &'a S,
        now: Timestamp,
        alerts: &'a mut HashMap<AlertId, Alert>,
        cursors: &'a mut HashMap<PartyId, u64>,
    ) -> Self {
        Self {
            state,
            now,
            alerts,
            cursors,
            waiting: Vec::new(),
            changes: Vec::new(),
            given: HashMap::new(),
            report: TellReport::default(),
        }
    }

    /// The alert as it is now.
    pub(crate) fn current(&self, id: &AlertId) -> Option<&Alert> {
        self.alerts.get(id)
    }

    /// Every alert, in no order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.values()
    }

    /// Takes the new form of an alert with what each side may see of its cluster; tells a side
    /// when its view changed. An alert that nobody may hear of is not kept.
    pub(crate) fn tell(
        &mut self,
        mut alert: Alert,
        clusters: [Option<ClusterView>; 2],
    ) -> Result<(), HubError> {
        if alert.finding.is_some() {
            (alert.lapsed, alert.emptied) = (None, false);
        } else {
            alert.lapsed.get_or_insert(self.now);
        }
        for (i, cluster) in clusters.into_iter().enumerate() {
            match alert.view(i, cluster) {
                Some(view) => self.show(&mut alert, i, view)?,
                None => self.lapse(&mut alert, i)?,
            }
        }
        let known = self.alerts.get(&alert.id);
        let worth_keeping = known.is_some() || alert.sides.iter().any(|side| side.told.is_some());
        if worth_keeping && known != Some(&alert) {
            self.changes.push(Change {
                table: StateTable::Alerts,
                key: alert.id.0.to_vec(),
                value: Some(alert.to_json()?),
            });
            self.waiting.push(alert);
        }
        if self.waiting.len() >= ALERTS_PER_WRITE {
            self.write()
        } else {
            Ok(())
        }
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self) -> Result<TellReport, HubError> {
        self.write()?;
        Ok(self.report)
    }

    fn show(&mut self, alert: &mut Alert, i: usize, view: View) -> Result<(), HubError> {
        let digest = digest(&view)?;
        match &alert.sides[i].told {
            Some(told) if told.digest == digest => return Ok(()),
            Some(_) => self.report.changed += 1,
            None => self.report.raised += 1,
        }
        self.send(alert, i, view, digest)
    }

    /// A side that was told of an alert hears once that it is over: with what it was told last,
    /// nothing newer.
    fn lapse(&mut self, alert: &mut Alert, i: usize) -> Result<(), HubError> {
        let side = &alert.sides[i];
        let Some(told) = side.told.as_ref().filter(|t| t.state != AlertState::Lapsed) else {
            return Ok(());
        };
        let last = events::at(self.state, &side.agency, told.cursor)?;
        let last = last.ok_or(HubError::DamagedState)?;
        let view = View {
            state: AlertState::Lapsed,
            cluster_id: None,
            cluster_agencies: Vec::new(),
            may_release: false,
            ..last.view
        };
        self.report.lapsed += 1;
        let digest = digest(&view)?;
        self.send(alert, i, view, digest)
    }

    fn send(
        &mut self,
        alert: &mut Alert,
        i: usize,
        view: View,
        digest: [u8; 16],
    ) -> Result<(), HubError> {
        let id = alert.id;
        let side = &mut alert.sides[i];
        let old = side.told.as_ref();
        let told = Told {
            cursor: self.next_cursor(&side.agency),
            version: old.map_or(1, |told| told.version.saturating_add(1)),
            raised: old.map_or(self.now, |told| told.raised),
            state: view.state,
            digest,
        };
        let event = AlertEvent {
            cursor: told.cursor,
            alert_id: id,
            version: told.version,
            raised: told.raised,
            view,
        };
        events::put(
            &side.agency,
            &event,
            old.map(|told| told.cursor),
            &mut self.changes,
        )?;
        side.told = Some(told);
        Ok(())
    }

    fn next_cursor(&mut self, agency: &PartyId) -> u64 {
        let durable = self.cursors.get(agency).copied().unwrap_or(0);
        let last = self.given.entry(agency.clone()).or_insert(durable);
        // A hub restored from an old copy goes on after what nodes have read since.
        *last = last.saturating_add(1).max(self.now.0);
        *last
    }

    /// Durable first, then memory: a failure leaves both as they were.
    fn write(&mut self) -> Result<(), HubError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        self.state.apply(&self.changes)?;
        self.changes.clear();
        self.cursors.extend(self.given.drain());
        self.alerts
            .extend(self.waiting.drain(..).map(|alert| (alert.id, alert)));
        Ok(())
    }
}

fn digest(view: &View) -> Result<[u8; 16], HubError> {
    let json = serde_json::to_vec(view).map_err(|_| HubError::DamagedState)?;
    let mut out = [0; 16];
    out.copy_from_slice(&sha256(&json)[..16]);
    Ok(out)
}
