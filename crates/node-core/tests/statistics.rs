//! What a node counts of its own records for the board pack.

use sanctuary_figures::{Age, County, Exploitation, Nationality, OwnCounts, Sex, Traits, Window};
use sanctuary_node_core::{
    Consent, Details, RecordKey, StoredAlert,
    memory::MemoryStore,
    own_counts,
    ports::{AlertCommit, ImportedRecord, NodeStore as _},
};
use sanctuary_normalize::{Birth, Source, canonicalise};
use sanctuary_types::{
    AlertId, AlertKind, AlertState, Band, Basis, Month, Pseudonym, Role, Roles, Timestamp,
    Visibility,
};

const NOW: Timestamp = Timestamp(1_795_392_000_000);

fn window() -> Window {
    Window {
        from: "2026-01-01".parse().unwrap(),
        to: "2026-10-31".parse().unwrap(),
    }
}

fn record(n: u8, born: u16, roles: &[Role], exploitation: Option<&str>) -> ImportedRecord {
    let source = Source {
        forenames: vec!["Amal".into()],
        surnames: vec!["Haddad".into()],
        birth: Birth {
            year: Some(born),
            month: Some(5),
            day: Some(6),
        },
        sex: Some("female".into()),
        nationality: Some("Vietnamese".into()),
        ..Source::default()
    };
    ImportedRecord {
        key: RecordKey([n; 32]),
        content: [n; 32],
        pseudonym: Pseudonym([n; 16]),
        details: Some(Details {
            reference: format!("reference {n}"),
            names: "Amal Haddad".to_owned(),
            canonical: canonicalise(&source, NOW, "GB").0,
            roles: roles
                .iter()
                .fold(Roles::default(), |all, role| all.with(*role)),
            basis: Basis::Safeguarding,
            visibility: Visibility::Open,
            expires: Month(400),
            exploitation: exploitation.map(str::to_owned),
            consent: Consent::default(),
            review: None,
        }),
        ended: None,
    }
}

fn alert(n: u8, state: AlertState) -> StoredAlert {
    StoredAlert {
        alert_id: AlertId([n; 16]),
        version: 1,
        kind: AlertKind::SamePerson,
        band: Band::Strong,
        state,
        own: Pseudonym([n; 16]),
        other_agency: "council".parse().unwrap(),
        other_roles: Roles::default(),
        other_is_child: false,
        evidence: Vec::new(),
        cluster: String::new(),
        cluster_agencies: Vec::new(),
        safeguarding_first: false,
        raised: Timestamp(1),
        may_release: false,
    }
}

#[test]
fn everybody_is_counted_and_only_matched_records_are_named() {
    let store = MemoryStore::default();
    let notify_only = ImportedRecord {
        details: None,
        ..record(9, 1990, &[], None)
    };
    let victim = [Role::PotentialVictim];
    store
        .commit_import(vec![
            record(1, 2012, &victim, Some("county lines")),
            record(2, 1990, &victim, Some("labour")),
            record(3, 1980, &[Role::Suspect], None),
            record(4, 1985, &[Role::Witness], None),
            notify_only,
        ])
        .unwrap();
    let alerts = vec![
        alert(1, AlertState::Confirmed),
        alert(2, AlertState::Lapsed),
        alert(3, AlertState::Open),
        alert(4, AlertState::Open),
    ];
    store
        .commit_alerts(AlertCommit { alerts, cursor: 4 })
        .unwrap();

    let counts = own_counts(&store, window(), NOW).unwrap();
    assert_eq!((counts.all.total(), counts.all.suspects), (Some(2), 1));
    // Of records without a match, with one that lapsed, and of witnesses nothing is said.
    let told: Vec<u8> = counts.told.iter().map(|t| t.pseudonym.0[0]).collect();
    assert_eq!(told, [1, 3]);
    let traits = Traits::from_code(counts.told[0].traits);
    assert_eq!(traits.exploitation, [Exploitation::Criminal]);
    assert_eq!(
        (traits.county, traits.age, traits.sex, traits.nationality),
        (County::Flagged, Age::Child, Sex::Female, Nationality::Asia)
    );
    // No value of a record is in what leaves.
    let json = String::from_utf8(counts.to_json()).unwrap();
    for value in ["Amal", "HADDAD", "Haddad", "2012", "reference", "etnam"] {
        assert!(!json.contains(value), "{value}");
    }
    assert_eq!(OwnCounts::from_json(json.as_bytes()), Some(counts));
}
