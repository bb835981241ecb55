use std::collections::HashMap;

use anyhow::ensure;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::{ChaCha20Rng, rand_core::Rng as _};
use sanctuary_node_core::RecordTokens;
use sanctuary_types::{Month, PartyId, Pseudonym, Slots, TokenType};

use crate::{
    hub_side::{HubSide, Truth, after_a_day},
    packing::{Packer, record, token},
    strategies::{Line, STRATEGIES, deviation, distance_deviation},
};

const BATCHES: usize = 40;
const RECORDS: usize = 36;
/// With seeds that are fixed; beyond it nobody speaks of chance.
const SIGMAS: f64 = 4.0;
/// With keys that differ in each run: once in millions of runs.
const SIGMAS_OF_FRESH_KEYS: f64 = 5.5;
/// What a leak must show as, for the test to be worth something.
const LEAK_SIGMAS: f64 = 12.0;

#[test]
fn postings_of_one_record_are_linked_no_better_than_chance() -> anyhow::Result<()> {
    let batches = packed_batches();
    let postings: usize = batches.iter().map(Vec::len).sum();
    println!("{postings} postings in {BATCHES} batches of {RECORDS} records");
    judge(&batches, SIGMAS)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_in_what_a_real_hub_has_stored() -> anyhow::Result<()> {
    let (hub, truth) = after_a_day().await?;
    let batches = stored_batches(&hub, &truth);
    let postings: usize = batches.iter().map(Vec::len).sum();
    println!("{postings} postings in {} batches", batches.len());
    ensure!(batches.len() >= 4 && postings > 3_000);
    judge(&batches, SIGMAS_OF_FRESH_KEYS)
}

/// Every way of guessing finds the leak it is made for, so the tests above could fail.
#[test]
fn each_way_of_guessing_finds_a_leak_of_its_kind() -> anyhow::Result<()> {
    let batches = packed_batches();
    type Leak = fn(&mut Line, usize, usize);
    let leaks: [(&str, Leak); 6] = [
        ("the next tag", |l, owner, n| {
            tell(&mut l.bytes[..16], owner, n)
        }),
        ("the next share", |l, owner, n| {
            tell(&mut l.bytes[16..48], owner, n)
        }),
        ("the next handle", |l, owner, n| {
            tell(&mut l.bytes[48..56], owner, n)
        }),
        ("the next of the same month", |l, owner, _| {
            l.bytes[56..58].copy_from_slice(&(300 + owner as u16 % 12).to_be_bytes());
        }),
        ("the next sealed body", |l, owner, n| {
            tell(&mut l.bytes[58..74], owner, n)
        }),
        ("the most similar bytes", |l, owner, _| {
            l.bytes[80..88].fill(owner as u8)
        }),
    ];
    for (name, leak) in leaks {
        let mut leaky = batches.clone();
        for batch in &mut leaky {
            for (n, line) in batch.iter_mut().enumerate() {
                line.owner
                    .into_iter()
                    .for_each(|owner| leak(line, owner, n));
            }
        }
        let strategy = STRATEGIES.iter().find(|s| s.name == name);
        let sigmas = strategy.map_or(0.0, |strategy| deviation(&leaky, strategy));
        println!("{name}: {sigmas:.0} standard deviations on a leak of its kind");
        ensure!(
            sigmas > LEAK_SIGMAS,
            "{name} would not find a leak: {sigmas:.1}"
        );
    }
    let mut unshuffled = batches;
    unshuffled
        .iter_mut()
        .for_each(|batch| batch.sort_by_key(|line| line.owner));
    let next = deviation(&unshuffled, &STRATEGIES[0]);
    let distance = distance_deviation(&unshuffled);
    println!("unshuffled: the next posting {next:.0}, distance {distance:.0}");
    ensure!(next > LEAK_SIGMAS && distance < -LEAK_SIGMAS);
    Ok(())
}

/// Counts up within a record: numbers of one record are neighbours.
fn tell(field: &mut [u8], owner: usize, n: usize) {
    field[..2].copy_from_slice(&(owner as u16).to_be_bytes());
    field[2..4].copy_from_slice(&(n as u16).to_be_bytes());
}

fn judge(batches: &[Vec<Line>], limit: f64) -> anyhow::Result<()> {
    let distance = distance_deviation(batches);
    println!("distance: {distance:+.1} standard deviations from chance");
    ensure!(
        distance.abs() < limit,
        "postings of one record stand together: {distance:.1}"
    );
    for strategy in &STRATEGIES {
        let sigmas = deviation(batches, strategy);
        println!(
            "{}: {sigmas:+.1} standard deviations from chance",
            strategy.name
        );
        ensure!(
            sigmas < limit,
            "{} is right {sigmas:.1} standard deviations more often than chance",
            strategy.name
        );
    }
    Ok(())
}

/// Batches as nodes push them, of records with different months of expiry, some of which hold the
/// same token.
fn packed_batches() -> Vec<Vec<Line>> {
    let Ok(agency) = "police".parse::<PartyId>() else {
        return Vec::new();
    };
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let mut packer = Packer::new(&agency, 9);
    (0..BATCHES)
        .map(|_| {
            let records: Vec<RecordTokens> = (0..RECORDS).map(|_| made_up(&mut rng)).collect();
            let packed = packer.pack(&records, None);
            let mut owner: HashMap<[u8; 8], usize> = HashMap::new();
            for (record, published) in packed.published.iter().enumerate() {
                owner.extend(published.tokens.iter().map(|t| (t.handle.0, record)));
            }
            let postings = packed.contents.postings.chunks_exact(94);
            postings
                .filter_map(|bytes| bytes.try_into().ok())
                .map(|bytes: [u8; 94]| Line {
                    owner: bytes[48..56]
                        .try_into()
                        .ok()
                        .and_then(|handle: [u8; 8]| owner.get(&handle).copied()),
                    bytes,
                })
                .collect()
        })
        .collect()
}

fn made_up(rng: &mut ChaCha20Rng) -> RecordTokens {
    let mut pseudonym = [0; 16];
    rng.fill_bytes(&mut pseudonym);
    let tokens = (0..rng.random_range(8..26)).map(|_| {
        // Few values: now and then two records of a batch hold the same token.
        let value = rng.random_range(0..20_000);
        token(TokenType::Nd, Slots::parts(&[0]), &value.to_string())
    });
    let tokens = tokens.collect();
    record(pseudonym, Month(rng.random_range(330..390)), tokens)
}

fn stored_batches(hub: &HubSide, truth: &HashMap<[u8; 8], Truth>) -> Vec<Vec<Line>> {
    let mut numbers: HashMap<Pseudonym, usize> = HashMap::new();
    let mut batches: Vec<Vec<Line>> = Vec::new();
    for held in &hub.postings {
        if batches.len() <= held.batch {
            batches.resize_with(held.batch + 1, Vec::new);
            numbers.clear();
        }
        let known = truth.get(&held.posting.handle.0);
        let owner = known.map(|known| {
            let next = numbers.len();
            *numbers.entry(known.pseudonym).or_insert(next)
        });
        batches[held.batch].push(Line {
            owner,
            bytes: held.posting.to_bytes(),
        });
    }
    batches.retain(|batch| !batch.is_empty());
    batches
}
