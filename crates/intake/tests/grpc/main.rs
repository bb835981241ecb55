//! The same records over gRPC, on a node in memory and a real socket.

mod asking;
mod limits;
#[allow(dead_code)]
#[path = "../api/node.rs"]
mod node;
mod tools;

use std::sync::atomic::Ordering;

use asking::{Asking, details, record};
use node::MemoryNode;
use sanctuary_intake::grpc::{Became, RowOutcome};
use tonic::Code;

#[test]
fn a_record_is_stored_replaced_and_withdrawn() {
    let node = MemoryNode::new();
    let site = Asking::of(&node);
    let stored = site.put("a/1", &record("Haddad"), &[]).unwrap();
    assert_eq!(stored.outcome(), Became::New);
    let details = node.record("a/1").unwrap().details.clone().unwrap();
    assert_eq!(details.names, "Amal Haddad");
    let again = site.put("a/1", &record("Haddad"), &[]).unwrap();
    assert_eq!(again.outcome(), Became::Unchanged);
    let changed = site.put("a/1", &record("Haddadi"), &[]).unwrap();
    assert_eq!(changed.outcome(), Became::Changed);
    assert_eq!(site.status().unwrap().records, 1);
    assert!(site.delete("a/1", &[]).unwrap().withdrawn);
    assert!(!site.delete("a/1", &[]).unwrap().withdrawn);
    assert!(node.record("a/1").is_none());
}

#[test]
fn what_is_wrong_is_told_by_field_and_rule_and_never_by_value() {
    let node = MemoryNode::new();
    let site = Asking::of(&node);
    let mut bad_date = record("Haddad");
    bad_date.insert("born".to_owned(), "31 Smarch".to_owned());
    let stored = site.put("a1", &bad_date, &[]).unwrap();
    assert_eq!(stored.problems[0].field, "born");
    assert!(!format!("{stored:?}").contains("Smarch"));
    let mut bad_role = record("Haddad");
    bad_role.insert("role".to_owned(), "zebra".to_owned());
    let refused = site.put("a2", &bad_role, &[]).unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let (reason, fields) = details(&refused);
    assert_eq!(
        (reason.as_str(), fields),
        ("RECORD_REFUSED", vec!["role".to_owned()])
    );
    let whole = format!("{refused:?}{}", String::from_utf8_lossy(refused.details()));
    assert!(!whole.contains("zebra"), "{whole}");
    for reference in ["", " a", &"a".repeat(65), "a\n"] {
        let refused = site.put(reference, &record("Haddad"), &[]).unwrap_err();
        assert_eq!(details(&refused).0, "BAD_REQUEST");
    }
    node.is_broken.store(true, Ordering::Release);
    let broken = site.put("a6", &record("Haddad"), &[]).unwrap_err();
    assert_eq!(
        (broken.code(), details(&broken).0.as_str()),
        (Code::Internal, "NODE")
    );
    assert!(!format!("{broken:?}").contains("secret"));
}

#[test]
fn many_records_are_answered_row_by_row() {
    let node = MemoryNode::new();
    let site = Asking::of(&node);
    let mut rows: Vec<_> = (0..2_000).map(|n| asking::row(&format!("r{n}"))).collect();
    rows[6].insert("role".to_owned(), "zebra".to_owned());
    rows[9].insert("born".to_owned(), "soon".to_owned());
    let (answers, summary) = site.put_many(&rows, &[]).unwrap();
    assert_eq!(answers.len(), 2_000);
    assert!(
        answers
            .iter()
            .zip(1..)
            .all(|(answer, row)| answer.row == row)
    );
    assert_eq!(answers[6].outcome(), RowOutcome::NotImported);
    assert_eq!(answers[9].outcome(), RowOutcome::ImportedWithoutValue);
    assert_eq!(answers[6].problems[0].field, "role");
    let counted = (
        summary.rows,
        summary.new,
        summary.rejected,
        summary.not_imported,
    );
    assert_eq!(counted, (2_000, 1_999, 2, 1));
    let (_, again) = site.put_many(&rows, &[]).unwrap();
    assert_eq!((again.new, again.unchanged), (0, 1_999));
}

#[test]
fn a_request_is_done_once_under_its_key() {
    let node = MemoryNode::new();
    let site = Asking::of(&node);
    let key = [("idempotency-key", "k1")];
    site.put("a1", &record("Haddad"), &key).unwrap();
    site.put("a1", &record("Other"), &[]).unwrap();
    let again = site.put_raw("a1", &record("Haddad"), &key).unwrap();
    assert_eq!(again.metadata().get("idempotent-replayed").unwrap(), "true");
    assert_eq!(
        again.into_inner().outcome(),
        Became::New,
        "as it was answered"
    );
    let details_now = node.record("a1").unwrap().details.clone().unwrap();
    assert_eq!(details_now.names, "Amal Other", "and not done again");
    let reused = site.put("a2", &record("Haddad"), &key).unwrap_err();
    assert_eq!(reused.code(), Code::FailedPrecondition);
    assert_eq!(details(&reused).0, "IDEMPOTENCY_KEY_REUSED");
    let imports = *node.imports.lock().unwrap();
    let rows = [asking::row("b1"), asking::row("b2")];
    let bulk = [("idempotency-key", "k2")];
    assert_eq!(site.put_many(&rows, &bulk).unwrap().0.len(), 2);
    let (answers, summary) = site.put_many(&rows, &bulk).unwrap();
    assert_eq!((answers.len(), summary.new), (0, 2), "the counts alone");
    assert_eq!(*node.imports.lock().unwrap(), imports + 1);
    let other = site.put_many(&rows[..1], &bulk).unwrap_err();
    assert_eq!(details(&other).0, "IDEMPOTENCY_KEY_REUSED");
    // What a record was refused for is the answer, too.
    let mut bad = record("Haddad");
    bad.insert("role".to_owned(), "zebra".to_owned());
    for _ in 0..2 {
        let refused = site
            .put("a3", &bad, &[("idempotency-key", "k3")])
            .unwrap_err();
        assert_eq!(details(&refused).0, "RECORD_REFUSED");
    }
    let bad_key = site
        .put("a4", &bad, &[("idempotency-key", "two words")])
        .unwrap_err();
    assert_eq!(details(&bad_key).0, "BAD_REQUEST");
}

#[test]
fn without_a_live_key_nothing_is_looked_at() {
    let node = MemoryNode::new();
    let site = Asking::of(&node);
    for key in [None, Some("Bearer wrong"), Some("Basic the-key"), Some("")] {
        let refused = site.put_as(key, "a1").unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "{key:?}");
        assert_eq!(details(&refused).0, "UNAUTHORISED");
    }
    assert_eq!(*node.imports.lock().unwrap(), 0);
    // Calls of the partnership are none of these.
    for path in [
        "/sanctuary.ingest.v1.Ingest/Push",
        "/sanctuary.intake.v1.Records/Read",
    ] {
        assert_eq!(site.call(path).unwrap_err().code(), Code::Unimplemented);
    }
}
