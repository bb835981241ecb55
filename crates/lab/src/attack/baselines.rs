//! The same attacks on the same records in other designs.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::{
    BATCHES, FREQUENCY, FREQUENCY_OTHERS, Means, SIMILARITY, STRUCTURE, Scene,
    baseline::{lone_fields, realigned},
    claims::{Score, Truth},
    plaintext::{Fields, Plaintext, Value},
    report::{Alignment, Baselines, Guessing},
    view::{Design, View},
};
use crate::synth::Dice;

/// Our tokens, had they no seal.
pub const CLEAR: &str = "tokens without seals";
/// Our hub taken over, had nodes sent in the order of the file.
pub const IN_ORDER: &str = "taken over, file order";
/// One hash of each field.
pub const LONE: &str = "lone hashed fields";
/// CLK.
pub const BLOOM: &str = "Bloom filters (CLK)";

/// Records that Bloom filters are attacked on: every two are compared.
const BLOOM_RECORDS_MAX: usize = 3_000;

/// Attacks them all.
pub fn attack(means: &Means<'_>, dice: &mut Dice) -> Baselines {
    let lone = lone_fields(means.plain);
    Baselines {
        alignments: alignments(means, &lone, dice),
        dictionary: dictionary(&lone).to_vec(),
    }
}

fn alignments(means: &Means<'_>, lone_plain: &Plaintext, dice: &mut Dice) -> Vec<Alignment> {
    let plain = means.plain;
    let truth = &itself(plain);
    let in_order = View::simulated(plain, Design::InFileOrder);
    let clear = View::simulated(plain, Design::InTheClear);
    let scene = |target, view| Scene::new(target, view, plain, truth);
    let in_order = scene(IN_ORDER, &in_order);
    let clear = scene(CLEAR, &clear);
    let hashed = View::simulated(lone_plain, Design::InTheClear);
    let lone_truth = itself(lone_plain);
    let lone = Scene::new(LONE, &hashed, lone_plain, &lone_truth);
    let mut all = vec![
        lone.ranked(FREQUENCY, dice),
        lone.structure(STRUCTURE, dice),
    ];
    if let Some(others) = means.others {
        let others = lone_fields(others);
        all.push(lone.frequency_of(FREQUENCY_OTHERS, &others, dice));
    }
    all.push(bloom_filters(plain, dice));
    all.push(clear.ranked(FREQUENCY, dice));
    all.push(clear.structure(STRUCTURE, dice));
    all.push(in_order.batches(BATCHES, dice));
    all
}

/// The truth of a simulated store: tags have their values' numbers.
fn itself(plain: &Plaintext) -> Truth {
    (0..plain.values.len() as u32).map(Some).collect()
}

/// Hashes without a key are looked up by anybody; hashes under one key by whoever has it, and all
/// agencies do.
fn dictionary(lone: &Plaintext) -> [Guessing; 3] {
    let frequencies = lone.frequencies();
    let total =
        |frequency: &[(u16, u32)]| frequency.iter().map(|(_, n)| *n as usize).sum::<usize>();
    let hash = |key: &[u8], value: &Value| -> [u8; 32] {
        let keyed = Sha256::new()
            .chain_update(key)
            .chain_update(value.input.as_slice());
        keyed.finalize().into()
    };
    let found = |stored_under: &[u8], tried_under: &[u8]| -> usize {
        let values = lone.values.iter().zip(&frequencies);
        let stored: HashMap<[u8; 32], usize> = values
            .map(|(value, f)| (hash(stored_under, value), total(f)))
            .collect();
        let guesses = lone.values.iter().map(|value| hash(tried_under, value));
        guesses.filter_map(|guess| stored.get(&guess)).sum()
    };
    let line = |with: &str, found| Guessing {
        target: LONE,
        with: with.to_owned(),
        tried: lone.values.len(),
        found,
        of: lone.occurrences(),
    };
    [
        line("nothing, hashed without a key", found(b"", b"")),
        line("nothing, hashed under a key", found(b"shared", b"")),
        line(
            "the one key that all agencies share",
            found(b"shared", b"shared"),
        ),
    ]
}

/// The records of the largest file, as far as they can all be compared with each other.
fn bloom_filters(plain: &Plaintext, dice: &mut Dice) -> Alignment {
    let mut sizes = vec![0usize; plain.agencies.len()];
    plain
        .rows
        .iter()
        .for_each(|row| sizes[usize::from(row.agency)] += 1);
    let largest = (0..sizes.len())
        .max_by_key(|agency| sizes[*agency])
        .unwrap_or(0);
    let own = plain
        .rows
        .iter()
        .filter(|row| usize::from(row.agency) == largest && row.fields.names.len() > 1);
    let records: Vec<Fields> = own
        .take(BLOOM_RECORDS_MAX)
        .map(|row| row.fields.clone())
        .collect();
    let named = realigned(&records, b"a key that all agencies share", dice);
    let score = Score {
        occurrences: records.len(),
        named,
        chance: 1.0,
        ..Score::default()
    };
    Alignment::new(BLOOM, SIMILARITY, score)
}
