//! The example files of docs/formats.md give exactly these canonical records.

use std::{collections::BTreeMap, path::Path, sync::Mutex};

use sanctuary_node_core::{
    Counts, Details, ImportSummary, Importer, Mapping, NodeError, NodeSecret,
    memory::MemoryStore,
    ports::NodeStore,
    readers::{self, Format},
};
use sanctuary_types::{IdentifierKind as Id, Role, Timestamp};
use zeroize::Zeroizing;

const NOW: Timestamp = Timestamp(1_795_392_000_000);

fn import(mapping: &str, file: &str) -> (ImportSummary, BTreeMap<String, Details>, Vec<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/formats");
    let mapping: Mapping = std::fs::read_to_string(folder.join(mapping))
        .unwrap()
        .parse()
        .unwrap();
    let store = MemoryStore::default();
    let secret = NodeSecret::new(&Zeroizing::new([7; 32]));
    let counts = Mutex::new(Counts::default());
    let importer = Importer {
        store: &store,
        secret: &secret,
        counts: &counts,
        now: NOW,
    };
    let mut rejects = Vec::new();
    let mut rows = readers::open(&folder.join(file)).unwrap();
    let summary = importer
        .import(
            rows.as_mut(),
            &mapping,
            false,
            &mut |reject| {
                rejects.push(format!("{} {}", reject.row, reject.column));
                Ok(())
            },
            &mut |_| {},
        )
        .unwrap();
    let mut records = BTreeMap::new();
    store
        .for_each_record(&mut |record| {
            let details = record.details.clone().unwrap();
            records.insert(details.reference.clone(), details);
            Ok(())
        })
        .unwrap();
    (summary, records, rejects)
}

fn parts(details: &Details) -> Vec<&str> {
    let parts = details.canonical.parts.iter();
    parts.map(|part| part.canon.as_str()).collect()
}

fn identifiers(details: &Details) -> Vec<(Id, &str)> {
    let all = details.canonical.identifiers.iter();
    all.filter(|(kind, _)| *kind != Id::Address)
        .map(|(kind, value)| (*kind, value.as_str()))
        .collect()
}

#[test]
fn a_document_of_the_standard_data_model_gives_its_people() {
    let (summary, records, rejects) = import("pole.toml", "pole.json");
    // p-4 is there only as somebody's next of kin, and is no row at all.
    assert_eq!((summary.rows, summary.accepted), (3, 3), "{rejects:?}");
    assert!(rejects.is_empty(), "{rejects:?}");
    let victim = &records["p-1"];
    assert!(victim.roles.has(Role::PotentialVictim));
    assert_eq!(victim.names, "Selam Tesfay Haile");
    assert_eq!(parts(victim), ["selam", "haile", "tesfay"]);
    let birth = victim.canonical.birth;
    assert_eq!(
        (birth.year, birth.month, birth.day),
        (Some(1999), Some(7), Some(14))
    );
    assert_eq!(victim.canonical.sex, Some('F'));
    assert_eq!(victim.canonical.nationality.as_deref(), Some("eritrean"));
    // The current address, not the home's, the doctor's or the event's.
    assert!(
        victim
            .canonical
            .fines
            .iter()
            .any(|fine| fine.to_lowercase().contains("dh14sh")),
        "{:?}",
        victim.canonical.fines
    );
    assert_eq!(
        identifiers(victim),
        [(Id::Phone, "07700900123"), (Id::OnlineHandle, "selamh")].map(|(kind, value)| (
            kind,
            if kind == Id::OnlineHandle {
                handle(victim)
            } else {
                value
            }
        ))
    );
    let suspect = &records["p-2"];
    assert!(suspect.roles.has(Role::Suspect) && !suspect.roles.has(Role::PotentialVictim));
    assert_eq!(parts(suspect), ["darren", "mossop"]);
    let mut found = identifiers(suspect);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            (Id::Phone, "07700900123"),
            (Id::Phone, "07700900456"),
            (Id::Vehicle, "NA12XYZ"),
            (Id::Passport, "512000101"),
            (Id::NationalInsurance, "JT483920C"),
        ]
        .map(|(kind, value)| (kind, as_kept(suspect, kind, value)))
    );
    let witness = &records["p-3"];
    assert!(witness.roles.has(Role::Witness));
    assert_eq!(witness.canonical.sex, None, "the sex is not said");
}

/// The value as normalisation spells it, which has tests of its own: letters may be small.
fn as_kept<'a>(details: &'a Details, kind: Id, value: &str) -> &'a str {
    let same = |kept: &str| kept.eq_ignore_ascii_case(value);
    let all = details.canonical.identifiers.iter();
    let found = all
        .filter(|(k, _)| *k == kind)
        .map(|(_, v)| v.as_str())
        .find(|v| same(v));
    found.unwrap_or_else(|| panic!("{kind:?} {value} is missing"))
}

fn handle(details: &Details) -> &str {
    let all = details.canonical.identifiers.iter();
    let found = all
        .filter(|(kind, _)| *kind == Id::OnlineHandle)
        .map(|(_, v)| v.as_str())
        .next();
    found.filter(|v| v.starts_with("selam")).unwrap()
}

#[test]
fn a_document_of_four_lists_and_nested_values_is_read_too() {
    let (summary, records, rejects) = import("lists.toml", "lists.json");
    assert_eq!(summary.accepted, 1, "{rejects:?}");
    let person = &records["N-77"];
    assert_eq!(parts(person), ["ionel", "radu"]);
    assert!(person.roles.has(Role::Suspect));
    let phones = identifiers(person)
        .iter()
        .filter(|(kind, _)| *kind == Id::Phone)
        .count();
    assert_eq!(phones, 2);
    assert!(
        identifiers(person)
            .iter()
            .any(|(kind, _)| *kind == Id::Vehicle)
    );
    assert!(
        person
            .canonical
            .fines
            .iter()
            .any(|fine| fine.to_lowercase().contains("dh14ex"))
    );
}

#[test]
fn a_file_of_the_case_data_standard_is_read_by_its_mapping() {
    let (summary, records, rejects) = import("htcds.toml", "htcds.csv");
    assert_eq!((summary.rows, summary.accepted), (3, 3), "{rejects:?}");
    let first = &records["H-1"];
    // Vietnamese names are read syllable by syllable.
    assert!(parts(first).contains(&"nguyen"), "{:?}", parts(first));
    assert_eq!(first.canonical.sex, Some('F'));
    assert_eq!(first.exploitation.as_deref(), Some("Agriculture"));
    assert_eq!(identifiers(first), [(Id::Phone, "07700900111")]);
    let second = &records["H-2"];
    assert_eq!(parts(second), ["marek", "nowak", "jan"]);
    assert_eq!(identifiers(second).len(), 2, "e-mail and home telephone");
    assert!(parts(&records["H-3"]).is_empty());
}

#[test]
fn what_is_no_pole_document_is_refused_as_a_whole() {
    for text in [
        "",
        "7",
        "\"x\"",
        "[1]",
        "{}",
        "{\"data\":7}",
        "{\"people\":[7]}",
        "{\"people\":",
        "{\"people\":[],\"links\":[{\"from\":1}]}",
    ] {
        let read = readers::read(std::io::Cursor::new(text.as_bytes().to_vec()), Format::Pole);
        assert!(
            matches!(read, Err(NodeError::BadDocument | NodeError::EmptyFile)),
            "{text}"
        );
    }
}
