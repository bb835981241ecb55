use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The hub's own name of a person on two lists or more; means nothing elsewhere and never leaves it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonToken(#[serde(with = "crate::hexed")] pub [u8; 16]);

impl std::fmt::Debug for PersonToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonToken(<redacted>)")
    }
}

/// Who makes up a statistic: the people the hub knows by token, and of each list how many more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// People on two lists or more.
    pub people: BTreeSet<PersonToken>,
    /// People on one list only, as its agencies counted them; one number a list.
    pub others: Vec<u32>,
}

impl Count {
    /// How many.
    #[must_use]
    pub fn value(&self) -> u32 {
        self.others
            .iter()
            .fold(count(self.people.len()), |sum, n| sum.saturating_add(*n))
    }

    /// The fewest people who can have entered or left between `self` and `now`. Exact for people with
    /// tokens; of the others only the net number is known, and one who got a token may be one of them.
    /// Never more than the truth, so that a figure is rather held too long than changed for one person.
    #[must_use]
    pub fn moved(&self, now: &Self) -> u32 {
        let entered = count(now.people.difference(&self.people).count());
        let left = count(self.people.difference(&now.people).count());
        let (mut risen, mut fallen) = (0_u32, 0_u32);
        for list in 0..self.others.len().max(now.others.len()) {
            let before = self.others.get(list).copied().unwrap_or_default();
            let after = now.others.get(list).copied().unwrap_or_default();
            risen = risen.saturating_add(after.saturating_sub(before));
            fallen = fallen.saturating_add(before.saturating_sub(after));
        }
        entered
            .abs_diff(fallen)
            .saturating_add(left.abs_diff(risen))
    }

    /// Lists that have somebody in it, given the lists of the people with tokens.
    pub(crate) fn lists(&self, of: impl Fn(&PersonToken) -> u8) -> u32 {
        let mut lists = self.people.iter().fold(0, |all, token| all | of(token));
        for (list, n) in self.others.iter().enumerate() {
            if *n > 0 {
                lists |= 1 << list;
            }
        }
        lists.count_ones()
    }
}

fn count(people: usize) -> u32 {
    u32::try_from(people).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(people: &[u8], others: &[u32]) -> Count {
        Count {
            people: people.iter().map(|n| PersonToken([*n; 16])).collect(),
            others: others.to_vec(),
        }
    }

    #[test]
    fn movement_is_exact_for_tokens_and_never_too_much_for_the_rest() {
        assert_eq!(of(&[1, 2, 3], &[]).moved(&of(&[2, 3, 4, 5], &[])), 3);
        assert_eq!(of(&[], &[10, 4]).moved(&of(&[], &[13, 2])), 5);
        // Somebody on one list became known to a second: nobody entered, nobody left.
        assert_eq!(of(&[1], &[10]).moved(&of(&[1, 2], &[9])), 0);
        assert_eq!(of(&[1, 2], &[9]).moved(&of(&[1], &[10])), 0);
        assert_eq!(of(&[1], &[7, 3]).value(), 11);
    }
}
