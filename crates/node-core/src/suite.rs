//! What every [`NodeStore`] must do. Adapters run it in their own tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sanctuary_normalize::{Source, canonicalise};
use sanctuary_types::{
    AlertId, AlertKind, AlertState, Band, Basis, BatchId, CardId, Epoch, Handle, IdentifierKind,
    Month, Pseudonym, Role, Roles, RulesVersion, Tag, Timestamp, TokenType, Visibility,
};
use zeroize::Zeroizing;

use crate::{
    BatchContents, Details, Published, PublishedToken, RecordKey, SignedBatch, StoredAlert,
    ports::{
        AlertCommit, DummyRange, ImportedRecord, NodeStore, PackCommit, PackState, PackedRecord,
    },
};

mod comparisons;
mod feeds;

pub use comparisons::run_comparisons;
pub use feeds::run_feeds;

/// Runs every scenario, each on a fresh store.
///
/// # Panics
/// When the store does not do what the port says.
pub fn run<S: NodeStore>(fresh: impl Fn() -> S) {
    imports_queue_in_the_order_of_keys(&fresh());
    a_changed_record_is_queued_once_and_keeps_its_publication(&fresh());
    notify_only_records_queue_only_to_be_withdrawn(&fresh());
    packing_moves_records_to_the_outbox(&fresh());
    a_record_imported_while_it_was_packed_stays_pending(&fresh());
    acknowledging_twice_is_harmless(&fresh());
    a_new_epoch_begins_again(&fresh());
    records_can_be_queued_again(&fresh());
    large_values_come_back_whole_and_may_shrink(&fresh());
    alerts_take_effect_once(&fresh());
}

/// Everything written is there after the store was closed and opened again.
///
/// # Panics
/// When something is lost or doubled.
pub fn survives_reopening<S: NodeStore>(open: impl Fn() -> S) {
    {
        let store = open();
        store
            .commit_import(vec![record(1, 10), record(2, 10), record(3, 10)])
            .unwrap();
        store.commit_pack(commit(&[(1, 10)], 1)).unwrap();
        store.commit_pack(commit(&[(2, 10)], 2)).unwrap();
        store
            .commit_alerts(AlertCommit {
                alerts: vec![alert(1, 1)],
                cursor: 7,
            })
            .unwrap();
    }
    {
        let store = open();
        assert_eq!(keys(&store.pending(9).unwrap()), [key(3)]);
        assert_eq!(batches(&store), [1, 2]);
        assert!(store.acknowledge(&BatchId([1; 16])).unwrap());
        assert_eq!(store.alert_cursor().unwrap(), 7);
        store.commit_import(vec![record(4, 10)]).unwrap();
    }
    let store = open();
    assert_eq!(batches(&store), [2]);
    assert_eq!(keys(&store.pending(9).unwrap()), [key(3), key(4)]);
    assert_eq!(store.alerts().unwrap(), [alert(1, 1)]);
    assert_eq!(store.pack_state().unwrap(), state(2));
    let first = store.record(&key(1)).unwrap().unwrap();
    assert_eq!(first.published, Some(published(1)));
    assert_eq!(first.details.unwrap().reference, "reference 1");
}

fn imports_queue_in_the_order_of_keys(store: &impl NodeStore) {
    store
        .commit_import(vec![record(3, 1), record(1, 1)])
        .unwrap();
    store.commit_import(vec![record(2, 1)]).unwrap();
    assert_eq!(keys(&store.pending(9).unwrap()), [key(1), key(2), key(3)]);
    assert_eq!(keys(&store.pending(2).unwrap()), [key(1), key(2)]);
    assert_eq!(store.pending_len().unwrap(), 3);
    let found = store.record_of(&pseudonym(1)).unwrap().unwrap();
    assert_eq!(found.key, key(1));
    assert!(store.record(&key(9)).unwrap().is_none());
    assert!(store.record_of(&pseudonym(9)).unwrap().is_none());
    let mut seen = 0;
    store
        .for_each_record(&mut |_| {
            seen += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, 3);
}

fn a_changed_record_is_queued_once_and_keeps_its_publication(store: &impl NodeStore) {
    store
        .commit_import(vec![record(1, 1), record(2, 1)])
        .unwrap();
    store.commit_import(vec![record(1, 2)]).unwrap();
    assert_eq!(keys(&store.pending(9).unwrap()), [key(1), key(2)]);
    assert_eq!(store.pending_len().unwrap(), 2);
    store.commit_pack(commit(&[(1, 2), (2, 1)], 1)).unwrap();
    store.commit_import(vec![record(1, 3)]).unwrap();
    let again = store.pending(9).unwrap();
    assert_eq!(keys(&again), [key(1)]);
    assert_eq!(again[0].published, Some(published(1)), "to be withdrawn");
}

fn notify_only_records_queue_only_to_be_withdrawn(store: &impl NodeStore) {
    store.commit_import(vec![notify_only(1)]).unwrap();
    assert_eq!(store.pending_len().unwrap(), 0);
    let stored = store.record(&key(1)).unwrap().unwrap();
    assert!(stored.details.is_none());
    store
        .commit_import(vec![record(2, 1), record(3, 1)])
        .unwrap();
    store.commit_import(vec![notify_only(2)]).unwrap();
    assert_eq!(
        keys(&store.pending(9).unwrap()),
        [key(3)],
        "2 was never published"
    );
    store.commit_pack(commit(&[(3, 1)], 1)).unwrap();
    store.commit_import(vec![notify_only(3)]).unwrap();
    let pending = store.pending(9).unwrap();
    assert_eq!(keys(&pending), [key(3)]);
    assert!(pending[0].details.is_none() && pending[0].published.is_some());
}

fn packing_moves_records_to_the_outbox(store: &impl NodeStore) {
    store
        .commit_import(vec![record(1, 1), record(2, 1), record(3, 1)])
        .unwrap();
    assert_eq!(store.pack_state().unwrap(), PackState::default());
    store.commit_pack(commit(&[(1, 1), (2, 1)], 1)).unwrap();
    store.commit_pack(commit(&[(3, 1)], 2)).unwrap();
    assert_eq!(store.pending_len().unwrap(), 0);
    assert_eq!(batches(store), [1, 2]);
    assert_eq!(store.outbox(1).unwrap().len(), 1);
    assert_eq!(store.outbox_len().unwrap(), 2);
    assert_eq!(store.pack_state().unwrap(), state(2));
    let packed = store.record(&key(2)).unwrap().unwrap();
    assert_eq!(packed.published, Some(published(2)));
    let empty = PackCommit {
        batch: None,
        ..commit(&[], 3)
    };
    store.commit_pack(empty).unwrap();
    assert_eq!(batches(store), [1, 2]);
}

fn a_record_imported_while_it_was_packed_stays_pending(store: &impl NodeStore) {
    store
        .commit_import(vec![record(1, 1), record(2, 1)])
        .unwrap();
    store.commit_import(vec![record(1, 2)]).unwrap();
    store.commit_pack(commit(&[(1, 1), (2, 1)], 1)).unwrap();
    let pending = store.pending(9).unwrap();
    assert_eq!(keys(&pending), [key(1)]);
    assert_eq!(pending[0].published, Some(published(1)));
}

fn acknowledging_twice_is_harmless(store: &impl NodeStore) {
    store.commit_import(vec![record(1, 1)]).unwrap();
    store.commit_pack(commit(&[(1, 1)], 1)).unwrap();
    assert!(store.acknowledge(&BatchId([1; 16])).unwrap());
    assert!(!store.acknowledge(&BatchId([1; 16])).unwrap());
    assert!(!store.acknowledge(&BatchId([9; 16])).unwrap());
    assert_eq!(store.outbox_len().unwrap(), 0);
}

fn a_new_epoch_begins_again(store: &impl NodeStore) {
    store
        .commit_import(vec![record(1, 1), notify_only(2)])
        .unwrap();
    store.commit_pack(commit(&[(1, 1)], 1)).unwrap();
    let fresh = PackState {
        published_under: Some((Epoch(2), RulesVersion(1))),
        ..PackState::default()
    };
    store.restart_publication(&fresh).unwrap();
    let pending = store.pending(9).unwrap();
    assert_eq!(keys(&pending), [key(1)]);
    assert!(pending[0].published.is_none());
    assert_eq!(store.outbox_len().unwrap(), 0);
    assert_eq!(store.pack_state().unwrap(), fresh);
}

fn records_can_be_queued_again(store: &impl NodeStore) {
    store
        .commit_import(vec![record(1, 1), record(2, 1)])
        .unwrap();
    store.commit_pack(commit(&[(1, 1)], 1)).unwrap();
    store.requeue(&[key(1), key(2), key(9)]).unwrap();
    assert_eq!(keys(&store.pending(9).unwrap()), [key(1), key(2)]);
    assert_eq!(store.pending_len().unwrap(), 2);
}

fn large_values_come_back_whole_and_may_shrink(store: &impl NodeStore) {
    let mut big = record(1, 1);
    big.details.as_mut().unwrap().names = "long ".repeat(9_000);
    store.commit_import(vec![big.clone()]).unwrap();
    let mut pack = commit(&[(1, 1)], 1);
    let many = vec![published(1).tokens[0].clone(); 96];
    pack.records[0].published = Some(Published {
        tokens: many.clone(),
        ..published(1)
    });
    let batch = pack.batch.as_mut().unwrap();
    batch.contents.postings = (0..300_000u32).map(|i| i as u8).collect();
    let expected = batch.clone();
    store.commit_pack(pack).unwrap();
    let stored = store.record(&key(1)).unwrap().unwrap();
    assert_eq!(stored.details.unwrap().names, big.details.unwrap().names);
    assert_eq!(stored.published.unwrap().tokens, many);
    assert_eq!(store.outbox(1).unwrap()[0].batch, expected);
    store.commit_import(vec![record(1, 2)]).unwrap();
    let small = store.record(&key(1)).unwrap().unwrap();
    assert_eq!(small.details.unwrap().names, "names 1");
    assert!(store.acknowledge(&BatchId([1; 16])).unwrap());
    assert_eq!(store.outbox(9).unwrap(), []);
}

fn alerts_take_effect_once(store: &impl NodeStore) {
    assert_eq!(store.alert_cursor().unwrap(), 0);
    let commit = |alerts: Vec<StoredAlert>, cursor| AlertCommit { alerts, cursor };
    store
        .commit_alerts(commit(vec![alert(1, 1), alert(2, 1)], 5))
        .unwrap();
    store.commit_alerts(commit(vec![alert(1, 3)], 6)).unwrap();
    store
        .commit_alerts(commit(vec![alert(1, 2), alert(2, 1)], 4))
        .unwrap();
    assert_eq!(store.alert_cursor().unwrap(), 6);
    let mut alerts = store.alerts().unwrap();
    alerts.sort_by_key(|alert| alert.alert_id);
    assert_eq!(alerts, [alert(1, 3), alert(2, 1)]);
}

fn key(n: u8) -> RecordKey {
    RecordKey([n; 32])
}

fn pseudonym(n: u8) -> Pseudonym {
    Pseudonym([n; 16])
}

fn record(n: u8, content: u8) -> ImportedRecord {
    let source = Source {
        forenames: vec!["Amal".into()],
        surnames: vec!["Haddad".into()],
        identifiers: vec![(IdentifierKind::Email, "amal@example.org".into())],
        ..Source::default()
    };
    ImportedRecord {
        key: key(n),
        content: [content; 32],
        pseudonym: pseudonym(n),
        details: Some(Details {
            reference: format!("reference {n}"),
            names: format!("names {n}"),
            canonical: canonicalise(&source, Timestamp(1_795_392_000_000), "GB").0,
            roles: Roles::default().with(Role::PotentialVictim),
            basis: Basis::Safeguarding,
            visibility: Visibility::Open,
            expires: Month(400),
            exploitation: None,
            consent: Default::default(),
            review: None,
        }),
        ended: None,
    }
}

fn notify_only(n: u8) -> ImportedRecord {
    ImportedRecord {
        details: None,
        ..record(n, 0)
    }
}

fn published(n: u8) -> Published {
    Published {
        epoch: Epoch(1),
        rules: RulesVersion(1),
        card: CardId([n; 8]),
        tokens: vec![PublishedToken {
            token: TokenType::Nd,
            tag: Tag([n; 16]),
            handle: Handle([n; 8]),
            match_secret: Zeroizing::new([n; 32]),
        }],
    }
}

fn state(n: u64) -> PackState {
    PackState {
        published_under: Some((Epoch(1), RulesVersion(1))),
        dummy_postings: DummyRange {
            withdrawn: n,
            issued: 10 * n,
        },
        dummy_cards: DummyRange::default(),
        population_records: n,
    }
}

fn commit(records: &[(u8, u8)], batch: u8) -> PackCommit {
    PackCommit {
        records: records
            .iter()
            .map(|(n, content)| PackedRecord {
                key: key(*n),
                content: [*content; 32],
                published: Some(published(*n)),
            })
            .collect(),
        batch: Some(SignedBatch {
            contents: BatchContents {
                batch_id: BatchId([batch; 16]),
                rules: RulesVersion(1),
                epoch: Epoch(1),
                postings: vec![batch; 94],
                cards: vec![batch; 58],
                withdrawals: Vec::new(),
                withdrawn_cards: Vec::new(),
                population: Vec::new(),
            },
            signature: [batch; 64],
        }),
        state: state(u64::from(batch)),
    }
}

fn alert(n: u8, version: u32) -> StoredAlert {
    StoredAlert {
        alert_id: AlertId([n; 16]),
        version,
        kind: AlertKind::SamePerson,
        band: Band::Strong,
        state: AlertState::Open,
        own: pseudonym(n),
        other_agency: "council".parse().unwrap(),
        other_roles: Roles::default().with(Role::Suspect),
        other_is_child: false,
        evidence: Vec::new(),
        cluster: String::new(),
        cluster_agencies: Vec::new(),
        safeguarding_first: false,
        raised: Timestamp(1),
        may_release: false,
    }
}

fn keys(records: &[crate::StoredRecord]) -> Vec<RecordKey> {
    records.iter().map(|record| record.key).collect()
}

fn batches(store: &impl NodeStore) -> Vec<u8> {
    store
        .outbox(99)
        .unwrap()
        .iter()
        .map(|entry| entry.batch.contents.batch_id.0[0])
        .collect()
}
