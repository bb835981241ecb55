//! What an attack says of each posting, and how much of it is right.

use std::{collections::HashMap, hash::Hash};

use super::{plaintext::Plaintext, view::View};
use crate::synth::Dice;

/// For each posting, the value that the attack says it is made of.
pub struct Claims(pub Vec<Option<u32>>);

/// For each tag, the value that it is made of; `None` = a dummy, or nobody's in the plaintext.
pub type Truth = Vec<Option<u32>>;

/// How much of a store an attack named.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Score {
    /// Occurrences that are made of known values: what there is to name.
    pub occurrences: usize,
    /// Named rightly.
    pub named: usize,
    /// Occurrences that the hub cannot open.
    pub sealed: usize,
    /// Named rightly of those.
    pub sealed_named: usize,
    /// Rightly named in the mean by naming each occurrence at random among the values of its kind.
    pub chance: f64,
}

impl Claims {
    /// Nothing said.
    #[must_use]
    pub fn none(view: &View) -> Self {
        Self(vec![None; view.postings.len()])
    }

    /// Says the same of every posting of each tag.
    #[must_use]
    pub fn of_tags(view: &View, pairs: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut claims = Self::none(view);
        for (tag, value) in pairs {
            for posting in &view.tags[tag as usize].postings {
                claims.0[*posting as usize] = Some(value);
            }
        }
        claims
    }

    /// The same with values under other numbers; what has none is not said.
    #[must_use]
    pub fn renamed(self, numbers: &[Option<u32>]) -> Self {
        let renamed = |claim: Option<u32>| numbers[claim? as usize];
        Self(self.0.into_iter().map(renamed).collect())
    }

    /// Counts what is right.
    #[must_use]
    pub fn score(&self, view: &View, plain: &Plaintext, truth: &Truth) -> Score {
        let mut of_kind: HashMap<u8, f64> = HashMap::new();
        let mut seen = vec![false; plain.values.len()];
        for token in plain.rows.iter().flat_map(|row| &row.tokens) {
            if !std::mem::replace(&mut seen[token.value as usize], true) {
                *of_kind.entry(token.label[0]).or_default() += 1.0;
            }
        }
        let mut score = Score::default();
        for (posting, claim) in view.postings.iter().zip(&self.0) {
            let Some(value) = truth[posting.tag as usize] else {
                continue;
            };
            score.occurrences += 1;
            let (right, sealed) = (*claim == Some(value), posting.opened.is_none());
            score.named += usize::from(right);
            score.sealed += usize::from(sealed);
            score.sealed_named += usize::from(right && sealed);
            let among = posting
                .opened
                .and_then(|o| of_kind.get(&o.label[0]).copied());
            score.chance += 1.0 / among.unwrap_or(plain.values.len() as f64);
        }
        score
    }
}

impl Score {
    /// Share of occurrences named rightly.
    #[must_use]
    pub fn rate(&self) -> f64 {
        share(self.named, self.occurrences)
    }

    /// Share of what the hub cannot open.
    #[must_use]
    pub fn sealed_rate(&self) -> f64 {
        share(self.sealed_named, self.sealed)
    }

    /// Share of what the hub opens because two agencies hold it.
    #[must_use]
    pub fn open_rate(&self) -> f64 {
        share(
            self.named - self.sealed_named,
            self.occurrences - self.sealed,
        )
    }
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Joins two lists by key; among equal keys at random.
pub fn join<K: Hash + Eq>(
    left: impl IntoIterator<Item = (K, u32)>,
    right: impl IntoIterator<Item = (K, u32)>,
    dice: &mut Dice,
) -> Vec<(u32, u32)> {
    let mut groups: HashMap<K, (Vec<u32>, Vec<u32>)> = HashMap::new();
    for (key, item) in left {
        groups.entry(key).or_default().0.push(item);
    }
    for (key, item) in right {
        if let Some(group) = groups.get_mut(&key) {
            group.1.push(item);
        }
    }
    let mut groups: Vec<(Vec<u32>, Vec<u32>)> = groups.into_values().collect();
    // The order of a hash map is not that of another run.
    groups.sort_unstable();
    let mut pairs = Vec::new();
    for (left, mut right) in groups {
        dice.shuffle(&mut right);
        pairs.extend(left.into_iter().zip(right));
    }
    pairs
}
