//! Pending records to sealed batches, with key holders in this process that may die, lie or refuse.

mod agency;
mod holders;

use std::collections::HashMap;

use agency::{Node, VICTIM, people, postings, tokeniser};
use holders::{Conduct, Holders};
use sanctuary_node_core::{
    NodeError, Published, SignedBatch,
    ports::{HolderFaultKind, NodeStore},
};
use sanctuary_posting::{SealedCard, agency_point, open_card, open_pair, pad::size_class};
use sanctuary_types::{Epoch, Role, TokenType};

#[test]
fn what_two_agencies_share_opens_and_nothing_else() {
    let holders = Holders::new();
    let (mut police, mut council) = (
        Node::new("police", &holders),
        Node::new("council", &holders),
    );
    police.import(&(VICTIM.to_owned() + &people(0, 20)));
    council.import("c9,AMAL,HADDAD,1990-03-02,,suspect,no\n");
    police.publish_all();
    council.publish_all();
    let theirs: HashMap<_, _> = postings(&council.batches()[0])
        .into_iter()
        .map(|p| (p.tag, p))
        .collect();
    let epoch = Epoch(1);
    let (a, b) = (&police.agency, &council.agency);
    let (xa, xb) = (agency_point(a, epoch), agency_point(b, epoch));
    let mut opened = Vec::new();
    for posting in postings(&police.batches()[0]) {
        let Some(other) = theirs.get(&posting.tag) else {
            continue;
        };
        let key = open_pair((a, &xa, &posting), (b, &xb, other)).unwrap();
        let (body, other_body) = (key.open(a, &posting).unwrap(), key.open(b, other).unwrap());
        assert_eq!(body.token, other_body.token);
        opened.push((body, other_body));
    }
    assert!(
        opened.len() >= 6,
        "ND twice, NM, NW twice and bands: {}",
        opened.len()
    );
    assert!(opened.iter().any(|(body, _)| body.token == TokenType::Nd));
    assert!(
        opened
            .iter()
            .all(|(body, _)| body.card_key == opened[0].0.card_key),
        "one record"
    );
    let card = card_of(&council.batches()[0], &opened[0].1.card_key);
    assert!(card.roles.has(Role::Suspect));
    assert_eq!(card.presence.name_parts, 2);
    let known = council.store.record_of(&card.pseudonym).unwrap().unwrap();
    assert_eq!(known.details.as_ref().unwrap().reference, "c9");
}

fn card_of(batch: &SignedBatch, card_key: &[u8; 16]) -> sanctuary_types::Card {
    let id = sanctuary_posting::card_id(card_key);
    let mut cards = batch.contents.cards.chunks_exact(SealedCard::BYTES);
    let sealed = cards.find(|c| c[..8] == id.0).unwrap();
    open_card(
        card_key,
        &SealedCard::from_bytes(sealed.try_into().unwrap()),
    )
    .unwrap()
}

#[test]
fn batches_are_padded_shuffled_and_of_oprf_size() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&people(0, 300));
    let reports = node.publish_all();
    assert!(reports.len() > 2 && reports.iter().map(|r| r.records).sum::<u64>() == 300);
    let sizes = holders.batch_sizes();
    assert!(
        sizes.iter().all(|n| *n <= 1024 && *n == size_class(*n)),
        "{sizes:?}"
    );
    assert!(
        sizes.iter().any(|n| *n >= 896),
        "filled near the target: {sizes:?}"
    );
    let mut owner: HashMap<_, usize> = HashMap::new();
    for i in 0..300 {
        for token in node.published(&format!("r{i}")).unwrap().tokens {
            owner.insert(token.handle, i);
        }
    }
    let (mut neighbours, mut expected) = (0, 0.0);
    for (batch, report) in node.batches().iter().zip(&reports) {
        let postings = postings(batch);
        let n = postings.len();
        let tokens = report.tokens as usize;
        assert!(n == size_class(n) && (tokens..=size_class(tokens + 64)).contains(&n));
        let cards = batch.contents.cards.len() / SealedCard::BYTES;
        assert!(cards == size_class(cards) && cards as u64 >= report.records);
        assert!(batch.contents.withdrawals.is_empty());
        let owners: Vec<Option<usize>> = postings
            .iter()
            .map(|p| owner.get(&p.handle).copied())
            .collect();
        assert_eq!(owners.iter().flatten().count() as u64, report.tokens);
        assert!(
            postings.iter().all(|p| p.expiry == postings[0].expiry),
            "dummies expire alike"
        );
        neighbours += owners
            .windows(2)
            .filter(|w| w[0].is_some() && w[0] == w[1])
            .count();
        let mut own: HashMap<usize, f64> = HashMap::new();
        owners
            .iter()
            .flatten()
            .for_each(|o| *own.entry(*o).or_default() += 1.0);
        expected += own.values().map(|k| k * (k - 1.0) / n as f64).sum::<f64>();
    }
    let spread = 5.0 * expected.sqrt();
    assert!(
        (neighbours as f64 - expected).abs() < spread,
        "neighbours of one record: {neighbours}, by chance {expected:.0}"
    );
    let populations = node
        .batches()
        .iter()
        .filter(|b| !b.contents.population.is_empty())
        .count();
    assert_eq!(
        populations, 1,
        "the population goes with the first batch only"
    );
}

#[test]
fn a_lying_holder_is_named_and_the_third_takes_over() {
    let honest = Holders::new();
    let mut reference = Node::new("police", &honest);
    reference.import(VICTIM);
    reference.publish_all();
    for liar in 1..=3 {
        let holders = Holders::new();
        holders.set(liar, Conduct::Lies);
        let mut node = Node::new("police", &holders);
        node.import(&people(0, 400));
        node.import(VICTIM);
        let reports = node.publish_all();
        let faults: Vec<_> = reports.iter().flat_map(|r| r.faults.clone()).collect();
        assert!(!faults.is_empty());
        assert!(
            faults
                .iter()
                .all(|f| *f == (holders.name(liar), HolderFaultKind::WrongAnswer))
        );
        let tags =
            |p: Option<Published>| p.unwrap().tokens.iter().map(|t| t.tag).collect::<Vec<_>>();
        let nd = tags(reference.published("a1"))[0];
        assert!(
            tags(node.published("a1")).contains(&nd),
            "the same tags as with honest holders"
        );
    }
}

#[test]
fn a_dead_holder_rests_and_the_third_takes_over() {
    let holders = Holders::new();
    holders.set(2, Conduct::Dead);
    let mut node = Node::new("police", &holders);
    node.import(&people(0, 400));
    let reports = node.publish_all();
    let faults: Vec<_> = reports.iter().flat_map(|r| r.faults.clone()).collect();
    assert_eq!(
        faults,
        [(holders.name(2), HolderFaultKind::Unavailable)],
        "asked once, then left alone"
    );
}

#[test]
fn without_a_quorum_nothing_is_lost_and_the_retry_is_free() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&people(0, 60));
    holders.set(2, Conduct::Dead);
    holders.set(3, Conduct::DiesOfIdentifiers);
    let error = node.publish().unwrap_err();
    assert!(matches!(
        error,
        NodeError::HoldersUnavailable { needed: 2, .. }
    ));
    assert!(error.to_string().contains("nothing is lost"), "{error}");
    assert_eq!(node.store.pending_len().unwrap(), 60);
    assert_eq!(node.store.outbox_len().unwrap(), 0);
    let charged = holders.charged(3);
    assert!(charged > 0, "the person class was evaluated");
    // As after a crash: another process, the same secret, all holders well again.
    holders.set(3, Conduct::Honest);
    node.tokeniser = tokeniser(&holders, Epoch(1), &node.secret);
    holders.set(2, Conduct::Dead);
    node.publish().unwrap().unwrap();
    let person = charged;
    let identifier = holders.charged(3) - person;
    assert!(
        identifier > 0 && identifier < person,
        "person batches were not charged again"
    );
    assert_eq!(node.store.pending_len().unwrap(), 0);
}

#[test]
fn a_used_up_quota_and_a_revoked_agency_say_so() {
    for (conduct, text) in [
        (Conduct::QuotaUsedUp, "go on tomorrow, nothing is lost"),
        (Conduct::Refuses, "ask a governance officer"),
    ] {
        let holders = Holders::new();
        (1..=3).for_each(|i| holders.set(i, conduct));
        let mut node = Node::new("police", &holders);
        node.import(VICTIM);
        let error = node.publish().unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
        assert_eq!(node.store.pending_len().unwrap(), 1);
        (1..=3).for_each(|i| holders.set(i, Conduct::Honest));
        assert!(node.publish().unwrap().is_some());
    }
}

#[test]
fn match_secrets_do_not_print() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(VICTIM);
    node.publish_all();
    let published = node.published("a1").unwrap();
    let secret = published.tokens[0].match_secret.clone();
    assert!(!format!("{published:?}").contains(&format!("{:?}", &secret[..4])));
    assert!(format!("{published:?}").contains("<redacted>"));
}
