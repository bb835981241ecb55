use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use super::*;

#[path = "../../toprf/src/rfc9497_data.rs"]
#[allow(
    dead_code,
    reason = "blinds and outputs are used by the asking side's tests"
)]
mod data;

use data::{SECRET_KEY, VECTORS, fixed, list};

fn scalar(hexadecimal: &str) -> Scalar {
    Scalar::from_canonical_bytes(fixed(&hex::decode(hexadecimal).unwrap())).unwrap()
}

#[test]
fn proofs_are_those_of_the_rfc() {
    for vector in VECTORS {
        let blinded = list(vector.blinded).concat();
        let points = sanctuary_toprf::decode_elements(&blinded).unwrap();
        let proof = prove_with_nonce(
            &scalar(SECRET_KEY),
            Elements {
                points: &points,
                bytes: &blinded,
            },
            &list(vector.evaluated).concat(),
            &scalar(vector.proof_nonce),
        );
        assert_eq!(hex::encode(proof), vector.proof);
    }
}

#[test]
fn with_failed_randomness_nonces_still_differ_between_statements() {
    let nonce = |kappa: u64, blinded: &[u8], evaluated: &[u8]| {
        let mut same = ChaCha20Rng::from_seed([0; 32]);
        *hedged_nonce(&Scalar::from(kappa), blinded, evaluated, &mut same)
    };
    let one = nonce(5, &[1; 32], &[2; 32]);
    assert_eq!(one, nonce(5, &[1; 32], &[2; 32]));
    for other in [
        nonce(6, &[1; 32], &[2; 32]),
        nonce(5, &[3; 32], &[2; 32]),
        nonce(5, &[1; 32], &[3; 32]),
    ] {
        assert_ne!(one, other);
    }
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let fresh = *hedged_nonce(&Scalar::from(5u64), &[1; 32], &[2; 32], &mut rng);
    assert_ne!(one, fresh, "fresh randomness changes it too");
}
