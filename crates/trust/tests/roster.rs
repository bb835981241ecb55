//! Which rosters count.

mod common;

use common::{NOW, partnership, rng};
use proptest::prelude::*;
use sanctuary_trust::{
    Anchors, Party, PartyKind, Roster, SignedRoster, SigningKey, TrustError, verify,
};
use sanctuary_types::{Timestamp, limits::ROSTER_PARTIES_MAX, lp};

#[test]
fn k_of_m_officers_make_a_roster() {
    let p = partnership();
    let roster = p.roster.verify(&p.anchors, 0).unwrap();
    assert_eq!(roster.version(), 1);
    assert_eq!(roster.key_holders().count(), 3);
    assert_eq!(roster.hub().unwrap().id.as_str(), "hub");
    let police = p.member("police").unwrap();
    assert_eq!(
        roster.by_spki(&police.party.spki_sha256),
        Some(&police.party)
    );
    assert_eq!(roster.by_spki(&[0; 32]), None);
}

#[test]
fn too_few_officers_are_refused() {
    let p = partnership();
    let mut signed = SignedRoster::unsigned(p.roster.proposal().clone());
    let none = signed.verify(&p.anchors, 0);
    assert!(matches!(
        none,
        Err(TrustError::TooFewSignatures {
            have: 0,
            need: 2,
            ..
        })
    ));
    signed.sign(&p.anchors, &p.officers[0].signing).unwrap();
    // The same officer again replaces the first signature and still counts once.
    signed.sign(&p.anchors, &p.officers[0].signing).unwrap();
    let one = signed.verify(&p.anchors, 0);
    assert!(matches!(
        one,
        Err(TrustError::TooFewSignatures {
            have: 1,
            need: 2,
            ..
        })
    ));
    signed.sign(&p.anchors, &p.officers[2].signing).unwrap();
    signed.verify(&p.anchors, 0).unwrap();
}

#[test]
fn one_officer_twice_in_the_file_is_refused() {
    let p = partnership();
    let mut json: serde_json::Value = serde_json::from_slice(&p.roster.to_json()).unwrap();
    let first = json["signatures"][0].clone();
    json["signatures"][1] = first;
    let signed = SignedRoster::from_json(json.to_string().as_bytes()).unwrap();
    assert!(matches!(
        signed.verify(&p.anchors, 0),
        Err(TrustError::DuplicateOfficer(_))
    ));
}

#[test]
fn strangers_are_no_officers() {
    let p = partnership();
    let stranger = SigningKey::generate(&mut rng(9)).unwrap();
    let mut signed = p.roster.clone();
    assert!(matches!(
        signed.sign(&p.anchors, &stranger),
        Err(TrustError::UnknownOfficer(_))
    ));
    // Signed for other anchors, in which the stranger is an officer.
    let theirs = Anchors::new(vec![stranger.public()], 1, p.anchors.ca.clone()).unwrap();
    let mut forged = SignedRoster::unsigned(p.roster.proposal().clone());
    forged.sign(&theirs, &stranger).unwrap();
    forged.verify(&theirs, 0).unwrap();
    assert!(matches!(
        forged.verify(&p.anchors, 0),
        Err(TrustError::UnknownOfficer(_))
    ));
}

#[test]
fn a_roster_counts_in_its_own_partnership_only() {
    let p = partnership();
    // Same officers, other root: another partnership.
    let other = Anchors {
        k: 1,
        ..p.anchors.clone()
    };
    assert!(matches!(
        p.roster.verify(&other, 0),
        Err(TrustError::Signature(_))
    ));
}

#[test]
fn older_versions_are_refused() {
    let p = partnership();
    assert!(matches!(
        p.roster.verify(&p.anchors, 2),
        Err(TrustError::Outdated {
            found: 1,
            least: 2,
            ..
        })
    ));
}

#[test]
fn removal_makes_the_next_version_without_the_party() {
    let p = partnership();
    let police = p.member("police").unwrap().party.clone();
    let next = p.roster.proposal().without(&police.id, NOW).unwrap();
    assert_eq!(next.version(), 2);
    let signed = p.sign(next).unwrap();
    let roster = signed.verify(&p.anchors, 2).unwrap();
    assert!(roster.by_spki(&police.spki_sha256).is_none());
    assert!(matches!(
        roster.without(&police.id, NOW),
        Err(TrustError::NotOnRoster { .. })
    ));
}

#[test]
fn officers_agree_on_the_second_step_and_nobody_else_can_switch_it() {
    let p = partnership();
    let roster = p.roster.verify(&p.anchors, 0).unwrap();
    assert!(roster.second_step());
    let off = roster.with_second_step(false, NOW).unwrap();
    assert_eq!((off.version(), off.second_step()), (2, false));
    let police = p.member("police").unwrap().party.clone();
    for (roster, agreed) in [(&roster, true), (&off, false)] {
        let next = roster.with(police.clone(), NOW).unwrap();
        assert_eq!(next.second_step(), agreed, "kept by other changes");
        let next = roster.without(&police.id, NOW).unwrap();
        assert_eq!(next.second_step(), agreed, "kept by other changes");
        let signed = p.sign(roster.clone()).unwrap();
        let read = SignedRoster::from_json(&signed.to_json()).unwrap();
        assert_eq!(read.verify(&p.anchors, 0).unwrap(), *roster);
        let mut json: serde_json::Value = serde_json::from_slice(&signed.to_json()).unwrap();
        json["second_step"] = (!agreed).into();
        let switched = SignedRoster::from_json(json.to_string().as_bytes()).unwrap();
        assert!(matches!(
            switched.verify(&p.anchors, 0),
            Err(TrustError::Signature(_))
        ));
    }
}

/// A roster that was signed before there was a second step says nothing of it and still counts: off.
#[test]
fn rosters_from_before_the_second_step_hold() {
    let p = partnership();
    let off = p.roster.proposal().with_second_step(false, NOW).unwrap();
    let json: serde_json::Value =
        serde_json::from_slice(&p.sign(off.clone()).unwrap().to_json()).unwrap();
    assert!(json.get("second_step").is_none());
    let fingerprint = p.anchors.fingerprint().0;
    let parties: Vec<Vec<u8>> = off.parties().iter().map(canonical).collect();
    let parts: Vec<&[u8]> = parties.iter().map(Vec::as_slice).collect();
    let message = lp(&[
        b"sanctuary/v1/roster",
        &fingerprint,
        &2u32.to_be_bytes(),
        &NOW.0.to_be_bytes(),
        &lp(&parts),
    ]);
    let signature = hex::decode(json["signatures"][0]["signature"].as_str().unwrap()).unwrap();
    verify(&p.officers[0].signing.public(), &message, &signature).unwrap();
}

fn canonical(party: &Party) -> Vec<u8> {
    let kind = match party.kind {
        PartyKind::Hub => 1,
        PartyKind::KeyHolder => 2,
        PartyKind::Agency => 3,
        PartyKind::Officer => 4,
    };
    lp(&[
        party.id.as_bytes(),
        &[kind],
        party.name.as_bytes(),
        &party.spki_sha256,
        &party.signing_key,
        party.sealing_key.as_ref().map_or(&[], |key| &key[..]),
        party.endpoint.as_deref().unwrap_or_default().as_bytes(),
    ])
}

#[test]
fn parties_must_differ() {
    let p = partnership();
    let parties = p.roster.proposal().parties().to_vec();
    let with = |change: &dyn Fn(&mut Party, &Party)| {
        let mut parties = parties.clone();
        let other = parties[4].clone();
        change(&mut parties[5], &other);
        Roster::new(1, NOW, parties)
    };
    let field = |result: Result<Roster, TrustError>| match result {
        Err(TrustError::Duplicate { field, .. }) => field,
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(field(with(&|a, b| a.id = b.id.clone())), "name");
    assert_eq!(
        field(with(&|a, b| a.spki_sha256 = b.spki_sha256)),
        "TLS key"
    );
    assert_eq!(
        field(with(&|a, b| a.signing_key = b.signing_key)),
        "signing key"
    );
}

#[test]
fn malformed_parties_and_rosters_are_refused() {
    let p = partnership();
    let parties = p.roster.proposal().parties().to_vec();
    let with = |change: &dyn Fn(&mut Party)| {
        let mut parties = parties.clone();
        change(&mut parties[0]);
        Roster::new(1, NOW, parties)
    };
    assert!(with(&|_| {}).is_ok());
    assert!(with(&|hub| hub.endpoint = None).is_err());
    for endpoint in [
        "nowhere",
        "host:0",
        "host:65536",
        ":80",
        "a b:80",
        "http://h:80/x",
    ] {
        assert!(
            with(&|hub| hub.endpoint = Some(endpoint.into())).is_err(),
            "{endpoint}"
        );
    }
    assert!(with(&|hub| hub.endpoint = Some("[::1]:80".into())).is_ok());
    assert!(with(&|hub| hub.name = String::new()).is_err());
    assert!(with(&|hub| hub.name = "x\u{7}".into()).is_err());
    assert!(with(&|hub| hub.name = "x".repeat(121)).is_err());
    let mut two_hubs = parties.clone();
    two_hubs[1].kind = PartyKind::Hub;
    assert!(Roster::new(1, NOW, two_hubs).is_err());
    let mut many = parties.clone();
    many.resize(ROSTER_PARTIES_MAX + 1, parties[0].clone());
    assert!(matches!(
        Roster::new(1, NOW, many),
        Err(TrustError::TooMany { .. })
    ));
}

#[test]
fn files_round_trip_and_strange_ones_are_refused_without_repeating_them() {
    let p = partnership();
    let bytes = p.roster.to_json();
    assert_eq!(SignedRoster::from_json(&bytes).unwrap(), p.roster);
    let text = String::from_utf8(bytes).unwrap();
    for bad in [
        text.replace("\"version\"", "\"vresion\""),
        text.replace("\"format\": 1", "\"format\": 2"),
        text[..text.len() / 2].to_owned(),
        "John Smith".to_owned(),
    ] {
        let error = SignedRoster::from_json(bad.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(
            !error.contains("Smith") && !error.contains("vresion"),
            "{error}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever single byte of what the officers signed is changed, the signatures no longer fit.
    #[test]
    fn any_change_breaks_the_signatures(
        party in 0usize..9, field in 0usize..8, byte in 0usize..32, bit in 0u8..8,
    ) {
        let p = partnership();
        let old = p.roster.proposal();
        let mut parties = old.parties().to_vec();
        let (mut version, mut issued) = (old.version(), old.issued());
        let target = &mut parties[party];
        match field {
            0 => target.spki_sha256[byte] ^= 1 << bit,
            1 => target.signing_key[byte] ^= 1 << bit,
            2 => target.sealing_key = match target.sealing_key {
                Some(mut key) => { key[byte] ^= 1 << bit; Some(key) }
                None => Some([7; 32]),
            },
            3 => target.name.push('x'),
            4 => target.kind = if target.kind == PartyKind::Agency { PartyKind::Officer } else { PartyKind::Agency },
            5 => target.endpoint = Some(format!("h:{}", byte + 1)),
            6 => version += 1 + u32::from(bit),
            _ => issued = Timestamp(issued.0 ^ (1 << (byte + 1))),
        }
        let mut json: serde_json::Value = serde_json::from_slice(&p.roster.to_json()).unwrap();
        json["parties"] = serde_json::to_value(&parties).unwrap();
        json["version"] = version.into();
        json["issued_ms"] = issued.0.into();
        let changed = SignedRoster::from_json(json.to_string().as_bytes()).unwrap();
        prop_assert!(matches!(changed.verify(&p.anchors, 0), Err(TrustError::Signature(_))));
    }

    /// Exactly the sets of at least k distinct officers pass.
    #[test]
    fn only_quorums_pass(k in 1u8..=5, signers in proptest::collection::btree_set(0usize..5, 0..=5)) {
        let p = partnership();
        let officers: Vec<SigningKey> =
            (0..5).map(|i| SigningKey::generate(&mut rng(100 + i)).unwrap()).collect();
        let anchors = Anchors::new(
            officers.iter().map(SigningKey::public).collect(), k, p.anchors.ca.clone(),
        ).unwrap();
        let mut signed = SignedRoster::unsigned(p.roster.proposal().clone());
        for signer in &signers {
            signed.sign(&anchors, &officers[*signer]).unwrap();
        }
        prop_assert_eq!(signed.verify(&anchors, 0).is_ok(), signers.len() >= usize::from(k));
    }

    #[test]
    fn arbitrary_bytes_are_refused_quietly(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(SignedRoster::from_json(&bytes).is_err());
        prop_assert!(Anchors::from_json(&bytes).is_err());
    }
}
