//! What somebody can learn of a hub's records (`cargo lab attack`): its store against the plaintext
//! of the same people, by frequency, by structure, by what came together, and by guessing.
//!
//! Two attackers. One has stolen a disk or a backup: everything in the data directory, and not the
//! root key, which lies elsewhere. The other has taken the hub over while it runs: root key and
//! memory too. Both have the complete files of all agencies, the public rules and the code. They
//! lack what the design says they lack: t key shares, and the order in which nodes send.

mod baseline;
mod baselines;
mod batches;
mod claims;
mod dictionary;
mod disk;
mod frequency;
mod given;
mod graph;
mod kinds;
mod made;
mod made_target;
mod plaintext;
mod report;
mod scene;
mod view;
mod whole_key;

use std::collections::HashMap;

use anyhow::Result;
use sanctuary_keyshare::KeyShare;
use sanctuary_types::{Epoch, KeyClass};

use claims::Truth;
use disk::{Disk, Needle};
use graph::Knowledge;
use made::copy;
use plaintext::Plaintext;
use scene::Scene;
use view::Loot;
use whole_key::WholeKey;

pub use baselines::{BLOOM, CLEAR, IN_ORDER, LONE};
pub use disk::Shows;
pub use given::{Given, attack_given};
pub use kinds::KindLine;
pub use made_target::attack_made;
pub use report::{Alignment, Baselines, Guessing, Report, Stolen, TakenOver};

use crate::synth::Dice;

/// Each key holder's shares, one of each class.
pub type Shares = Vec<Vec<(KeyClass, KeyShare)>>;

/// A stolen disk or backup, without the root key.
pub const STORE: &str = "hub's store";
/// The running hub: disk, root key and memory.
pub const TAKEN: &str = "hub taken over";
/// Rank against rank, kinds unknown.
pub const FREQUENCY_HIDDEN: &str = "frequency, kinds hidden";
/// Rank against rank, kind by kind where kinds are open.
pub const FREQUENCY: &str = "frequency, each kind that is open";
/// Equal counts from each agency.
pub const FREQUENCY_AGENCIES: &str = "frequency by agency, kind where open";
/// Rank against rank, from a sample of other people.
pub const FREQUENCY_OTHERS: &str = "frequency, plaintext of other people";
/// Frequencies of a record's open tokens, kinds not looked at.
pub const STRUCTURE_HIDDEN: &str = "frequencies of a record's tokens";
/// Kinds and frequencies of a record's open tokens, slots not looked at.
pub const STRUCTURE_COARSE: &str = "kinds and frequencies, slots left out";
/// Kinds, slots and frequencies of a record's open tokens.
pub const STRUCTURE: &str = "kinds and frequencies of a record's tokens";
/// The whole graph and the cards; then what came in the batches of recognised records.
pub const GRAPH: &str = "graph of records with cards, then batches";
/// What came in one batch.
pub const BATCHES: &str = "batches taken in file order, and graph";
/// Letter pairs' similarities.
pub const SIMILARITY: &str = "graph of similarities";

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

impl Means<'_> {
    /// The key that `count` of the stolen shares make, right or not.
    fn key_of(&self, count: usize) -> Result<WholeKey> {
        let stolen: Vec<(KeyClass, KeyShare)> = self
            .shares
            .iter()
            .take(count)
            .flatten()
            .map(|(class, share)| Ok((*class, copy(share)?)))
            .collect::<Result<_>>()?;
        WholeKey::rebuild(&stolen, self.epoch)
    }
}

/// Attacks a store without its root key and with it, and other designs beside it.
fn attack(disk: &Disk, loot: &Loot, means: &Means<'_>) -> Result<Report> {
    let mut dice = Dice::new(means.seed, 1);
    let (guessed, truth) = guess_with_root_key(loot, means)?;
    let taken_over = taken_over(loot, means, &truth, guessed, &mut dice);
    let mut store = stolen(disk, loot, means, &truth, &mut dice)?;
    // For whoever has the disk, the root key and t shares, it is the same store.
    let everything = taken_over.dictionary.last().map(|all| Guessing {
        target: STORE,
        with: format!("root key and {0} of {0} key shares", means.threshold),
        ..all.clone()
    });
    store.dictionary.extend(everything);
    Ok(Report {
        records: means.plain.rows.len(),
        occurrences: means.plain.occurrences(),
        store,
        taken_over,
        baselines: baselines::attack(means, &mut dice),
        left_out: Vec::new(),
    })
}

/// The disk alone. What is right is known from the root key and t shares; no attack uses them.
fn stolen(
    disk: &Disk,
    loot: &Loot,
    means: &Means<'_>,
    truth: &Truth,
    dice: &mut Dice,
) -> Result<Stolen> {
    let mut at: HashMap<u64, u32> = HashMap::new();
    for posting in &loot.view.postings {
        at.extend(truth[posting.tag as usize].map(|value| (posting.ordinal, value)));
    }
    let occurrences = at.len();
    let mut on_disk = vec![None; disk.view.tags.len()];
    let mut seen = 0;
    for posting in &disk.view.postings {
        if let Some(value) = at.get(&posting.ordinal) {
            on_disk[posting.tag as usize] = Some(*value);
            seen += 1;
        }
    }
    let mut scene = Scene::new(STORE, &disk.view, means.plain, &on_disk);
    scene.unseen = occurrences - seen;
    Ok(Stolen::new(
        disk.shows.clone(),
        frequency_attacks(&scene, means, dice),
        structural_attacks(&scene, dice),
        guess_without_root_key(disk, means)?,
    ))
}

fn taken_over(
    loot: &Loot,
    means: &Means<'_>,
    truth: &Truth,
    guessed: Vec<Guessing>,
    dice: &mut Dice,
) -> TakenOver {
    let view = &loot.view;
    let scene = Scene::new(TAKEN, view, means.plain, truth);
    let ranked = frequency::kinds_open(view, means.plain, dice);
    let by_agency = frequency::by_agency(view, means.plain, dice);
    TakenOver::new(
        view,
        frequency_attacks(&scene, means, dice),
        structural_attacks(&scene, dice),
        guessed,
        kinds::by_kind(view, means.plain, truth, &ranked, &by_agency),
    )
}

fn frequency_attacks(scene: &Scene<'_>, means: &Means<'_>, dice: &mut Dice) -> Vec<Alignment> {
    let mut lines = vec![
        scene.ranked_hidden(FREQUENCY_HIDDEN, dice),
        scene.ranked(FREQUENCY, dice),
        scene.by_agency(FREQUENCY_AGENCIES, dice),
    ];
    let others = means.others;
    lines.extend(others.map(|others| scene.frequency_of(FREQUENCY_OTHERS, others, dice)));
    lines
}

fn structural_attacks(scene: &Scene<'_>, dice: &mut Dice) -> Vec<Alignment> {
    vec![
        scene.structure_hidden(STRUCTURE_HIDDEN, dice),
        scene.structure_coarse(STRUCTURE_COARSE, dice),
        scene.structure(STRUCTURE, dice),
        scene.graph(GRAPH, dice),
        scene.batches(BATCHES, dice),
    ]
}

const OWN_HIDDEN: Knowledge = Knowledge {
    card: false,
    kinds: false,
    slots: false,
    batches: false,
    rounds: 1,
};
const OWN_COARSE: Knowledge = Knowledge {
    kinds: true,
    ..OWN_HIDDEN
};
const OWN: Knowledge = Knowledge {
    slots: true,
    ..OWN_COARSE
};
const WHOLE: Knowledge = Knowledge {
    card: true,
    rounds: 6,
    ..OWN
};

/// With no share, with fewer than t, with t. The last gives the truth that scores everything else.
fn guess_with_root_key(loot: &Loot, means: &Means<'_>) -> Result<(Vec<Guessing>, Truth)> {
    let (view, pepper, plain) = (&loot.view, &loot.pepper, means.plain);
    let none = dictionary::without_key(view, pepper, plain, means.epoch);
    let mut found = vec![(String::from("root key, no key share"), none)];
    let mut truth = Truth::new();
    for count in 1..=means.threshold {
        let (outcome, tags) = dictionary::with_key(view, pepper, plain, &means.key_of(count)?)?;
        let with = format!("root key and {count} of {} key shares", means.threshold);
        found.push((with, outcome));
        truth = tags;
    }
    let lines = found.into_iter().map(|(with, found)| Guessing {
        target: TAKEN,
        with,
        tried: found.tried,
        found: found.postings,
        of: plain.occurrences(),
    });
    Ok((lines.collect(), truth))
}

/// The same without the root key: whatever a right guess would leave in any file is looked for at
/// every byte of every file.
fn guess_without_root_key(disk: &Disk, means: &Means<'_>) -> Result<Vec<Guessing>> {
    let plain = means.plain;
    let frequencies = plain.frequencies();
    let occurrences = |value: u32| {
        let of_value = frequencies[value as usize].iter();
        of_value.map(|(_, n)| *n as usize).sum::<usize>()
    };
    let line = |with: String, needles: &[Needle]| -> Result<Guessing> {
        let found = disk.found(needles)?;
        Ok(Guessing {
            target: STORE,
            with,
            tried: needles.len(),
            found: found.into_iter().map(occurrences).sum(),
            of: plain.occurrences(),
        })
    };
    let none = dictionary::needles_without_key(plain, means.epoch);
    let mut lines = vec![line(String::from("no root key, no key share"), &none)?];
    for count in 1..=means.threshold {
        let needles = dictionary::needles(plain, &means.key_of(count)?, means.epoch)?;
        let with = format!("no root key, {count} of {} key shares", means.threshold);
        lines.push(line(with, &needles)?);
    }
    Ok(lines)
}

#[cfg(test)]
mod tests;
