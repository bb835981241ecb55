//! What every implementation of the ports must do: run by each of them in its own tests.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use crate::ports::{Change, PostingLog, StateStore, StateTable};

/// One data directory, to be opened again and again.
pub trait Ports {
    /// The log.
    type Log: PostingLog;
    /// The state.
    type State: StateStore;
    /// Opens both; the ones opened before have been dropped.
    fn open(&self) -> (Self::Log, Self::State);
}

/// Runs every check, each on fresh ports.
pub fn run<P: Ports>(fresh: impl Fn() -> P) {
    rows_come_back_in_order_after_reopening(&fresh());
    rows_are_replaced_and_removed(&fresh());
    large_groups_are_kept(&fresh());
    state_is_scanned_by_table_prefix_and_cursor(&fresh());
    state_changes_survive_reopening(&fresh());
}

fn scanned<L: PostingLog>(log: &L) -> Vec<(u64, Vec<u8>)> {
    log.scan()
        .map(|entry| {
            entry
                .map(|(sequence, row)| (sequence, row.to_vec()))
                .unwrap()
        })
        .collect()
}

fn rows_come_back_in_order_after_reopening(ports: &impl Ports) {
    let rows = vec![
        (1, vec![1; 10]),
        (2, vec![2; 6025]),
        (300, vec![]),
        (70_000, vec![4]),
    ];
    let (log, state) = ports.open();
    assert!(scanned(&log).is_empty());
    assert_eq!(log.rows_estimate(), 0);
    log.put(&rows).unwrap();
    drop((log, state));
    let (log, _state) = ports.open();
    assert_eq!(scanned(&log), rows);
    assert_eq!(&*log.row(2).unwrap().unwrap(), &rows[1].1[..]);
    assert!(log.row(3).unwrap().is_none());
    assert!(log.rows_estimate() >= rows.len());
}

fn rows_are_replaced_and_removed(ports: &impl Ports) {
    let (log, state) = ports.open();
    log.put(&[(1, vec![1]), (2, vec![2]), (3, vec![3])])
        .unwrap();
    log.put(&[(2, vec![9, 9])]).unwrap();
    log.remove(&[1, 99]).unwrap();
    log.remove(&[]).unwrap();
    drop((log, state));
    let (log, _state) = ports.open();
    assert_eq!(scanned(&log), [(2, vec![9, 9]), (3, vec![3])]);
}

fn large_groups_are_kept(ports: &impl Ports) {
    let rows: Vec<_> = (1..=600u64).map(|n| (n, vec![n as u8; 8_000])).collect();
    let (log, state) = ports.open();
    log.put(&rows).unwrap();
    drop((log, state));
    let (log, _state) = ports.open();
    assert_eq!(scanned(&log), rows);
}

fn put(table: StateTable, key: &[u8], value: &[u8]) -> Change {
    Change {
        table,
        key: key.to_vec(),
        value: Some(value.to_vec()),
    }
}

fn state_is_scanned_by_table_prefix_and_cursor(ports: &impl Ports) {
    let (_log, state) = ports.open();
    state
        .apply(&[
            put(StateTable::Alerts, b"zz", b"alert"),
            put(StateTable::Events, b"a\0\x01", b"a1"),
            put(StateTable::Events, b"a\0\x02", b"a2"),
            put(StateTable::Events, b"a\0\x03", b"a3"),
            put(StateTable::Events, b"ab\0\x01", b"ab1"),
        ])
        .unwrap();
    let values = |prefix: &[u8], after: Option<&[u8]>, limit| {
        let rows = state
            .scan(StateTable::Events, prefix, after, limit)
            .unwrap();
        rows.into_iter()
            .map(|(_, value)| String::from_utf8(value).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(values(b"a\0", None, 9), ["a1", "a2", "a3"]);
    assert_eq!(values(b"a\0", Some(b"a\0\x01"), 9), ["a2", "a3"]);
    assert_eq!(values(b"a\0", Some(b"a\0\x01"), 1), ["a2"]);
    assert_eq!(values(b"a\0", Some(b"a\0\x03"), 9), Vec::<String>::new());
    assert_eq!(values(b"", None, 9).len(), 4);
    assert_eq!(values(b"b", None, 9), Vec::<String>::new());
    let alerts = state.scan(StateTable::Alerts, b"", None, 9).unwrap();
    assert_eq!(alerts, [(b"zz".to_vec(), b"alert".to_vec())]);
}

fn state_changes_survive_reopening(ports: &impl Ports) {
    let (log, state) = ports.open();
    state
        .apply(&[
            put(StateTable::Alerts, b"k", b"1"),
            put(StateTable::Alerts, b"l", b"2"),
        ])
        .unwrap();
    let gone = Change {
        table: StateTable::Alerts,
        key: b"k".to_vec(),
        value: None,
    };
    state
        .apply(&[gone, put(StateTable::Alerts, b"l", b"3")])
        .unwrap();
    drop((log, state));
    let (_log, state) = ports.open();
    let rows = state.scan(StateTable::Alerts, b"", None, 9).unwrap();
    assert_eq!(rows, [(b"l".to_vec(), b"3".to_vec())]);
}
