//! What a node counts for a Prometheus. Counts and times of the node itself, none of a record, a person or
//! another agency.

use std::time::Instant;

use sanctuary_health::{
    FigureError, Figures, Histogram, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
};
use sanctuary_rpc::now;
use sanctuary_types::{KeyClass, PartyId, Timestamp};

use super::NodeStatus;

/// What a node counts.
pub(crate) struct NodeFigures {
    pub(crate) figures: Figures,
    batches: IntCounter,
    tokens: IntCounter,
    alerts: IntCounter,
    pub(crate) refusals: IntCounterVec,
    push_seconds: Histogram,
    publish_seconds: Histogram,
    gauges: Gauges,
}

struct Gauges {
    records: IntGauge,
    pending: IntGauge,
    outbox: IntGauge,
    waiting_since: IntGauge,
    last_push: IntGauge,
    hub_heard: IntGauge,
    person_quota: IntGauge,
    identifier_quota: IntGauge,
    certificate_expires: IntGauge,
    manifest_expires: IntGauge,
    roster_version: IntGauge,
    rules_version: IntGauge,
    ledger_waiting: IntGauge,
    ledger_unproven: IntGauge,
    ledger_refused: IntGauge,
    ledger_alarms: IntGauge,
    problem: IntGaugeVec,
    attention: IntGauge,
}

impl NodeFigures {
    pub(crate) fn new(party: &PartyId) -> Result<Self, FigureError> {
        let figures = Figures::new(party)?;
        let gauges = Gauges::new(&figures)?;
        Ok(Self {
            batches: figures
                .counter("node_batches_total", "Batches that the hub holds durably.")?,
            tokens: figures.counter(
                "node_tokens_total",
                "Postings of own records in packed batches, without dummies.",
            )?,
            alerts: figures.counter(
                "node_alerts_heard_total",
                "Events of possible matches heard from the hub.",
            )?,
            refusals: figures.counter_by_code(
                "refusals_total",
                "Evaluations that a key holder refused or did not answer, by error code.",
            )?,
            push_seconds: figures.durations(
                "node_push_seconds",
                "How long a push of the outbox takes until the hub holds it.",
            )?,
            publish_seconds: figures.durations(
                "node_publish_seconds",
                "How long it takes to tokenise and pack a batch.",
            )?,
            gauges,
            figures,
        })
    }

    pub(crate) fn pushed(&self, began: Instant, batches: u64) {
        self.batches.inc_by(batches);
        self.push_seconds.observe(began.elapsed().as_secs_f64());
    }

    pub(crate) fn packed(&self, began: Instant, tokens: u64) {
        self.tokens.inc_by(tokens);
        self.publish_seconds.observe(began.elapsed().as_secs_f64());
    }

    pub(crate) fn heard(&self, events: usize) {
        self.alerts.inc_by(events as u64);
    }

    /// Sets what goes up and down. `parts` are the parts of the daemon that cannot go on.
    pub(crate) fn set(&self, status: &NodeStatus, parts: &[&'static str]) {
        let to = &self.gauges;
        to.records.set(count(status.records));
        to.pending.set(count(status.pending));
        to.outbox.set(count(status.outbox));
        to.waiting_since.set(moment(status.waiting_since));
        to.last_push.set(moment(status.last_push));
        to.hub_heard.set(moment(status.hub_heard));
        for (class, gauge) in [
            (KeyClass::Person, &to.person_quota),
            (KeyClass::Identifier, &to.identifier_quota),
        ] {
            // Unknown is told apart from used up.
            gauge.set(status.quota_left(class, now()).map_or(-1, count));
        }
        to.certificate_expires
            .set(moment(Some(status.certificate_until)));
        let first = status.manifests.iter().map(|key| key.until).min();
        to.manifest_expires.set(moment(first));
        to.roster_version.set(count(status.roster_version.into()));
        to.rules_version.set(count(status.rules_version.into()));
        to.ledger_waiting.set(count(status.ledger.waiting));
        to.ledger_unproven.set(count(status.ledger.unproven));
        to.ledger_refused.set(count(status.ledger.refused));
        to.ledger_alarms
            .set(i64::from(!status.ledger.alarm().is_empty()));
        to.problem.reset();
        for part in parts {
            to.problem.with_label_values(&[*part]).set(1);
        }
        to.attention.set(count(status.attention.len() as u64));
    }
}

impl Gauges {
    fn new(figures: &Figures) -> Result<Self, FigureError> {
        Ok(Self {
            records: figures.gauge("node_records", "Records that take part.")?,
            pending: figures.gauge("node_pending_records", "Records that wait to be tokenised.")?,
            outbox: figures.gauge("node_outbox_batches", "Batches that wait for the hub.")?,
            waiting_since: figures.gauge("node_waiting_since_timestamp_seconds", "Since when something has been waiting without a break; 0 = nothing waits.")?,
            last_push: figures.gauge("node_last_push_timestamp_seconds", "When the hub last held a batch durably; 0 = never.")?,
            hub_heard: figures.gauge("node_hub_heard_timestamp_seconds", "When the hub last answered; 0 = never.")?,
            person_quota: figures.gauge("node_person_quota_left", "Elements left today under the person key, at the key holder that has least; -1 = not known.")?,
            identifier_quota: figures.gauge("node_identifier_quota_left", "Elements left today under the identifier key, at the key holder that has least; -1 = not known.")?,
            certificate_expires: figures.gauge("certificate_expires_timestamp_seconds", "End of the own certificate.")?,
            manifest_expires: figures.gauge("manifest_expires_timestamp_seconds", "End of the manifest that ends first; 0 = none.")?,
            roster_version: figures.gauge("roster_version", "Version of the roster in force.")?,
            rules_version: figures.gauge("node_rules_version", "Version of the rules of normalisation.")?,
            ledger_waiting: figures.gauge("node_ledger_waiting", "Own acts that the hub has not promised yet.")?,
            ledger_unproven: figures.gauge("node_ledger_unproven", "Own acts that are promised and not yet proven.")?,
            ledger_refused: figures.gauge("node_ledger_refused", "Own acts that the hub does not take.")?,
            ledger_alarms: figures.gauge("node_ledger_alarm", "1 = the ledger is not as it must be; `status` says how.")?,
            problem: figures.gauge_by_part("node_problem", "1 = this part of the daemon cannot go on for now.")?,
            attention: figures.gauge("attention", "Things that need a person; `status` says which.")?,
        })
    }
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Seconds since 1970; 0 for never.
fn moment(at: Option<Timestamp>) -> i64 {
    at.map_or(0, |at| count(at.0 / 1_000))
}
