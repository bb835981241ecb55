//! A case as it lies in the store: a head that this node needs, and the steps that are the case.

use sanctuary_disclosure::{Actor, Case, CaseFile, Event, HubStage, Side, Stage};
use sanctuary_envelope::SessionKey;
use sanctuary_types::{AlertId, CaseId, Epoch, PartyId, Pseudonym, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Casework, CaseworkError, Change, Shelf,
    codec::{Secret, damaged, from_json, json},
};

/// Cases that a node keeps.
pub(crate) const CASES_MAX: usize = 100_000;

/// What the node keeps of a case beside its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) side: Side,
    pub(crate) other: PartyId,
    pub(crate) alert: AlertId,
    /// The own record that the alert spoke of when the case began.
    pub(crate) own: Pseudonym,
    pub(crate) opened: Timestamp,
    pub(crate) agreement_version: u32,
    /// From the proof of match; the requester has none before sending.
    pub(crate) session: Option<(Epoch, Secret)>,
    pub(crate) next_serial: u32,
    pub(crate) steps: u32,
    /// Who sent it, while the other node is still proving the match.
    pub(crate) wish: Option<Actor>,
    /// What the hub was last told.
    pub(crate) hub_told: Option<HubStage>,
    /// The released values have been destroyed here.
    pub(crate) emptied: bool,
    pub(crate) exported: u32,
    /// Nothing more can come of it but its deletion; since when.
    pub(crate) over: Option<Timestamp>,
}

impl Head {
    pub(crate) fn session(&self) -> Option<(Epoch, SessionKey)> {
        let (epoch, secret) = self.session.as_ref()?;
        Some((*epoch, SessionKey::from_store(secret.0.clone())))
    }
}

/// A loaded case.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) head: Head,
    pub(crate) case: Case,
    pub(crate) events: Vec<Event>,
}

impl Loaded {
    pub(crate) const fn id(&self) -> CaseId {
        self.case.id()
    }

    /// Whether nothing more can come of it but its deletion.
    pub(crate) fn is_over(&self) -> bool {
        match self.case.stage() {
            Stage::Closed | Stage::Withdrawn => self.case.live().is_none(),
            // An unanswered request has nothing to destroy.
            Stage::Expired => self.case.releases() == 0 || self.case.destroyed().is_some(),
            Stage::Recalled => self.case.destroyed().is_some(),
            _ => false,
        }
    }
}

impl Casework<'_> {
    pub(crate) fn load(&self, id: &CaseId) -> Result<Option<Loaded>, CaseworkError> {
        match self.ports.store.get(Shelf::Case, &id.0)? {
            Some(row) => self.load_with(id, &row).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn case_of(&self, id: &CaseId) -> Result<Loaded, CaseworkError> {
        self.load(id)?.ok_or(CaseworkError::NoSuchCase)
    }

    /// Every case, in the order of ids.
    pub(crate) fn load_all(&self) -> Result<Vec<Loaded>, CaseworkError> {
        let rows = self.ports.store.list(Shelf::Case, &[])?;
        let load = |(key, row): (Vec<u8>, crate::Value)| {
            let id = CaseId(key.try_into().map_err(|_| damaged("case"))?);
            self.load_with(&id, &row)
        };
        rows.into_iter().map(load).collect()
    }

    fn load_with(&self, id: &CaseId, row: &[u8]) -> Result<Loaded, CaseworkError> {
        let head: Head = from_json(row, "case")?;
        let steps = self.ports.store.list(Shelf::Step, &id.0)?;
        if steps.len() != head.steps as usize {
            return Err(damaged("case"));
        }
        let events: Result<Vec<Event>, _> = steps
            .iter()
            .map(|(_, row)| from_json(row, "case"))
            .collect();
        let file = CaseFile {
            format: 1,
            side: head.side,
            events: events?,
        };
        let case = Case::replay(&file).map_err(|_| damaged("case"))?;
        Ok(Loaded {
            head,
            case,
            events: file.events,
        })
    }

    /// The changes that take the released values out of a stored case.
    pub(crate) fn empty(loaded: &mut Loaded) -> Vec<Change> {
        let file = CaseFile {
            format: 1,
            side: loaded.head.side,
            events: loaded.events.clone(),
        };
        let emptied = file.emptied();
        let id = loaded.id();
        loaded.head.emptied = true;
        let changed = emptied.events.iter().enumerate();
        let changes = changed
            .filter(|(n, event)| loaded.events.get(*n) != Some(*event))
            .map(|(n, event)| Change::put(Shelf::Step, step_key(&id, n as u32), json(event)))
            .collect();
        loaded.events = emptied.events;
        changes
    }
}

pub(crate) fn step_key(case: &CaseId, number: u32) -> Vec<u8> {
    numbered(case, number)
}

pub(crate) fn numbered(case: &CaseId, number: u32) -> Vec<u8> {
    [case.0.as_slice(), &number.to_be_bytes()].concat()
}
