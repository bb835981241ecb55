use std::fmt;

use curve25519_dalek::{RistrettoPoint, traits::VartimeMultiscalarMul};

use crate::{
    HolderIndex, ToprfError, check_quorum, coefficient, fixed_base::FixedBase,
    group::decode_element,
};

/// Holders of one key at most; far above any partnership, and bounds the work of a check.
pub const HOLDERS_MAX: usize = 64;

/// The public half of one shared key, as a signed manifest carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKeys {
    /// Holders needed to answer.
    pub threshold: u16,
    /// `k * G`.
    pub group_key: [u8; 32],
    /// `Y_i = s_i * G`, in the order of indices 1 to n.
    pub share_keys: Vec<[u8; 32]>,
}

impl PublicKeys {
    /// Checks that all share keys lie on one polynomial of degree below the threshold whose value
    /// at zero is the group key: each window of `threshold` neighbours must interpolate to the
    /// group key, and neighbouring windows share all but one point, so all are one polynomial.
    ///
    /// Whether the keys are the *right* ones only the manifest's signatures can say.
    ///
    /// Costs about n interpolations and one table (some 40 multiplications): once per manifest.
    ///
    /// # Errors
    /// [`ToprfError::Threshold`], [`ToprfError::MalformedKey`] or [`ToprfError::InconsistentKeys`].
    pub fn check(&self) -> Result<CheckedKeys, ToprfError> {
        let holders = self.share_keys.len();
        let size = usize::from(self.threshold);
        if size == 0 || size > holders || holders > HOLDERS_MAX {
            return Err(ToprfError::Threshold {
                threshold: self.threshold,
                holders,
            });
        }
        let group_point = decode_element(&self.group_key).ok_or(ToprfError::MalformedKey)?;
        let share_points: Vec<RistrettoPoint> = self
            .share_keys
            .iter()
            .map(decode_element)
            .collect::<Option<_>>()
            .ok_or(ToprfError::MalformedKey)?;
        for (first, window) in (1..).zip(share_points.windows(size)) {
            let quorum: Vec<HolderIndex> = (first..).take(size).collect();
            if interpolate(&quorum, window)? != group_point {
                return Err(ToprfError::InconsistentKeys);
            }
        }
        Ok(CheckedKeys {
            threshold: self.threshold,
            group_key: self.group_key,
            group_table: FixedBase::new(&group_point),
            share_points,
        })
    }
}

/// Public keys that belong together: what blinding and finishing ask for, so that neither can be
/// called with unchecked ones. Holds a table of multiples of the group key (640 KiB).
pub struct CheckedKeys {
    threshold: u16,
    group_key: [u8; 32],
    pub(crate) group_table: FixedBase,
    share_points: Vec<RistrettoPoint>,
}

impl CheckedKeys {
    /// Holders needed to answer.
    #[must_use]
    pub const fn threshold(&self) -> u16 {
        self.threshold
    }
    /// Holders there are; their indices are 1 to this.
    #[must_use]
    pub fn holders(&self) -> u16 {
        self.share_points.len() as u16
    }
    /// `k * G`.
    #[must_use]
    pub const fn group_key(&self) -> &[u8; 32] {
        &self.group_key
    }

    /// What each holder's proof is checked against: `lambda_i * Y_i`, in the order of `quorum`.
    ///
    /// Not cached: t multiplications, once per batch of about a thousand elements.
    pub(crate) fn weighted_share_keys(
        &self,
        quorum: &[HolderIndex],
    ) -> Result<Vec<RistrettoPoint>, ToprfError> {
        check_quorum(quorum, self.threshold)?;
        quorum
            .iter()
            .map(|&holder| {
                let point = self
                    .share_points
                    .get(usize::from(holder) - 1)
                    .ok_or(ToprfError::UnknownHolder { holder })?;
                Ok(coefficient(quorum, holder)? * point)
            })
            .collect()
    }
}

impl fmt::Debug for CheckedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedKeys")
            .field("threshold", &self.threshold)
            .field("holders", &self.holders())
            .finish_non_exhaustive()
    }
}

fn interpolate(
    quorum: &[HolderIndex],
    points: &[RistrettoPoint],
) -> Result<RistrettoPoint, ToprfError> {
    let weights = quorum
        .iter()
        .map(|i| coefficient(quorum, *i))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(RistrettoPoint::vartime_multiscalar_mul(weights, points))
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::Scalar;

    use super::*;

    /// Keys of f(x) = 9 + 4x, or of any other line.
    fn line(at_zero: u64, slope: u64, holders: u64) -> PublicKeys {
        let key = |x: u64| {
            RistrettoPoint::mul_base(&Scalar::from(at_zero + slope * x))
                .compress()
                .to_bytes()
        };
        PublicKeys {
            threshold: 2,
            group_key: key(0),
            share_keys: (1..=holders).map(key).collect(),
        }
    }

    #[test]
    fn keys_of_one_polynomial_pass() {
        let keys = line(9, 4, 5).check().unwrap();
        assert_eq!((keys.threshold(), keys.holders()), (2, 5));
    }

    #[test]
    fn one_share_key_of_another_generation_is_found_wherever_it_stands() {
        let refreshed = line(9, 5, 5);
        assert!(refreshed.check().is_ok(), "same group key, other shares");
        for stale in 0..5 {
            let mut mixed = line(9, 4, 5);
            mixed.share_keys[stale] = refreshed.share_keys[stale];
            assert_eq!(mixed.check().unwrap_err(), ToprfError::InconsistentKeys);
        }
    }

    #[test]
    fn another_group_key_or_degree_is_refused() {
        let mut keys = line(9, 4, 3);
        keys.group_key = line(8, 4, 3).group_key;
        assert_eq!(keys.check().unwrap_err(), ToprfError::InconsistentKeys);
        let mut keys = line(9, 4, 3);
        keys.threshold = 1;
        assert_eq!(keys.check().unwrap_err(), ToprfError::InconsistentKeys);
    }

    #[test]
    fn impossible_thresholds_and_malformed_keys_are_refused() {
        for threshold in [0, 4] {
            let keys = PublicKeys {
                threshold,
                ..line(9, 4, 3)
            };
            assert!(matches!(
                keys.check(),
                Err(ToprfError::Threshold { holders: 3, .. })
            ));
        }
        for bad in [[0; 32], [0xff; 32]] {
            let mut keys = line(9, 4, 3);
            keys.share_keys[1] = bad;
            assert_eq!(keys.check().unwrap_err(), ToprfError::MalformedKey);
        }
    }

    #[test]
    fn a_quorum_outside_the_key_set_is_refused() {
        let keys = line(9, 4, 3).check().unwrap();
        assert_eq!(
            keys.weighted_share_keys(&[1, 4]),
            Err(ToprfError::UnknownHolder { holder: 4 })
        );
        assert_eq!(
            keys.weighted_share_keys(&[1]),
            Err(ToprfError::Quorum { threshold: 2 })
        );
    }
}
