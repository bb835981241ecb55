//! The life of own records at a node: who may do what, holds, ends, proofs, and files without what was
//! erased.

mod town;

use std::{fs, path::Path};

use sanctuary_node::{Node, RecordProof, RecordShown, RecordsRequest};
use sanctuary_node_core::{Ended, HoldReason, Mapping, ports::NodeStore};
use sanctuary_policy::{Day, StaffRole};
use sanctuary_review::Actor;
use sanctuary_rpc::now;
use sanctuary_types::{Timestamp, limits::LAPSED_ALERT_DAYS};
use sanctuary_wire::alerts::{AlertEvent, EvidenceLine};
use serde_json::{Value, from_value};
use town::{MAPPING, Town, blocking};

const DAY_MS: u64 = 86_400_000;

fn actor(role: StaffRole) -> Actor {
    Actor {
        person: "jd1042".parse().unwrap(),
        account: "jd1042".to_owned(),
        session: "session".to_owned(),
        roles: vec![role],
    }
}

/// A town, and a node that purges at once, with five people that are published.
async fn start() -> (Town, Node) {
    let town = Town::start(&[1, 2, 3]).await;
    let mut config = town.config();
    config.purge_within_hours = 0;
    let node = Node::open(&config).await.unwrap();
    let path = town.people("a.csv", 0, 5);
    let importing = node.clone();
    blocking(&node, move |_| {
        let mapping = Mapping::parse(MAPPING).unwrap();
        importing.import_file(&path, &mapping, &mut |_| {}).unwrap();
    })
    .await;
    node.publish_all().await.unwrap();
    node.push().await.unwrap();
    (town, node)
}

async fn ask(node: &Node, role: StaffRole, request: RecordsRequest) -> Result<Value, String> {
    blocking(node, move |node| {
        let done = node.records_request(&actor(role), &request);
        done.map_err(|fault| fault.rule.to_owned())
    })
    .await
}

fn reference(node: &Node) -> String {
    let mut references = Vec::new();
    node.store()
        .for_each_record(&mut |record| {
            references.extend(record.details.as_ref().map(|d| d.reference.clone()));
            Ok(())
        })
        .unwrap();
    references.sort();
    references.remove(0)
}

fn day(days: u64) -> Day {
    let (year, month, day) = Timestamp(now().0 + days * DAY_MS).date();
    format!("{year:04}-{month:02}-{day:02}").parse().unwrap()
}

fn on_disk(dir: &Path, wanted: &[u8]) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return on_disk(&path, wanted);
        }
        let bytes = fs::read(path).unwrap();
        bytes.windows(wanted.len()).any(|part| part == wanted)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_needs_its_roles_and_keeps_a_withdrawn_record_until_it_is_released() {
    use StaffRole::{Administrator, Analyst, Authoriser, DataProtectionOfficer as Dpo};
    let (_town, node) = start().await;
    let reference = reference(&node);
    let hold = |until| RecordsRequest::Hold {
        reference: reference.clone(),
        reason: HoldReason::CriminalProceedings,
        until,
    };
    for role in [Analyst, Administrator] {
        assert_eq!(
            ask(&node, role, hold(day(30))).await.unwrap_err(),
            "needs_role"
        );
    }
    let past = ask(&node, Authoriser, hold(day(0))).await;
    assert!(past.is_ok(), "today is its last day");
    let far = ask(&node, Authoriser, hold(day(3_000))).await.unwrap_err();
    assert_eq!(far, "hold_until");
    ask(&node, Authoriser, hold(day(20))).await.unwrap();
    let held = ask(&node, Dpo, RecordsRequest::Held).await.unwrap();
    assert_eq!(held[0]["reference"], reference);
    let due = ask(&node, Analyst, RecordsRequest::Due).await.unwrap();
    assert_eq!(due[0]["what"], "hold_ends");

    let withdraw = RecordsRequest::Withdraw {
        reference: reference.clone(),
    };
    let done = ask(&node, Analyst, withdraw).await.unwrap();
    assert_eq!(
        (&done["withdrawn"], &done["held"]),
        (&true.into(), &true.into())
    );
    node.publish_all().await.unwrap();
    let show = || RecordsRequest::Show {
        reference: reference.clone(),
    };
    let shown = ask(&node, Analyst, show()).await.unwrap();
    let shown: RecordShown = from_value(shown).unwrap();
    assert_eq!(
        (shown.state.as_str(), shown.tokens),
        ("withdrawn_and_held", 0)
    );
    assert!(!shown.names.is_empty() && shown.hold.is_some());

    let release = || RecordsRequest::Release {
        reference: reference.clone(),
    };
    assert_eq!(
        ask(&node, Authoriser, release()).await.unwrap_err(),
        "needs_role"
    );
    let done = ask(&node, Dpo, release()).await.unwrap();
    assert_eq!(done["ended"], true);
    assert_eq!(ask(&node, Analyst, show()).await.unwrap_err(), "no_record");
    assert_eq!(ask(&node, Dpo, release()).await.unwrap_err(), "no_record");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_record_is_in_no_file_and_the_log_has_the_proof() {
    use StaffRole::{Analyst, DataProtectionOfficer as Dpo};
    let (town, node) = start().await;
    let reference = reference(&node);
    let store = town.config().data_dir.join("store");
    let file = fs::read(store.join("1").join("db")).unwrap();
    let is_sealed = |part: &&[u8]| part.iter().filter(|byte| **byte == 0).count() < 4;
    let sealed: Vec<Vec<u8>> = file
        .chunks_exact(64)
        .filter(is_sealed)
        .map(<[u8]>::to_vec)
        .collect();
    assert!(sealed.len() > 20);
    // A sample over the whole file: each is looked for in every file.
    let step = sealed.len() / 40 + 1;
    let sealed: Vec<Vec<u8>> = sealed.into_iter().step_by(step).collect();
    let key = fs::read(store.join("1.key")).unwrap();

    let withdraw = RecordsRequest::Withdraw {
        reference: reference.clone(),
    };
    ask(&node, Analyst, withdraw).await.unwrap();
    let prove = || RecordsRequest::Proof {
        reference: reference.clone(),
    };
    assert_eq!(
        ask(&node, Analyst, prove()).await.unwrap_err(),
        "needs_role"
    );
    let proof: RecordProof = from_value(ask(&node, Dpo, prove()).await.unwrap()).unwrap();
    assert_eq!(proof.how, Some(Ended::Withdrawn));
    assert!(proof.ended.is_some() && !proof.acknowledged && proof.purged.is_none());

    node.publish_all().await.unwrap();
    let proof: RecordProof = from_value(ask(&node, Dpo, prove()).await.unwrap()).unwrap();
    let push = proof.withdrawn.unwrap();
    assert!(push.kind == "erase" && !proof.acknowledged);
    node.push().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let purged = blocking(&node, |node| node.purge().unwrap()).await;
    assert!(purged.contains(&"records"), "{purged:?}");
    for bytes in &sealed {
        assert!(!on_disk(&store, bytes), "sealed bytes are on the disk");
    }
    assert!(!on_disk(&store, &key));
    let answer = ask(&node, Dpo, prove()).await.unwrap();
    assert!(!answer.to_string().contains(&reference), "{answer}");
    let proof: RecordProof = from_value(answer).unwrap();
    assert!(proof.acknowledged);
    assert_eq!(proof.entries().len(), 3);
    assert!(
        !proof.is_complete(),
        "the hub of this test says nothing of its files"
    );
    // The other records are whole.
    let status = blocking(&node, |node| node.status().unwrap()).await;
    assert_eq!(status.records, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_lapsed_match_said_goes_after_its_time() {
    let (town, node) = start().await;
    let mut own = Vec::new();
    node.store()
        .for_each_record(&mut |record| {
            own.push(record.pseudonym);
            Ok(())
        })
        .unwrap();
    let event = |version: u32, state: &str| AlertEvent {
        cursor: u64::from(version),
        alert_id: vec![9; 16].into(),
        version,
        kind: "same_person".to_owned(),
        band: "strong".to_owned(),
        state: state.to_owned(),
        own_pseudonym: own[0].0.to_vec().into(),
        other_agency: "council".to_owned(),
        other_roles: vec!["suspect".to_owned()],
        evidence: vec![EvidenceLine {
            kind: "name".to_owned(),
            outcome: "agreed".to_owned(),
            strength: "very_strong".to_owned(),
        }],
        raised_ms: 7,
        ..AlertEvent::default()
    };
    town.hub.events.lock().unwrap().push(event(1, "open"));
    node.fetch_alerts().await.unwrap();
    town.hub.events.lock().unwrap().push(event(2, "lapsed"));
    node.fetch_alerts().await.unwrap();
    let later = |days: u32| Timestamp(now().0 + u64::from(days) * DAY_MS);
    let before = later(LAPSED_ALERT_DAYS - 1);
    assert_eq!(
        blocking(&node, move |n| n.empty_lapsed(before).unwrap()).await,
        0
    );
    let after = later(LAPSED_ALERT_DAYS + 1);
    assert_eq!(
        blocking(&node, move |n| n.empty_lapsed(after).unwrap()).await,
        1
    );
    assert_eq!(
        blocking(&node, move |n| n.empty_lapsed(after).unwrap()).await,
        0
    );
    let alert = node.store().alerts().unwrap().remove(0);
    assert!(alert.evidence.is_empty() && alert.other_roles.iter().next().is_none());
    assert_eq!(alert.version, 2, "a newer one goes on from here");
}
