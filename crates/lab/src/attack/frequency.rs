//! Frequency alignment: common values have common tags.

use std::collections::BTreeMap;

use super::{
    claims::{Claims, join},
    plaintext::Plaintext,
    view::View,
};
use crate::synth::Dice;

/// Ranks tags by how many postings they have against values by how many rows they have, all kinds
/// together: what can be done with postings that do not say their kind.
#[must_use]
pub fn kinds_hidden(view: &View, plain: &Plaintext, dice: &mut Dice) -> Claims {
    let tags = (0u32..)
        .zip(&view.tags)
        .map(|(tag, seen)| (tag, total(&seen.frequency)));
    let values = (0u32..)
        .zip(plain.frequencies())
        .map(|(value, f)| (value, total(&f)));
    Claims::of_tags(view, ranked(tags.collect(), values.collect(), dice))
}

/// The same among opened tags, each kind for itself.
#[must_use]
pub fn kinds_open(view: &View, plain: &Plaintext, dice: &mut Dice) -> Claims {
    let mut kinds: BTreeMap<u8, (Ranks, Ranks)> = BTreeMap::new();
    for (tag, seen) in (0u32..).zip(&view.tags) {
        if let Some(kind) = view.kind(seen) {
            kinds
                .entry(kind)
                .or_default()
                .0
                .push((tag, total(&seen.frequency)));
        }
    }
    for (value, kind, frequency) in openable(view, plain) {
        kinds
            .entry(kind)
            .or_default()
            .1
            .push((value, total(&frequency)));
    }
    let pairs = kinds
        .into_values()
        .flat_map(|(tags, values)| ranked(tags, values, dice));
    Claims::of_tags(view, pairs.collect::<Vec<_>>())
}

/// Joins tags and values that have the same number of postings from each agency, and the same kind
/// where it is open; among several at random. The best there is when the plaintext is complete and
/// nothing but frequencies is known.
#[must_use]
pub fn by_agency(view: &View, plain: &Plaintext, dice: &mut Dice) -> Claims {
    let tags = (0u32..)
        .zip(&view.tags)
        .map(|(tag, seen)| ((view.kind(seen), seen.frequency.clone()), tag));
    let kinds = plain.kinds();
    let values = (0u32..).zip(plain.frequencies()).map(|(value, frequency)| {
        let open = view.all_open || frequency.len() > 1;
        ((open.then_some(kinds[value as usize]), frequency), value)
    });
    Claims::of_tags(view, join(tags, values, dice))
}

type Ranks = Vec<(u32, u32)>;
/// A value, its kind and in how many postings of each agency it stands.
type Openable = (u32, u8, Vec<(u16, u32)>);

/// The values whose postings the hub can open.
fn openable(view: &View, plain: &Plaintext) -> Vec<Openable> {
    let kinds = plain.kinds();
    let open = |frequency: &Vec<(u16, u32)>| view.all_open || frequency.len() > 1;
    (0u32..)
        .zip(plain.frequencies())
        .filter(|(_, frequency)| open(frequency))
        .map(|(value, frequency)| (value, kinds[value as usize], frequency))
        .collect()
}

/// Rank against rank; ties in random order.
fn ranked(mut tags: Ranks, mut values: Ranks, dice: &mut Dice) -> Vec<(u32, u32)> {
    for list in [&mut tags, &mut values] {
        dice.shuffle(list);
        list.sort_by_key(|(_, frequency)| std::cmp::Reverse(*frequency));
    }
    tags.into_iter()
        .zip(values)
        .map(|((tag, _), (value, _))| (tag, value))
        .collect()
}

fn total(frequency: &[(u16, u32)]) -> u32 {
    frequency.iter().map(|(_, n)| n).sum()
}
