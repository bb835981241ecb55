//! A trusted dealer, for tests and benches: makes the whole key in one place, which no deployment
//! may do. Production keys come from [`crate::dkg`].

use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_core::CryptoRng;
use sanctuary_toprf::{HOLDERS_MAX, HolderIndex, PublicKeys};
use zeroize::Zeroizing;

use crate::{KeyShare, KeyshareError};

/// Splits a fresh random key.
///
/// # Errors
/// As [`split`].
pub fn deal(
    threshold: u16,
    holders: u16,
    rng: &mut impl CryptoRng,
) -> Result<(Vec<KeyShare>, PublicKeys), KeyshareError> {
    split(&Scalar::random(rng).to_bytes(), threshold, holders, rng)
}

/// Splits the key `secret` (32 bytes, canonical little-endian scalar) among `holders`, of whom
/// `threshold` are needed.
///
/// # Errors
/// [`KeyshareError::Terms`] unless 1 <= threshold <= holders <= [`HOLDERS_MAX`];
/// [`KeyshareError::MalformedShare`] if `secret` is zero or not canonical.
pub fn split(
    secret: &[u8; 32],
    threshold: u16,
    holders: u16,
    rng: &mut impl CryptoRng,
) -> Result<(Vec<KeyShare>, PublicKeys), KeyshareError> {
    if threshold == 0 || threshold > holders || usize::from(holders) > HOLDERS_MAX {
        return Err(KeyshareError::Terms(
            "a key needs at least one holder, and no more answers than it has holders",
        ));
    }
    let secret = Option::<Scalar>::from(Scalar::from_canonical_bytes(*secret))
        .ok_or(KeyshareError::MalformedShare)?;
    let mut coefficients = Zeroizing::new(vec![secret]);
    coefficients.extend((1..threshold).map(|_| Scalar::random(rng)));
    let at = |x: HolderIndex| {
        coefficients
            .iter()
            .rev()
            .fold(Scalar::ZERO, |sum, c| sum * Scalar::from(x) + c)
    };
    let shares = (1..=holders)
        .map(|index| KeyShare::from_parts(index, at(index).as_bytes()))
        .collect::<Result<Vec<_>, _>>()?;
    let keys = PublicKeys {
        threshold,
        group_key: RistrettoPoint::mul_base(&secret).compress().to_bytes(),
        share_keys: shares.iter().map(KeyShare::public_key).collect(),
    };
    Ok((shares, keys))
}
