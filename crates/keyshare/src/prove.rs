//! RFC 9497 2.2.1 `GenerateProof`, the side that needs the key.

use curve25519_dalek::{RistrettoPoint, Scalar, traits::VartimeMultiscalarMul};
use rand_core::CryptoRng;
use sanctuary_toprf::{
    PROOF_BYTES,
    dleq::{self, Elements},
};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

/// Proves that each of `evaluated` (32 bytes each) is `kappa` times its blinded element.
pub(crate) fn prove(
    kappa: &Scalar,
    blinded: Elements<'_>,
    evaluated: &[u8],
    rng: &mut impl CryptoRng,
) -> [u8; PROOF_BYTES] {
    let nonce = hedged_nonce(kappa, blinded.bytes, evaluated, rng);
    prove_with_nonce(kappa, blinded, evaluated, &nonce)
}

/// A nonce that repeats would give the key away. So it is a hash of the key, 64 fresh random bytes
/// and the whole statement: if the randomness fails, equal nonces still only meet equal statements,
/// where they do no harm.
fn hedged_nonce(
    kappa: &Scalar,
    blinded: &[u8],
    evaluated: &[u8],
    rng: &mut impl CryptoRng,
) -> Zeroizing<Scalar> {
    let mut fresh = Zeroizing::new([0u8; 64]);
    rng.fill_bytes(&mut *fresh);
    let wide: Zeroizing<[u8; 64]> = Zeroizing::new(
        Sha512::new()
            .chain_update(b"sanctuary/v1/proof-nonce")
            .chain_update(kappa.as_bytes())
            .chain_update(*fresh)
            .chain_update((blinded.len() as u64).to_be_bytes())
            .chain_update(blinded)
            .chain_update(evaluated)
            .finalize()
            .into(),
    );
    Zeroizing::new(Scalar::from_bytes_mod_order_wide(&wide))
}

fn prove_with_nonce(
    kappa: &Scalar,
    blinded: Elements<'_>,
    evaluated: &[u8],
    nonce: &Scalar,
) -> [u8; PROOF_BYTES] {
    let public_key = RistrettoPoint::mul_base(kappa).compress().to_bytes();
    let weights = dleq::weights(&public_key, blinded.bytes, evaluated);
    // Weights and elements are public, so this sum may take variable time; the key and the nonce
    // are multiplied in constant time.
    let m = RistrettoPoint::vartime_multiscalar_mul(&weights, blinded.points);
    let z = kappa * m;
    let t2 = RistrettoPoint::mul_base(nonce);
    let t3 = nonce * m;
    let challenge = dleq::challenge(&public_key, &m, &z, &t2, &t3);
    let response = nonce - challenge * kappa;
    let mut proof = [0; PROOF_BYTES];
    proof[..32].copy_from_slice(challenge.as_bytes());
    proof[32..].copy_from_slice(response.as_bytes());
    proof
}

#[cfg(test)]
#[path = "prove_tests.rs"]
mod tests;
