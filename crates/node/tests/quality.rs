//! The report on data quality by a real node: noted problems, and the entry that says it was read.

mod town;

use std::fs;

use sanctuary_ledger::EntryKind;
use sanctuary_node_core::Mapping;
use town::{MAPPING, Town};

#[tokio::test(flavor = "multi_thread")]
async fn the_report_tells_of_rows_and_reading_it_is_logged() {
    let town = Town::start(&[1, 2, 3]).await;
    let node = town.node().await;
    let path = town.dir.path().join("people.csv");
    let mut text = "id,f,s,d,p\n".to_owned();
    for n in 0..8 {
        text.push_str(&format!(
            "ref-{n},Zebedee,Quill{n},19{n}0-03-04,07700900555\n"
        ));
    }
    text.push_str("ref-9,Ann,Oakes,1990-02-30,\n");
    fs::write(&path, text).unwrap();
    let report = tokio::task::spawn_blocking(move || {
        let mapping = Mapping::parse(MAPPING).unwrap();
        node.import_file(&path, &mapping, &mut |_| {}).unwrap();
        node.quality(&[]).unwrap()
    })
    .await
    .unwrap();
    assert_eq!(report.all.records, 9);
    let note = &report.imports[0];
    assert_eq!((note.source.as_str(), note.rejected), ("people.csv", 1));
    assert_eq!(note.problems[0].column, "d");
    let phone = &report.shared[0];
    assert_eq!((phone.masked.as_str(), phone.records), ("…555", 8));
    assert!(
        phone
            .references
            .iter()
            .all(|reference| reference.starts_with("ref-"))
    );
    assert!(
        town.hub
            .logged
            .lock()
            .unwrap()
            .contains(&EntryKind::Consult)
    );
}
