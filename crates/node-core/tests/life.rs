//! Holds, ends, consent and corrections of records.

mod agency;
mod holders;

use agency::{Node, VICTIM};
use holders::Holders;
use sanctuary_node_core::{
    Agreed, Ended, Hold, HoldReason, Kept, Mapping, StoredRecord, Views, ports::NodeStore,
};
use sanctuary_types::{Timestamp, Visibility};

const NOW: Timestamp = Timestamp(1_795_392_000_000);
const DAY_MS: u64 = 86_400_000;
const HEAD: &str = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"f\"\nsurnames = \"s\"\ndate_of_birth = \"d\"\nphone = \"p\"\n[record]\nrole = { column = \"r\" }\nbasis = \"safeguarding\"\n";

fn days_on(days: u64) -> Timestamp {
    Timestamp(NOW.0 + days * DAY_MS)
}

fn hold(node: &Node, id: &str, until: Timestamp) {
    let record = node.record(id);
    let hold = Some(Hold {
        reason: HoldReason::CourtOrder,
        since: NOW,
        until,
    });
    let kept = Kept {
        hold,
        ..record.kept
    };
    node.store.keep(&[(record.key, kept)]).unwrap();
}

fn matches(record: &StoredRecord) -> bool {
    record.published.is_some()
}

#[test]
fn a_held_record_stays_here_and_stops_matching_when_it_is_withdrawn() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(VICTIM);
    hold(&node, "a1", days_on(30));
    node.publish_all();
    assert!(matches(&node.record("a1")), "a hold alone changes nothing");

    let done = node.importer_at(days_on(1)).withdraw(&["a1"]).unwrap();
    assert_eq!((done.withdrawn, done.unknown), (1, 0));
    let again = node.importer_at(days_on(1)).withdraw(&["a1"]).unwrap();
    assert_eq!((again.withdrawn, again.unknown), (0, 1));
    let report = node.publish_at(days_on(1)).unwrap().unwrap();
    assert_eq!(report.tokens, 0);
    assert!(report.withdrawn > 0);
    let record = node.record("a1");
    assert!(!matches(&record) && record.details.is_some());

    // Until the hold ends by itself.
    assert!(node.importer_at(days_on(29)).due().unwrap().is_empty());
    let importer = node.importer_at(days_on(31));
    let due = importer.due().unwrap();
    assert_eq!(due.ending, [(record.key, Ended::Withdrawn)]);
    assert_eq!(importer.end(&due).unwrap(), 1);
    let record = node.record("a1");
    assert!(record.is_erased() && record.kept.hold.is_none());
    assert_eq!(node.counts.lock().unwrap().records(), 0);
}

#[test]
fn an_expired_record_under_a_hold_stops_matching_and_is_not_erased() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(VICTIM);
    node.publish_all();
    // The mapping lets every record expire at the end of January 2028.
    let later = Timestamp(1_833_000_000_000);
    hold(&node, "a1", Timestamp(later.0 + DAY_MS));
    node.publish_all();
    let importer = node.importer_at(later);
    let due = importer.due().unwrap();
    assert_eq!((due.ending.len(), due.held.len()), (0, 1));
    assert_eq!(importer.end(&due).unwrap(), 0);
    let report = node.publish_at(later).unwrap().unwrap();
    assert!(report.tokens == 0 && report.withdrawn > 0);
    let record = node.record("a1");
    assert!(record.details.is_some() && !matches(&record));
    assert!(node.importer_at(later).due().unwrap().is_empty());
    let released = Timestamp(later.0 + 2 * DAY_MS);
    let due = node.importer_at(released).due().unwrap();
    assert_eq!(due.ending, [(record.key, Ended::Expired)]);
}

#[test]
fn a_record_that_was_withdrawn_while_held_is_shared_again_by_its_next_import() {
    let holders = Holders::new();
    let mut node = Node::new("police", &holders);
    node.import(VICTIM);
    hold(&node, "a1", days_on(30));
    node.publish_all();
    node.importer_at(NOW).withdraw(&["a1"]).unwrap();
    node.publish_all();
    node.import(VICTIM);
    node.publish_all();
    let record = node.record("a1");
    assert!(matches(&record) && record.kept.withdrawn.is_none());
    assert!(record.kept.is_held(NOW), "an import does not end a hold");
    assert!(!record.kept.is_held(days_on(30)));
}

#[test]
fn a_record_put_under_a_hold_while_it_is_being_ended_stays() {
    let holders = Holders::new();
    let node = Node::new("police", &holders);
    node.import(VICTIM);
    let later = Timestamp(1_833_000_000_000);
    let due = node.importer_at(later).due().unwrap();
    assert_eq!(due.ending.len(), 1);
    hold(&node, "a1", Timestamp(later.0 + DAY_MS));
    assert_eq!(node.importer_at(later).end(&due).unwrap(), 0);
    assert!(node.record("a1").details.is_some());
}

#[test]
fn an_objection_is_recorded_and_never_leaves_a_record_open() {
    let mapping = format!(
        "{HEAD}visibility = \"open\"\nviews = {{ column = \"n\" }}\nnrm_consent = \"no\"\nsupport_consent = \"yes\"\n"
    );
    let holders = Holders::new();
    let mut node = Node::new("refuge", &holders);
    let with = |views: &str| VICTIM.replace(",no\n", &format!(",{views}\n"));
    node.import_with(&mapping, &with(""));
    let details = |node: &Node| node.record("a1").details.clone().unwrap();
    assert_eq!(details(&node).visibility, Visibility::Open);
    assert_eq!(details(&node).consent.views, None);
    node.publish_all();
    let before = node.published("a1").unwrap();
    node.clear_outbox();

    // The change reaches the hub in one step: old card and tokens out, new ones in.
    node.import_with(&mapping, &with("Objects"));
    let now = details(&node);
    assert_eq!(now.visibility, Visibility::OwnerFirst);
    assert_eq!(now.consent.views, Some(Views::Objects));
    assert_eq!(now.consent.nrm, Some(Agreed::No));
    assert_eq!(now.consent.support, Some(Agreed::Yes));
    let report = node.publish().unwrap().unwrap();
    assert_eq!(report.withdrawn, before.tokens.len() as u64);
    assert!(report.tokens > 0);
    let batches = node.batches();
    assert_eq!(batches.len(), 1);
    assert!(!batches[0].contents.withdrawn_cards.is_empty());
    assert_ne!(node.published("a1").unwrap().card, before.card);

    let silent = mapping.replace("[record]\n", "[record]\non_objection = \"silent\"\n");
    node.import_with(&silent, &with("objects"));
    assert_eq!(details(&node).visibility, Visibility::Silent);
    let open = mapping.replace("[record]\n", "[record]\non_objection = \"open\"\n");
    let refused = open.parse::<Mapping>().unwrap_err().to_string();
    assert!(refused.contains("never open"), "{refused}");
}

#[test]
fn a_word_about_consent_that_is_not_in_the_lists_refuses_the_row() {
    let mapping = format!("{HEAD}visibility = \"open\"\nviews = {{ column = \"n\" }}\n");
    let mapping: Mapping = mapping.parse().unwrap();
    let holders = Holders::new();
    let node = Node::new("refuge", &holders);
    let text = format!("id,f,s,d,p,r,n\n{}", VICTIM.replace(",no\n", ",objcts\n"));
    let mut rows = sanctuary_node_core::readers::read(
        std::io::Cursor::new(text.into_bytes()),
        sanctuary_node_core::readers::Format::Csv,
    )
    .unwrap();
    let mut rules = Vec::new();
    let mut reject = |reject: sanctuary_node_core::Reject| {
        rules.push(reject.rule);
        Ok(())
    };
    let summary = node
        .importer_at(NOW)
        .import(rows.as_mut(), &mapping, false, &mut reject, &mut |_| {})
        .unwrap();
    assert_eq!((summary.accepted, summary.not_imported), (0, 1));
    assert!(rules[0].contains("objects") && !rules[0].contains("objcts"));
}

#[test]
fn a_review_date_is_kept_and_nothing_happens_by_it() {
    let mapping = format!("{HEAD}visibility = \"open\"\nreview = {{ column = \"n\" }}\n");
    let holders = Holders::new();
    let mut node = Node::new("council", &holders);
    let row = VICTIM.replace(",no\n", ",2026-01-31\n");
    node.import_with(&mapping, &row);
    node.publish_all();
    let record = node.record("a1");
    assert_eq!(record.details.as_ref().unwrap().review, Some((2026, 1, 31)));
    assert!(matches(&record), "the date is long past");
    assert!(node.importer_at(NOW).due().unwrap().is_empty());
}
