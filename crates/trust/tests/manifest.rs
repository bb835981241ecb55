//! Which manifests count.

mod common;

use common::{DAY_MS, NOW, partnership, results, terms};
use proptest::prelude::*;
use sanctuary_trust::{Partnership, SignedManifest, TrustError};
use sanctuary_types::Timestamp;

fn signed(p: &Partnership) -> SignedManifest {
    let mut manifest = SignedManifest::from_ceremony(terms(p), &results(p)).unwrap();
    manifest.sign(&p.anchors, &p.officers[0].signing).unwrap();
    manifest.sign(&p.anchors, &p.officers[1].signing).unwrap();
    manifest
}

/// The manifest with one JSON value replaced, signatures kept.
fn with(manifest: &SignedManifest, pointer: &str, value: serde_json::Value) -> SignedManifest {
    let mut json: serde_json::Value = serde_json::from_slice(&manifest.to_json()).unwrap();
    *json.pointer_mut(pointer).unwrap() = value;
    SignedManifest::from_json(json.to_string().as_bytes()).unwrap()
}

#[test]
fn officers_and_every_holder_make_a_manifest() {
    let p = partnership();
    let roster = p.roster.verify(&p.anchors, 0).unwrap();
    let file = signed(&p);
    let again = SignedManifest::from_json(&file.to_json()).unwrap();
    assert_eq!(again, file);
    let manifest = again.verify(&p.anchors, &roster, NOW).unwrap();
    assert!(manifest.public_keys().check().is_ok());
    assert_eq!(manifest.holder(2).unwrap().as_str(), "birch");
    assert_eq!(manifest.index_of(&"cedar".parse().unwrap()), Some(3));
    assert_eq!((manifest.holder(0), manifest.holder(4)), (None, None));
    // 2 of 3 at 1,000 a day: 666 at each holder, so that rotating quorums gives 999 and not 1,500.
    assert_eq!(manifest.holder_quota_per_day(), 666);
}

#[test]
fn too_few_officers_are_refused() {
    let p = partnership();
    let roster = p.roster.verify(&p.anchors, 0).unwrap();
    let mut file = SignedManifest::from_ceremony(terms(&p), &results(&p)).unwrap();
    file.sign(&p.anchors, &p.officers[1].signing).unwrap();
    assert!(matches!(
        file.verify(&p.anchors, &roster, NOW),
        Err(TrustError::TooFewSignatures {
            have: 1,
            need: 2,
            ..
        })
    ));
}

#[test]
fn a_manifest_is_in_force_between_its_dates_only() {
    let p = partnership();
    let roster = p.roster.verify(&p.anchors, 0).unwrap();
    let file = signed(&p);
    let end = NOW.0 + 365 * DAY_MS;
    for (now, fits) in [
        (NOW.0 - 1, false),
        (NOW.0, true),
        (end - 1, true),
        (end, false),
    ] {
        let result = file.verify(&p.anchors, &roster, Timestamp(now));
        assert_eq!(result.is_ok(), fits);
        if !fits {
            assert!(matches!(result, Err(TrustError::NotInForce { .. })));
        }
    }
}

#[test]
fn a_holder_that_left_the_roster_or_signed_something_else_is_noticed() {
    let p = partnership();
    let roster = p.roster.verify(&p.anchors, 0).unwrap();
    let file = signed(&p);
    let without = roster.without(&"cedar".parse().unwrap(), NOW).unwrap();
    assert!(matches!(
        file.verify(&p.anchors, &without, NOW),
        Err(TrustError::NotOnRoster { .. })
    ));
    let mut said = results(&p);
    said[2].signature[5] ^= 1;
    let mut forged = SignedManifest::from_ceremony(terms(&p), &said).unwrap();
    forged.sign(&p.anchors, &p.officers[0].signing).unwrap();
    forged.sign(&p.anchors, &p.officers[1].signing).unwrap();
    assert!(matches!(
        forged.verify(&p.anchors, &roster, NOW),
        Err(TrustError::Signature(_))
    ));
}

#[test]
fn holders_must_end_with_the_same_keys_and_all_of_them() {
    let p = partnership();
    let mut differing = results(&p);
    differing[1].transcript_sha256 = [1; 32];
    assert!(SignedManifest::from_ceremony(terms(&p), &differing).is_err());
    assert!(SignedManifest::from_ceremony(terms(&p), &results(&p)[..2]).is_err());
    assert!(SignedManifest::from_ceremony(terms(&p), &[]).is_err());
    let mut twice = results(&p);
    twice[2] = twice[1].clone();
    assert!(SignedManifest::from_ceremony(terms(&p), &twice).is_err());
}

#[test]
fn keys_off_the_polynomial_are_refused_even_if_everybody_signs() {
    let p = partnership();
    let mut said = results(&p);
    let first = said[0].share_keys[0];
    for result in &mut said {
        result.share_keys[2] = first;
    }
    assert!(matches!(
        SignedManifest::from_ceremony(terms(&p), &said),
        Err(TrustError::InconsistentKeys)
    ));
}

#[test]
fn one_holder_alone_is_never_enough() {
    let p = partnership();
    for threshold in [0, 1, 4] {
        let terms = sanctuary_trust::ManifestTerms {
            threshold,
            ..terms(&p)
        };
        assert!(SignedManifest::from_ceremony(terms, &results(&p)).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Any change of a signed field is noticed.
    #[test]
    fn any_change_breaks_it(field in 0usize..10, by in 1u64..200) {
        let p = partnership();
        let roster = p.roster.verify(&p.anchors, 0).unwrap();
        let file = signed(&p);
        let old = file.proposal();
        let changed = match field {
            0 => with(&file, "/manifest/class", "identifier".into()),
            1 => with(&file, "/manifest/epoch", (1 + by).into()),
            2 => with(&file, "/manifest/generation", by.into()),
            3 => with(&file, "/manifest/quota_per_day", (old.quota_per_day + by).into()),
            4 => with(&file, "/manifest/universe_records", (old.universe_records + by).into()),
            5 => with(&file, "/manifest/rules", (1 + by).into()),
            6 => with(&file, "/manifest/not_before", (NOW.0 - by).into()),
            7 => with(&file, "/manifest/not_after", (old.not_after.0 + by).into()),
            8 => with(&file, "/manifest/ceremony_id", format!("{by:032x}").into()),
            _ => with(&file, "/manifest/transcript_sha256", format!("{by:064x}").into()),
        };
        prop_assert!(matches!(
            changed.verify(&p.anchors, &roster, NOW),
            Err(TrustError::Signature(_))
        ));
    }
}
