//! Records that change, are known only from a Duty to Notify report, or meet a new epoch.

mod agency;
mod holders;

use agency::{Node, VICTIM, people, postings, tokeniser};
use holders::Holders;
use sanctuary_node_core::{
    Ended, Published, SignedBatch,
    ports::{ImportedRecord, NodeStore},
};
use sanctuary_posting::{Posting, pad::size_class};
use sanctuary_types::{
    Epoch, IdentifierKind, RulesVersion, Timestamp, TokenType, limits::BATCH_WITHDRAWALS_MAX,
};

#[test]
fn a_duty_to_notify_record_is_never_tokenised() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&VICTIM.replace(",no\n", ",yes\n"));
    assert!(node.publish().unwrap().is_none());
    assert_eq!(
        holders.batch_sizes(),
        [0; 0],
        "no key holder was asked anything"
    );
    assert_eq!(node.store.outbox_len().unwrap(), 0);
}

#[test]
fn a_record_that_becomes_notify_only_is_withdrawn_and_forgotten() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(VICTIM);
    node.publish_all();
    let before = node.published("a1").unwrap();
    node.clear_outbox();
    node.import(&VICTIM.replace(",no\n", ",yes\n"));
    let asked = holders.batch_sizes().len();
    let report = node.publish().unwrap().unwrap();
    assert_eq!(
        (report.tokens, report.withdrawn),
        (0, before.tokens.len() as u64)
    );
    assert_eq!(
        holders.batch_sizes().len(),
        asked,
        "no key holder was asked anything"
    );
    let batch = &node.batches()[0].contents;
    assert!(batch.postings.is_empty() && batch.cards.is_empty());
    assert_withdrawn(&before, &node.batches()[0]);
    let record = node
        .store
        .record(&node.secret.record_key("a1"))
        .unwrap()
        .unwrap();
    assert!(record.details.is_none() && record.published.is_none());
}

fn assert_withdrawn(before: &Published, batch: &SignedBatch) {
    let withdrawals: Vec<&[u8]> = batch.contents.withdrawals.chunks_exact(24).collect();
    assert_eq!(withdrawals.len(), size_class(before.tokens.len()));
    for token in &before.tokens {
        let wanted = [&token.tag.0[..], &token.handle.0[..]].concat();
        assert_eq!(withdrawals.iter().filter(|w| **w == wanted).count(), 1);
    }
    let cards: Vec<&[u8]> = batch.contents.withdrawn_cards.chunks_exact(8).collect();
    assert!(cards.contains(&&before.card.0[..]));
    assert_eq!(cards.len(), size_class(1));
}

#[test]
fn a_changed_row_withdraws_and_pushes_in_one_batch() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&(VICTIM.to_owned() + &people(0, 100)));
    node.publish_all();
    let before = node.published("a1").unwrap();
    let sent: Vec<Posting> = node.batches().iter().flat_map(postings).collect();
    node.clear_outbox();
    node.import(&VICTIM.replace("Haddad", "Haddadi"));
    let report = node.publish().unwrap().unwrap();
    assert_eq!(
        (report.records, report.withdrawn),
        (1, before.tokens.len() as u64)
    );
    assert!(report.tokens > 0);
    let batches = node.batches();
    assert_eq!(batches.len(), 1);
    assert_withdrawn(&before, &batches[0]);
    // The padding names dummies that do stand at the hub, so it cannot be told from the rest.
    let standing: Vec<Vec<u8>> = sent
        .iter()
        .map(|p| [&p.tag.0[..], &p.handle.0[..]].concat())
        .collect();
    for withdrawal in batches[0].contents.withdrawals.chunks_exact(24) {
        assert!(standing.iter().any(|s| s == withdrawal));
    }
    let after = node.published("a1").unwrap();
    assert_ne!(
        after.card, before.card,
        "a new card key, so that old and new are not linked"
    );
    assert!(node.publish().unwrap().is_none());
}

#[test]
fn importing_the_same_file_again_sends_nothing() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&people(0, 30));
    node.publish_all();
    node.clear_outbox();
    node.import(&people(0, 30));
    assert!(node.publish().unwrap().is_none());
    assert_eq!(node.store.outbox_len().unwrap(), 0);
}

#[test]
fn a_value_that_too_many_records_hold_is_not_tokenised() {
    let holders = Holders::new();
    let mut node = Node::new("refuge", &holders);
    let switchboard = |n: usize| -> String {
        people(0, n)
            .lines()
            .map(|line| {
                let (head, _) = line.split_once(",0770090").unwrap();
                format!("{head},01913880000,potential_victim,no\n")
            })
            .collect()
    };
    node.import(&switchboard(21));
    let report = node.publish().unwrap().unwrap();
    assert_eq!(report.too_common, 21);
    let phone = |node: &Node| {
        let kinds = node
            .published("r0")
            .unwrap()
            .tokens
            .into_iter()
            .map(|t| t.token);
        kinds
            .filter(|t| matches!(t, TokenType::Id(IdentifierKind::Phone) | TokenType::Ni(_)))
            .count()
    };
    assert_eq!(phone(&node), 0);
    let mut small = Node::new("small", &holders);
    small.import(&switchboard(20));
    assert_eq!(small.publish().unwrap().unwrap().too_common, 0);
    assert_eq!(phone(&small), 3);
}

#[test]
fn a_new_epoch_publishes_everything_anew() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&people(0, 10));
    node.publish_all();
    let before = node.published("r0").unwrap();
    node.tokeniser = tokeniser(&holders, Epoch(2), &node.secret);
    node.import("a1,Amal,Haddad,1990-03-02,,suspect,no\n");
    let reports = node.publish_all();
    assert_eq!(reports.iter().map(|r| r.records).sum::<u64>(), 11);
    assert_eq!(
        reports.iter().map(|r| r.withdrawn).sum::<u64>(),
        0,
        "old tags go with their epoch"
    );
    let after = node.published("r0").unwrap();
    assert_eq!(after.epoch, Epoch(2));
    assert!(
        after
            .tokens
            .iter()
            .zip(&before.tokens)
            .all(|(a, b)| a.tag != b.tag)
    );
    assert!(node.batches().iter().all(|b| b.contents.epoch == Epoch(2)));
}

#[test]
fn a_record_of_other_rules_waits_for_its_next_import() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(VICTIM);
    let key = node.secret.record_key("a1");
    let stored = node.store.record(&key).unwrap().unwrap();
    let mut details = stored.details.clone().unwrap();
    details.canonical.rules = RulesVersion(0);
    let old = ImportedRecord {
        key,
        content: [0; 32],
        pseudonym: stored.pseudonym,
        details: Some(details),
        ended: None,
    };
    node.store.commit_import(vec![old]).unwrap();
    assert_eq!(node.publish().unwrap().unwrap().tokens, 0);
    assert_eq!(
        holders.batch_sizes(),
        [0; 0],
        "its values are not mixed with those of these rules"
    );
    node.import(VICTIM);
    assert!(node.publish().unwrap().unwrap().tokens > 0);
}

#[test]
fn an_expired_record_is_withdrawn_once() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    // The mapping lets every record expire at the end of January 2028.
    let at = |year, month| {
        let mut days = 0;
        while Timestamp(days * 86_400_000).date() != (year, month, 1) {
            days += 1;
        }
        Timestamp(days * 86_400_000)
    };
    node.import(VICTIM);
    node.publish_all();
    let before = node.published("a1").unwrap();
    node.clear_outbox();
    assert!(node.importer_at(at(2028, 1)).due().unwrap().is_empty());
    let later = at(2028, 2);
    let due = node.importer_at(later).due().unwrap();
    assert_eq!(node.importer_at(later).end(&due).unwrap(), 1);
    let record = node.record("a1");
    assert!(record.is_erased(), "nothing is kept of the person");
    let gone = record.kept.gone.unwrap();
    assert_eq!(
        (gone.why, gone.at, gone.batch),
        (Ended::Expired, later, None)
    );
    let report = node.publish_at(later).unwrap().unwrap();
    assert_eq!(
        (report.tokens, report.withdrawn),
        (0, before.tokens.len() as u64)
    );
    let batch = node.batches().remove(0);
    assert_withdrawn(&before, &batch);
    assert_eq!(node.published("a1"), None);
    let gone = node.record("a1").kept.gone.unwrap();
    assert_eq!(gone.batch, Some(batch.contents.batch_id));
    assert!(node.importer_at(later).due().unwrap().is_empty());
    assert!(node.publish_at(later).unwrap().is_none());
}

#[test]
fn many_withdrawals_go_in_batches_that_the_hub_accepts() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(&people(0, 400));
    node.publish_all();
    node.clear_outbox();
    node.import(&people(0, 400).replace(",no\n", ",yes\n"));
    let reports = node.publish_all();
    assert_eq!(reports.iter().map(|r| r.records).sum::<u64>(), 400);
    assert!(reports.len() > 1);
    for batch in node.batches() {
        assert!(batch.contents.withdrawals.len() / 24 <= BATCH_WITHDRAWALS_MAX);
        assert!(batch.contents.postings.is_empty());
    }
}
