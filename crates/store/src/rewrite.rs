//! Out of old pages: every row that stands is written into a new generation, the old one destroyed.
//!
//! sled never promises to overwrite what was removed or replaced. Here nothing that was erased is
//! carried over, and the key that made the old file readable is overwritten and synced before the
//! file is unlinked. Writers go on meanwhile; they wait only while what they touched is carried over.

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    Store, StoreError,
    generation::{self, Generation},
    row::{Row, RowKey},
};

/// Rows carried over in one step.
const STEP_ROWS: usize = 512;

/// Opens a stored row of the generation that is left.
type Opens<'a> = dyn Fn(&str, &[u8], &[u8]) -> Result<Row, StoreError> + 'a;

/// Which rows were changed while the others were carried over.
#[derive(Default)]
pub(crate) struct Moving {
    on: AtomicBool,
    touched: Mutex<HashSet<(usize, Vec<u8>)>>,
}

impl Moving {
    /// Notes changed rows; to be called while the generation is held.
    pub(crate) fn touch<'k>(&self, place: usize, keys: impl Iterator<Item = &'k [u8]>) {
        if self.on.load(Ordering::Acquire) {
            let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
            touched.extend(keys.map(|key| (place, key.to_vec())));
        }
    }

    fn begin(&self) {
        self.on.store(true, Ordering::Release);
    }

    fn end(&self) -> HashSet<(usize, Vec<u8>)> {
        self.on.store(false, Ordering::Release);
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut touched)
    }
}

impl Store {
    /// Writes what stands into a new generation and destroys the old one with its key. Gives the rows
    /// carried over. A crash at any moment leaves one whole generation: the old one until the new one
    /// is durable, then the new one.
    ///
    /// # Errors
    /// [`StoreError::Full`] or any fault: then the old generation stands, and nothing is purged.
    pub fn rewrite(&self) -> Result<u64, StoreError> {
        let shared = &self.shared;
        let _one = shared
            .rewriting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (number, key, trees) = {
            // Held alone for a moment: every change after this is noted.
            let current = shared.current_mut();
            shared.erased.begin();
            shared.moving.begin();
            (
                current.number,
                std::sync::Arc::clone(&current.key),
                current.trees.clone(),
            )
        };
        let opens = |table: &str, row_key: &[u8], stored: &[u8]| key.open(table, row_key, stored);
        let moved =
            Generation::create(&shared.dir, number + 1, shared.options).and_then(|mut next| {
                let rows = carry(&trees, &mut next, &opens)?;
                // Nearly everything is on the disk before anybody has to wait.
                next.sync()?;
                self.swap(next, trees.len())?;
                Ok(rows)
            });
        match moved {
            Ok(rows) => {
                generation::destroy_others(&shared.dir, Some(number + 1))?;
                shared.erased.settle()?;
                Ok(rows)
            }
            Err(error) => {
                shared.moving.end();
                // Where the new one may stand already, nothing is destroyed before the next start.
                if generation::standing(&shared.dir)? == Some(number) {
                    generation::destroy_others(&shared.dir, Some(number))?;
                }
                Err(error)
            }
        }
    }

    /// Carries over what was touched meanwhile and lets the new generation stand.
    fn swap(&self, mut next: Generation, carried: usize) -> Result<(), StoreError> {
        let mut current = self.shared.current_mut();
        let touched = self.shared.moving.end();
        for (place, key) in touched.into_iter().filter(|(place, _)| *place < carried) {
            let Some((name, tree)) = current.trees.get(place) else {
                continue;
            };
            let stored = tree.get(&key).map_err(read_fault)?;
            let into = next.place(name)?;
            let into = &next.trees[into].1;
            if into.contains_key(&key).map_err(read_fault)? {
                // What the row was before has just been carried over.
                self.shared.erased.once_more();
            }
            match stored {
                Some(stored) => {
                    let row = current.key.open(name, &key, &stored)?;
                    into.insert(&key, next.key.encode(name, &key, &row)?)
                }
                None => into.remove(&key),
            }
            .map_err(write_fault)?;
        }
        // Tables that were made meanwhile.
        let key = std::sync::Arc::clone(&current.key);
        let opens = |table: &str, row_key: &[u8], stored: &[u8]| key.open(table, row_key, stored);
        carry(
            current.trees.get(carried..).unwrap_or_default(),
            &mut next,
            &opens,
        )?;
        next.sync()?;
        generation::sync_directory(&generation::folder(&self.shared.dir, next.number))?;
        generation::point_to(&self.shared.dir, next.number)?;
        *current = next;
        drop(current);
        generation::sync_directory(&self.shared.dir)
    }
}

/// Everything of `trees` into `next`, in their order.
pub(crate) fn carry(
    trees: &[(std::sync::Arc<str>, sled::Tree)],
    next: &mut Generation,
    opens: &Opens<'_>,
) -> Result<u64, StoreError> {
    let mut rows = 0;
    for (name, tree) in trees {
        let place = next.place(name)?;
        let into = next.trees[place].1.clone();
        let mut step = sled::Batch::default();
        let mut in_step = 0;
        for entry in tree.iter() {
            let (key, stored) = entry.map_err(read_fault)?;
            let row = opens(name, &key, &stored)?;
            step.insert(&key, sealed(&next.key, name, &key, &row)?);
            (rows, in_step) = (rows + 1, in_step + 1);
            if in_step == STEP_ROWS {
                into.apply_batch(std::mem::take(&mut step))
                    .map_err(write_fault)?;
                in_step = 0;
            }
        }
        into.apply_batch(step).map_err(write_fault)?;
    }
    Ok(rows)
}

fn sealed(under: &RowKey, table: &str, key: &[u8], row: &Row) -> Result<Vec<u8>, StoreError> {
    under.encode(table, key, row)
}

fn read_fault(error: sled::Error) -> StoreError {
    StoreError::sled("read from the data directory", error)
}

fn write_fault(error: sled::Error) -> StoreError {
    StoreError::sled("write to the data directory", error)
}
