//! Enrolment: the happy path and every refusal.

mod common;

use common::{NOW, partnership, rng};
use sanctuary_trust::{
    Leaf, Partnership, PartyKind, SealingKey, SigningKey, TrustError,
    enrol::{ApplicantKeys, Approval, INVITATION_HOURS, Invitation, InvitationRecord, Request},
};
use sanctuary_types::Timestamp;
use zeroize::Zeroizing;

struct Applicant {
    tls: Zeroizing<Vec<u8>>,
    signing: SigningKey,
    sealing: SealingKey,
}

impl Applicant {
    fn new(seed: u64) -> Self {
        let mut rng = rng(seed);
        Self {
            tls: SigningKey::generate(&mut rng).unwrap().to_pkcs8(),
            signing: SigningKey::generate(&mut rng).unwrap(),
            sealing: SealingKey::generate(&mut rng),
        }
    }
    fn keys(&self, sealing: bool) -> ApplicantKeys<'_> {
        ApplicantKeys {
            tls_key: &self.tls,
            signing: &self.signing,
            sealing: sealing.then_some(&self.sealing),
        }
    }
}

fn invite(
    p: &Partnership,
    party: &str,
    kind: PartyKind,
    seed: u64,
) -> (Invitation, InvitationRecord) {
    Invitation::new(
        party.parse().unwrap(),
        kind,
        &p.anchors,
        NOW,
        INVITATION_HOURS,
        &mut rng(seed),
    )
    .unwrap()
}

fn ask(p: &Partnership, invitation: &Invitation, applicant: &Applicant) -> Request {
    Request::new(
        invitation,
        &p.anchors,
        applicant.keys(false),
        "Refuge East",
        None,
    )
    .unwrap()
}

fn approve(p: &Partnership, record: &mut InvitationRecord, request: &Request) -> Approval {
    let party = record.redeem(request, &p.anchors, NOW).unwrap();
    let leaf = Leaf::new(party.id.clone(), party.kind, NOW);
    let certificate = p
        .authority
        .issue(request.certificate_request(), &leaf, &mut rng(50))
        .unwrap();
    Approval::new(record, request, &p.anchors, party, vec![certificate]).unwrap()
}

fn reason<T: std::fmt::Debug>(result: Result<T, TrustError>) -> &'static str {
    match result {
        Err(TrustError::Enrolment(reason)) => reason,
        other => panic!("not refused as enrolment: {other:?}"),
    }
}

#[test]
fn a_party_enrols_and_counts_once_officers_sign() {
    let p = partnership();
    let (invitation, mut record) = invite(&p, "refuge", PartyKind::Agency, 20);
    // Every step goes through its file.
    let invitation = Invitation::from_json(&invitation.to_json()).unwrap();
    let applicant = Applicant::new(21);
    let request = Request::from_json(&ask(&p, &invitation, &applicant).to_json()).unwrap();
    record = InvitationRecord::from_json(&record.to_json()).unwrap();
    let approval = approve(&p, &mut record, &request);
    let approval = Approval::from_json(&approval.to_json()).unwrap();
    let (party, chain) = approval.check(&invitation, &request, &p.anchors).unwrap();
    assert_eq!(chain.len(), 1);
    assert_eq!(party.signing_key, applicant.signing.public());
    // Not yet a member...
    assert!(p.roster.proposal().party(&party.id).is_none());
    // ...until the officers sign the next roster.
    let next = p
        .sign(p.roster.proposal().with(party.clone(), NOW).unwrap())
        .unwrap();
    let roster = next.verify(&p.anchors, 2).unwrap();
    assert_eq!(
        roster.by_spki(&party.spki_sha256).unwrap().id.as_str(),
        "refuge"
    );
}

#[test]
fn the_token_is_in_no_file_but_the_invitation() {
    let p = partnership();
    let (invitation, mut record) = invite(&p, "refuge", PartyKind::Agency, 20);
    let json: serde_json::Value = serde_json::from_slice(&invitation.to_json()).unwrap();
    let token = json["token"].as_str().unwrap().to_owned();
    let request = ask(&p, &invitation, &Applicant::new(21));
    let approval = approve(&p, &mut record, &request);
    for file in [record.to_json(), request.to_json(), approval.to_json()] {
        assert!(!String::from_utf8(file).unwrap().contains(&token));
    }
    assert!(!format!("{invitation:?}{record:?}").contains(&token));
}

#[test]
fn an_invitation_works_once() {
    let p = partnership();
    let (invitation, mut record) = invite(&p, "refuge", PartyKind::Agency, 20);
    let request = ask(&p, &invitation, &Applicant::new(21));
    record.redeem(&request, &p.anchors, NOW).unwrap();
    assert!(record.is_used());
    assert!(reason(record.redeem(&request, &p.anchors, NOW)).contains("has been used"));
    let stored = InvitationRecord::from_json(&record.to_json()).unwrap();
    assert!(stored.is_used());
}

#[test]
fn an_invitation_expires() {
    let p = partnership();
    let (invitation, mut record) = invite(&p, "refuge", PartyKind::Agency, 20);
    let request = ask(&p, &invitation, &Applicant::new(21));
    let end = invitation.expires();
    assert_eq!(end, Timestamp(NOW.0 + 72 * 3_600_000));
    assert!(reason(record.redeem(&request, &p.anchors, end)).contains("expired"));
    assert!(!record.is_used());
    record
        .redeem(&request, &p.anchors, Timestamp(end.0 - 1))
        .unwrap();
    for hours in [0, 337] {
        assert!(
            Invitation::new(
                "x".parse().unwrap(),
                PartyKind::Agency,
                &p.anchors,
                NOW,
                hours,
                &mut rng(1)
            )
            .is_err()
        );
    }
}

#[test]
fn an_invitation_is_for_one_party_and_kind() {
    let p = partnership();
    let (invitation, _) = invite(&p, "refuge", PartyKind::Agency, 20);
    let request = ask(&p, &invitation, &Applicant::new(21));
    let (_, mut other_party) = invite(&p, "police", PartyKind::Agency, 20);
    assert!(
        reason(other_party.redeem(&request, &p.anchors, NOW)).contains("another party or kind")
    );
    let (_, mut other_kind) = invite(&p, "refuge", PartyKind::KeyHolder, 20);
    assert!(reason(other_kind.redeem(&request, &p.anchors, NOW)).contains("another party or kind"));
}

#[test]
fn a_wrong_token_and_any_change_on_the_way_are_refused() {
    let p = partnership();
    let (invitation, mut record) = invite(&p, "refuge", PartyKind::Agency, 20);
    let (guess, _) = invite(&p, "refuge", PartyKind::Agency, 99);
    let applicant = Applicant::new(21);
    let guessed = ask(&p, &guess, &applicant);
    assert!(reason(record.redeem(&guessed, &p.anchors, NOW)).contains("token"));
    let good = ask(&p, &invitation, &applicant);
    let json: serde_json::Value = serde_json::from_slice(&good.to_json()).unwrap();
    let other = ask(&p, &guess, &Applicant::new(77));
    let other: serde_json::Value = serde_json::from_slice(&other.to_json()).unwrap();
    for (field, value) in [
        ("name", "Somebody Else".into()),
        ("endpoint", "evil:1".into()),
        ("signing_key", other["signing_key"].clone()),
        ("certificate_request", other["certificate_request"].clone()),
        ("sealing_key", "11".repeat(32).into()),
    ] {
        let mut changed = json.clone();
        changed[field] = value;
        let changed = Request::from_json(changed.to_string().as_bytes()).unwrap();
        assert!(
            reason(record.redeem(&changed, &p.anchors, NOW)).contains("token"),
            "{field}"
        );
    }
    assert!(!record.is_used());
}

#[test]
fn nobody_enrols_a_signing_key_that_is_not_theirs() {
    let p = partnership();
    let (invitation, mut record) = invite(&p, "refuge", PartyKind::Agency, 20);
    let request = ask(&p, &invitation, &Applicant::new(21));
    let mut json: serde_json::Value = serde_json::from_slice(&request.to_json()).unwrap();
    // The signature is not under the MAC, so this reaches the signature check.
    json["signature"] = "00".repeat(64).into();
    let forged = Request::from_json(json.to_string().as_bytes()).unwrap();
    assert!(matches!(
        record.redeem(&forged, &p.anchors, NOW),
        Err(TrustError::Signature(_))
    ));
    assert!(!record.is_used());
}

#[test]
fn a_key_holder_brings_a_sealing_key() {
    let p = partnership();
    let (invitation, mut record) = invite(&p, "damson", PartyKind::KeyHolder, 20);
    let applicant = Applicant::new(21);
    let request = |sealing| {
        Request::new(
            &invitation,
            &p.anchors,
            applicant.keys(sealing),
            "Damson",
            Some("damson:7411"),
        )
        .unwrap()
    };
    assert!(reason(record.redeem(&request(false), &p.anchors, NOW)).contains("sealing key"));
    let party = record.redeem(&request(true), &p.anchors, NOW).unwrap();
    assert_eq!(party.sealing_key, Some(applicant.sealing.public()));
    // And an address, without which nobody could call it.
    assert!(
        Request::new(
            &invitation,
            &p.anchors,
            applicant.keys(true),
            "Damson",
            None
        )
        .is_err()
    );
}

#[test]
fn swapped_anchors_are_noticed_before_anything_is_sent() {
    let p = partnership();
    let (invitation, _) = invite(&p, "refuge", PartyKind::Agency, 20);
    let mut theirs = p.anchors.clone();
    theirs.k = 1;
    let applicant = Applicant::new(21);
    let made = Request::new(&invitation, &theirs, applicant.keys(false), "Refuge", None);
    assert!(reason(made).contains("anchors"));
}

#[test]
fn a_forged_or_swapped_approval_is_refused() {
    let p = partnership();
    let (invitation, mut record) = invite(&p, "refuge", PartyKind::Agency, 20);
    let applicant = Applicant::new(21);
    let request = ask(&p, &invitation, &applicant);
    assert!(Approval::new(&record, &request, &p.anchors, p.hub.party.clone(), vec![]).is_err());
    let good = approve(&p, &mut record, &request);
    // For another request.
    let (other_invitation, mut other_record) = invite(&p, "haven", PartyKind::Agency, 30);
    let other_request = ask(&p, &other_invitation, &Applicant::new(31));
    let other = approve(&p, &mut other_record, &other_request);
    assert!(reason(other.check(&invitation, &request, &p.anchors)).contains("does not answer"));
    // Changed on the way.
    let mut json: serde_json::Value = serde_json::from_slice(&good.to_json()).unwrap();
    json["party"]["name"] = "Other".into();
    let changed = Approval::from_json(json.to_string().as_bytes()).unwrap();
    assert!(reason(changed.check(&invitation, &request, &p.anchors)).contains("does not answer"));
    // By a registrar who gives another entry, key or chain, properly authenticated.
    let entry = good
        .check(&invitation, &request, &p.anchors)
        .unwrap()
        .0
        .clone();
    let own = good
        .check(&invitation, &request, &p.anchors)
        .unwrap()
        .1
        .to_vec();
    let police = p.member("police").unwrap();
    let mut renamed = entry.clone();
    renamed.name = "Other".into();
    for (party, chain) in [
        (renamed, own.clone()),
        (entry.clone(), police.chain.clone()),
        (police.party.clone(), police.chain.clone()),
        (entry.clone(), vec![]),
        (entry, vec![own[0].clone(); 5]),
    ] {
        let bad = Approval::new(&record, &request, &p.anchors, party, chain).unwrap();
        reason(bad.check(&invitation, &request, &p.anchors));
    }
}

#[test]
fn a_certificate_of_another_authority_is_refused() {
    let p = partnership();
    let (invitation, mut record) = invite(&p, "refuge", PartyKind::Agency, 20);
    let request = ask(&p, &invitation, &Applicant::new(21));
    let party = record.redeem(&request, &p.anchors, NOW).unwrap();
    let stranger = sanctuary_trust::Authority::generate(NOW, &mut rng(8)).unwrap();
    let leaf = Leaf::new(party.id.clone(), party.kind, NOW);
    let certificate = stranger
        .issue(request.certificate_request(), &leaf, &mut rng(9))
        .unwrap();
    let approval = Approval::new(&record, &request, &p.anchors, party, vec![certificate]).unwrap();
    assert!(matches!(
        approval.check(&invitation, &request, &p.anchors),
        Err(TrustError::Certificate(_))
    ));
}
