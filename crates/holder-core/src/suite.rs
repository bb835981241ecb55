//! What every implementation of the ports must do, run against each of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use sanctuary_keyshare::KeyShare;
use sanctuary_types::{BatchId, Epoch, Generation, KeyClass, PartyId};

use crate::{BATCHES_REMEMBERED_DAYS, Charge, Charged, QuotaStore, ShareId, ShareStore};

/// A charge of 10 elements by `agency` on day 100 against a limit of 25.
#[must_use]
pub fn charge(agency: &str, batch: u8, digest: u8) -> Charge {
    Charge {
        agency: agency.parse().unwrap(),
        class: KeyClass::Person,
        epoch: Epoch(1),
        day: 100,
        batch_id: BatchId([batch; 16]),
        elements_sha256: [digest; 32],
        elements: 10,
        limit_per_day: 25,
    }
}

/// The rules of [`QuotaStore`]. `fresh` gives an empty store.
pub fn quota_store<Q: QuotaStore + 'static>(mut fresh: impl FnMut() -> Q) {
    counts_up_to_the_limit(&fresh());
    repeats_are_free(&fresh());
    batches_have_one_owner(&fresh());
    counters_are_separate(&fresh());
    old_batches_may_return(&fresh());
    charges_race_safely(Arc::new(fresh()));
}

fn counts_up_to_the_limit(store: &dyn QuotaStore) {
    let (police, person) = (party("police"), KeyClass::Person);
    assert_eq!(store.used(&police, person, 100).unwrap(), 0);
    for (batch, expected) in [(1, 10), (2, 20)] {
        let charged = store.charge(&charge("police", batch, batch)).unwrap();
        assert_eq!(charged, Charged::New { used: expected });
    }
    let over = charge("police", 3, 3);
    assert_eq!(store.charge(&over).unwrap(), Charged::Exceeded { used: 20 });
    assert_eq!(store.used(&police, person, 100).unwrap(), 20);
    // A refused batch is not remembered: smaller or on the next day it goes through.
    let smaller = Charge {
        elements: 5,
        ..over.clone()
    };
    assert_eq!(store.charge(&smaller).unwrap(), Charged::New { used: 25 });
    let tomorrow = Charge {
        day: 101,
        ..charge("police", 4, 4)
    };
    assert_eq!(store.charge(&tomorrow).unwrap(), Charged::New { used: 10 });
    let boundless = Charge {
        limit_per_day: u64::MAX,
        elements: u32::MAX,
        ..charge("police", 5, 5)
    };
    let used = 25 + u64::from(u32::MAX);
    assert_eq!(store.charge(&boundless).unwrap(), Charged::New { used });
}

fn repeats_are_free(store: &dyn QuotaStore) {
    let first = charge("police", 1, 1);
    store.charge(&first).unwrap();
    // Also after the limit is used up, and on the next day.
    let repeat = Charge {
        limit_per_day: 0,
        day: 101,
        ..first.clone()
    };
    assert_eq!(store.charge(&repeat).unwrap(), Charged::Repeat);
    assert_eq!(store.used(&first.agency, first.class, 100).unwrap(), 10);
    assert_eq!(store.used(&first.agency, first.class, 101).unwrap(), 0);
    let changed = [
        charge("police", 1, 2),
        Charge {
            class: KeyClass::Identifier,
            ..first.clone()
        },
        Charge {
            epoch: Epoch(2),
            ..first.clone()
        },
    ];
    for other in changed {
        assert_eq!(store.charge(&other).unwrap(), Charged::Changed);
    }
    // The same elements under a new batch id are a new evaluation.
    let again = store.charge(&charge("police", 2, 1)).unwrap();
    assert_eq!(again, Charged::New { used: 20 });
}

fn batches_have_one_owner(store: &dyn QuotaStore) {
    store.charge(&charge("police", 1, 1)).unwrap();
    for replay in [
        charge("council", 1, 1),
        charge("council", 1, 2),
        charge("council", 2, 1),
    ] {
        assert_eq!(store.charge(&replay).unwrap(), Charged::OtherAgency);
    }
    let used = store.used(&party("council"), KeyClass::Person, 100);
    assert_eq!(used.unwrap(), 0);
    let own = store.charge(&charge("council", 2, 2)).unwrap();
    assert_eq!(own, Charged::New { used: 10 });
}

fn counters_are_separate(store: &dyn QuotaStore) {
    store.charge(&charge("police", 1, 1)).unwrap();
    let identifier = Charge {
        class: KeyClass::Identifier,
        ..charge("police", 2, 2)
    };
    let others = [charge("police-2", 3, 3), identifier];
    for other in others {
        assert_eq!(store.charge(&other).unwrap(), Charged::New { used: 10 });
    }
}

fn old_batches_may_return(store: &dyn QuotaStore) {
    store.charge(&charge("police", 1, 1)).unwrap();
    let kept = Charge {
        day: 100 + BATCHES_REMEMBERED_DAYS,
        ..charge("police", 1, 1)
    };
    assert_eq!(store.charge(&kept).unwrap(), Charged::Repeat);
    let much_later = Charge {
        day: 101 + BATCHES_REMEMBERED_DAYS,
        ..charge("council", 2, 2)
    };
    assert_eq!(
        store.charge(&much_later).unwrap(),
        Charged::New { used: 10 }
    );
    let forgotten = Charge {
        day: 101 + BATCHES_REMEMBERED_DAYS,
        ..charge("police", 1, 1)
    };
    assert_eq!(store.charge(&forgotten).unwrap(), Charged::New { used: 10 });
}

fn charges_race_safely<Q: QuotaStore + 'static>(store: Arc<Q>) {
    let threads: Vec<_> = (0..20)
        .map(|batch| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || store.charge(&charge("police", batch, batch)).unwrap())
        })
        .collect();
    let new = threads
        .into_iter()
        .map(|t| t.join().unwrap())
        .filter(|c| matches!(c, Charged::New { .. }))
        .count();
    assert_eq!(
        new, 2,
        "25 elements allow two batches of 10, however they race"
    );
}

/// The rules of [`ShareStore`]. `shares` are two different shares.
pub fn share_store(store: &dyn ShareStore, shares: [&KeyShare; 2]) {
    let id = |class, epoch| ShareId {
        class,
        epoch: Epoch(epoch),
        generation: Generation(0),
    };
    let (first, second) = (id(KeyClass::Person, 1), id(KeyClass::Identifier, 1));
    assert!(store.load(first).unwrap().is_none());
    store.save(second, shares[1]).unwrap();
    store.save(first, shares[0]).unwrap();
    assert!(store.save(first, shares[1]).is_err(), "never overwritten");
    for (id, share) in [(first, shares[0]), (second, shares[1])] {
        let loaded = store.load(id).unwrap().unwrap();
        assert_eq!(loaded.to_bytes(), share.to_bytes());
    }
    assert_eq!(store.ids().unwrap(), [first, second]);
    assert!(store.load(id(KeyClass::Person, 2)).unwrap().is_none());
}

fn party(id: &str) -> PartyId {
    id.parse().unwrap()
}
