//! Records that go: withdrawn by reference, or missing in a full snapshot of their feed.

use std::{io::Cursor, sync::Mutex};

use sanctuary_node_core::{
    Brake, Counts, Extent, FeedName, FromFeed, ImportSummary, Importer, Mapping, NodeError,
    NodeSecret, RecordKey, Withdrawal,
    memory::MemoryStore,
    ports::{FeedRoll, NodeStore},
    readers::{Format, read},
};
use sanctuary_types::Timestamp;
use zeroize::Zeroizing;

const NOW: Timestamp = Timestamp(1_795_392_000_000);
const MAPPING: &str = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"f\"\nsurnames = \"s\"\n\
    date_of_birth = \"d\"\n[record]\nrole = { column = \"r\" }\nbasis = \"safeguarding\"\n\
    visibility = \"open\"\n";

struct Node {
    store: MemoryStore,
    secret: NodeSecret,
    counts: Mutex<Counts>,
}

/// A roll that fails once its calls are used up, as a node that is killed does.
struct Dying<'a> {
    roll: &'a MemoryStore,
    calls: Mutex<u32>,
}

impl Node {
    fn new() -> Self {
        Self {
            store: MemoryStore::default(),
            secret: NodeSecret::new(&Zeroizing::new([7; 32])),
            counts: Mutex::default(),
        }
    }

    fn importer(&self) -> Importer<'_, MemoryStore> {
        Importer {
            store: &self.store,
            secret: &self.secret,
            counts: &self.counts,
            now: NOW,
        }
    }

    fn take<F: FeedRoll>(
        &self,
        roll: &F,
        feed: &str,
        extent: Extent,
        rows: &str,
    ) -> Result<ImportSummary, NodeError> {
        let mapping: Mapping = MAPPING.parse().unwrap();
        let name: FeedName = feed.parse().unwrap();
        let text = format!("id,f,s,d,r\n{rows}");
        self.importer().import_from_feed(
            &mut || read(Cursor::new(text.clone().into_bytes()), Format::Csv),
            &mapping,
            false,
            &FromFeed {
                name: &name,
                roll,
                extent,
            },
            &mut |_| Ok(()),
            &mut |_| {},
        )
    }

    fn full(&self, rows: &str) -> Result<ImportSummary, NodeError> {
        self.take(&self.store, "cases", full(None), rows)
    }

    /// What the store holds, for comparisons: references of records that stand, and pending keys.
    fn state(&self) -> (Vec<String>, Vec<RecordKey>) {
        let mut standing = Vec::new();
        self.store
            .for_each_record(&mut |record| {
                standing.extend(record.details.as_ref().map(|d| d.reference.clone()));
                Ok(())
            })
            .unwrap();
        standing.sort();
        let pending = self.store.pending(usize::MAX).unwrap();
        (standing, pending.iter().map(|r| r.key).collect())
    }

    fn records(&self) -> u64 {
        self.counts.lock().unwrap().records()
    }
}

fn full(allowed: Option<u64>) -> Extent {
    Extent::Full {
        brake: Brake::default(),
        allowed,
    }
}

fn rows(numbers: impl IntoIterator<Item = usize>) -> String {
    numbers
        .into_iter()
        .map(|n| {
            format!(
                "r{n},Ana{},Berisha,1990-03-{:02},suspect\n",
                n % 9,
                2 + n % 26
            )
        })
        .collect()
}

#[test]
fn a_withdrawn_record_is_gone_and_may_come_back() {
    let node = Node::new();
    node.full(&rows(0..4)).unwrap();
    let done = node.importer().withdraw(&["r1", "nobody"]).unwrap();
    let expected = Withdrawal {
        withdrawn: 1,
        unknown: 1,
    };
    assert_eq!(done, expected);
    assert_eq!(node.state().0, ["r0", "r2", "r3"]);
    assert_eq!(node.records(), 3);
    let again = node.importer().withdraw(&["r1", "r1"]).unwrap();
    assert_eq!((again.withdrawn, again.unknown), (0, 2));
    let back = node.full(&rows(0..4)).unwrap();
    assert_eq!((back.new, back.changed, back.unchanged), (1, 0, 3));
    assert_eq!(node.records(), 4);
}

#[test]
fn a_full_snapshot_withdraws_what_it_lacks_and_a_delta_does_not() {
    let node = Node::new();
    node.full(&rows(0..100)).unwrap();
    let delta = node
        .take(&node.store, "cases", Extent::Delta, &rows(100..105))
        .unwrap();
    assert_eq!((delta.new, delta.withdrawn), (5, 0));
    let summary = node.full(&rows(5..105)).unwrap();
    assert_eq!((summary.unchanged, summary.withdrawn), (100, 5));
    assert_eq!(node.records(), 100);
    assert_eq!(node.full(&rows(5..105)).unwrap().withdrawn, 0);
}

#[test]
fn a_snapshot_speaks_for_its_own_feed_only() {
    let node = Node::new();
    node.take(&node.store, "calls", full(None), &rows(0..50))
        .unwrap();
    let summary = node.full(&rows(50..52)).unwrap();
    assert_eq!((summary.new, summary.withdrawn), (2, 0));
    assert_eq!(node.records(), 52);
}

#[test]
fn too_many_missing_change_nothing_at_all_until_let_through_once() {
    let node = Node::new();
    node.full(&rows(0..100)).unwrap();
    let before = node.state();
    // Also the new records of such a file wait.
    let error = node.full(&rows(60..110)).unwrap_err();
    let text = error.to_string();
    assert!(error.is_bad_input());
    assert!(text.contains("60 of the feed's 100"), "{text}");
    assert!(
        text.contains("20 %") && text.contains("feeds allow"),
        "{text}"
    );
    assert_eq!(node.state(), before);
    let enough = |allowed| node.take(&node.store, "cases", full(Some(allowed)), &rows(60..110));
    assert!(enough(59).is_err());
    assert_eq!(node.state(), before);
    let summary = enough(60).unwrap();
    assert_eq!((summary.new, summary.withdrawn), (10, 60));
    assert_eq!(node.records(), 50);
}

#[test]
fn few_missing_of_few_records_are_withdrawn_but_an_empty_file_is_not_believed() {
    let node = Node::new();
    node.full(&rows(0..12)).unwrap();
    assert_eq!(node.full(&rows(9..12)).unwrap().withdrawn, 9);
    let error = node.full("").unwrap_err();
    assert!(matches!(
        error,
        NodeError::SnapshotBrake {
            missing: 3,
            enrolled: 3,
            ..
        }
    ));
    assert_eq!(node.records(), 3);
}

#[test]
fn a_row_with_errors_is_there_and_one_without_a_reference_may_be_anybody() {
    let node = Node::new();
    node.full(&rows(0..100)).unwrap();
    let faulty = rows(1..100) + "r0,Ana,Berisha,1990-03-02,manager\n";
    let summary = node.full(&faulty).unwrap();
    assert_eq!((summary.not_imported, summary.withdrawn), (1, 0));
    let summary = node
        .full(&(rows(1..100) + ",Ana,Berisha,,suspect\n"))
        .unwrap();
    assert_eq!((summary.withdrawn, summary.missing_kept), (0, 1));
    assert_eq!(node.records(), 100);
}

/// Steps of 512 rows; stopped before each of them in turn, the same file again ends alike.
#[test]
fn stopped_anywhere_the_same_snapshot_does_the_rest() {
    let first = rows(0..1_500);
    let second = rows(200..1_700);
    let calm = Node::new();
    calm.full(&first).unwrap();
    assert_eq!(calm.full(&second).unwrap().withdrawn, 200);
    let mut stops = 0;
    for calls in 0.. {
        let node = Node::new();
        node.full(&first).unwrap();
        let dying = Dying {
            roll: &node.store,
            calls: Mutex::new(calls),
        };
        if node.take(&dying, "cases", full(None), &second).is_ok() {
            break;
        }
        stops += 1;
        node.full(&second).unwrap();
        assert_eq!(node.state(), calm.state(), "stopped at step {calls}");
        assert_eq!(node.records(), 1_500);
        assert_eq!(node.full(&second).unwrap().unchanged, 1_500);
    }
    assert!(stops >= 5, "only {stops} steps were stopped");
}

impl FeedRoll for Dying<'_> {
    fn enrol(&self, feed: &FeedName, keys: &[RecordKey]) -> Result<(), NodeError> {
        self.live()?;
        self.roll.enrol(feed, keys)
    }

    fn strike(&self, feed: &FeedName, keys: &[RecordKey]) -> Result<(), NodeError> {
        self.live()?;
        self.roll.strike(feed, keys)
    }

    fn for_each_enrolled(
        &self,
        feed: &FeedName,
        visit: &mut dyn FnMut(RecordKey) -> Result<(), NodeError>,
    ) -> Result<(), NodeError> {
        self.live()?;
        self.roll.for_each_enrolled(feed, visit)
    }
}

impl Dying<'_> {
    fn live(&self) -> Result<(), NodeError> {
        let mut calls = self.calls.lock().unwrap();
        if *calls == 0 {
            return Err(NodeError::Store("killed".to_owned()));
        }
        *calls -= 1;
        Ok(())
    }
}
