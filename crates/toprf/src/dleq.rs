//! RFC 9497 section 2.2: the batched proof that every answer was made with one key.
//!
//! Here is what prover and verifier share (weights and challenge) and the verifier. The prover,
//! which needs the key, is in the key holder's crate.

use curve25519_dalek::{RistrettoPoint, Scalar, traits::VartimeMultiscalarMul};
use sha2::{Digest, Sha512};

use crate::{
    ELEMENT_BYTES, PROOF_BYTES,
    group::{SEED_DST, hash_to_scalar},
};

/// A batch of elements in both forms; proofs hash the bytes and add the points, and encoding a
/// point again would cost a sixth of a multiplication.
#[derive(Clone, Copy)]
pub struct Elements<'a> {
    /// Decoded.
    pub points: &'a [RistrettoPoint],
    /// Encoded, 32 bytes each, in the same order.
    pub bytes: &'a [u8],
}

/// Whether `proof` (challenge, response) shows that one scalar takes G to `public_key` and each
/// blinded element to its evaluated one. RFC 9497 `VerifyProof`; all values are public, so the
/// multiplications are variable-time.
#[must_use]
pub fn verify(
    public_key: &RistrettoPoint,
    blinded: Elements<'_>,
    evaluated: Elements<'_>,
    proof: &[u8; PROOF_BYTES],
) -> bool {
    let Some((challenge, response)) = split(proof) else {
        return false;
    };
    let key = public_key.compress().to_bytes();
    let weights = weights(&key, blinded.bytes, evaluated.bytes);
    let m = RistrettoPoint::vartime_multiscalar_mul(&weights, blinded.points);
    let z = RistrettoPoint::vartime_multiscalar_mul(&weights, evaluated.points);
    let t2 = RistrettoPoint::vartime_double_scalar_mul_basepoint(&challenge, public_key, &response);
    let t3 = RistrettoPoint::vartime_multiscalar_mul([response, challenge], [m, z]);
    challenge == self::challenge(&key, &m, &z, &t2, &t3)
}

/// The weights `d_i` of RFC 9497 `ComputeComposites`, one per element pair.
///
/// `blinded` and `evaluated` are concatenated 32-byte elements, at most 65,536 of them, since the
/// index is hashed in two bytes; callers keep to `limits::OPRF_ELEMENTS_MAX`.
#[must_use]
pub fn weights(public_key: &[u8; 32], blinded: &[u8], evaluated: &[u8]) -> Vec<Scalar> {
    const LEN: [u8; 2] = (ELEMENT_BYTES as u16).to_be_bytes();
    const SEED_LEN: [u8; 2] = 64u16.to_be_bytes();
    let seed = Sha512::new()
        .chain_update(LEN)
        .chain_update(public_key)
        .chain_update((SEED_DST.len() as u16).to_be_bytes())
        .chain_update(SEED_DST)
        .finalize();
    blinded
        .chunks_exact(ELEMENT_BYTES)
        .zip(evaluated.chunks_exact(ELEMENT_BYTES))
        .zip(0u16..=u16::MAX)
        .map(|((c, d), index)| {
            let index = index.to_be_bytes();
            hash_to_scalar(&[&SEED_LEN, &seed, &index, &LEN, c, &LEN, d, b"Composite"])
        })
        .collect()
}

/// The challenge of RFC 9497 `GenerateProof` and `VerifyProof`.
#[must_use]
pub fn challenge(
    public_key: &[u8; 32],
    m: &RistrettoPoint,
    z: &RistrettoPoint,
    t2: &RistrettoPoint,
    t3: &RistrettoPoint,
) -> Scalar {
    const LEN: [u8; 2] = (ELEMENT_BYTES as u16).to_be_bytes();
    let [m, z, t2, t3] = [m, z, t2, t3].map(|point| point.compress().to_bytes());
    hash_to_scalar(&[
        &LEN,
        public_key,
        &LEN,
        &m,
        &LEN,
        &z,
        &LEN,
        &t2,
        &LEN,
        &t3,
        b"Challenge",
    ])
}

/// Both scalars, each in its one canonical encoding.
fn split(proof: &[u8; PROOF_BYTES]) -> Option<(Scalar, Scalar)> {
    let (halves, _) = proof.as_chunks::<32>();
    let scalar = |i: usize| Option::<Scalar>::from(Scalar::from_canonical_bytes(*halves.get(i)?));
    Some((scalar(0)?, scalar(1)?))
}
