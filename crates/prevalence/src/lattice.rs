//! Sums over the subsets of the lists. A set of lists is a bit mask; a vector has one entry a mask.
//!
//! The design of a log-linear model of lists is "this set is part of that history", so every product
//! with it is a sum over supersets or subsets, in t * 2^t additions and without a matrix.

use std::ops::AddAssign;

/// In place: entry c becomes the sum of all entries whose mask contains c.
pub(crate) fn sum_over_supersets<T: AddAssign + Copy>(values: &mut [T]) {
    for bit in bits(values.len()) {
        for mask in 0..values.len() {
            if mask & bit == 0 {
                let with = values[mask | bit];
                values[mask] += with;
            }
        }
    }
}

/// In place: entry c becomes the sum of all entries whose mask is contained in c.
pub(crate) fn sum_over_subsets<T: AddAssign + Copy>(values: &mut [T]) {
    for bit in bits(values.len()) {
        for mask in 0..values.len() {
            if mask & bit != 0 {
                let without = values[mask ^ bit];
                values[mask] += without;
            }
        }
    }
}

fn bits(len: usize) -> impl Iterator<Item = usize> {
    (0..len.trailing_zeros()).map(|list| 1 << list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sums_equal_their_definition() {
        let values: Vec<u64> = (0..32).map(|i| i * i + 3).collect();
        let (mut over, mut under) = (values.clone(), values.clone());
        sum_over_supersets(&mut over);
        sum_over_subsets(&mut under);
        for mask in 0..32_usize {
            let supersets = (0..32).filter(|c| c & mask == mask);
            assert_eq!(over[mask], supersets.map(|c| values[c]).sum::<u64>());
            let subsets = (0..32).filter(|c| c & mask == *c);
            assert_eq!(under[mask], subsets.map(|c| values[c]).sum::<u64>());
        }
    }
}
