//! What this node tells people, in a store of its own: what was told, what is on its way, when the last mail
//! left to whom. Every value sealed, one command one atomic change and one sync.

use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_node_core::NodeError;
use sanctuary_notify::{Change, EventId, NoticeStore, PortError, Recipient, Slip, Stored};
use sanctuary_store::{Batch, Sealer, Store, StoreError};
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{BROKEN, fault, large::LargeTable, number, open_sealed};

const BEGIN: &[u8] = b"begin";

/// The node's notices.
pub struct NoticeTables {
    store: Store,
    told: LargeTable,
    slips: LargeTable,
    mailed: LargeTable,
    meta: LargeTable,
    sealer: std::sync::Arc<Sealer>,
    /// Holding it is the right to change the rows.
    writing: Mutex<Meta>,
    broken: AtomicBool,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Meta {
    begun: Option<Timestamp>,
    settled: bool,
    next: u64,
}

impl NoticeTables {
    /// Opens or makes the store in `dir` under `sealer`'s root key.
    ///
    /// # Errors
    /// [`NodeError::Store`] for a directory in use, damaged or of another key.
    pub fn open(dir: &Path, sealer: Sealer) -> Result<Self, NodeError> {
        let (store, sealer) = open_sealed(dir, 8 * 1024 * 1024, sealer).map_err(fault)?;
        let large = |name: &str| Ok::<_, StoreError>(LargeTable::new(store.table(name)?, &sealer));
        let meta = large("notice_meta").map_err(fault)?;
        let stored = meta.get(BEGIN)?.map(|bytes| parsed(&bytes)).transpose()?;
        Ok(Self {
            told: large("notice_told").map_err(fault)?,
            slips: large("notice_slip").map_err(fault)?,
            mailed: large("notice_mailed").map_err(fault)?,
            meta,
            writing: Mutex::new(stored.unwrap_or_default()),
            broken: AtomicBool::new(false),
            sealer: std::sync::Arc::clone(&sealer),
            store,
        })
    }

    fn everything(&self, meta: Meta) -> Result<Stored, NodeError> {
        let mut stored = Stored {
            begun: meta.begun,
            settled: meta.settled,
            next: meta.next,
            ..Stored::default()
        };
        self.told.for_each(&mut |key, bytes| {
            let id = key.try_into().map_err(|_| NodeError::Damaged("notice"))?;
            stored.told.insert(EventId(id), parsed(&bytes)?);
            Ok(())
        })?;
        self.slips.for_each(&mut |key, bytes| {
            let slip: Slip = parsed(&bytes)?;
            stored.slips.insert(number(key)?, slip);
            Ok(())
        })?;
        self.mailed.for_each(&mut |_, bytes| {
            let (recipient, at): (Recipient, Timestamp) = parsed(&bytes)?;
            stored.mailed.insert(recipient, at);
            Ok(())
        })?;
        Ok(stored)
    }

    fn put(&self, change: &Change, meta: &Meta) -> Result<(), NodeError> {
        let [mut told, mut slips, mut mailed, mut state] = [
            Batch::default(),
            Batch::default(),
            Batch::default(),
            Batch::default(),
        ];
        for (id, at) in &change.told {
            self.told.put(&mut told, &id.0, &json(at)?)?;
        }
        for id in &change.forgotten {
            self.told.remove(&mut told, &id.0)?;
        }
        for slip in &change.slips {
            let key = slip.number.to_be_bytes();
            self.slips.put(&mut slips, &key, &json(slip)?)?;
        }
        for gone in &change.gone {
            self.slips.remove(&mut slips, &gone.to_be_bytes())?;
        }
        for sent in &change.mailed {
            let key = self.sealer.index_key("notice-mailed", &json(&sent.0)?);
            self.mailed.put(&mut mailed, &key, &json(sent)?)?;
        }
        self.meta.put(&mut state, BEGIN, &json(meta)?)?;
        let tables = [
            (self.told.table(), told),
            (self.slips.table(), slips),
            (self.mailed.table(), mailed),
            (self.meta.table(), state),
        ];
        let written = self.store.apply_all(&tables);
        written.and_then(|()| self.store.sync()).map_err(|error| {
            self.broken.store(true, Ordering::Release);
            fault(error)
        })
    }
}

impl NoticeStore for NoticeTables {
    fn load(&self) -> Result<Stored, PortError> {
        let meta = self.writing.lock().map_err(|_| broken())?;
        self.everything(*meta).map_err(port)
    }

    fn commit(&self, change: &Change) -> Result<(), PortError> {
        let mut meta = self.writing.lock().map_err(|_| broken())?;
        if self.broken.load(Ordering::Acquire) {
            return Err(broken());
        }
        let next = Meta {
            begun: change.begun.or(meta.begun),
            settled: meta.settled || change.settled,
            next: change.next.unwrap_or(meta.next),
        };
        self.put(change, &next).map_err(port)?;
        *meta = next;
        Ok(())
    }
}

fn json(value: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, NodeError> {
    serde_json::to_vec(value)
        .map(Zeroizing::new)
        .map_err(|_| NodeError::Damaged("notice"))
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NodeError> {
    serde_json::from_slice(bytes).map_err(|_| NodeError::Damaged("notice"))
}

fn broken() -> PortError {
    PortError::Unavailable(BROKEN.to_owned())
}

fn port(error: NodeError) -> PortError {
    match error {
        NodeError::Damaged(what) => PortError::Damaged(what),
        other => PortError::Unavailable(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_notify::{Event, Kind, SlipState, Subject};
    use sanctuary_policy::Urgency;

    fn open(dir: &Path) -> NoticeTables {
        let sealer = Sealer::from_root_key(&[7; 32]).unwrap();
        NoticeTables::open(&dir.join("notices"), sealer).unwrap()
    }

    fn slip(number: u64) -> Slip {
        Slip {
            number,
            channel: "marker-of-channel".to_owned(),
            to: Some(Recipient::Person("marker-of-staff".parse().unwrap())),
            event: Event {
                id: EventId([3; 16]),
                kind: Kind::Feed,
                subject: Subject::Feed("cases".to_owned()),
                urgency: Urgency::Routine,
                at: Timestamp(5),
                sequence: 1,
                roles: Vec::new(),
            },
            state: SlipState::Waiting { from: Timestamp(5) },
            tries: 0,
            since: Timestamp(5),
        }
    }

    #[test]
    fn rows_survive_a_restart_sealed_and_gone_ones_stay_gone() {
        let dir = tempfile::tempdir().unwrap();
        let tables = open(dir.path());
        assert_eq!(tables.load().unwrap(), Stored::default());
        let to = Recipient::Person("marker-of-staff".parse().unwrap());
        let change = Change {
            begun: Some(Timestamp(1)),
            settled: true,
            next: Some(4),
            told: vec![
                (EventId([1; 16]), Timestamp(2)),
                (EventId([2; 16]), Timestamp(3)),
            ],
            slips: vec![slip(2), slip(3)],
            mailed: vec![(to, Timestamp(9))],
            ..Change::default()
        };
        tables.commit(&change).unwrap();
        let change = Change {
            forgotten: vec![EventId([1; 16])],
            gone: vec![2],
            ..Change::default()
        };
        tables.commit(&change).unwrap();
        let before = tables.load().unwrap();
        assert_eq!(
            (before.told.len(), before.slips.len(), before.next),
            (1, 1, 4)
        );
        drop(tables);
        assert_eq!(open(dir.path()).load().unwrap(), before);
        let stored = std::fs::read(dir.path().join("notices").join("1").join("db")).unwrap();
        assert!(!stored.windows(9).any(|w| w == b"marker-of"));
    }
}
