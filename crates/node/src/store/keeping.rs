//! What the node keeps for its people between two looks: drafts, habits, and released editions of the board pack. In
//! a store of its own beside the records, sealed, under keyed hashes.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_disclosure::PersonId;
use sanctuary_figures::Figures;
use sanctuary_node_core::NodeError;
use sanctuary_store::{Batch, Sealer, Store, StoreError};
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{BROKEN, fault, large::LargeTable, open_sealed};

/// Bytes of a person's keyed hash, before that of the place.
const PERSON_BYTES: usize = 16;

/// Something that was typed and not sent.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeptDraft {
    /// Which form.
    pub(crate) place: String,
    /// When it was kept.
    pub(crate) at: Timestamp,
    /// The form as a browser sends it.
    pub(crate) form: String,
}

/// What one person has set for themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Habits {
    /// Single-key shortcuts are off.
    pub(crate) no_shortcuts: bool,
}

/// How long and how many drafts are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DraftLimits {
    /// Then they go.
    pub(crate) keep_ms: u64,
    /// Of one person.
    pub(crate) most: usize,
}

/// The tables.
pub(crate) struct KeepTables {
    store: Store,
    drafts: LargeTable,
    habits: LargeTable,
    editions: LargeTable,
    sealer: Arc<Sealer>,
    /// Holding it is the right to change the rows.
    writing: Mutex<()>,
    broken: AtomicBool,
}

impl KeepTables {
    /// Opens or makes the store in `dir` under `sealer`'s root key.
    pub(crate) fn open(dir: &Path, sealer: Sealer) -> Result<Self, NodeError> {
        let (store, sealer) = open_sealed(dir, 2 * 1024 * 1024, sealer).map_err(fault)?;
        let large = |name: &str| Ok::<_, StoreError>(LargeTable::new(store.table(name)?, &sealer));
        Ok(Self {
            drafts: large("draft").map_err(fault)?,
            habits: large("habit").map_err(fault)?,
            editions: large("edition").map_err(fault)?,
            writing: Mutex::new(()),
            broken: AtomicBool::new(false),
            sealer: Arc::clone(&sealer),
            store,
        })
    }

    fn person_key(&self, person: &PersonId) -> Vec<u8> {
        let whole = self
            .sealer
            .index_key("draft-of", person.as_str().as_bytes());
        whole.iter().take(PERSON_BYTES).copied().collect()
    }

    fn draft_key(&self, person: &PersonId, place: &str) -> Vec<u8> {
        let place = self.sealer.index_key("draft-place", place.as_bytes());
        [self.person_key(person).as_slice(), &place].concat()
    }

    /// A person's drafts that are not too old, newest first.
    pub(crate) fn drafts(
        &self,
        person: &PersonId,
        limits: DraftLimits,
        now: Timestamp,
    ) -> Result<Vec<KeptDraft>, NodeError> {
        let mut found: Vec<KeptDraft> = Vec::new();
        let key = self.person_key(person);
        self.drafts.for_prefix(&key, &mut |_, bytes| {
            found.push(parsed(&bytes)?);
            Ok(())
        })?;
        found.retain(|draft| is_kept(draft, limits, now));
        found.sort_by_key(|draft| std::cmp::Reverse(draft.at));
        Ok(found)
    }

    /// Keeps a draft in place of the one before; what is too old of anybody goes, and of this person the oldest
    /// when there are too many.
    pub(crate) fn keep_draft(
        &self,
        person: &PersonId,
        draft: &KeptDraft,
        limits: DraftLimits,
    ) -> Result<(), NodeError> {
        let _one = self.writer()?;
        let mut batch = Batch::default();
        let mut old = Vec::new();
        self.drafts.for_each(&mut |key, bytes| {
            let kept: KeptDraft = parsed(&bytes)?;
            if !is_kept(&kept, limits, draft.at) {
                old.push(key.to_vec());
            }
            Ok(())
        })?;
        let own = self.drafts(person, limits, draft.at)?;
        let others = own.iter().filter(|kept| kept.place != draft.place);
        let surplus = others.skip(limits.most.saturating_sub(1));
        old.extend(surplus.map(|kept| self.draft_key(person, &kept.place)));
        for key in &old {
            self.drafts.remove(&mut batch, key)?;
        }
        let key = self.draft_key(person, &draft.place);
        self.drafts.put(&mut batch, &key, &json(draft)?)?;
        self.apply(&self.drafts, batch)
    }

    /// Deletes a draft.
    pub(crate) fn forget_draft(&self, person: &PersonId, place: &str) -> Result<(), NodeError> {
        let _one = self.writer()?;
        let mut batch = Batch::default();
        let key = self.draft_key(person, place);
        self.drafts.remove(&mut batch, &key)?;
        if batch.is_empty() {
            return Ok(());
        }
        self.apply(&self.drafts, batch)
    }

    /// What a person has set.
    pub(crate) fn habits(&self, person: &PersonId) -> Result<Habits, NodeError> {
        let bytes = self.habits.get(&self.habit_key(person))?;
        bytes.map_or_else(|| Ok(Habits::default()), |b| parsed(&b))
    }

    /// Sets it.
    pub(crate) fn set_habits(&self, person: &PersonId, habits: Habits) -> Result<(), NodeError> {
        let _one = self.writer()?;
        let mut batch = Batch::default();
        let key = self.habit_key(person);
        self.habits.put(&mut batch, &key, &json(&habits)?)?;
        self.apply(&self.habits, batch)
    }

    fn habit_key(&self, person: &PersonId) -> [u8; 32] {
        self.sealer.index_key("habit", person.as_str().as_bytes())
    }

    /// Released editions of the board pack, oldest first.
    pub(crate) fn editions(&self) -> Result<Vec<Figures>, NodeError> {
        let mut found = Vec::new();
        self.editions.for_each(&mut |_, bytes| {
            found.push(parsed(&bytes)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether an edition is here already.
    pub(crate) fn has_edition(&self, number: u32) -> Result<bool, NodeError> {
        Ok(self.editions.get(&number.to_be_bytes())?.is_some())
    }

    /// Keeps one.
    pub(crate) fn keep_edition(&self, figures: &Figures) -> Result<(), NodeError> {
        let _one = self.writer()?;
        let mut batch = Batch::default();
        let key = figures.number.to_be_bytes();
        self.editions.put(&mut batch, &key, &json(figures)?)?;
        self.apply(&self.editions, batch)
    }

    fn writer(&self) -> Result<std::sync::MutexGuard<'_, ()>, NodeError> {
        match self.writing.lock() {
            Ok(writing) if !self.broken.load(Ordering::Acquire) => Ok(writing),
            _ => Err(NodeError::Store(BROKEN.to_owned())),
        }
    }

    fn apply(&self, table: &LargeTable, batch: Batch) -> Result<(), NodeError> {
        let written = self.store.apply_all(&[(table.table(), batch)]);
        written.and_then(|()| self.store.sync()).map_err(|error| {
            self.broken.store(true, Ordering::Release);
            fault(error)
        })
    }
}

const fn is_kept(draft: &KeptDraft, limits: DraftLimits, now: Timestamp) -> bool {
    now.0.saturating_sub(draft.at.0) < limits.keep_ms
}

fn json(value: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, NodeError> {
    serde_json::to_vec(value)
        .map(Zeroizing::new)
        .map_err(|_| NodeError::Damaged("something kept for a person"))
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NodeError> {
    serde_json::from_slice(bytes).map_err(|_| NodeError::Damaged("something kept for a person"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 86_400_000;
    const LIMITS: DraftLimits = DraftLimits {
        keep_ms: 7 * DAY_MS,
        most: 3,
    };

    fn open(dir: &Path) -> KeepTables {
        let sealer = Sealer::from_root_key(&[7; 32]).unwrap();
        KeepTables::open(&dir.join("keeping"), sealer).unwrap()
    }

    fn draft(place: &str, at: u64) -> KeptDraft {
        KeptDraft {
            place: place.to_owned(),
            at: Timestamp(at),
            form: format!("note=marker-of-{place}"),
        }
    }

    fn places(tables: &KeepTables, person: &PersonId, now: u64) -> Vec<String> {
        let drafts = tables.drafts(person, LIMITS, Timestamp(now)).unwrap();
        drafts.into_iter().map(|d| d.place).collect()
    }

    #[test]
    fn drafts_are_of_one_person_survive_a_restart_and_go_after_their_time() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two): (PersonId, PersonId) = ("a100".parse().unwrap(), "a101".parse().unwrap());
        let tables = open(dir.path());
        for (place, at) in [("a", 1), ("b", 2), ("c", 3), ("a", 4), ("d", 5)] {
            tables.keep_draft(&one, &draft(place, at), LIMITS).unwrap();
        }
        drop(tables);
        let tables = open(dir.path());
        assert_eq!(
            places(&tables, &one, 6),
            ["d", "a", "c"],
            "the oldest gave way"
        );
        assert!(places(&tables, &two, 6).is_empty());
        tables.forget_draft(&one, "a").unwrap();
        tables.forget_draft(&one, "never there").unwrap();
        assert_eq!(places(&tables, &one, 6), ["d", "c"]);
        assert!(places(&tables, &one, 5 + 7 * DAY_MS).is_empty());
        // Somebody else's next draft takes what is too old off the disk.
        let late = draft("e", 5 + 7 * DAY_MS);
        tables.keep_draft(&two, &late, LIMITS).unwrap();
        assert!(places(&tables, &one, 6).is_empty());
    }

    #[test]
    fn habits_stay_with_the_person_and_nothing_is_readable_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let person: PersonId = "marker-of-staff".parse().unwrap();
        let tables = open(dir.path());
        assert_eq!(tables.habits(&person).unwrap(), Habits::default());
        let off = Habits { no_shortcuts: true };
        tables.set_habits(&person, off).unwrap();
        tables
            .keep_draft(&person, &draft("decision", 1), LIMITS)
            .unwrap();
        drop(tables);
        assert_eq!(open(dir.path()).habits(&person).unwrap(), off);
        let stored = std::fs::read(dir.path().join("keeping").join("1").join("db")).unwrap();
        assert!(!stored.windows(9).any(|w| w == b"marker-of"));
    }
}
