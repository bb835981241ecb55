//! Lagrange interpolation at zero over share indices.

use curve25519_dalek::Scalar;

use crate::{HolderIndex, ToprfError};

/// Accepts exactly `threshold` distinct, ascending, non-zero share indices.
///
/// # Errors
/// [`ToprfError::Quorum`] otherwise. One fixed order means one encoding of a quorum under receipts.
pub fn check_quorum(quorum: &[HolderIndex], threshold: u16) -> Result<(), ToprfError> {
    let ascending = quorum.is_sorted_by(|a, b| a < b);
    let positive = quorum.first().is_some_and(|first| *first > 0);
    if ascending && positive && quorum.len() == usize::from(threshold) {
        Ok(())
    } else {
        Err(ToprfError::Quorum { threshold })
    }
}

/// `lambda_i = prod over j in quorum, j != i, of j / (j - i)`: the weight of share `index`, such
/// that the weighted shares of the quorum add up to the polynomial's value at zero.
///
/// # Errors
/// [`ToprfError::UnknownHolder`] when `index` is not in `quorum`, or `quorum` repeats it.
pub fn coefficient(quorum: &[HolderIndex], index: HolderIndex) -> Result<Scalar, ToprfError> {
    if quorum.iter().filter(|j| **j == index).count() != 1 {
        return Err(ToprfError::UnknownHolder { holder: index });
    }
    let own = Scalar::from(index);
    let (numerator, denominator) = quorum.iter().filter(|j| **j != index).fold(
        (Scalar::ONE, Scalar::ONE),
        |(numerator, denominator), j| {
            let other = Scalar::from(*j);
            (numerator * other, denominator * (other - own))
        },
    );
    // Non-zero: indices are below 2^16 and differ from `index`.
    Ok(numerator * denominator.invert())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_a_quorum_rebuild_the_value_at_zero() {
        // f(x) = 7 + 3x + 5x^2
        let f = |x: u16| Scalar::from(7 + 3 * u64::from(x) + 5 * u64::from(x) * u64::from(x));
        for quorum in [[1, 2, 3], [1, 3, 5], [2, 4, 65_535]] {
            let sum: Scalar = quorum
                .iter()
                .map(|i| coefficient(&quorum, *i).unwrap() * f(*i))
                .sum();
            assert_eq!(sum, Scalar::from(7u64));
        }
    }

    #[test]
    fn only_ascending_distinct_complete_quorums_pass() {
        assert!(check_quorum(&[1, 3], 2).is_ok());
        for bad in [&[][..], &[1], &[0, 1], &[1, 1], &[3, 1], &[1, 2, 3]] {
            assert_eq!(
                check_quorum(bad, 2),
                Err(ToprfError::Quorum { threshold: 2 })
            );
        }
        assert_eq!(
            coefficient(&[1, 2], 3),
            Err(ToprfError::UnknownHolder { holder: 3 })
        );
    }
}
