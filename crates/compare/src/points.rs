//! Sets of points on the wire: 32 bytes each, ascending.
//!
//! Every multiplication is followed by a doubling, because doubled points can be encoded a whole
//! set at a time, at a tenth of the cost; `finish` takes the doublings off with the scalars.

use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_core::CryptoRng;
use sanctuary_toprf::decode_elements;

use crate::CompareError;

/// Bytes of a point.
pub(crate) const POINT_BYTES: usize = 32;

/// `2 * scalar * point` for every point, in the order of the encodings.
pub(crate) fn multiplied(points: &[RistrettoPoint], scalar: &Scalar) -> Vec<[u8; POINT_BYTES]> {
    encoded(points.iter().map(|point| point * scalar).collect())
}

/// As [`multiplied`], filled up to `size` with uniform points, which look the same: a blinded
/// element is uniform, too. They cost a third of a multiplication.
pub(crate) fn filled(
    points: &[RistrettoPoint],
    scalar: &Scalar,
    size: usize,
    filling: &mut impl CryptoRng,
) -> Vec<[u8; POINT_BYTES]> {
    let real = points.iter().take(size).map(|point| point * scalar);
    let missing = size.saturating_sub(points.len());
    let all = real.chain((0..missing).map(|_| uniform(filling)));
    encoded(all.collect())
}

/// Decodes a set.
///
/// # Errors
/// [`CompareError::Damaged`] for an encoding that is not canonical, the identity, a point that is
/// there twice, or a wrong order.
pub(crate) fn decoded(bytes: &[u8]) -> Result<Vec<RistrettoPoint>, CompareError> {
    let (encodings, rest) = bytes.as_chunks::<POINT_BYTES>();
    if !rest.is_empty() || !encodings.is_sorted_by(|a, b| a < b) {
        return Err(CompareError::Damaged("a set that is not in order"));
    }
    decode_elements(bytes).ok_or(CompareError::Damaged("a point that is none"))
}

/// How many of two ascending sets are in both.
pub(crate) fn shared(a: &[[u8; POINT_BYTES]], b: &[[u8; POINT_BYTES]]) -> usize {
    a.iter()
        .filter(|point| b.binary_search(point).is_ok())
        .count()
}

fn encoded(halves: Vec<RistrettoPoint>) -> Vec<[u8; POINT_BYTES]> {
    let mut out: Vec<_> = RistrettoPoint::double_and_compress_batch(&halves)
        .into_iter()
        .map(|point| point.to_bytes())
        .collect();
    out.sort_unstable();
    out
}

fn uniform(rng: &mut impl CryptoRng) -> RistrettoPoint {
    let mut wide = [0; 64];
    rng.fill_bytes(&mut wide);
    RistrettoPoint::from_uniform_bytes(&wide)
}
