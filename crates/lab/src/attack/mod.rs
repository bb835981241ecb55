//! What a curious hub can learn (`cargo lab attack`): its own store against the plaintext of the
//! same people, by frequency, by structure, by what came together, and by guessing.
//!
//! The attacker is as strong as can be: it has the hub's disk and secrets, the complete files of all
//! agencies, the public rules and the code. It lacks only what the design says it lacks: t key
//! shares, and the order in which nodes send.

mod baseline;
mod batches;
mod claims;
mod dictionary;
mod frequency;
mod given;
mod graph;
mod kinds;
mod made;
mod made_target;
mod plaintext;
mod report;
mod view;
mod whole_key;

use std::collections::HashMap;

use anyhow::Result;
use sanctuary_keyshare::KeyShare;
use sanctuary_types::{Epoch, KeyClass};
use sha2::{Digest, Sha256};

use claims::{Claims, Truth};
use graph::Knowledge;
use made::copy;
use plaintext::{Fields, Plaintext};
use view::{Design, Loot, View};
use whole_key::WholeKey;

pub use given::{Given, attack_given};
pub use kinds::KindLine;
pub use made_target::attack_made;
pub use report::{Alignment, Guessing, Report};

use crate::synth::Dice;

/// Each key holder's shares, one of each class.
pub type Shares = Vec<Vec<(KeyClass, KeyShare)>>;

/// Records that Bloom filters are attacked on: every two are compared.
const BLOOM_RECORDS_MAX: usize = 3_000;

/// The store of the hub.
pub const HUB: &str = "hub's store";
/// Our tokens, had they no seal.
pub const CLEAR: &str = "tokens without seals";
/// Our store, had nodes sent in the order of the file.
pub const IN_ORDER: &str = "store in file order";
/// One hash of each field.
pub const LONE: &str = "lone hashed fields";
/// CLK.
pub const BLOOM: &str = "Bloom filters (CLK)";
/// Rank against rank, kinds unknown.
pub const FREQUENCY: &str = "frequency, kinds hidden";
/// Rank against rank among what is open.
pub const FREQUENCY_OPEN: &str = "frequency, each kind that is open";
/// Equal counts from each agency.
pub const FREQUENCY_AGENCIES: &str = "frequency by agency, kind where open";
/// Rank against rank, from a sample of other people.
pub const FREQUENCY_OTHERS: &str = "frequency, plaintext of other people";
/// Frequencies of a record's open tokens, kinds not looked at.
pub const STRUCTURE_HIDDEN: &str = "frequencies of a record's tokens";
/// Kinds and frequencies of a record's open tokens.
pub const STRUCTURE: &str = "kinds and frequencies of a record's tokens";
/// The whole graph and the cards; then what came in the batches of recognised records.
pub const GRAPH: &str = "graph of records with cards, then batches";
/// What came in one batch.
pub const BATCHES: &str = "batches taken in file order, and graph";
/// Letter pairs' similarities.
pub const SIMILARITY: &str = "graph of similarities";

/// A store under attack, what the attacker brings, and what is right.
struct Scene<'a> {
    target: &'static str,
    view: &'a View,
    plain: &'a Plaintext,
    truth: &'a Truth,
}

impl Scene<'_> {
    fn line(&self, attack: &'static str, claims: &Claims) -> Alignment {
        let score = claims.score(self.view, self.plain, self.truth);
        Alignment::new(self.target, attack, score)
    }

    fn frequency(&self, dice: &mut Dice) -> Alignment {
        let claims = frequency::kinds_open(self.view, self.plain, dice);
        self.line(FREQUENCY_OPEN, &claims)
    }

    fn structure(&self, dice: &mut Dice) -> Alignment {
        let claims = graph::align(self.view, self.plain, OWN, dice);
        self.line(STRUCTURE, &claims)
    }

    fn batches(&self, dice: &mut Dice) -> Alignment {
        let claims = batches::align(self.view, self.plain, dice);
        self.line(BATCHES, &claims)
    }

    /// With the frequencies of a sample of other people in place of these.
    fn frequency_of(&self, others: &Plaintext, dice: &mut Dice) -> Alignment {
        let claims = frequency::kinds_open(self.view, others, dice);
        self.line(
            FREQUENCY_OTHERS,
            &claims.renamed(&others.numbers_in(self.plain)),
        )
    }
}

/// What an attack is made with, beside the store.
struct Means<'a> {
    /// The complete plaintext.
    plain: &'a Plaintext,
    /// A sample of other people.
    others: Option<&'a Plaintext>,
    shares: &'a Shares,
    threshold: usize,
    epoch: Epoch,
    seed: u64,
}

/// Attacks a store with everything there is, and other designs beside it.
fn attack(loot: &Loot, means: &Means<'_>) -> Result<Report> {
    let (view, plain) = (&loot.view, means.plain);
    let (mut dictionary, truth) = dictionary_attacks(loot, means)?;
    let mut dice = Dice::new(means.seed, 1);
    let hub = Scene {
        target: HUB,
        view,
        plain,
        truth: &truth,
    };
    let ranked = frequency::kinds_open(view, plain, &mut dice);
    let by_agency = frequency::by_agency(view, plain, &mut dice);
    let mut alignments = vec![
        hub.line(FREQUENCY, &frequency::kinds_hidden(view, plain, &mut dice)),
        hub.line(FREQUENCY_OPEN, &ranked),
        hub.line(FREQUENCY_AGENCIES, &by_agency),
    ];
    alignments.extend(
        means
            .others
            .map(|others| hub.frequency_of(others, &mut dice)),
    );
    let hidden = graph::align(view, plain, OWN_HIDDEN, &mut dice);
    alignments.push(hub.line(STRUCTURE_HIDDEN, &hidden));
    alignments.push(hub.structure(&mut dice));
    alignments.push(hub.line(GRAPH, &batches::of_recognised(view, plain, &mut dice)));
    alignments.push(hub.batches(&mut dice));
    alignments.extend(designs(means, &mut dice));
    dictionary.extend(lone_dictionary(&baseline::lone_fields(plain)));
    Ok(Report {
        records: plain.rows.len(),
        postings: view.postings.len(),
        opened: view.opened(),
        records_opened: view.records.len(),
        kinds: kinds::by_kind(view, plain, &truth, &ranked, &by_agency),
        alignments,
        dictionary,
        left_out: Vec::new(),
    })
}

/// The same attacks on stores of the same records in other designs.
fn designs(means: &Means<'_>, dice: &mut Dice) -> Vec<Alignment> {
    let plain = means.plain;
    let truth = &itself(plain);
    let in_order = View::simulated(plain, Design::InFileOrder);
    let clear = View::simulated(plain, Design::InTheClear);
    let scene = |target, view| Scene {
        target,
        view,
        plain,
        truth,
    };
    let in_order = scene(IN_ORDER, &in_order);
    let clear = scene(CLEAR, &clear);
    let lone_plain = &baseline::lone_fields(plain);
    let hashed = &View::simulated(lone_plain, Design::InTheClear);
    let lone = Scene {
        target: LONE,
        view: hashed,
        plain: lone_plain,
        truth: &itself(lone_plain),
    };
    let mut all = vec![
        in_order.batches(dice),
        clear.frequency(dice),
        clear.structure(dice),
        lone.frequency(dice),
        lone.structure(dice),
    ];
    if let Some(others) = means.others {
        all.push(lone.frequency_of(&baseline::lone_fields(others), dice));
    }
    all.push(bloom_filters(plain, dice));
    all
}

const OWN_HIDDEN: Knowledge = Knowledge {
    card: false,
    kinds: false,
    batches: false,
    rounds: 1,
};
const OWN: Knowledge = Knowledge {
    kinds: true,
    ..OWN_HIDDEN
};
const WHOLE: Knowledge = Knowledge {
    card: true,
    rounds: 6,
    ..OWN
};

/// The truth of a simulated store: tags have their values' numbers.
fn itself(plain: &Plaintext) -> Truth {
    (0..plain.values.len() as u32).map(Some).collect()
}

/// With no share, with fewer than t, with t. The last gives the truth that scores everything else.
fn dictionary_attacks(loot: &Loot, means: &Means<'_>) -> Result<(Vec<Guessing>, Truth)> {
    let (view, pepper) = (&loot.view, &loot.pepper);
    let Means {
        plain,
        shares,
        threshold,
        epoch,
        ..
    } = *means;
    let none = dictionary::without_key(view, pepper, plain, epoch);
    let mut found = vec![(String::from("the pepper, no key share"), none)];
    let mut truth = Truth::new();
    for count in 1..=threshold {
        let stolen: Vec<(KeyClass, KeyShare)> = shares
            .iter()
            .take(count)
            .flatten()
            .map(|(class, share)| Ok((*class, copy(share)?)))
            .collect::<Result<_>>()?;
        let key = WholeKey::rebuild(&stolen, epoch)?;
        let (outcome, tags) = dictionary::with_key(view, pepper, plain, &key)?;
        found.push((
            format!("the pepper, {count} of the {threshold} key shares needed"),
            outcome,
        ));
        truth = tags;
    }
    let lines = found.into_iter().map(|(with, found)| Guessing {
        target: HUB,
        with,
        tried: found.tried,
        found: found.postings,
        of: plain.occurrences(),
    });
    Ok((lines.collect(), truth))
}

/// Hashes without a key are looked up by anybody; hashes under one key by whoever has it, and all
/// agencies do.
fn lone_dictionary(lone: &Plaintext) -> [Guessing; 3] {
    let frequencies = lone.frequencies();
    let total =
        |frequency: &[(u16, u32)]| frequency.iter().map(|(_, n)| *n as usize).sum::<usize>();
    let hash = |key: &[u8], value: &plaintext::Value| -> [u8; 32] {
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
    let named = baseline::realigned(&records, b"a key that all agencies share", dice);
    let score = claims::Score {
        occurrences: records.len(),
        named,
        chance: 1.0,
        ..claims::Score::default()
    };
    Alignment::new(BLOOM, SIMILARITY, score)
}

#[cfg(test)]
mod tests;
