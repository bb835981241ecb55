//! A key ceremony among three daemons, and the key that comes of it.
#![allow(clippy::unwrap_used)]

mod cluster;

use cluster::{Cluster, start};
use sanctuary_rpc::ErrorCode;
use sanctuary_wire::keyholder::{CeremonyRound1Set, CeremonyRound2Set, QuotaRequest};

#[tokio::test(flavor = "multi_thread")]
async fn a_ceremony_gives_a_key_that_any_two_of_three_evaluate_under() {
    let cluster = Cluster::with_key(1_000).await;
    let blinded = cluster.blind(10);
    let mut outputs = Vec::new();
    for quorum in [[1, 2], [1, 3], [2, 3]] {
        let finished = cluster
            .evaluate("police", &blinded, quorum, 1)
            .await
            .unwrap();
        outputs.push(finished.iter().map(|o| *o.as_bytes()).collect::<Vec<_>>());
    }
    assert_eq!(outputs[0].len(), 10);
    assert!(outputs.iter().all(|o| *o == outputs[0]));
    // Another agency with the same inputs gets the same outputs: that is what matching rests on.
    let again = cluster.blind(10);
    let other = cluster
        .evaluate("council", &again, [1, 2], 2)
        .await
        .unwrap();
    assert_eq!(*other[3].as_bytes(), outputs[0][3]);

    let mut officer = cluster.officer("officer-1", 0).await;
    let second = officer.start(start()).await.unwrap_err();
    assert_eq!(ErrorCode::of(&second), ErrorCode::Conflict);
    assert!(second.message().contains("already a key"));
    cluster.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_callers_and_wrong_steps_are_refused() {
    let cluster = Cluster::without_keys().await;
    for caller in ["police", "hub", "birch"] {
        let mut desk = cluster.officer(caller, 0).await;
        let refused = desk.start(start()).await.unwrap_err();
        assert_eq!(ErrorCode::of(&refused), ErrorCode::NotAllowed, "{caller}");
        assert!(refused.message().contains("an officer"));
    }
    let mut officer = cluster.officer("officer-1", 0).await;
    let unknown = CeremonyRound1Set {
        ceremony_id: vec![9; 16].into(),
        packages: Vec::new(),
    };
    let refused = officer.echo(unknown).await.unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::NotReady);
    let first = officer.start(start()).await.unwrap().into_inner();
    let too_early = CeremonyRound2Set {
        ceremony_id: first.ceremony_id,
        packages: Vec::new(),
    };
    let refused = officer.finish(too_early).await.unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::NotReady);
    assert!(refused.message().contains("echo"));
    let mut reordered = start();
    reordered.members.reverse();
    let refused = officer.start(reordered).await.unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::InvalidArgument);

    let mut police = cluster.key_holder("police", 0).await;
    let no_key = police
        .quota(QuotaRequest { key_class: 1 })
        .await
        .unwrap_err();
    assert_eq!(ErrorCode::of(&no_key), ErrorCode::NotReady);
    let kept = cluster.finish().await;
    let of = |party: &str| kept.iter().filter(|(_, p, _)| p == party).count();
    // Callers of the wrong kind are refused in front of every service, so the journal has none of these.
    assert_eq!(
        (of("hub"), of("birch"), of("officer-1"), of("police")),
        (0, 0, 3, 1)
    );
}
