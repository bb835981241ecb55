use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sanctuary_disclosure::PersonId;
use sanctuary_types::AlertId;

use crate::{Change, Item, PortError, ReviewStore, SavedView};

/// Rows in memory, for tests and demonstrations.
#[derive(Debug, Default)]
pub struct MemoryReviewStore(Mutex<Rows>);

#[derive(Debug, Default)]
struct Rows {
    items: BTreeMap<AlertId, Item>,
    views: BTreeMap<PersonId, Vec<SavedView>>,
}

impl MemoryReviewStore {
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReviewStore for MemoryReviewStore {
    fn item(&self, id: &AlertId) -> Result<Option<Item>, PortError> {
        Ok(self.rows().items.get(id).cloned())
    }

    fn for_each_item(
        &self,
        visit: &mut dyn FnMut(Item) -> Result<(), PortError>,
    ) -> Result<(), PortError> {
        let items: Vec<Item> = self.rows().items.values().cloned().collect();
        items.into_iter().try_for_each(visit)
    }

    fn views(&self, person: &PersonId) -> Result<Vec<SavedView>, PortError> {
        Ok(self.rows().views.get(person).cloned().unwrap_or_default())
    }

    fn commit(&self, change: &Change) -> Result<(), PortError> {
        let mut rows = self.rows();
        for item in &change.items {
            change.check(item, rows.items.get(&item.facts.id))?;
        }
        for item in &change.items {
            rows.items.insert(item.facts.id, item.clone());
        }
        if let Some((person, views)) = &change.views {
            rows.views.insert(person.clone(), views.clone());
        }
        Ok(())
    }
}
