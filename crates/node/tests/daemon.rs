//! The node against a hub and key holders over mutual TLS: pushing, interruption, restart, alerts,
//! and the local commands beside a running daemon.

mod town;

use std::{collections::HashSet, fs, path::Path, sync::atomic::Ordering, time::Duration};

use sanctuary_ledger::EntryKind;
use sanctuary_node::{Node, commands, run};
use sanctuary_node_core::{ImportSummary, Mapping, NodeError};
use sanctuary_rpc::ErrorCode;
use sanctuary_trust::verify;
use sanctuary_types::{BatchId, Epoch, RulesVersion, upload_message};
use sanctuary_wire::alerts::AlertEvent;
use sha2::{Digest, Sha256};
use town::{MAPPING, Town};

async fn import(node: &Node, path: &Path) -> ImportSummary {
    let (node, path) = (node.clone(), path.to_owned());
    let mapping = Mapping::parse(MAPPING).unwrap();
    let work = move || node.import_file(&path, &mapping, &mut |_| {}).unwrap();
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_imported_arrives_signed_and_once() {
    let town = Town::start(&[1, 2, 3]).await;
    let node = town.node().await;
    assert_eq!(import(&node, &town.people("a.csv", 0, 200)).await.new, 200);
    let report = node.publish_all().await.unwrap();
    assert_eq!(report.records, 200);
    let pushed = node.push().await.unwrap().batches;
    assert!(pushed >= 2);
    assert_eq!(town.arrived().len() as u64, pushed);
    let agency = node.party().clone();
    for batch in town.hub.batches.lock().unwrap().iter() {
        let digest = |part: &[u8]| -> [u8; 32] { Sha256::digest(part).into() };
        let population = batch.population.as_ref().map_or(&[][..], |p| &p.json);
        let message = upload_message(
            &agency,
            BatchId::try_from(&batch.batch_id[..]).unwrap(),
            RulesVersion(batch.rules_version as u16),
            Epoch(batch.epoch),
            &[
                digest(&batch.postings),
                digest(&batch.cards),
                digest(&batch.withdrawals),
                digest(&batch.withdrawn_cards),
                digest(population),
            ],
        );
        verify(&town.agency_key(), &message, &batch.signature).unwrap();
    }
    assert_eq!(node.push().await.unwrap().batches, 0);
    let status = node.status().unwrap();
    assert_eq!((status.records, status.pending, status.outbox), (200, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_interruption_the_rest_goes_on_in_order() {
    let town = Town::start(&[1, 2, 3]).await;
    let node = town.node().await;
    import(&node, &town.people("a.csv", 0, 400)).await;
    node.publish_all().await.unwrap();
    let waiting = node.status().unwrap().outbox;
    assert!(waiting >= 4);
    // The second batch is stored, but its acknowledgement is lost.
    town.hub.cut_after.store(2, Ordering::SeqCst);
    let error = node.push().await.unwrap_err();
    assert!(matches!(error, NodeError::HubUnavailable { .. }), "{error}");
    assert!(error.to_string().contains("the outbox waits"));
    assert_eq!(node.status().unwrap().outbox, waiting - 1);
    node.push().await.unwrap();
    let arrived = town.arrived();
    assert_eq!(arrived[1], arrived[2], "sent again under the same id");
    {
        let batches = town.hub.batches.lock().unwrap();
        assert_eq!(batches[1], batches[2], "with the same content");
    }
    let distinct: HashSet<_> = arrived.iter().collect();
    assert_eq!(distinct.len() as u64, waiting);
    assert_eq!(arrived.len() as u64, waiting + 1);
    assert_eq!(node.status().unwrap().outbox, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_what_to_do_and_lose_nothing() {
    let town = Town::start(&[1, 2, 3]).await;
    let node = town.node().await;
    import(&node, &town.people("a.csv", 0, 3)).await;
    node.publish_all().await.unwrap();
    for (code, reason, expected) in [
        (
            ErrorCode::RulesMismatch,
            "mixed rules, update the node",
            "mixed rules, update the node",
        ),
        (
            ErrorCode::StaleEpoch,
            "fetch the current manifest",
            "fetch the current manifest",
        ),
        (
            ErrorCode::NotEnrolled,
            "not on the roster",
            "ask a governance officer",
        ),
    ] {
        *town.hub.refuse.lock().unwrap() = Some((code, reason));
        let error = node.push().await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(node.status().unwrap().outbox, 1);
        let error = node.fetch_alerts().await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    *town.hub.refuse.lock().unwrap() = None;
    assert_eq!(node.push().await.unwrap().batches, 1);
}

/// No ledger, no operation: nothing leaves, and nothing is read, that is not in the log.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_logged_is_not_done() {
    let town = Town::start(&[1, 2, 3]).await;
    let node = town.node().await;
    *town.hub.refuse_log.lock().unwrap() = Some((ErrorCode::Unavailable, "the log's disk is full"));
    // What has no effect outside goes on.
    import(&node, &town.people("a.csv", 0, 3)).await;
    node.publish_all().await.unwrap();
    let error = node.push().await.unwrap_err();
    assert!(matches!(error, NodeError::HubUnavailable { .. }), "{error}");
    assert!(town.arrived().is_empty());
    let reading = node.clone();
    let read = tokio::task::spawn_blocking(move || reading.alerts());
    let error = read.await.unwrap().unwrap_err();
    assert!(matches!(error, NodeError::NotLogged(_)), "{error}");
    assert!(error.to_string().contains("the log's disk is full"));
    assert!(node.status().unwrap().ledger.waiting >= 3);

    *town.hub.refuse_log.lock().unwrap() = None;
    assert_eq!(node.push().await.unwrap().batches, 1);
    let acts = town.hub.acts();
    assert!(acts.contains(&EntryKind::Collect) && acts.contains(&EntryKind::Combine));
    // One entry for the import and one for the push, whatever was tried before.
    assert_eq!(
        acts.iter()
            .filter(|kind| **kind == EntryKind::Combine)
            .count(),
        1
    );
    assert_eq!(
        acts.iter()
            .filter(|kind| **kind == EntryKind::Collect)
            .count(),
        1
    );
    assert_eq!(node.status().unwrap().ledger.waiting, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_or_lying_holder_is_replaced_by_the_third() {
    let town = Town::start(&[1, 3]).await;
    let node = town.node().await;
    import(&node, &town.people("a.csv", 0, 300)).await;
    let report = node.publish_all().await.unwrap();
    assert_eq!(report.records, 300);
    assert!(
        report
            .faults
            .iter()
            .all(|(holder, _)| holder.as_str() == "birch")
    );
    town.holders[0].lies.store(true, Ordering::SeqCst);
    import(&node, &town.people("b.csv", 300, 310)).await;
    let error = node.publish_all().await.unwrap_err().to_string();
    assert!(error.contains("ash gave a wrong answer"), "{error}");
    assert!(error.contains("nothing is lost"), "{error}");
    assert_eq!(node.status().unwrap().pending, 10);
    town.holders[0].lies.store(false, Ordering::SeqCst);
    assert_eq!(node.publish_all().await.unwrap().records, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_up_quota_waits() {
    let town = Town::start(&[1, 2, 3]).await;
    let node = town.node().await;
    import(&node, &town.people("a.csv", 0, 5)).await;
    for holder in &town.holders {
        holder.quota_used_up.store(true, Ordering::SeqCst);
    }
    let error = node.publish_all().await.unwrap_err();
    assert!(matches!(error, NodeError::QuotaExceeded { .. }), "{error}");
    assert_eq!(node.status().unwrap().pending, 5);
    assert_eq!(node.push().await.unwrap().batches, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_everything_once() {
    let town = Town::start(&[1, 2, 3]).await;
    let file = town.people("a.csv", 0, 150);
    {
        let node = town.node().await;
        import(&node, &file).await;
        assert!(node.publish_next().await.unwrap().is_some());
    }
    let node = town.node().await;
    let status = node.status().unwrap();
    assert_eq!((status.records, status.outbox), (150, 1));
    assert!(status.pending > 0 && status.pending < 150);
    assert_eq!(import(&node, &file).await.unchanged, 150);
    node.publish_all().await.unwrap();
    node.push().await.unwrap();
    let arrived = town.arrived();
    let distinct: HashSet<_> = arrived.iter().collect();
    assert_eq!(distinct.len(), arrived.len());
    drop(node);
    assert_no_identifier_on_disk(&town.dir.path().join("data"));
}

fn assert_no_identifier_on_disk(dir: &Path) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_no_identifier_on_disk(&path);
            continue;
        }
        let bytes = fs::read(&path).unwrap().to_ascii_lowercase();
        for word in ["zzyzx", "ref-1", "07700900"] {
            let found = bytes.windows(word.len()).any(|w| w == word.as_bytes());
            assert!(!found, "{word} stands in {}", path.display());
        }
    }
}

fn event(cursor: u64, alert: u8, version: u32, own: &[u8]) -> AlertEvent {
    AlertEvent {
        cursor,
        alert_id: vec![alert; 16].into(),
        version,
        kind: "same_person".to_owned(),
        band: "strong".to_owned(),
        state: if version == 1 { "open" } else { "lapsed" }.to_owned(),
        own_pseudonym: own.to_vec().into(),
        other_agency: "council".to_owned(),
        other_roles: vec!["suspect".to_owned()],
        raised_ms: cursor,
        ..AlertEvent::default()
    }
}

fn pseudonym(node: &Node, reference: &str) -> Vec<u8> {
    use sanctuary_node_core::ports::NodeStore;
    let mut found = Vec::new();
    node.store()
        .for_each_record(&mut |record| {
            if record
                .details
                .as_ref()
                .is_some_and(|d| d.reference == reference)
            {
                found = record.pseudonym.0.to_vec();
            }
            Ok(())
        })
        .unwrap();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_resume_and_are_joined_to_own_records() {
    let town = Town::start(&[]).await;
    let node = town.node().await;
    import(&node, &town.people("a.csv", 0, 2)).await;
    let own = pseudonym(&node, "ref-1");
    town.hub
        .events
        .lock()
        .unwrap()
        .extend([event(1, 1, 1, &own), event(2, 2, 1, &[9; 16])]);
    assert_eq!(node.fetch_alerts().await.unwrap(), 2);
    assert_eq!(
        node.fetch_alerts().await.unwrap(),
        0,
        "resumes after the cursor"
    );
    drop(node);
    let node = town.node().await;
    assert_eq!(
        node.fetch_alerts().await.unwrap(),
        0,
        "also after a restart"
    );
    town.hub.events.lock().unwrap().push(event(3, 1, 2, &own));
    assert_eq!(node.fetch_alerts().await.unwrap(), 1);
    let views = node.alerts().unwrap();
    assert_eq!(views.len(), 2);
    assert_eq!(views[0].alert.version, 2);
    assert_eq!(views[0].record.as_deref(), Some("ref-1"));
    assert!(views[0].names.as_ref().unwrap().contains("Zzyzx"));
    assert_eq!(views[1].record, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn local_commands_work_beside_a_running_daemon() {
    let town = Town::start(&[1, 2, 3]).await;
    let config = town.config();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let daemon = tokio::spawn(run(config.clone(), async {
        let _ = stopped.await;
    }));
    wait_for(|| config.data_dir.join("jobs").exists()).await;
    let mapping = town.dir.path().join("mapping.toml");
    fs::write(&mapping, MAPPING).unwrap();
    let file = town.people("a.csv", 0, 40);
    let json = town.dir.path().join("import.json");
    let command = |file: &Path| commands::ImportCommand {
        mapping: Some(mapping.clone()),
        files: vec![file.to_owned()],
        json: Some(json.clone()),
    };
    commands::import(&config, command(&file)).await.unwrap();
    let text = fs::read_to_string(&json).unwrap();
    assert!(text.contains("\"accepted\": 40"), "{text}");
    // The daemon tokenises and pushes by itself.
    wait_for(|| !town.arrived().is_empty()).await;
    let status = town.dir.path().join("status.json");
    let told = commands::status(&config, &Some(status.clone())).await;
    let status = fs::read_to_string(&status).unwrap();
    assert!(status.contains("\"records\": 40"), "{status}");
    // This town keeps no ledger and answers no status of the hub: a person should know.
    assert!(status.contains("\"attention\""), "{status}");
    assert!(
        matches!(told, Err(commands::Failure::Failed(_))),
        "{told:?}"
    );
    town.hub
        .events
        .lock()
        .unwrap()
        .push(event(1, 1, 1, &[7; 16]));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let alerts = town.dir.path().join("alerts.json");
    commands::alerts(&config, &Some(alerts.clone()))
        .await
        .unwrap();
    assert!(fs::read_to_string(&alerts).unwrap().contains("\"council\""));
    let bad = town.dir.path().join("bad.csv");
    fs::write(&bad, "id,f\n1,x\n").unwrap();
    let failure = commands::import(&config, command(&bad)).await.unwrap_err();
    let commands::Failure::BadInput(problem) = failure else {
        panic!("{failure:?}")
    };
    assert!(problem.contains("no column \"s\""), "{problem}");
    let left = fs::read_dir(config.data_dir.join("jobs")).unwrap().count();
    assert_eq!(left, 0, "no job or result is left");
    stop.send(()).unwrap();
    daemon.await.unwrap().unwrap();
    // Without a daemon the same command does it here.
    commands::import(&config, command(&file)).await.unwrap();
    let text = fs::read_to_string(&json).unwrap();
    assert!(text.contains("\"unchanged\": 40"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_waits_for_an_import_and_then_runs() {
    let town = Town::start(&[1, 2, 3]).await;
    let config = town.config();
    let node = town.node().await;
    import(&node, &town.people("a.csv", 0, 5)).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let daemon = tokio::spawn(run(config.clone(), async {
        let _ = stopped.await;
    }));
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!daemon.is_finished() && town.arrived().is_empty());
    drop(node);
    wait_for(|| !town.arrived().is_empty()).await;
    stop.send(()).unwrap();
    daemon.await.unwrap().unwrap();
}

async fn wait_for(done: impl Fn() -> bool) {
    for _ in 0..300 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("waited too long");
}
