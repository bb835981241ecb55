//! A small partnership with fixed randomness, and key sets for manifests.
#![allow(dead_code)]

use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::{SeedableRng, rngs::StdRng};
use sanctuary_trust::{DkgResult, ManifestTerms, Partnership, Plan, dkg_result_message};
use sanctuary_types::{Epoch, KeyClass, RulesVersion, Timestamp};

pub const NOW: Timestamp = Timestamp(1_795_392_000_000);
pub const DAY_MS: u64 = 86_400_000;

pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

pub fn partnership() -> Partnership {
    let plan = Plan::new("hub", &["alder", "birch", "cedar"], &["police", "council"]).unwrap();
    Partnership::generate(&plan, NOW, &mut rng(1)).unwrap()
}

pub fn terms(p: &Partnership) -> ManifestTerms {
    ManifestTerms {
        class: KeyClass::Person,
        epoch: Epoch(1),
        threshold: 2,
        holders: p.holders.iter().map(|h| h.party.id.clone()).collect(),
        quota_per_day: 1000,
        universe_records: 5000,
        rules: RulesVersion(1),
        not_before: NOW,
        not_after: Timestamp(NOW.0 + 365 * DAY_MS),
    }
}

/// What three holders would say after a ceremony: shares of 11 on the line 11 + 5x.
pub fn results(p: &Partnership) -> Vec<DkgResult> {
    let key = |x: u64| {
        RistrettoPoint::mul_base(&Scalar::from(x))
            .compress()
            .to_bytes()
    };
    let share_keys = vec![key(16), key(21), key(26)];
    (1u16..)
        .zip(&p.holders)
        .map(|(index, holder)| DkgResult {
            ceremony_id: [9; 16],
            index,
            group_key: key(11),
            share_keys: share_keys.clone(),
            transcript_sha256: [8; 32],
            signature: holder.signing.sign(&dkg_result_message(
                &[9; 16],
                index,
                &key(11),
                &share_keys,
                &[8; 32],
            )),
        })
        .collect()
}
