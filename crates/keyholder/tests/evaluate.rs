//! Evaluation over mutual TLS: every refusal is clear and leaves a trace.
#![allow(clippy::unwrap_used)]

mod cluster;

use cluster::{Cluster, EPOCH, request};
use sanctuary_rpc::ErrorCode;
use sanctuary_wire::keyholder::{EvaluateRequest, QuotaRequest};
use tonic::Status;

/// Asks the first holder, which must refuse.
async fn refusal(cluster: &Cluster, caller: &str, asked: EvaluateRequest) -> Status {
    let mut client = cluster.key_holder(caller, 0).await;
    client.evaluate(asked).await.unwrap_err()
}

fn assert_refused(status: &Status, code: ErrorCode, text: &str) {
    assert_eq!(ErrorCode::of(status), code, "{status:?}");
    assert!(status.message().contains(text), "{}", status.message());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_agencies_of_the_roster_are_answered() {
    let cluster = Cluster::with_key(1_000).await;
    let blinded = cluster.blind(1);
    let asked = request(blinded.elements(), 1);
    let status = refusal(&cluster, "stranger", asked.clone()).await;
    assert_refused(
        &status,
        ErrorCode::NotEnrolled,
        "not on the partnership's roster",
    );
    for caller in ["hub", "officer-1", "birch"] {
        let status = refusal(&cluster, caller, asked.clone()).await;
        assert_refused(&status, ErrorCode::NotAllowed, "as an agency");
    }
    // Refused in front of every service: told to the daemon's log, no quota asked.
    let kept = cluster.finish().await;
    let others = ["hub", "officer-1", "birch"];
    assert!(
        !kept
            .iter()
            .any(|(_, party, _)| others.contains(&party.as_str()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn over_quota_and_replays_are_refused_and_kept() {
    // 30 full evaluations a day: 20 elements at each of the three holders.
    let cluster = Cluster::with_key(30).await;
    let first = cluster.blind(15);
    cluster.evaluate("police", &first, [1, 2], 1).await.unwrap();
    cluster.evaluate("police", &first, [1, 2], 1).await.unwrap();

    let second = cluster.blind(6);
    let status = refusal(&cluster, "police", request(second.elements(), 2)).await;
    assert_refused(&status, ErrorCode::QuotaExceeded, "daily limit of 20");
    assert!(status.message().contains("15 used, 6 asked"));
    for (elements, batch) in [(&first, 1), (&second, 1), (&first, 3)] {
        let status = refusal(&cluster, "council", request(elements.elements(), batch)).await;
        assert_refused(&status, ErrorCode::Replayed, "belongs to another agency");
    }
    let status = refusal(&cluster, "police", request(second.elements(), 1)).await;
    assert_refused(&status, ErrorCode::Replayed, "used before");

    let mut client = cluster.key_holder("police", 0).await;
    let quota = client
        .quota(QuotaRequest { key_class: 1 })
        .await
        .unwrap()
        .into_inner();
    assert_eq!((quota.limit_per_day, quota.used_today), (20, 15));
    let kept: Vec<(String, String)> = cluster
        .finish()
        .await
        .into_iter()
        .map(|(_, party, code)| (party, code))
        .filter(|(_, code)| code != "no_key")
        .collect();
    let expected = [
        ("police", "over_quota"),
        ("council", "other_agency"),
        ("council", "other_agency"),
        ("council", "other_agency"),
        ("police", "changed_batch"),
    ];
    assert_eq!(kept, expected.map(|(p, c)| (p.to_owned(), c.to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_and_stale_requests_are_refused() {
    let cluster = Cluster::with_key(100_000).await;
    let blinded = cluster.blind(1);
    let good = request(blinded.elements(), 1);
    let with = |change: fn(&mut EvaluateRequest)| {
        let mut asked = good.clone();
        change(&mut asked);
        asked
    };
    let invalid = ErrorCode::InvalidArgument;
    let cases: [(EvaluateRequest, ErrorCode, &str); 11] = [
        (
            with(|r| r.epoch = EPOCH - 1),
            ErrorCode::StaleEpoch,
            "manifest of epoch 5 generation 0",
        ),
        (
            with(|r| r.generation = 1),
            ErrorCode::StaleEpoch,
            "manifest of epoch 5 generation 0",
        ),
        (with(|r| r.key_class = 2), ErrorCode::NotReady, "identifier"),
        (with(|r| r.key_class = 77), ErrorCode::NotReady, "77"),
        (
            with(|r| r.quorum = vec![2, 3]),
            invalid,
            "this holder's index 1",
        ),
        (
            with(|r| r.batch_id = vec![1; 15].into()),
            invalid,
            "batch id",
        ),
        (
            with(|r| r.purpose = "Jane Doe".to_owned()),
            invalid,
            "purpose",
        ),
        (
            with(|r| r.elements = vec![0; 32].into()),
            invalid,
            "identity",
        ),
        (
            with(|r| r.elements = vec![1; 31].into()),
            invalid,
            "32-byte",
        ),
        (
            with(|r| r.elements = vec![0; 32 * 4097].into()),
            ErrorCode::TooLarge,
            "4096",
        ),
        (
            with(|r| r.elements = Default::default()),
            ErrorCode::TooLarge,
            "not 0",
        ),
    ];
    let expected = cases.len();
    for (asked, code, text) in cases {
        let status = refusal(&cluster, "police", asked).await;
        assert_refused(&status, code, text);
        assert!(
            !status.message().contains("Jane"),
            "a refusal repeats no value"
        );
    }
    let non_canonical = EvaluateRequest {
        batch_id: vec![2; 16].into(),
        elements: vec![0xff; 32].into(),
        ..good.clone()
    };
    let status = refusal(&cluster, "police", non_canonical).await;
    assert_refused(&status, invalid, "canonical");
    let oversized = EvaluateRequest {
        elements: vec![1; 9 * 1024 * 1024].into(),
        ..good
    };
    let status = refusal(&cluster, "police", oversized).await;
    assert_eq!(ErrorCode::of(&status), ErrorCode::TooLarge);
    assert!(
        status.message().contains("too large"),
        "{}",
        status.message()
    );
    let kept = cluster.finish().await;
    let counted = kept
        .iter()
        .filter(|(_, party, _)| party == "police")
        .count();
    assert!(counted > expected, "{counted} refusals kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_quota_shares_and_known_batches() {
    let mut cluster = Cluster::with_key(30).await;
    let first = cluster.blind(15);
    let before = cluster.evaluate("police", &first, [1, 2], 1).await.unwrap();
    cluster.restart(0).await;
    let second = cluster.blind(6);
    let status = refusal(&cluster, "police", request(second.elements(), 2)).await;
    assert_refused(&status, ErrorCode::QuotaExceeded, "15 used");
    let status = refusal(&cluster, "council", request(first.elements(), 1)).await;
    assert_refused(&status, ErrorCode::Replayed, "another agency");
    let after = cluster.evaluate("police", &first, [1, 2], 1).await.unwrap();
    assert_eq!(before[7].as_bytes(), after[7].as_bytes());
    cluster.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_manifest_changes_nothing_and_a_removed_one_withdraws_the_key() {
    let cluster = Cluster::with_key(1_000).await;
    let path = cluster.layout.manifest(sanctuary_types::KeyClass::Person);
    let blinded = cluster.blind(1);
    std::fs::write(&path, "{").unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    let mut client = cluster.key_holder("police", 0).await;
    client
        .evaluate(request(blinded.elements(), 1))
        .await
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    let status = refusal(&cluster, "police", request(blinded.elements(), 1)).await;
    assert_refused(&status, ErrorCode::NotReady, "no key for class person");
    cluster.finish().await;
}
