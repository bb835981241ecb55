//! What every store of the review must do. An adapter's tests call [`store_keeps_its_promises`].

use sanctuary_disclosure::PersonId;
use sanctuary_types::{AlertId, AlertKind, AlertState, Band, PartyId, Pseudonym, Roles, Timestamp};

use crate::{
    AlertFacts, Change, Filter, Item, PortError, Recheck, ReviewStore, SavedView, State, What,
};

/// Facts of an alert that nobody has decided.
#[must_use]
pub fn facts(number: u8, other: PartyId) -> AlertFacts {
    AlertFacts {
        id: AlertId([number; 16]),
        version: 1,
        kind: AlertKind::SamePerson,
        band: Band::Likely,
        hub: AlertState::Open,
        own: Pseudonym([number; 16]),
        other,
        own_roles: Roles::default(),
        other_roles: Roles::default(),
        child: false,
        safeguarding_first: false,
        evidence: Vec::new(),
        cluster_agencies: Vec::new(),
        raised: Timestamp(1),
        may_release: false,
    }
}

fn item(number: u8, other: &PartyId) -> Item {
    let mut item = Item {
        facts: facts(number, other.clone()),
        version: 0,
        state: State::New,
        assignee: None,
        since: Timestamp(5),
        due: Timestamp(9),
        answers: Vec::new(),
        decision: None,
        undo: None,
        told: None,
        other_says: None,
        newer_evidence: false,
        recheck: Recheck::None,
        history: Vec::new(),
    };
    item.happened(Timestamp(5), None, What::Arrived);
    item
}

fn of(items: Vec<Item>) -> Change {
    Change { items, views: None }
}

/// Panics where `store`, which must be empty, does other than a store does.
///
/// # Panics
/// When the store breaks a promise.
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
pub fn store_keeps_its_promises(store: &dyn ReviewStore) {
    let council: PartyId = "council".parse().unwrap();
    let one = item(1, &council);
    let id = one.facts.id;
    assert_eq!(store.item(&id).unwrap(), None);
    let new = of(vec![one.clone(), item(2, &council)]);
    store.commit(&new).unwrap();
    // A command that is done again changes nothing.
    store.commit(&new).unwrap();
    assert_eq!(store.item(&id).unwrap().as_ref(), Some(&one));

    let mut two = one.clone();
    two.happened(Timestamp(6), None, What::Heard);
    store.commit(&of(vec![two.clone()])).unwrap();
    store.commit(&of(vec![two.clone()])).unwrap();
    // An older version, a version too far, and another item of the same version are refused, and so is
    // everything else in the change.
    let mut far = two.clone();
    far.version = 9;
    let mut other = two.clone();
    other.state = State::Withdrawn;
    for wrong in [one.clone(), far, other] {
        let change = of(vec![item(3, &council), wrong]);
        assert_eq!(store.commit(&change), Err(PortError::Conflict));
        assert_eq!(store.item(&AlertId([3; 16])).unwrap(), None);
        assert_eq!(store.item(&id).unwrap().as_ref(), Some(&two));
    }

    let mut all = Vec::new();
    let visit = &mut |item: Item| {
        all.push(item);
        Ok(())
    };
    store.for_each_item(visit).unwrap();
    all.sort_by_key(|i| i.facts.id);
    assert_eq!(all, [two, item(2, &council)]);

    let (ann, bob): (PersonId, PersonId) = ("ann".parse().unwrap(), "bob".parse().unwrap());
    let view = SavedView {
        name: "Mine".to_owned(),
        filter: Filter::to_do(),
    };
    let views = Change {
        items: Vec::new(),
        views: Some((ann.clone(), vec![view.clone()])),
    };
    store.commit(&views).unwrap();
    assert_eq!(store.views(&ann).unwrap(), [view]);
    assert!(store.views(&bob).unwrap().is_empty());
    let none = Change {
        items: Vec::new(),
        views: Some((ann.clone(), Vec::new())),
    };
    store.commit(&none).unwrap();
    assert!(store.views(&ann).unwrap().is_empty());
}
