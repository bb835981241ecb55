//! The review at a node beside a hub: the queue follows the alerts, decisions leave once, and a stop between
//! any two steps loses and repeats nothing.

mod town;

use std::sync::atomic::Ordering;

use sanctuary_ledger::EntryKind;
use sanctuary_node::Node;
use sanctuary_node_core::{Mapping, ports::AlertCommit, ports::NodeStore};
use sanctuary_policy::StaffRole;
use sanctuary_review::{
    Actor, Answer, Decide, Filter, ItemView, Line, ListRequest, Page, Reason, ReviewError,
    ReviewRequest, Saved, State,
};
use sanctuary_rpc::now;
use sanctuary_types::{AlertId, Pseudonym};
use sanctuary_wire::alerts::{AlertEvent, EvidenceLine};
use serde::de::DeserializeOwned;
use town::{MAPPING, Town, blocking};

fn actor(name: &str, role: StaffRole) -> Actor {
    Actor {
        person: name.parse().unwrap(),
        account: name.to_owned(),
        session: format!("session of {name}"),
        roles: vec![role],
    }
}

fn id(number: u8) -> AlertId {
    AlertId([number; 16])
}

fn event(number: u8, own: &Pseudonym) -> AlertEvent {
    AlertEvent {
        cursor: u64::from(number),
        alert_id: vec![number; 16].into(),
        version: 1,
        kind: "same_person".to_owned(),
        band: "strong".to_owned(),
        state: "open".to_owned(),
        own_pseudonym: own.0.to_vec().into(),
        other_agency: "council".to_owned(),
        other_roles: vec!["suspect".to_owned()],
        evidence: vec![EvidenceLine {
            kind: "name".to_owned(),
            outcome: "agreed".to_owned(),
            strength: "very_strong".to_owned(),
        }],
        raised_ms: 7,
        ..AlertEvent::default()
    }
}

/// A town whose hub takes decisions, and a node with five people and an alert on each.
async fn start() -> (Town, Node) {
    let town = Town::start(&[]).await;
    town.hub.decides.store(true, Ordering::SeqCst);
    let node = town.node().await;
    let (other, path) = (node.clone(), town.people("a.csv", 0, 5));
    blocking(&node, move |_| {
        let mapping = Mapping::parse(MAPPING).unwrap();
        other.import_file(&path, &mapping, &mut |_| {}).unwrap();
    })
    .await;
    let mut own = Vec::new();
    node.store()
        .for_each_record(&mut |record| {
            own.push(record.pseudonym);
            Ok(())
        })
        .unwrap();
    let events = (1..).zip(&own).map(|(number, own)| event(number, own));
    town.hub.events.lock().unwrap().extend(events);
    node.fetch_alerts().await.unwrap();
    (town, node)
}

async fn ask<T: DeserializeOwned + Send + 'static>(
    node: &Node,
    who: &Actor,
    request: ReviewRequest,
) -> T {
    let who = who.clone();
    let value = blocking(node, move |node| node.review_request(&who, &request)).await;
    serde_json::from_value(value.unwrap()).unwrap()
}

async fn page(node: &Node, who: &Actor) -> Page {
    let list = ListRequest {
        filter: Filter::default(),
        ..ListRequest::default()
    };
    ask(node, who, ReviewRequest::List { list }).await
}

async fn line(node: &Node, who: &Actor, number: u8) -> Line {
    let page = page(node, who).await;
    let mut lines = page.lines.into_iter();
    lines.find(|l| l.alert == id(number)).unwrap()
}

async fn decide(node: &Node, who: &Actor, number: u8, answer: Answer) -> Saved {
    let decide = Decide {
        alert: id(number),
        version: line(node, who, number).await.version,
        answer,
        reason: Reason::of(answer).next().unwrap(),
        note: None,
    };
    let saved: Saved = ask(node, who, ReviewRequest::Decide { decide }).await;
    let (alert, version) = (saved.alert, saved.version);
    ask(node, who, ReviewRequest::SendNow { alert, version }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_make_the_queue_beside_own_records_and_a_restart_keeps_it() {
    let (town, node) = start().await;
    let ann = actor("ann", StaffRole::Analyst);
    let before = page(&node, &ann).await;
    assert_eq!((before.total, before.lines.len()), (5, 5));
    assert!(before.lines.iter().all(|l| l.state == State::New));
    let own = before.lines[0].own.clone().unwrap();
    assert!(own.reference.starts_with("ref-"));
    assert_eq!(own.short_name.split(' ').next().unwrap().len(), 2);
    let alert = before.lines[0].alert;
    let shown: ItemView = ask(&node, &ann, ReviewRequest::Show { alert }).await;
    let record = shown.record.unwrap();
    assert!(
        record
            .details
            .iter()
            .any(|d| d.value.contains("0770090") || d.value.contains("+44"))
    );
    assert!(shown.explanation.summary.starts_with("Names sound alike"));
    // A releaser reads; an administrator reads nothing.
    let ada = actor("ada", StaffRole::Administrator);
    let refused = blocking(&node, move |node| {
        node.review_request(&ada, &ReviewRequest::Show { alert })
    });
    assert_eq!(refused.await.unwrap_err().rule, "needs_role");
    drop(node);
    let node = town.node().await;
    let mut after = page(&node, &ann).await;
    after.at = before.at;
    assert_eq!(after, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_reaches_hub_and_cases_once_and_not_while_it_can_be_undone() {
    let (town, node) = start().await;
    let ann = actor("ann", StaffRole::Analyst);
    let waiting = Decide {
        alert: id(2),
        version: 1,
        answer: Answer::NotTheSame,
        reason: Reason::CommonName,
        note: None,
    };
    let saved: Saved = ask(&node, &ann, ReviewRequest::Decide { decide: waiting }).await;
    assert_eq!(saved.state, State::WaitingToSend);
    decide(&node, &ann, 1, Answer::Confirmed).await;
    assert_eq!(node.tell_decisions().await.unwrap().told, 1);
    assert_eq!(node.tell_decisions().await.unwrap().told, 0);
    {
        let told = town.hub.decisions.lock().unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].decision.as_str(), told[0].version),
            ("confirmed", 1)
        );
        // The reason stays at the agency.
        assert_eq!(told[0].reason, "reviewed");
    }
    node.fetch_alerts().await.unwrap();
    let sent = line(&node, &ann, 1).await;
    assert_eq!((sent.state, sent.other_says), (State::Sent, None));
    assert_eq!(line(&node, &ann, 2).await.state, State::WaitingToSend);
    // The log had the decision before the hub had it, and casework the confirmation.
    let decisions = town.hub.acts();
    let decisions = decisions.iter().filter(|k| **k == EntryKind::Decision);
    assert!(decisions.count() >= 3);
    // An intelligence officer may now ask on it, and not on another one.
    let ivy = actor("ivy", StaffRole::IntelligenceOfficer);
    let confirmed = blocking(&node, move |node| {
        node.casework(|casework| casework.confirm(&id(1), &ivy, now()))
    });
    assert!(confirmed.await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_after_the_hub_was_told_repeats_nothing() {
    for hears_first in [true, false] {
        let (town, node) = start().await;
        let ann = actor("ann", StaffRole::Analyst);
        decide(&node, &ann, 1, Answer::NotTheSame).await;
        town.hub.cuts_decision.store(true, Ordering::SeqCst);
        assert!(node.tell_decisions().await.is_err());
        assert_eq!(line(&node, &ann, 1).await.state, State::WaitingToSend);
        drop(node);
        let node = town.node().await;
        if hears_first {
            node.fetch_alerts().await.unwrap();
        } else {
            // The hub has a newer version: its own news says that it is told.
            let report = node.tell_decisions().await.unwrap();
            assert_eq!((report.told, report.later), (0, 1));
            node.fetch_alerts().await.unwrap();
        }
        assert_eq!(line(&node, &ann, 1).await.state, State::Sent);
        assert_eq!(node.tell_decisions().await.unwrap(), Default::default());
        assert_eq!(town.hub.decisions.lock().unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_hub_people_read_and_decide_and_the_answer_waits() {
    let (town, node) = start().await;
    let ann = actor("ann", StaffRole::Analyst);
    let away = Some((sanctuary_rpc::ErrorCode::Unavailable, "away"));
    *town.hub.refuse.lock().unwrap() = away;
    *town.hub.refuse_log.lock().unwrap() = away;
    let saved = decide(&node, &ann, 1, Answer::Confirmed).await;
    assert_eq!(saved.state, State::WaitingToSend);
    assert!(node.tell_decisions().await.is_err());
    // The log answers again, the hub does not take decisions yet: no ledger, no operation.
    *town.hub.refuse_log.lock().unwrap() = None;
    assert!(node.tell_decisions().await.is_err());
    assert!(town.hub.decisions.lock().unwrap().is_empty());
    *town.hub.refuse.lock().unwrap() = None;
    drop(node);
    let node = town.node().await;
    assert_eq!(node.tell_decisions().await.unwrap().told, 1);
    assert_eq!(line(&node, &ann, 1).await.state, State::Sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_from_before_there_was_a_queue_are_caught_up_with() {
    let (town, node) = start().await;
    let ann = actor("ann", StaffRole::Analyst);
    let mut late = node.store().alert(&id(1)).unwrap().unwrap();
    late.alert_id = id(9);
    let commit = AlertCommit {
        alerts: vec![late],
        cursor: 9,
    };
    node.store().commit_alerts(commit).unwrap();
    assert_eq!(page(&node, &ann).await.total, 5);
    drop(node);
    let node = town.node().await;
    assert_eq!(page(&node, &ann).await.total, 6);
    let caught = blocking(&node, |node| node.catch_up_review().unwrap()).await;
    assert_eq!(caught, Default::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_confirms_through_the_review_and_a_child_needs_two_reviewers() {
    let (town, node) = start().await;
    let mut child = town.hub.events.lock().unwrap()[0].clone();
    (child.version, child.cursor, child.other_is_child) = (2, 60, true);
    town.hub.events.lock().unwrap().push(child);
    node.fetch_alerts().await.unwrap();
    let ivy = actor("ivy", StaffRole::IntelligenceOfficer);
    let confirm = |number| {
        let (node, ivy) = (node.clone(), ivy.clone());
        let request = sanctuary_node::CaseRequest::Confirm { alert: id(number) };
        tokio::task::spawn_blocking(move || node.case_request(&ivy, &request))
    };
    let refused = confirm(1).await.unwrap().unwrap_err();
    assert_eq!(refused.rule, ReviewError::NeedsTwo.rule());
    confirm(2).await.unwrap().unwrap();
    assert_eq!(node.tell_decisions().await.unwrap().told, 1);
    assert_eq!(line(&node, &ivy, 2).await.state, State::Sent);
    let ann = actor("ann", StaffRole::Analyst);
    let first = Decide {
        alert: id(1),
        version: line(&node, &ann, 1).await.version,
        answer: Answer::Confirmed,
        reason: Reason::RecordFits,
        note: None,
    };
    let saved: Saved = ask(&node, &ann, ReviewRequest::Decide { decide: first }).await;
    assert_eq!(saved.state, State::SecondReviewer);
}
