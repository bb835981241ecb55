//! The report on data quality: what it finds, and that it shows no name, date or whole value.

use std::{io::Cursor, sync::Mutex};

use sanctuary_node_core::{
    Counts, Extent, FeedName, FromFeed, ImportSummary, Importer, Mapping, NodeSecret,
    memory::MemoryStore,
    quality::{ImportNotes, QualityReport},
    readers::{Format, read},
};
use sanctuary_types::Timestamp;
use zeroize::Zeroizing;

/// 23 November 2026.
const NOW: Timestamp = Timestamp(1_795_392_000_000);
const DAY_MS: u64 = 86_400_000;
const MAPPING: &str = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"first\"\nsurnames = \"last\"\n\
    date_of_birth = \"born\"\nphone = \"phone\"\naddress = \"address\"\npostcode = \"postcode\"\n\
    [record]\nrole = { column = \"role\" }\nbasis = \"safeguarding\"\nvisibility = \"open\"\n";
const HEADER: &str = "id,first,last,born,phone,address,postcode,role\n";
const REFUGE_PHONE: &str = "07700900777";

struct Node {
    store: MemoryStore,
    secret: NodeSecret,
    counts: Mutex<Counts>,
}

impl Node {
    fn new() -> Self {
        Self {
            store: MemoryStore::default(),
            secret: NodeSecret::new(&Zeroizing::new([7; 32])),
            counts: Mutex::default(),
        }
    }

    fn import(&self, rows: &str, feed: Option<&FeedName>) -> ImportSummary {
        let mapping: Mapping = MAPPING.parse().unwrap();
        let text = format!("{HEADER}{rows}").into_bytes();
        let importer = Importer {
            store: &self.store,
            secret: &self.secret,
            counts: &self.counts,
            now: NOW,
        };
        let mut open = || read(Cursor::new(text.clone()), Format::Csv);
        match feed {
            None => importer
                .import(
                    open().unwrap().as_mut(),
                    &mapping,
                    false,
                    &mut |_| Ok(()),
                    &mut |_| {},
                )
                .unwrap(),
            Some(name) => {
                let feed = FromFeed {
                    name,
                    roll: &self.store,
                    extent: Extent::Delta,
                };
                importer
                    .import_from_feed(
                        &mut open,
                        &mapping,
                        false,
                        &feed,
                        &mut |_| Ok(()),
                        &mut |_| {},
                    )
                    .unwrap()
            }
        }
    }

    fn report(&self, feeds: &[FeedName]) -> QualityReport {
        let counts = self.counts.lock().unwrap();
        QualityReport::of_store(&self.store, &counts, feeds, 20_000, NOW).unwrap()
    }
}

fn people() -> String {
    let mut rows = String::new();
    for n in 0..60 {
        let born = match n {
            0..20 => format!("{}-01-01", 1980 + n % 9),
            20..30 => "1985-05-05".to_owned(),
            30..40 => String::new(),
            40 => "1899-03-04".to_owned(),
            _ => format!("19{:02}-{:02}-{:02}", 50 + n % 40, 1 + n % 12, 2 + n % 25),
        };
        let phone = if n < 25 {
            REFUGE_PHONE.to_owned()
        } else {
            format!("07700900{n:03}")
        };
        let place = if n % 2 == 0 {
            "7 Refuge Road,DH1 4SH"
        } else {
            ","
        };
        rows.push_str(&format!(
            "r{n},Zebedee{n},Quillfeather{n},{born},{phone},{place},suspect\n"
        ));
    }
    rows
}

#[test]
fn it_finds_what_is_missing_filled_in_and_shared() {
    let node = Node::new();
    let feed: FeedName = "cases".parse().unwrap();
    node.import(&people(), None);
    node.import("f1,Ana,Popescu,1990-02-03,,,,suspect\n", Some(&feed));
    let report = node.report(std::slice::from_ref(&feed));
    let filled = |field: &str| {
        let found = report.all.fields.iter().find(|f| f.field == field);
        found.unwrap().filled
    };
    assert_eq!(
        (report.all.records, filled("name"), filled("phone")),
        (61, 61, 60)
    );
    assert_eq!(filled("address_or_postcode"), 30);
    assert_eq!(report.feeds.len(), 1);
    assert_eq!(
        (report.feeds[0].feed.as_str(), report.feeds[0].records),
        ("cases", 1)
    );
    let births = &report.births;
    assert_eq!(births.first_of_january, 20);
    assert!(births.first_of_january_expected < 2);
    assert!(births.none >= 10, "{births:?}");
    assert_eq!(births.common.len(), 1, "{births:?}");
    assert_eq!(births.common[0].records, 10);
    let phone = report
        .shared
        .iter()
        .find(|value| value.kind == "phone")
        .unwrap();
    assert_eq!(
        (phone.records, phone.masked.as_str(), phone.too_common),
        (25, "…777", true)
    );
    assert_eq!(phone.references.len(), 3);
    let house = report
        .shared
        .iter()
        .find(|value| value.kind == "address")
        .unwrap();
    assert_eq!((house.records, house.masked.as_str()), (30, ""));
    let kind = report
        .shared_kinds
        .iter()
        .find(|kind| kind.kind == "phone")
        .unwrap();
    assert_eq!((kind.values, kind.records, kind.too_common), (1, 25, 25));
    let loss = |field: &str| report.losses.iter().find(|l| l.field == field).unwrap();
    assert!(
        loss("date_of_birth").lost_of_1000 > 20.0,
        "{:?}",
        report.losses
    );
    assert_eq!(loss("name").lost_of_1000, 0.0);
    assert!((loss("phone").missing_share - 1.0 / 61.0).abs() < 1e-9);
    assert!(report.references() >= 7);

    let json = serde_json::to_string(&report).unwrap();
    for value in [
        "Zebedee",
        "zebede",
        "Quill",
        "quill",
        REFUGE_PHONE,
        "7700900777",
        "1985",
        "Refuge",
        "dh14sh",
        "DH1",
    ] {
        assert!(!json.contains(value), "{value} is shown");
    }
    assert_eq!(
        serde_json::from_str::<QualityReport>(&json).unwrap(),
        report
    );
}

#[test]
fn rows_with_problems_are_noted_by_day_source_column_and_rule() {
    let node = Node::new();
    let bad = "a1,Ann,Oakes,1990-02-30,,,,suspect\na2,Ann,Oakes,1990-02-30,12,,,suspect\n,Ann,Oakes,,,,,suspect\n";
    let summary = node.import(bad, None);
    let mut notes = ImportNotes::default();
    assert!(notes.add("people.csv", &summary, NOW));
    assert!(notes.add("people.csv", &summary, Timestamp(NOW.0 + 1_000)));
    assert!(
        !notes.add("people.csv", &ImportSummary::default(), NOW),
        "nothing was wrong"
    );
    let [note] = &notes.0[..] else {
        panic!("one note a day")
    };
    assert_eq!(
        (note.imports, note.rows, note.rejected, note.not_imported),
        (2, 6, 6, 2)
    );
    assert_eq!(
        (note.problems[0].column.as_str(), note.problems[0].count),
        ("born", 4)
    );
    let json = serde_json::to_string(&notes).unwrap();
    assert!(!json.contains("Oakes") && !json.contains("1990"));
    // Another day is a note of its own, and after a month the first goes.
    notes.add("people.csv", &summary, Timestamp(NOW.0 + DAY_MS));
    assert_eq!(notes.0.len(), 2);
    notes.add("people.csv", &summary, Timestamp(NOW.0 + 40 * DAY_MS));
    assert_eq!(notes.0.len(), 1);
}
