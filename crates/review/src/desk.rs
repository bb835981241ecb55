use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use sanctuary_disclosure::{Actor, PersonId};
use sanctuary_ledger::{Act, ActorRole, Acts, EntryKind};
use sanctuary_policy::{Action, StaffRole};
use sanctuary_types::{AlertId, Timestamp};
use serde_json::{Value, json};

use crate::{
    Change, Happening, Item, People, PortError, Records, ReviewError, ReviewStore, Rules, Stale,
    What, index::Index,
};

/// The review's state at one node: the index over the stored items, and who may write.
pub struct Desk {
    pub(crate) index: RwLock<Index>,
    rules: RwLock<Rules>,
    /// One change at a time: each looks first and changes afterwards.
    writing: Mutex<()>,
    /// Draws the re-review sample.
    pub(crate) sample_key: [u8; 32],
}

impl Desk {
    /// Reads every stored item once. `sample_key` is a secret of the node: who does not know it cannot tell
    /// which decisions will be looked at again.
    ///
    /// # Errors
    /// What the store gives.
    pub fn open(
        store: &dyn ReviewStore,
        rules: Rules,
        sample_key: [u8; 32],
    ) -> Result<Self, PortError> {
        let mut index = Index::default();
        store.for_each_item(&mut |item| {
            index.put(&item);
            Ok(())
        })?;
        Ok(Self {
            index: RwLock::new(index),
            rules: RwLock::new(rules),
            writing: Mutex::new(()),
            sample_key,
        })
    }

    /// Rules from now on: a new sharing agreement. Times that were promised stay.
    pub fn adopt(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    /// The rules in force.
    #[must_use]
    pub fn rules(&self) -> Rules {
        *self.rules.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The hub's version of an alert that the queue knows; none for one that it does not.
    #[must_use]
    pub fn alert_version(&self, id: &AlertId) -> Option<u32> {
        self.read().alert_version(id)
    }

    /// Items in the queue.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn writer(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the use-cases need.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Rows.
    pub store: &'a dyn ReviewStore,
    /// The log; blocking.
    pub acts: &'a dyn Acts,
    /// The agency's staff.
    pub people: &'a dyn People,
    /// Own records.
    pub records: &'a dyn Records,
}

/// The use-cases of one node. Cheap to make: it holds nothing but the desk and its ports.
#[derive(Clone, Copy)]
pub struct Review<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) ports: Ports<'a>,
}

impl<'a> Review<'a> {
    /// Over this desk and these ports.
    #[must_use]
    pub const fn new(desk: &'a Desk, ports: Ports<'a>) -> Self {
        Self { desk, ports }
    }

    pub(crate) fn need(by: &Actor, action: Action) -> Result<(), ReviewError> {
        if action.permits_any(&by.roles) {
            Ok(())
        } else {
            Err(ReviewError::NeedsRole(action))
        }
    }

    /// The item, when it is still as the person saw it.
    pub(crate) fn seen(&self, id: &AlertId, version: u32) -> Result<Item, ReviewError> {
        let item = self.item(id)?;
        if item.version == version {
            return Ok(item);
        }
        let last = item.history.last();
        Err(ReviewError::Stale(Stale {
            version: item.version,
            what: last.map_or(What::Arrived, |h| h.what),
            by: last.and_then(|h| h.by.clone()),
            at: last.map_or(item.since, |h| h.at),
        }))
    }

    pub(crate) fn item(&self, id: &AlertId) -> Result<Item, ReviewError> {
        let item = self.ports.store.item(id)?;
        item.ok_or(ReviewError::NoSuchAlert)
    }

    /// Stores changed items, then puts them into the index: a query never shows what a crash would lose.
    pub(crate) fn store(&self, items: Vec<Item>) -> Result<(), ReviewError> {
        let change = Change { items, views: None };
        self.ports.store.commit(&change)?;
        let mut index = self.desk.write();
        for item in &change.items {
            index.put(item);
        }
        Ok(())
    }

    /// Notes an act in the log: kept durably before it takes effect here, sent when the log answers. What
    /// leaves the node is promised by the log first, by whoever sends it.
    pub(crate) fn note(
        &self,
        kind: EntryKind,
        action: Action,
        by: &Actor,
        about: Value,
        same: Vec<u8>,
    ) -> Result<(), ReviewError> {
        let content = json!({
            "act": action.word(),
            "about": about,
            "person": by.person,
            "account": by.account,
        });
        self.ports.acts.note(Act {
            kind,
            role: role_of(action, by),
            concerned: Vec::new(),
            same,
            content: content.to_string().into_bytes(),
        })?;
        Ok(())
    }
}

impl Item {
    /// Notes in the history what happened, as the next version.
    pub(crate) fn happened(&mut self, at: Timestamp, by: Option<&PersonId>, what: What) {
        self.version += 1;
        self.also(at, by, what);
    }

    /// A further line of the same version.
    pub(crate) fn also(&mut self, at: Timestamp, by: Option<&PersonId>, what: What) {
        self.history.push(Happening {
            at,
            by: by.cloned(),
            what,
            answer: None,
            reason: None,
            note: None,
            to: None,
        });
    }

    /// Who undecided work goes back to: whoever has it, else nobody.
    pub(crate) const fn waiting_state(&self) -> crate::State {
        if self.assignee.is_some() {
            crate::State::Assigned
        } else {
            crate::State::New
        }
    }
}

pub(crate) fn role_of(action: Action, by: &Actor) -> ActorRole {
    let fits = |role: &&StaffRole| action.permits_role(**role);
    match by.roles.iter().find(fits).or(by.roles.first()) {
        Some(StaffRole::Analyst) => ActorRole::Analyst,
        Some(StaffRole::IntelligenceOfficer) => ActorRole::IntelligenceOfficer,
        Some(StaffRole::Authoriser) => ActorRole::Authoriser,
        Some(StaffRole::Releaser) => ActorRole::Releaser,
        Some(StaffRole::SecondApprover) => ActorRole::SecondApprover,
        Some(StaffRole::DataProtectionOfficer) => ActorRole::DataProtectionOfficer,
        Some(StaffRole::Administrator) => ActorRole::Administrator,
        None => ActorRole::System,
    }
}
