//! The daemon as nodes meet it: real TLS, real sled, nothing but gRPC.

mod partners;

use partners::{Partners, batch_of, phone_record};
use sanctuary_rpc::ErrorCode;
use sanctuary_types::{Epoch, RulesVersion};
use sanctuary_wire::{
    alerts::{DecideRequest, WatchRequest},
    directory::StatusRequest,
};
use tokio_stream::StreamExt;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_agencies_push_and_hear_of_each_other_also_after_a_restart() {
    let partners = Partners::new();
    let running = partners.start();
    let mut watch = partners
        .alerts("police")
        .await
        .watch(WatchRequest {
            cursor: 0,
            follow: true,
        })
        .await
        .unwrap()
        .into_inner();
    for (n, agency) in ["police", "council"].into_iter().enumerate() {
        let batch = partners.signed(agency, batch_of(agency, &[phone_record(n as u8 + 1)]));
        let id = batch.batch_id.clone();
        // The second copy is a retry: same answer.
        let replies = partners
            .push(agency, vec![batch.clone(), batch])
            .await
            .unwrap();
        assert_eq!(replies, [id.clone(), id]);
    }
    let event = watch.next().await.unwrap().unwrap();
    assert_eq!((&*event.kind, &*event.state), ("shared_identifier", "open"));
    assert_eq!((&*event.other_agency, event.version), ("council", 1));
    assert_eq!(event.other_roles, ["witness"]);
    assert_eq!(event.own_pseudonym, vec![1; 16]);
    let status = partners
        .directory("police")
        .await
        .status(StatusRequest {})
        .await
        .unwrap();
    let status = status.into_inner();
    assert_eq!(
        (status.postings, status.batches, status.open_alerts),
        (1, 1, 1)
    );
    assert!(status.last_round_ms > 0 && status.stored_postings == 2);
    // Nothing has been erased yet.
    assert!(status.purged_until_ms >= status.last_round_ms);
    running.stop().await;
    assert!(watch.next().await.is_none_or(|last| last.is_err()));

    let running = partners.start();
    let request = DecideRequest {
        alert_id: event.alert_id.clone(),
        version: event.version,
        decision: "not_the_same".to_owned(),
        reason: "checked".to_owned(),
    };
    let mut alerts = partners.alerts("council").await;
    assert_eq!(
        alerts
            .decide(request.clone())
            .await
            .unwrap()
            .into_inner()
            .version,
        2
    );
    let stale = alerts.decide(request.clone()).await.unwrap_err();
    assert_eq!(ErrorCode::of(&stale), ErrorCode::Conflict);
    let stranger = partners
        .alerts("refuge")
        .await
        .decide(request)
        .await
        .unwrap_err();
    assert_eq!(ErrorCode::of(&stranger), ErrorCode::NotFound);
    let all = WatchRequest {
        cursor: event.cursor,
        follow: false,
    };
    let mut rest = partners
        .alerts("police")
        .await
        .watch(all)
        .await
        .unwrap()
        .into_inner();
    let after = rest.next().await.unwrap().unwrap();
    assert_eq!((&*after.state, after.version), ("not_the_same", 2));
    assert!(rest.next().await.is_none());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_is_refused_with_its_code() {
    let partners = Partners::new();
    let running = partners.start();
    let good = partners.signed("police", batch_of("police", &[phone_record(1)]));
    partners.push("police", vec![good.clone()]).await.unwrap();

    let replayed = partners
        .push("council", vec![good.clone()])
        .await
        .unwrap_err();
    assert_eq!(ErrorCode::of(&replayed), ErrorCode::NotAllowed);
    let signed_again = partners.signed("council", partners::to_core(&good));
    let replayed = partners
        .push("council", vec![signed_again])
        .await
        .unwrap_err();
    assert_eq!(ErrorCode::of(&replayed), ErrorCode::Replayed);

    let mut mixed = batch_of("police", &[phone_record(2)]);
    mixed.rules = RulesVersion(2);
    let refused = partners
        .push("police", vec![partners.signed("police", mixed)])
        .await
        .unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::RulesMismatch);
    assert!(
        refused
            .message()
            .contains("rules version 2, the hub compares version 1")
    );

    let mut stale = batch_of("police", &[phone_record(2)]);
    stale.epoch = Epoch(0);
    let refused = partners
        .push("police", vec![partners.signed("police", stale)])
        .await
        .unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::StaleEpoch);

    let mut huge = batch_of("police", &[phone_record(2)]);
    huge.postings = vec![0; 9 * 1024 * 1024];
    let refused = partners
        .push("police", vec![partners.signed("police", huge)])
        .await
        .unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::TooLarge, "{refused}");

    // Not for officers; and a batch before the refused one still counts.
    let officer = partners
        .push("officer-1", vec![good.clone()])
        .await
        .unwrap_err();
    assert_eq!(ErrorCode::of(&officer), ErrorCode::NotAllowed);
    let next = partners.signed("police", batch_of("police", &[phone_record(3)]));
    let mut bad = partners.signed("police", batch_of("police", &[phone_record(4)]));
    bad.signature = vec![0; 64].into();
    assert!(partners.push("police", vec![next, bad]).await.is_err());
    let status = partners
        .directory("police")
        .await
        .status(StatusRequest {})
        .await
        .unwrap();
    assert_eq!(status.into_inner().batches, 2);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_agency_is_refused_also_on_an_open_stream() {
    let partners = Partners::new();
    let running = partners.start();
    let mut watch = partners
        .alerts("refuge")
        .await
        .watch(WatchRequest {
            cursor: 0,
            follow: true,
        })
        .await
        .unwrap()
        .into_inner();
    partners.revoke("refuge");
    let cut = loop {
        match watch.next().await {
            Some(Ok(_)) => {}
            Some(Err(status)) => break status,
            None => panic!("the stream ended without saying why"),
        }
    };
    assert_eq!(ErrorCode::of(&cut), ErrorCode::NotEnrolled);
    let batch = partners.signed("refuge", batch_of("refuge", &[phone_record(1)]));
    let refused = partners.push("refuge", vec![batch]).await.unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::NotEnrolled);
    running.stop().await;
}
