//! No ledger, no operation, where it cannot be forgotten: nothing that somebody will be told is stored
//! before the log holds an entry for it.

use std::collections::BTreeMap;

use sanctuary_hub_core::{
    PortError,
    ports::{Change, StateRows, StateStore, StateTable},
};
use sanctuary_ledger::{Act, ActorRole, EntryKind};
use sanctuary_types::{PartyId, lp};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::HubLedger;

/// The hub's state behind its log.
pub struct LoggedState<S> {
    inner: S,
    ledger: HubLedger,
}

impl<S> LoggedState<S> {
    /// `inner`, whose events and agreements are logged in `ledger` first.
    pub const fn new(inner: S, ledger: HubLedger) -> Self {
        Self { inner, ledger }
    }
}

impl<S: StateStore> StateStore for LoggedState<S> {
    fn apply(&self, changes: &[Change]) -> Result<(), PortError> {
        for act in acts_of(changes) {
            self.ledger
                .log_own(act)
                .map_err(|error| PortError(Box::new(error)))?;
        }
        self.inner.apply(changes)
    }

    fn scan(
        &self,
        table: StateTable,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<StateRows, PortError> {
        self.inner.scan(table, prefix, after, limit)
    }
}

/// Events that agencies are going to be told, in one change of the state: one entry for each agency.
#[derive(Default)]
struct Told {
    events: u64,
    from: u64,
    to: u64,
    hash: Sha256,
}

fn acts_of(changes: &[Change]) -> Vec<Act> {
    let mut told: BTreeMap<PartyId, Told> = BTreeMap::new();
    let mut agreements: BTreeMap<u32, Sha256> = BTreeMap::new();
    let mut editions: Option<Sha256> = None;
    for change in changes {
        let Some(value) = &change.value else {
            continue;
        };
        match change.table {
            StateTable::Events => {
                if let Some((agency, cursor)) = event_key(&change.key) {
                    let told = told.entry(agency).or_default();
                    told.events += 1;
                    told.from = if told.events == 1 {
                        cursor
                    } else {
                        told.from.min(cursor)
                    };
                    told.to = told.to.max(cursor);
                    told.hash.update(lp(&[&change.key, value]));
                }
            }
            StateTable::Agreements => {
                if let Some(version) = change.key.first_chunk::<4>() {
                    let hash = agreements.entry(u32::from_be_bytes(*version)).or_default();
                    hash.update(value);
                }
            }
            // Kind 1 is the chain of editions, written with each release.
            StateTable::Figures if change.key.first() == Some(&1) => {
                editions.get_or_insert_with(Sha256::default).update(value);
            }
            _ => {}
        }
    }
    let told = told
        .into_iter()
        .map(|(agency, told)| of_events(agency, told));
    let agreements = agreements
        .into_iter()
        .map(|(v, hash)| of_agreement(v, hash));
    let editions = editions.map(of_editions);
    told.chain(agreements).chain(editions).collect()
}

fn of_events(agency: PartyId, told: Told) -> Act {
    let hash: [u8; 32] = told.hash.finalize().into();
    let content = json!({
        "act": "possible matches told",
        "agency": agency,
        "events": told.events,
        "from_cursor": told.from,
        "to_cursor": told.to,
        "sha256": hex::encode(hash),
    });
    Act {
        kind: EntryKind::MatchRaised,
        role: ActorRole::System,
        same: lp(&[b"told", agency.as_bytes(), &hash]),
        concerned: vec![agency],
        content: content.to_string().into_bytes(),
    }
}

fn of_editions(hash: Sha256) -> Act {
    let hash: [u8; 32] = hash.finalize().into();
    let content = json!({
        "act": "edition of the board pack released",
        "sha256_of_chain": hex::encode(hash),
    });
    Act {
        kind: EntryKind::Disclose,
        role: ActorRole::System,
        concerned: Vec::new(),
        same: lp(&[b"figures", &hash]),
        content: content.to_string().into_bytes(),
    }
}

fn of_agreement(version: u32, hash: Sha256) -> Act {
    let hash: [u8; 32] = hash.finalize().into();
    let content = json!({
        "act": "sharing agreement put",
        "version": version,
        "sha256": hex::encode(hash),
    });
    Act {
        kind: EntryKind::Agreement,
        role: ActorRole::System,
        concerned: Vec::new(),
        same: lp(&[b"agreement", &version.to_be_bytes(), &hash]),
        content: content.to_string().into_bytes(),
    }
}

/// Agency, 0, cursor u64 BE.
fn event_key(key: &[u8]) -> Option<(PartyId, u64)> {
    let (agency, cursor) = key.split_last_chunk::<8>()?;
    let agency = std::str::from_utf8(agency.strip_suffix(&[0])?).ok()?;
    Some((agency.parse().ok()?, u64::from_be_bytes(*cursor)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(agency: &str, cursor: u64, value: Option<&[u8]>) -> Change {
        Change {
            table: StateTable::Events,
            key: [agency.as_bytes(), &[0], &cursor.to_be_bytes()].concat(),
            value: value.map(<[u8]>::to_vec),
        }
    }

    #[test]
    fn a_change_is_one_entry_for_each_agency_that_is_told_and_for_nobody_else() {
        let acts = acts_of(&[
            event("police", 7, Some(b"a")),
            event("council", 3, Some(b"b")),
            event("police", 9, Some(b"c")),
            // An older event that goes: nobody is told anything.
            event("haven", 2, None),
        ]);
        let concerned: Vec<_> = acts.iter().map(|a| a.concerned[0].as_str()).collect();
        assert_eq!(concerned, ["council", "police"]);
        let content = String::from_utf8(acts[1].content.clone()).unwrap();
        assert!(content.contains("\"events\":2") && content.contains("\"to_cursor\":9"));
        // Another event is another act; the same again is the same.
        let again = acts_of(&[event("council", 3, Some(b"b"))]);
        assert_eq!(again[0].same, acts[0].same);
        assert_ne!(
            acts_of(&[event("council", 3, Some(b"x"))])[0].same,
            acts[0].same
        );
    }
}
