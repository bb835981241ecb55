use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sanctuary_linkage::Policy;
use sanctuary_types::Timestamp;

use super::kit::*;
use crate::{
    Accepts, Hub, HubError, Options, Pepper, PortError,
    memory::{MemoryLog, MemoryState, SharedRow},
    ports::{LogRow, LogScan, PostingLog},
};

fn sequences(kit: &Kit) -> Vec<u64> {
    kit.log.scan().map(|row| row.unwrap().0).collect()
}

#[test]
fn remains_of_a_batch_that_was_cut_off_are_removed_and_pushed_again() {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann")]);
    let kept = sequences(&kit);
    let mut batch = kit.batch();
    for n in 0..20 {
        Record::new(n, "bob").add_to(&kit.id("council"), &mut batch);
    }
    kit.sign("council", &mut batch);
    kit.push_batch("council", &batch).unwrap();
    let whole = sequences(&kit);
    // Any subset of the last group's rows may be on the disk after a crash.
    for missing in kept.len()..whole.len() {
        let torn = MemoryLog::default();
        let rows: Vec<LogRow> = kit
            .log
            .scan()
            .map(|row| row.map(|(s, r)| (s, r.to_vec())).unwrap())
            .collect();
        torn.put(&rows).unwrap();
        torn.remove(&[whole[missing]]).unwrap();
        let hub = open(&torn, &MemoryState::default(), NOW);
        assert_eq!(
            hub.opened().orphan_rows as usize,
            whole.len() - kept.len() - 1
        );
        assert_eq!(
            torn.scan().map(|row| row.unwrap().0).collect::<Vec<_>>(),
            kept
        );
        assert_eq!(hub.status(&kit.id("council")).batches, 0);
        let again = hub.push(
            &kit.agencies["council"].party,
            std::slice::from_ref(&batch),
            NOW,
        );
        assert!(again[0].is_ok());
        assert_eq!(hub.status(&kit.id("council")).postings, 140);
        drop(hub);
        let hub = open(&torn, &MemoryState::default(), NOW);
        assert_eq!(hub.opened().orphan_rows, 0);
        assert_eq!(hub.status(&kit.id("council")).postings, 140);
    }
}

#[test]
fn rows_missing_before_the_last_group_are_damage_not_a_crash() {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann")]);
    kit.push("council", &[&Record::new(2, "bob")]);
    kit.log.remove(&[2]).unwrap();
    let options = Options {
        accepts: Accepts {
            rules: RULES,
            epoch: EPOCH,
        },
        policy: Policy::default(),
    };
    let pepper = Pepper::from_bytes(&[5; 32]);
    let opened = Hub::open(kit.log.clone(), kit.state.clone(), pepper, options, NOW);
    assert!(matches!(opened.err(), Some(HubError::DamagedLog { .. })));
}

#[test]
fn a_hub_restored_from_an_old_copy_goes_on_after_what_nodes_have_read() {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann"), &Record::new(2, "bob")]);
    kit.push("council", &[&Record::new(3, "ann")]);
    let copy = (kit.log.deep_copy(), kit.state.deep_copy());
    kit.round();
    let read = kit.only("police").cursor;
    // Since lost: the alert was told, and its cursor with it.
    (kit.log, kit.state) = copy;
    let later = Timestamp(NOW.0 + 60_000);
    kit.restart(later);
    kit.hub.run_round(later).unwrap();
    let again = kit.hub.alerts_after(&kit.id("police"), read, 10).unwrap();
    assert_eq!(again.len(), 1);
}

/// A log whose disk is full when told so.
#[derive(Clone)]
struct FullLog(MemoryLog, Arc<AtomicBool>);

impl PostingLog for FullLog {
    type Row = SharedRow;
    fn put(&self, rows: &[LogRow]) -> Result<(), PortError> {
        if self.1.load(Ordering::Relaxed) {
            // Half of it reached the disk.
            self.0.put(&rows[..rows.len() / 2])?;
            return Err(PortError("no space left on the disk".into()));
        }
        self.0.put(rows)
    }
    fn remove(&self, sequences: &[u64]) -> Result<(), PortError> {
        self.0.remove(sequences)
    }
    fn row(&self, sequence: u64) -> Result<Option<SharedRow>, PortError> {
        self.0.row(sequence)
    }
    fn scan(&self) -> LogScan<'_, SharedRow> {
        self.0.scan()
    }
    fn rows_estimate(&self) -> usize {
        self.0.rows_estimate()
    }
}

#[test]
fn a_full_disk_acknowledges_nothing_and_loses_nothing() {
    let mut kit = Kit::new();
    let full = Arc::new(AtomicBool::new(false));
    let log = FullLog(MemoryLog::default(), Arc::clone(&full));
    let start = || {
        let options = Options {
            accepts: Accepts {
                rules: RULES,
                epoch: EPOCH,
            },
            policy: Policy::default(),
        };
        let pepper = Pepper::from_bytes(&[5; 32]);
        Hub::open(log.clone(), MemoryState::default(), pepper, options, NOW).unwrap()
    };
    let mut batches = Vec::new();
    for n in 1..4 {
        let mut batch = kit.batch();
        Record::new(n, "ann").add_to(&kit.id("police"), &mut batch);
        kit.sign("police", &mut batch);
        batches.push(batch);
    }
    let police = &kit.agencies["police"].party;
    let hub = start();
    assert!(hub.push(police, &batches[..1], NOW)[0].is_ok());
    full.store(true, Ordering::Relaxed);
    let error = hub
        .push(police, &batches[1..2], NOW)
        .pop()
        .unwrap()
        .unwrap_err();
    assert!(error.to_string().contains("no space"));
    full.store(false, Ordering::Relaxed);
    // Memory and disk may differ now: nothing is taken before a restart.
    let error = hub
        .push(police, &batches[2..], NOW)
        .pop()
        .unwrap()
        .unwrap_err();
    assert!(matches!(error, HubError::LogStopped));
    drop(hub);
    let hub = start();
    assert_eq!(hub.status(&kit.id("police")).batches, 1);
    assert!(hub.push(police, &batches, NOW).iter().all(Result::is_ok));
    assert_eq!(hub.status(&kit.id("police")).postings, 21);
}
