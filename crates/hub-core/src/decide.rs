//! An agency's decision on an alert.

use sanctuary_types::{AlertId, AlertState, PartyId, Timestamp, Visibility};

use crate::{
    Hub, HubError,
    alert::{Alert, Decision},
    clusters::ClusterView,
    events,
    ports::{PostingLog, StateStore},
    round::publish,
    tell::Teller,
};

/// Bytes of a reason code.
const REASON_BYTES_MAX: usize = 40;

/// What an agency may decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionKind {
    /// It is right.
    Confirmed,
    /// It is wrong; stays so until new evidence.
    NotTheSame,
    /// An earlier decision is withdrawn.
    Reopen,
    /// The owner of an owner-first record lets the other agency know.
    ReleaseToOther,
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionRequest {
    /// Alert decided on.
    pub alert_id: AlertId,
    /// The caller's version of it: refused when it has changed since.
    pub version: u32,
    /// What is decided.
    pub kind: DecisionKind,
    /// A code of the partnership's list: up to 40 of a-z, 0-9, `_` and `-`; no free text.
    pub reason: String,
}

/// See [`Hub::decide`].
pub(crate) fn decide<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    agency: &PartyId,
    request: &DecisionRequest,
    now: Timestamp,
) -> Result<u32, HubError> {
    check_reason(&request.reason)?;
    let mut matching = hub.matching();
    let mut alert = matching
        .alerts
        .get(&request.alert_id)
        .cloned()
        .ok_or(HubError::UnknownAlert)?;
    let side = side_of(&alert, agency, request.version)?;
    apply(&mut alert, side, agency, request, now)?;
    let matching = &mut *matching;
    let clusters = [told_cluster(hub, &alert, 0)?, told_cluster(hub, &alert, 1)?];
    let mut teller = Teller::new(&hub.state, now, &mut matching.alerts, &mut matching.cursors);
    teller.tell(alert, clusters)?;
    teller.finish()?;
    // What others may see of the group changes with the next round.
    matching.touch(&request.alert_id);
    publish(hub, matching);
    let told = matching
        .alerts
        .get(&request.alert_id)
        .and_then(|a| a.sides[side].told.as_ref());
    told.map(|told| told.version).ok_or(HubError::UnknownAlert)
}

fn check_reason(reason: &str) -> Result<(), HubError> {
    let is_code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    if reason.len() <= REASON_BYTES_MAX && reason.bytes().all(is_code) {
        Ok(())
    } else {
        Err(HubError::Decision {
            problem: "a reason is a code of up to 40 characters of a-z, 0-9, _ and -, not free text",
        })
    }
}

/// The caller's side. An alert that the caller was never told of does not exist for it.
fn side_of(alert: &Alert, agency: &PartyId, version: u32) -> Result<usize, HubError> {
    let side = alert
        .sides
        .iter()
        .position(|side| side.agency == *agency && side.told.is_some());
    let side = side.ok_or(HubError::UnknownAlert)?;
    let told = alert.sides[side]
        .told
        .as_ref()
        .ok_or(HubError::UnknownAlert)?;
    if told.version != version {
        return Err(HubError::StaleAlert {
            current: told.version,
        });
    }
    if told.state == AlertState::Lapsed {
        return Err(HubError::Decision {
            problem: "it has lapsed, so there is nothing to decide",
        });
    }
    Ok(side)
}

fn apply(
    alert: &mut Alert,
    side: usize,
    agency: &PartyId,
    request: &DecisionRequest,
    now: Timestamp,
) -> Result<(), HubError> {
    let finding = alert.finding.as_ref();
    let kind = finding.map(|f| f.kind);
    let codes = finding.map(|f| f.codes.clone()).unwrap_or_default();
    let decided = |state| {
        Some(Decision {
            state,
            kind,
            codes,
            by: agency.clone(),
            reason: request.reason.clone(),
            at: now,
        })
    };
    match request.kind {
        DecisionKind::Confirmed => alert.decision = decided(AlertState::Confirmed),
        DecisionKind::NotTheSame => alert.decision = decided(AlertState::NotTheSame),
        DecisionKind::Reopen if alert.decision.is_none() => {
            return Err(HubError::Decision {
                problem: "it is open already",
            });
        }
        DecisionKind::Reopen => alert.decision = None,
        DecisionKind::ReleaseToOther => {
            let own = &mut alert.sides[side];
            if own.visibility != Visibility::OwnerFirst || own.released {
                return Err(HubError::Decision {
                    problem: "only the owner of an owner-first record can release it, and only once",
                });
            }
            own.released = true;
        }
    }
    Ok(())
}

/// The group that a side was told last: a decision alone does not change it.
fn told_cluster<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    alert: &Alert,
    side: usize,
) -> Result<Option<ClusterView>, HubError> {
    let side = &alert.sides[side];
    let Some(told) = &side.told else {
        return Ok(None);
    };
    let view = events::at(&hub.state, &side.agency, told.cursor)?.map(|event| event.view);
    Ok(view.and_then(|view| {
        Some(ClusterView {
            id: view.cluster_id?,
            agencies: view.cluster_agencies,
        })
    }))
}
