//! The authorisation matrix: complete, separated, reviewed.

use std::{collections::BTreeSet, fs, path::Path};

use sanctuary_policy::{Action, Operation, OwnRpc, Rpc, StaffRole, TABLE, matrix};
use sanctuary_trust::PartyKind;

const SNAPSHOT: &str = "../../docs/authorisation-matrix.md";

/// Every `rpc` of every file under a folder of proto/, read without the build script's help.
fn rpcs_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rpcs_in(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let package = text
            .split("package ")
            .nth(1)
            .and_then(|rest| rest.split(';').next())
            .unwrap();
        for block in text.split("\nservice ").skip(1) {
            let service = block.split_whitespace().next().unwrap();
            let body = block.split("\n}").next().unwrap();
            for call in body.split("rpc ").skip(1) {
                let name = call.split('(').next().unwrap().trim();
                found.insert(format!("/{package}.{service}/{name}"));
            }
        }
    }
}

fn rpcs_under(folder: &str) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let mut found = BTreeSet::new();
    rpcs_in(&root.join(folder), &mut found);
    found
}

/// A folder that neither table knows would be served to nobody knows whom.
#[test]
fn every_rpc_is_either_the_partnerships_or_the_agencys_own() {
    let own: BTreeSet<String> = OwnRpc::ALL.iter().map(|r| r.path().to_owned()).collect();
    let partnership: BTreeSet<String> = Rpc::ALL.iter().map(|r| r.path().to_owned()).collect();
    assert!(own.len() >= 4 && own.is_disjoint(&partnership));
    assert_eq!(rpcs_under("agency"), own);
    let all: BTreeSet<String> = own.union(&partnership).cloned().collect();
    assert_eq!(rpcs_under(""), all);
    for call in OwnRpc::ALL {
        assert_eq!(OwnRpc::of_path(call.path()), Some(*call));
        assert_eq!(Rpc::of_path(call.path()), None, "no party reaches it");
    }
}

#[test]
fn every_rpc_has_exactly_one_act_and_somebody_who_may_call_it() {
    let found = rpcs_under("sanctuary");
    let known: BTreeSet<String> = Rpc::ALL.iter().map(|r| r.path().to_owned()).collect();
    assert_eq!(
        found, known,
        "give each RPC a row in crates/policy/src/rpc.rs"
    );
    assert!(found.len() >= 12);
    for rpc in Rpc::ALL {
        assert_eq!(Rpc::of_path(rpc.path()), Some(*rpc));
        assert!(
            !rpc.action().row().parties.is_empty(),
            "{} is an act that no party may call",
            rpc.path()
        );
    }
    assert!(!Rpc::IngestPush.permits(PartyKind::Hub));
    assert!(Rpc::IngestPush.permits(PartyKind::Agency));
}

#[test]
fn the_table_has_one_row_an_act_and_distinct_words() {
    let words: BTreeSet<&str> = TABLE.iter().map(|r| r.word).collect();
    assert_eq!(words.len(), TABLE.len());
    for row in TABLE {
        assert_eq!(row.action.row(), row);
        assert!(
            !row.roles.is_empty() || !row.parties.is_empty(),
            "{}",
            row.word
        );
    }
}

#[test]
fn duties_are_separated() {
    use StaffRole::{
        Administrator, Analyst, Authoriser, DataProtectionOfficer, IntelligenceOfficer, Releaser,
        SecondApprover,
    };
    let both = |a: Action, b: Action| {
        StaffRole::ALL
            .iter()
            .filter(|r| a.permits_role(**r) && b.permits_role(**r))
            .count()
    };
    assert_eq!(both(Action::DraftRequest, Action::AuthoriseRequest), 0);
    assert_eq!(both(Action::ProposeDecision, Action::ApproveDecision), 0);
    assert_eq!(both(Action::ProposeDecision, Action::ReviewRefusal), 0);
    assert_eq!(both(Action::ApproveDecision, Action::ReviewRefusal), 0);
    // An administrator touches nothing about a person; nobody who sees people runs the node.
    for row in TABLE {
        let about_people = row.operation.is_some();
        assert!(
            !(about_people && row.roles.contains(&Administrator)),
            "{}",
            row.word
        );
    }
    for role in [
        Analyst,
        IntelligenceOfficer,
        Authoriser,
        Releaser,
        SecondApprover,
        DataProtectionOfficer,
    ] {
        assert!(!Action::ManageStaff.permits_role(role));
        assert!(!Action::ConfigureNode.permits_role(role));
    }
    assert!(!Action::ReadRecord.permits_role(DataProtectionOfficer));
    assert_eq!(Action::EraseRecord.row().operation, Some(Operation::Erase));
}

#[test]
fn the_matrix_is_the_reviewed_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SNAPSHOT);
    let now = matrix();
    if std::env::var_os("SANCTUARY_REVIEWED").is_some() {
        fs::write(&path, &now).unwrap();
    }
    let reviewed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        reviewed == now,
        "the authorisation matrix differs from docs/authorisation-matrix.md: have the change reviewed, then write it with SANCTUARY_REVIEWED=1 cargo test -p sanctuary-policy matrix"
    );
}
