//! The signed bytes do not change by accident: Ed25519 is deterministic, so one signature over a
//! fixed document pins its canonical encoding. A wanted change needs a new label version.

mod common;

use common::{NOW, results, terms};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use sanctuary_trust::{Partnership, Plan, SignedManifest, dkg_result_message};
use sha2::{Digest, Sha256};

fn partnership() -> Partnership {
    let mut plan = Plan::new("hub", &["alder", "birch", "cedar"], &["police"]).unwrap();
    // As before there was a second step: rosters of that time must keep their bytes.
    plan.second_step = false;
    Partnership::generate(&plan, NOW, &mut ChaCha20Rng::from_seed([42; 32])).unwrap()
}

#[test]
fn anchors_roster_and_manifest_keep_their_bytes() {
    let p = partnership();
    let mut manifest = SignedManifest::from_ceremony(terms(&p), &results(&p)).unwrap();
    manifest.sign(&p.anchors, &p.officers[0].signing).unwrap();
    let message = dkg_result_message(&[1; 16], 2, &[3; 32], &[[4; 32], [5; 32]], &[6; 32]);
    let pinned = [
        p.anchors.fingerprint().to_string(),
        hex::encode(&p.roster.signatures()[0].signature[..16]),
        hex::encode(&manifest.signatures()[0].signature[..16]),
        hex::encode(&Sha256::digest(message)[..16]),
    ];
    assert_eq!(pinned, EXPECTED);
}

const EXPECTED: [&str; 4] = [
    "410a 9bfb 9096 853d d409 3952 abd2 3b2d",
    "1cdb5450a583919dc08cf015d0906f68",
    "aa5aa3121801d60692ed1442a965f0aa",
    "a5a6951f6823c532f3f14491ed910f90",
];
