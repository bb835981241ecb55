//! What an agency is told of a possible match, and the stream it reads it from.

use sanctuary_types::{
    AlertId, AlertKind, AlertState, Band, Evidence, PartyId, Pseudonym, Roles, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    HubError,
    ports::{Change, StateStore, StateTable},
};

/// One alert as one agency may see it. Each alert has one event in an agency's stream, its newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertEvent {
    /// Position in the agency's own stream; resume after it. Says nothing of other agencies.
    pub cursor: u64,
    /// The alert, under the same id at both agencies.
    pub alert_id: AlertId,
    /// Grows with each change that this agency can see.
    pub version: u32,
    /// When this agency was first told.
    pub raised: Timestamp,
    /// What may be told.
    pub view: View,
}

/// The content of an event: no values, no pseudonym but the agency's own, no exact weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// What the alert says.
    pub kind: AlertKind,
    /// How strong.
    pub band: Band,
    /// Where it stands.
    pub state: AlertState,
    /// The agency's own record.
    pub own_pseudonym: Pseudonym,
    /// Who holds the other record.
    pub other_agency: PartyId,
    /// How the other agency regards the person.
    pub other_roles: Roles,
    /// The other agency knows the person as under 18.
    pub other_is_child: bool,
    /// Why.
    pub evidence: Vec<Evidence>,
    /// The group of alerts it belongs to, when three or more agencies may know the person.
    pub cluster_id: Option<ClusterId>,
    /// Agencies of that group that this agency may know of, itself included, by name.
    pub cluster_agencies: Vec<PartyId>,
    /// To be handled by safeguarding before anybody acts.
    pub safeguarding_first: bool,
    /// The agency's own record is owner-first, and it may let the other agency know.
    pub may_release: bool,
}

/// A group of alerts that may all concern one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClusterId(pub [u8; 16]);

/// Up to `limit` events of `agency` after `cursor`.
pub(crate) fn after<S: StateStore>(
    state: &S,
    agency: &PartyId,
    cursor: u64,
    limit: usize,
) -> Result<Vec<AlertEvent>, HubError> {
    let rows = state.scan(
        StateTable::Events,
        &prefix(agency),
        Some(&key(agency, cursor)),
        limit,
    )?;
    rows.iter().map(|(_, value)| read(value)).collect()
}

/// The event at exactly `cursor`.
pub(crate) fn at<S: StateStore>(
    state: &S,
    agency: &PartyId,
    cursor: u64,
) -> Result<Option<AlertEvent>, HubError> {
    let rows = state.scan(StateTable::Events, &key(agency, cursor), None, 1)?;
    rows.first().map(|(_, value)| read(value)).transpose()
}

/// The last cursor of every agency that was ever told anything.
pub(crate) fn last_cursors<S: StateStore>(state: &S) -> Result<Vec<(PartyId, u64)>, HubError> {
    const PAGE: usize = 1024;
    let mut last: Vec<(PartyId, u64)> = Vec::new();
    let mut from: Option<Vec<u8>> = None;
    loop {
        let rows = state.scan(StateTable::Events, &[], from.as_deref(), PAGE)?;
        for (key, _) in &rows {
            let (agency, cursor) = read_key(key).ok_or(HubError::DamagedState)?;
            match last.last_mut() {
                Some(entry) if entry.0 == agency => entry.1 = cursor,
                _ => last.push((agency, cursor)),
            }
        }
        match rows.last() {
            Some((key, _)) if rows.len() == PAGE => from = Some(key.clone()),
            _ => return Ok(last),
        }
    }
}

/// Puts an event into its agency's stream, in place of `old`.
pub(crate) fn put(
    agency: &PartyId,
    event: &AlertEvent,
    old: Option<u64>,
    changes: &mut Vec<Change>,
) -> Result<(), HubError> {
    let value = serde_json::to_vec(event).map_err(|_| HubError::DamagedState)?;
    changes.push(Change {
        table: StateTable::Events,
        key: key(agency, event.cursor),
        value: Some(value),
    });
    changes.extend(old.map(|cursor| Change {
        table: StateTable::Events,
        key: key(agency, cursor),
        value: None,
    }));
    Ok(())
}

/// Takes the event at `cursor` out of an agency's stream.
pub(crate) fn gone(agency: &PartyId, cursor: u64) -> Change {
    Change {
        table: StateTable::Events,
        key: key(agency, cursor),
        value: None,
    }
}

fn read(value: &[u8]) -> Result<AlertEvent, HubError> {
    serde_json::from_slice(value).map_err(|_| HubError::DamagedState)
}

// Party ids have no zero byte, so no agency's prefix is another's.
fn prefix(agency: &PartyId) -> Vec<u8> {
    [agency.as_bytes(), &[0]].concat()
}

fn key(agency: &PartyId, cursor: u64) -> Vec<u8> {
    [agency.as_bytes(), &[0], &cursor.to_be_bytes()].concat()
}

fn read_key(key: &[u8]) -> Option<(PartyId, u64)> {
    let (agency, cursor) = key.split_at_checked(key.len().checked_sub(8)?)?;
    let agency = std::str::from_utf8(agency.strip_suffix(&[0])?).ok()?;
    Some((
        agency.parse().ok()?,
        u64::from_be_bytes(cursor.try_into().ok()?),
    ))
}
