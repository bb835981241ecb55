//! Multiples of one known point by a large table: half the time of the library's small table, and
//! blinding is two such multiplications per token.
//!
//! Which entries are read depends on the scalar, as in no constant-time code. The scalars here are
//! one-time blinds, used once at the node that also holds the identifier they hide: whoever can
//! watch this machine's cache reads the identifier more easily than the blind. Key shares never
//! come here; see docs/decisions/2026-11-23-blinding-tables.md.

use std::sync::LazyLock;

use curve25519_dalek::{
    RistrettoPoint, Scalar, constants::RISTRETTO_BASEPOINT_POINT, traits::Identity,
};

/// One window for each byte of a scalar.
const WINDOWS: usize = 32;
/// Digits are -128 to 128, so half a table and a sign do.
const DIGIT_MAX: usize = 128;

/// `table[w][d - 1] = d * 256^w * B` for d of 1 to 128; 640 KiB.
pub struct FixedBase(Vec<[RistrettoPoint; DIGIT_MAX]>);

impl FixedBase {
    /// The table of `base`; about 4,400 additions, once per key.
    pub fn new(base: &RistrettoPoint) -> Self {
        let mut unit = *base;
        let tables = (0..WINDOWS).map(|_| {
            let mut entries = [unit; DIGIT_MAX];
            for place in 1..DIGIT_MAX {
                entries[place] = entries[place - 1] + unit;
            }
            // 256 times the unit: twice the last entry, which is 128 times it.
            unit = entries[DIGIT_MAX - 1] + entries[DIGIT_MAX - 1];
            entries
        });
        Self(tables.collect())
    }

    /// The table of the group's generator.
    pub fn generator() -> &'static Self {
        static TABLE: LazyLock<FixedBase> =
            LazyLock::new(|| FixedBase::new(&RISTRETTO_BASEPOINT_POINT));
        &TABLE
    }

    /// `scalar * B`. Not in constant time: for blinds only.
    pub fn vartime_mul(&self, scalar: &Scalar) -> RistrettoPoint {
        let mut sum = RistrettoPoint::identity();
        let mut carry = 0;
        for (byte, table) in scalar.as_bytes().iter().zip(&self.0) {
            let digit = i16::from(*byte) + carry;
            // A canonical scalar is below 2^253, so the last window never carries.
            carry = i16::from(digit > DIGIT_MAX as i16);
            let digit = digit - 256 * carry;
            let entry = usize::from(digit.unsigned_abs())
                .checked_sub(1)
                .and_then(|place| table.get(place));
            match entry {
                Some(entry) if digit > 0 => sum += entry,
                Some(entry) => sum -= entry,
                None => {}
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn edge_scalars_agree_with_the_library() {
        let edges = [
            Scalar::ZERO,
            Scalar::ONE,
            -Scalar::ONE,
            Scalar::from(128u8),
            Scalar::from(129u8),
            Scalar::from(u64::MAX),
        ];
        for scalar in edges {
            assert_eq!(
                FixedBase::generator().vartime_mul(&scalar),
                RistrettoPoint::mul_base(&scalar)
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_scalar_and_base_agree_with_the_library(bytes: [u8; 32], base: [u8; 32]) {
            let (scalar, base) = (Scalar::from_bytes_mod_order(bytes), Scalar::from_bytes_mod_order(base));
            let point = RistrettoPoint::mul_base(&base);
            prop_assert_eq!(FixedBase::new(&point).vartime_mul(&scalar), scalar * point);
        }
    }
}
