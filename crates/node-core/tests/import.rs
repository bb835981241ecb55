//! Files to records: what is imported, what is rejected and how it is told.

use std::{io::Cursor, sync::Mutex};

use proptest::prelude::*;
use sanctuary_node_core::{
    Counts, ImportSummary, Importer, Mapping, NodeError, NodeSecret, Outcome, Reject,
    memory::MemoryStore,
    ports::NodeStore,
    readers::{Format, read},
};
use sanctuary_types::{BirthClass, Month, Role, Timestamp};
use zeroize::Zeroizing;

/// 23 November 2026.
const NOW: Timestamp = Timestamp(1_795_392_000_000);

const MAPPING: &str = r#"
version = 1
record_id = "id"
[fields]
forenames = "forename"
surnames = "surname"
date_of_birth = "dob"
phone = "phone"
[formats]
date_of_birth = ["%d/%m/%Y"]
[record]
role = { column = "role" }
basis = { column = "basis" }
visibility = "open"
expires = { column = "review" }
duty_to_notify_only = { column = "dtn" }
"#;

const HEADER: &str = "id,forename,surname,dob,phone,role,basis,review,dtn\n";

struct Node {
    store: MemoryStore,
    secret: NodeSecret,
    counts: Mutex<Counts>,
    rejects: Vec<Reject>,
}

impl Node {
    fn new() -> Self {
        Self {
            store: MemoryStore::default(),
            secret: NodeSecret::new(&Zeroizing::new([7; 32])),
            counts: Mutex::default(),
            rejects: Vec::new(),
        }
    }

    fn import_at(&mut self, rows: &[u8], now: Timestamp) -> Result<ImportSummary, NodeError> {
        let mapping: Mapping = MAPPING.parse().unwrap();
        let mut rows = read(Cursor::new(rows.to_vec()), Format::Csv)?;
        let importer = Importer {
            store: &self.store,
            secret: &self.secret,
            counts: &self.counts,
            now,
        };
        self.rejects.clear();
        let rejects = &mut self.rejects;
        importer.import(
            rows.as_mut(),
            &mapping,
            false,
            &mut |reject| {
                rejects.push(reject);
                Ok(())
            },
            &mut |_| {},
        )
    }

    fn import(&mut self, rows: &str) -> ImportSummary {
        self.import_at(format!("{HEADER}{rows}").as_bytes(), NOW)
            .unwrap()
    }

    fn record(&self, reference: &str) -> Option<sanctuary_node_core::StoredRecord> {
        self.store
            .record(&self.secret.record_key(reference))
            .unwrap()
    }

    fn rejected(&self) -> Vec<(u64, &str, Outcome)> {
        self.rejects
            .iter()
            .map(|r| (r.row, r.column.as_str(), r.outcome))
            .collect()
    }
}

const GOOD: &str =
    "r1,Amal,Haddad,02/03/1990,07700 900123,potential_victim;witness,safeguarding,31/12/2027,no\n";

#[test]
fn a_good_row_becomes_a_pending_record() {
    let mut node = Node::new();
    let summary = node.import(GOOD);
    assert_eq!(
        (
            summary.rows,
            summary.accepted,
            summary.new,
            summary.rejected
        ),
        (1, 1, 1, 0)
    );
    let record = node.record("r1").unwrap();
    let details = record.details.as_ref().unwrap();
    assert_eq!(details.names, "Amal Haddad");
    assert_eq!(details.expires, Month::of(2027, 12));
    assert!(details.roles.has(Role::PotentialVictim) && details.roles.has(Role::Witness));
    assert_eq!(details.canonical.presence().birth, BirthClass::Full);
    assert_eq!(node.store.pending_len().unwrap(), 1);
    assert!(!format!("{record:?}").contains("Haddad"));
}

#[test]
fn a_bad_value_is_left_out_and_the_record_still_takes_part() {
    let mut node = Node::new();
    let summary = node.import(
        "r1,Amal,Haddad,1990-03-02,12,suspect,safeguarding,,\n\
         r2,Bo,Haddad,31/02/1990,,suspect,safeguarding,soon,0\n",
    );
    assert_eq!(
        (summary.accepted, summary.rejected, summary.not_imported),
        (2, 2, 0)
    );
    let kept = Outcome::ImportedWithoutValue;
    assert_eq!(
        node.rejected(),
        [
            (2, "dob", kept),
            (2, "phone", kept),
            (3, "review", kept),
            (3, "dob", kept)
        ]
    );
    assert_eq!(
        node.record("r1")
            .unwrap()
            .details
            .unwrap()
            .canonical
            .presence()
            .birth,
        BirthClass::None
    );
    let second = node.record("r2").unwrap().details.unwrap();
    assert_eq!(second.canonical.birth.day, Some(31), "digits as written");
    assert_eq!(second.expires, Month::at(NOW).plus(12));
    for reject in &node.rejects {
        assert!(!reject.rule.contains("1990"), "no value in {}", reject.rule);
    }
}

#[test]
fn rows_without_reference_governance_or_time_left_are_not_imported() {
    let mut node = Node::new();
    let summary = node.import(
        ",Amal,Haddad,,,suspect,safeguarding,,\n\
         r2,Amal,Haddad,,,victim,safeguarding,,\n\
         r3,Amal,Haddad,,,,safeguarding,,\n\
         r4,Amal,Haddad,,,suspect,curiosity,,\n\
         r5,Amal,Haddad,,,suspect,safeguarding,31/10/2026,\n\
         r6,Amal,Haddad,,,suspect,safeguarding,,perhaps\n\
         r7,Amal\n\
         r8,Amal,Haddad,,,suspect,safeguarding,01/11/2026,\n\
         r8,Bo,Haddad,,,suspect,safeguarding,,\n",
    );
    assert_eq!(
        (summary.rows, summary.accepted, summary.not_imported),
        (9, 1, 8)
    );
    let columns: Vec<&str> = node.rejects.iter().map(|r| r.column.as_str()).collect();
    assert_eq!(
        columns,
        ["id", "role", "role", "basis", "review", "dtn", "", "id"]
    );
    assert!(
        node.rejects
            .iter()
            .all(|r| r.outcome == Outcome::NotImported)
    );
    assert_eq!(
        node.record("r8").unwrap().details.unwrap().names,
        "Amal Haddad",
        "the first counts"
    );
    assert!(!node.rejects.iter().any(|r| r.rule.contains("curiosity")));
}

#[test]
fn importing_again_does_nothing_and_a_changed_row_replaces() {
    let mut node = Node::new();
    node.import(GOOD);
    let again = node.import(GOOD);
    assert_eq!((again.unchanged, again.new, again.changed), (1, 0, 0));
    let changed = node.import(&GOOD.replace("Haddad", "Hadad"));
    assert_eq!((changed.unchanged, changed.changed), (0, 1));
    assert_eq!(node.store.pending_len().unwrap(), 1);
    let counts = node.counts.lock().unwrap();
    assert_eq!(counts.records(), 1, "counted once");
}

#[test]
fn a_review_date_that_moved_into_the_past_ends_what_was_stored() {
    let mut node = Node::new();
    node.import(GOOD);
    let passed = GOOD.replace("31/12/2027", "31/10/2026");
    let expires = |node: &Node| node.record("r1").unwrap().details.unwrap().expires;
    let summary = node.import(&passed);
    assert_eq!((summary.accepted, summary.not_imported), (0, 1));
    assert_eq!(node.rejects.len(), 1);
    assert!(
        expires(&node) < Month::at(NOW),
        "withdrawn when next packed"
    );
    assert_eq!(node.store.pending_len().unwrap(), 1);
    assert_eq!(node.counts.lock().unwrap().records(), 1);
    let content = node.record("r1").unwrap().content;
    node.import(&passed);
    assert_eq!(node.record("r1").unwrap().content, content);
    assert_eq!(node.import(GOOD).changed, 1);
    assert_eq!(expires(&node), Month::of(2027, 12));
    // Another row of the same file says that it goes on.
    node.import(&(passed + GOOD));
    assert_eq!(expires(&node), Month::of(2027, 12));
}

#[test]
fn a_record_without_its_own_expiry_is_renewed_in_time_and_not_each_month() {
    let mut node = Node::new();
    let row = GOOD.replace("31/12/2027", "");
    node.import(&row);
    let months_later = |n: u64| Timestamp(NOW.0 + n * 31 * 86_400_000);
    let mut at = |now| {
        node.import_at(format!("{HEADER}{row}").as_bytes(), now)
            .unwrap()
    };
    assert_eq!(at(months_later(2)).unchanged, 1);
    assert_eq!(at(months_later(8)).changed, 1);
    assert_eq!(
        node.record("r1").unwrap().details.unwrap().expires,
        Month::at(months_later(8)).plus(12)
    );
}

#[test]
fn a_record_known_only_from_a_duty_to_notify_report_is_counted_and_not_kept() {
    let mut node = Node::new();
    let summary = node.import(&GOOD.replace(",no\n", ",yes\n"));
    assert_eq!(
        (summary.accepted, summary.notify_only, summary.rejected),
        (0, 1, 0)
    );
    let record = node.record("r1").unwrap();
    assert!(
        record.details.is_none(),
        "nothing that identifies is stored"
    );
    let bytes = record.to_bytes().unwrap();
    for word in ["Haddad", "haddad", "Amal", "r1", "900123"] {
        assert!(!bytes.windows(word.len()).any(|w| w == word.as_bytes()));
    }
    assert_eq!(node.store.pending_len().unwrap(), 0, "never tokenised");
    assert_eq!(node.counts.lock().unwrap().notify_only(), 1);
}

#[test]
fn the_rejects_file_holds_row_column_rule_and_outcome() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("people.csv");
    let node = Node::new();
    let importer = Importer {
        store: &node.store,
        secret: &node.secret,
        counts: &node.counts,
        now: NOW,
    };
    let mapping: Mapping = MAPPING.parse().unwrap();
    let bad = format!("{HEADER}{GOOD}r2,Zebedee,Haddad,never,,suspect,safeguarding,,\nr3\n");
    std::fs::write(&path, bad).unwrap();
    let summary = importer.import_file(&path, &mapping, &mut |_| {}).unwrap();
    let rejects = std::fs::read_to_string(summary.rejects_file.unwrap()).unwrap();
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0], "row,column,rule,outcome");
    assert!(lines[1].starts_with("3,dob,") && lines[1].ends_with(",imported without this value"));
    assert!(lines[2].starts_with("4,,") && lines[2].ends_with(",row not imported"));
    assert!(!rejects.contains("never") && !rejects.contains("Zebedee"));
    std::fs::write(&path, format!("{HEADER}{GOOD}")).unwrap();
    let clean = importer.import_file(&path, &mapping, &mut |_| {}).unwrap();
    assert_eq!(clean.rejects_file, None);
    assert!(
        !dir.path().join("people.csv.rejects.csv").exists(),
        "an old one would mislead"
    );
}

#[test]
fn a_missing_column_stops_before_anything_is_imported() {
    let mut node = Node::new();
    let error = node
        .import_at(b"id,forename,surnam\n1,a,b\n", NOW)
        .unwrap_err();
    assert!(matches!(error, NodeError::ColumnMissing { .. }));
    assert_eq!(node.store.pending_len().unwrap(), 0);
}

proptest! {
    #[test]
    fn any_bytes_after_the_header_are_imported_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Node::new().import_at(&[HEADER.as_bytes(), &bytes].concat(), NOW);
    }

    #[test]
    fn any_cells_are_imported_without_a_panic(cells in proptest::collection::vec("[^\"\n\r,]{0,20}", 4)) {
        let row = format!("r1,{},{},{},{},suspect,safeguarding,,\n", cells[0], cells[1], cells[2], cells[3]);
        let summary = Node::new().import(&row);
        prop_assert_eq!(summary.accepted, 1);
    }
}
