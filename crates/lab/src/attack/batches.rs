//! Batch co-occurrence: a tag that came in these batches and no others is a value of rows that came
//! in the same. It needs the order in which rows were sent; taken here is the order of the file.

use super::{
    WHOLE,
    claims::{Claims, join},
    graph::{self, Knowledge},
    plaintext::Plaintext,
    view::View,
};
use crate::synth::Dice;

/// Aligns what is open by the graph; then a recognised record says in which batch its row came, so
/// the row's other values are among the sealed postings of that batch.
#[must_use]
pub fn of_recognised(view: &View, plain: &Plaintext, dice: &mut Dice) -> Claims {
    let (mut claims, recognised) = graph::recognise(view, plain, WHOLE, dice);
    let frequencies = plain.frequencies();
    let sealed = (0u32..).zip(&view.tags).filter_map(|(tag, seen)| {
        let first = &view.postings[*seen.postings.first()? as usize];
        let key = (first.agency, first.batch, seen.frequency.clone());
        first.opened.is_none().then_some((key, tag))
    });
    let mut values = Vec::new();
    for (record, row) in recognised {
        let (record, row) = (&view.records[record as usize], &plain.rows[row as usize]);
        for token in &row.tokens {
            let frequency = &frequencies[token.value as usize];
            if frequency.len() == 1 {
                let key = (record.agency, record.batch, frequency.clone());
                values.push((key, token.value));
            }
        }
    }
    for (claim, other) in claims
        .0
        .iter_mut()
        .zip(Claims::of_tags(view, join(sealed, values, dice)).0)
    {
        *claim = claim.or(other);
    }
    claims
}

/// Names every posting: opened ones by graph and batch, the others by the batches of their tag.
#[must_use]
pub fn align(view: &View, plain: &Plaintext, dice: &mut Dice) -> Claims {
    let mut rows: Vec<Vec<(u16, u32)>> = vec![Vec::new(); plain.values.len()];
    for row in &plain.rows {
        for token in &row.tokens {
            rows[token.value as usize].push((row.agency, row.batch));
        }
    }
    let sorted = |mut places: Vec<(u16, u32)>| {
        places.sort_unstable();
        places
    };
    let tags = (0u32..).zip(&view.tags).map(|(tag, seen)| {
        let places = seen.postings.iter().map(|p| &view.postings[*p as usize]);
        (sorted(places.map(|p| (p.agency, p.batch)).collect()), tag)
    });
    let values = (0u32..)
        .zip(rows)
        .map(|(value, places)| (sorted(places), value));
    let mut claims = Claims::of_tags(view, join(tags, values, dice));
    let all = Knowledge {
        card: true,
        kinds: true,
        slots: true,
        batches: true,
        rounds: 4,
    };
    let opened = graph::align(view, plain, all, dice);
    for (claim, better) in claims.0.iter_mut().zip(opened.0) {
        *claim = better.or(*claim);
    }
    claims
}
