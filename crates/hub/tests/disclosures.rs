//! Carriage over the wire: agreement, keys, tokens of a match, parcels.

mod partners;

use std::time::Duration;

use partners::{Partners, batch_of, phone_record};
use sanctuary_rpc::{ErrorCode, now};
use sanctuary_wire::{
    alerts::WatchRequest,
    directory::{AgreementRequest, PutAgreementRequest, StatusRequest},
    disclosure::{
        AcknowledgeRequest, AnnounceKeyRequest, Envelope, KeyAnnouncement, KeysRequest, Parcel,
        ProofHello, SendRequest, SharedRequest, TakeRequest, TickRequest, parcel::Content,
    },
};
use tonic::{Status, codegen::Bytes};

const DAY_MS: u64 = 86_400_000;

async fn alert(partners: &Partners, agency: &str) -> Bytes {
    let request = WatchRequest {
        cursor: 0,
        follow: true,
    };
    let mut alerts = partners.alerts(agency).await;
    let mut stream = alerts.watch(request).await.unwrap().into_inner();
    stream.message().await.unwrap().unwrap().alert_id
}

async fn matched() -> (Partners, partners::Running, Bytes) {
    let partners = Partners::new();
    let running = partners.start();
    for (n, agency) in ["police", "council"].into_iter().enumerate() {
        let batch = partners.signed(agency, batch_of(agency, &[phone_record(n as u8 + 1)]));
        partners.push(agency, vec![batch]).await.unwrap();
    }
    let alert = alert(&partners, "police").await;
    (partners, running, alert)
}

async fn put(partners: &Partners, signed: Vec<u8>) -> Result<u32, Status> {
    let mut directory = partners.directory("officer-1").await;
    let request = PutAgreementRequest {
        signed: signed.into(),
    };
    let put = directory.put_agreement(request).await?;
    Ok(put.into_inner().version)
}

fn hello(id: u8, alert: &Bytes) -> Parcel {
    Parcel {
        parcel_id: vec![id; 16].into(),
        from: "police".to_owned(),
        to: "council".to_owned(),
        content: Some(Content::Hello(ProofHello {
            match_id: alert.clone(),
            nonce: vec![7; 32].into(),
        })),
    }
}

fn envelope(id: u8, alert: &Bytes) -> Parcel {
    Parcel {
        content: Some(Content::Envelope(Envelope {
            version: 1,
            suite: 2,
            case_id: vec![3; 16].into(),
            match_id: alert.clone(),
            epoch: 1,
            agreement_version: 1,
            key_id: vec![4; 16].into(),
            created_ms: now().0,
            expires_ms: now().0 + 180 * DAY_MS,
            encapsulated: vec![5; 1_120].into(),
            sealed: vec![6; 256 * 1024 + 16].into(),
            signature: vec![7; 64].into(),
        })),
        ..hello(id, alert)
    }
}

async fn send(partners: &Partners, caller: &str, parcel: &Parcel) -> Result<(), Status> {
    let mut client = partners.disclosures(caller).await;
    let parcel = Some(parcel.clone());
    client.send(SendRequest { parcel }).await.map(|_| ())
}

async fn take(partners: &Partners, caller: &str) -> Vec<Parcel> {
    let mut client = partners
        .disclosures(caller)
        .await
        .max_decoding_message_size(8 << 20);
    let taken = client.take(TakeRequest { limit: 64 }).await.unwrap();
    taken.into_inner().parcels
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parcels_travel_under_an_agreement_and_survive_the_hub() {
    let (partners, running, alert) = matched().await;
    let refused = send(&partners, "police", &hello(1, &alert))
        .await
        .unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::NotReady);
    assert!(refused.message().contains("no sharing agreement"));

    let agreed = partners.agreement(|_| {});
    assert_eq!(put(&partners, agreed.clone()).await.unwrap(), 1);
    assert_eq!(put(&partners, agreed.clone()).await.unwrap(), 1);
    let mut directory = partners.directory("alder").await;
    let told = directory
        .agreement(AgreementRequest { after_version: 0 })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(told.signed, [Bytes::from(agreed)]);

    let (first, second) = (hello(1, &alert), envelope(2, &alert));
    send(&partners, "police", &first).await.unwrap();
    send(&partners, "police", &second).await.unwrap();
    send(&partners, "police", &second).await.unwrap();
    running.stop().await;
    let running = partners.start();
    assert_eq!(
        take(&partners, "council").await,
        [first.clone(), second.clone()]
    );
    assert!(take(&partners, "police").await.is_empty());
    let mut council = partners.disclosures("council").await;
    let parcel_ids = vec![first.parcel_id.clone()];
    council
        .acknowledge(AcknowledgeRequest { parcel_ids })
        .await
        .unwrap();
    send(&partners, "police", &first).await.unwrap();
    assert_eq!(take(&partners, "council").await, [second]);

    let mut tick = TickRequest {
        case_id: vec![3; 16].into(),
        other_agency: "council".to_owned(),
        stage: 1,
        urgency: 2,
        answer_due_ms: 1,
    };
    let mut police = partners.disclosures("police").await;
    police.tick(tick.clone()).await.unwrap();
    let status = partners
        .directory("council")
        .await
        .status(StatusRequest {})
        .await;
    let status = status.unwrap().into_inner();
    assert_eq!((status.cases_open, status.cases_overdue), (1, 1));
    assert_eq!(status.agreement_version, 1);
    tick.case_id = vec![9; 16].into();
    let refused = police.tick(tick).await.unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::NotFound);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_speaks_for_another_and_nothing_malformed_is_kept() {
    let (partners, running, alert) = matched().await;
    put(&partners, partners.agreement(|_| {})).await.unwrap();
    let code = |status: Status| ErrorCode::of(&status);
    let forged = send(&partners, "council", &hello(1, &alert)).await;
    assert_eq!(code(forged.unwrap_err()), ErrorCode::NotAllowed);
    let mut spoiled = envelope(1, &alert);
    if let Some(Content::Envelope(envelope)) = &mut spoiled.content {
        envelope.sealed = vec![6; 12_345].into();
    }
    let refused = send(&partners, "police", &spoiled).await;
    assert_eq!(code(refused.unwrap_err()), ErrorCode::InvalidArgument);
    let nothing = Parcel {
        content: None,
        ..hello(1, &alert)
    };
    let refused = send(&partners, "police", &nothing).await;
    assert_eq!(code(refused.unwrap_err()), ErrorCode::InvalidArgument);
    let unsigned = include_bytes!("../../../deploy/agreement/example.toml");
    let refused = put(&partners, unsigned.to_vec()).await.unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::InvalidArgument);

    let key = |party: &str| KeyAnnouncement {
        party: party.to_owned(),
        suite: 2,
        key_id: vec![1; 16].into(),
        public: vec![2; 1_216].into(),
        not_before_ms: 100,
        fresh_until_ms: 200,
        signature: vec![3; 64].into(),
    };
    let mut police = partners.disclosures("police").await;
    let announce = |party: &str| AnnounceKeyRequest {
        announcement: Some(key(party)),
    };
    police.announce_key(announce("police")).await.unwrap();
    let refused = police.announce_key(announce("council")).await;
    assert_eq!(code(refused.unwrap_err()), ErrorCode::NotAllowed);
    let mut council = partners.disclosures("council").await;
    let keys = council.keys(KeysRequest::default()).await.unwrap();
    assert_eq!(keys.into_inner().announcements, [key("police")]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_side_hears_of_its_own_postings_of_the_shared_tokens() {
    let (partners, running, alert) = matched().await;
    put(&partners, partners.agreement(|_| {})).await.unwrap();
    let mut told = Vec::new();
    for (agency, other) in [("police", "council"), ("council", "police")] {
        let request = SharedRequest {
            alert_id: alert.clone(),
        };
        let mut client = partners.disclosures(agency).await;
        let shared = client.shared(request).await.unwrap().into_inner();
        assert_eq!((shared.other_agency.as_str(), shared.epoch), (other, 1));
        assert_eq!(shared.own_handles.len(), 1);
        told.extend(shared.own_handles);
    }
    assert_ne!(told[0], told[1]);
    let mut stranger = partners.disclosures("refuge").await;
    let request = SharedRequest { alert_id: alert };
    let refused = tokio::time::timeout(Duration::from_secs(20), stranger.shared(request)).await;
    let refused = refused.unwrap().unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::NotFound);
    running.stop().await;
}
