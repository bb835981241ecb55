//! The log of comparisons in sled. Rows are named by day, time, comparison and stage, none of which
//! says anything of a person; what they hold is sealed like everything.

use std::{
    collections::BTreeMap,
    sync::{MutexGuard, PoisonError},
};

use sanctuary_node_core::{
    ComparisonDay, ComparisonEntry, ComparisonLimits, ComparisonTotals, Logged, NodeError,
    ports::ComparisonLog,
};
use sanctuary_store::Batch;
use sanctuary_types::PartyId;

use super::{SledStore, fault};

/// Days that entries are kept.
const KEPT_DAYS: u32 = 90;
/// Old entries removed in one change.
const REMOVED_MAX: usize = 4_096;

impl ComparisonLog for SledStore {
    fn log_comparisons(
        &self,
        entries: &[ComparisonEntry],
        limits: ComparisonLimits,
    ) -> Result<Vec<Logged>, NodeError> {
        let Some(first) = entries.first() else {
            return Ok(Vec::new());
        };
        let _writer = self.writer()?;
        let mut today = self.today();
        if today.as_ref().is_none_or(|d| d.day() != first.at.day()) {
            *today = Some(self.comparison_day(first.at.day())?);
        }
        // Out of its place until the rows are durable: after a failure the day is read again.
        let Some(mut day) = today.take() else {
            return Err(NodeError::Damaged("log of comparisons"));
        };
        let mut rows = Batch::default();
        let mut changed = false;
        let mut logged = Vec::with_capacity(entries.len());
        for entry in entries {
            let (became, is_new) = day.take(entry, limits);
            logged.push(became);
            if is_new {
                let json = serde_json::to_vec(entry).map_err(|_| NodeError::Damaged("entry"))?;
                self.comparisons.put(&mut rows, &row_key(entry), &json)?;
                changed = true;
            }
        }
        if changed {
            self.remove_old(&mut rows, day.day())?;
            self.apply(&[(self.comparisons.table(), rows)])?;
        }
        *today = Some(day);
        Ok(logged)
    }

    fn comparisons(&self, limit: usize) -> Result<Vec<ComparisonEntry>, NodeError> {
        let mut newest = Vec::new();
        let Some((last, _)) = self.comparisons.table().last().map_err(fault)? else {
            return Ok(newest);
        };
        let last = day_of(&last)?;
        for day in (last.saturating_sub(KEPT_DAYS)..=last).rev() {
            let mut of_day = self.entries_of(day)?;
            of_day.reverse();
            of_day.truncate(limit - newest.len());
            newest.append(&mut of_day);
            if newest.len() == limit {
                break;
            }
        }
        Ok(newest)
    }

    fn comparison_totals(
        &self,
        day: u32,
    ) -> Result<BTreeMap<PartyId, ComparisonTotals>, NodeError> {
        if let Some(today) = self.today().as_ref().filter(|d| d.day() == day) {
            return Ok(today.totals());
        }
        Ok(self.comparison_day(day)?.totals())
    }
}

impl SledStore {
    fn today(&self) -> MutexGuard<'_, Option<ComparisonDay>> {
        self.compared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn comparison_day(&self, day: u32) -> Result<ComparisonDay, NodeError> {
        let mut of_day = ComparisonDay::new(day);
        for entry in self.entries_of(day)? {
            of_day.add(&entry);
        }
        Ok(of_day)
    }

    fn entries_of(&self, day: u32) -> Result<Vec<ComparisonEntry>, NodeError> {
        let mut entries = Vec::new();
        self.comparisons
            .for_prefix(&day.to_be_bytes(), &mut |_, bytes| {
                let entry = serde_json::from_slice(&bytes);
                entries.push(entry.map_err(|_| NodeError::Damaged("entry"))?);
                Ok(())
            })?;
        Ok(entries)
    }

    fn remove_old(&self, rows: &mut Batch, day: u32) -> Result<(), NodeError> {
        let oldest = day.saturating_sub(KEPT_DAYS);
        for row in self.comparisons.table().scan(&[]).take(REMOVED_MAX) {
            let (key, _) = row.map_err(fault)?;
            if day_of(&key)? >= oldest {
                break;
            }
            rows.remove(&key);
        }
        Ok(())
    }
}

/// Day u32, time u64, comparison 16, stage u8, all big-endian, so that rows lie in order of time.
fn row_key(entry: &ComparisonEntry) -> Vec<u8> {
    let mut key = entry.at.day().to_be_bytes().to_vec();
    key.extend_from_slice(&entry.at.0.to_be_bytes());
    key.extend_from_slice(&entry.comparison);
    key.push(entry.stage.number());
    key
}

fn day_of(key: &[u8]) -> Result<u32, NodeError> {
    let day = key.first_chunk::<4>();
    day.map(|day| u32::from_be_bytes(*day))
        .ok_or(NodeError::Damaged("row key"))
}
