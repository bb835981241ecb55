//! New rules of normalisation: tokens are made anew in the background, behind new records.

mod agency;
mod holders;

use agency::{Node, people};
use holders::Holders;
use sanctuary_node_core::{RulesInUse, Tokeniser, ports::NodeStore};
use sanctuary_normalize::Canonical;
use sanctuary_types::{Epoch, RulesVersion};

const NEXT: RulesVersion = RulesVersion(2);

/// Rules under which one record's values can only be told from the agency's row.
fn upgrade(earlier: &Canonical) -> Option<Canonical> {
    let mut canonical = earlier.clone();
    canonical.rules = NEXT;
    let known_here = !earlier
        .identifiers
        .iter()
        .any(|(_, v)| v.ends_with("0900007"));
    known_here.then_some(canonical)
}

fn move_on(node: &mut Node, holders: &Holders) {
    let mut keys = holders.key_sets(Epoch(1));
    keys.iter_mut().for_each(|keys| keys.rules = NEXT);
    let [person, identifier] = keys;
    let secret = node.secret.clone();
    node.tokeniser = Tokeniser::new(holders.clone(), person, identifier, secret).unwrap();
    node.rules = RulesInUse {
        version: NEXT,
        upgrade,
    };
}

fn rules_of(node: &Node, id: &str) -> Option<RulesVersion> {
    node.published(id).map(|published| published.rules)
}

#[test]
fn records_are_made_anew_behind_new_ones_and_match_until_then() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&people(0, 300));
    node.publish_all();
    let before = node.published("r0").unwrap();
    node.clear_outbox();

    move_on(&mut node, &holders);
    // A record that changed meanwhile is not made to wait behind the others.
    let changed = node.secret.record_key("r250");
    node.store.requeue(&[changed]).unwrap();
    let first = node.publish().unwrap().unwrap();
    assert!(first.records > 1 && first.records < 299);
    assert_eq!(rules_of(&node, "r250"), Some(NEXT));
    let behind = node.store.behind_len().unwrap();
    assert_eq!(
        behind,
        299 - first.records,
        "one record waits for its next import"
    );
    let of = |node: &Node, rules| {
        let ids = (0..300).map(|n| format!("r{n}"));
        ids.filter(|id| rules_of(node, id) == Some(rules)).count() as u64
    };
    assert_eq!(of(&node, NEXT), first.records);
    let old = of(&node, RulesVersion(1));
    assert_eq!(
        old,
        300 - first.records,
        "old tokens stay at the hub until then"
    );

    node.publish_all();
    assert_eq!(node.store.behind_len().unwrap(), 0);
    assert_eq!(of(&node, NEXT), 299);
    // One step a record: what it had is withdrawn by the batch that brings the new.
    let batches = node.batches();
    let brings = |batch: &sanctuary_node_core::SignedBatch| {
        let contents = &batch.contents;
        let names = before.tokens.iter().all(|t| {
            let named = [&t.tag.0[..], &t.handle.0].concat();
            contents.withdrawals.chunks_exact(24).any(|w| w == named)
        });
        names && !contents.postings.is_empty() && contents.rules == NEXT
    };
    assert_eq!(batches.iter().filter(|batch| brings(batch)).count(), 1);
    // The one that cannot be told keeps its tokens until the agency's system delivers it again.
    assert_eq!(rules_of(&node, "r7"), Some(RulesVersion(1)));
    assert!(node.publish().unwrap().is_none());
}

#[test]
fn a_start_in_between_goes_on_where_it_was() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&people(10, 310));
    node.publish_all();
    move_on(&mut node, &holders);
    node.publish().unwrap().unwrap();
    let state = node.store.pack_state().unwrap();
    assert_eq!(state.published_under, Some((Epoch(1), NEXT)));
    let behind = node.store.behind_len().unwrap();
    assert!(behind > 0);
    move_on(&mut node, &holders);
    node.publish_all();
    let left = (10..310).filter(|n| rules_of(&node, &format!("r{n}")) != Some(NEXT));
    assert_eq!(left.count(), 0);
}
