use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::ensure;
use sanctuary_posting::{PairPoints, Posting, TokenKey, card_id, open_card, open_pair};
use sanctuary_types::{PostingBody, Pseudonym, Tag};

use crate::hub_side::{Held, HubSide, Truth, after_a_day};

/// Postings that are tried with every other one: their square is the number of trials.
const PAIRED: usize = 1_200;
/// Keys of shared tokens that are tried on every posting.
const KEYS: usize = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_everything_a_hub_has_only_shared_postings_open() -> anyhow::Result<()> {
    let (hub, truth) = after_a_day().await?;
    let alone = hub.alone();
    let known = |held: &&Held| truth.contains_key(&held.posting.handle.0);
    let real = alone.iter().filter(known).count();
    println!(
        "{} postings at the hub, {} shared by tag, {} alone of which {real} are real",
        hub.postings.len(),
        hub.postings.len() - alone.len(),
        alone.len()
    );
    ensure!(real > 1_000 && hub.shared.len() > 300, "too little to try");

    let opened = shared_ones_open(&hub, &truth)?;
    ensure!(tried_with_other_tokens_keys(&hub, &alone, &opened) == 0);
    ensure!(tried_with_what_the_hub_holds(&hub, &alone) == 0);
    ensure!(tried_within_one_agency(&hub, &alone) == 0);
    ensure!(tried_across_agencies(&hub, &alone) == 0);
    cards_open_only_for_shared_records(&hub, &truth, &opened)
}

/// A shared token's key, made of two agencies' shares, and what it opened.
struct Opened {
    key: TokenKey,
    bodies: Vec<(Held, PostingBody)>,
}

/// The trials below use the same calls as this, which succeeds: they could succeed too.
fn shared_ones_open(hub: &HubSide, truth: &HashMap<[u8; 8], Truth>) -> anyhow::Result<Vec<Opened>> {
    let mut by_tag: BTreeMap<Tag, Vec<Held>> = BTreeMap::new();
    for held in &hub.postings {
        if hub.shared.contains(&held.posting.tag) {
            by_tag.entry(held.posting.tag).or_default().push(*held);
        }
    }
    let mut all = Vec::new();
    for holders in by_tag.into_values() {
        let a = holders[0];
        let b = holders.iter().find(|held| held.agency != a.agency);
        let Some(b) = b else { continue };
        let side = |held: &Held| (hub.agencies[held.agency].clone(), hub.points[held.agency]);
        let ((id_a, at_a), (id_b, at_b)) = (side(&a), side(b));
        let key = open_pair((&id_a, &at_a, &a.posting), (&id_b, &at_b, &b.posting))?;
        let mut bodies = Vec::new();
        for held in holders {
            let body = key.open(&hub.agencies[held.agency], &held.posting)?;
            let true_token = truth[&held.posting.handle.0].token;
            ensure!(body.token == true_token, "a shared posting opened wrongly");
            bodies.push((held, body));
        }
        all.push(Opened { key, bodies });
    }
    let postings: usize = all.iter().map(|opened| opened.bodies.len()).sum();
    println!(
        "{} shared tokens opened {postings} postings, all rightly",
        all.len()
    );
    Ok(all)
}

/// Keys of shared tokens on postings of others.
fn tried_with_other_tokens_keys(hub: &HubSide, alone: &[Held], opened: &[Opened]) -> usize {
    let mut successes = 0;
    for Opened { key, .. } in opened.iter().take(KEYS) {
        for held in alone {
            successes += opens(hub, key, held);
        }
    }
    println!(
        "{} trials with keys of other tokens: {successes} opened",
        alone.len() * opened.len().min(KEYS)
    );
    successes
}

/// Everything the hub has that could be a key: the share itself, numbers anybody may guess, its
/// own secrets.
fn tried_with_what_the_hub_holds(hub: &HubSide, alone: &[Held]) -> usize {
    let mut guesses: Vec<[u8; 32]> = vec![[0; 32], small(1), small(2)];
    for secret in &hub.secrets {
        guesses.extend(windows(secret).step_by(8));
        let text = String::from_utf8_lossy(secret);
        let hexadecimal = hex::decode(text.trim()).unwrap_or_default();
        guesses.extend(windows(&hexadecimal));
    }
    let (mut trials, mut successes) = (0, 0);
    for held in alone {
        for guess in guesses.iter().chain([&held.posting.share]) {
            trials += 1;
            successes += key_of(hub, *guess).map_or(0, |key| opens(hub, &key, held));
        }
    }
    println!("{trials} trials with the hub's own secrets: {successes} opened");
    successes
}

/// The token key whose line is flat at `k0`: two equal shares.
fn key_of(hub: &HubSide, mut k0: [u8; 32]) -> Option<TokenKey> {
    // Below 2^252 every number is a scalar.
    k0[31] &= 0x0f;
    let mut posting = hub.postings.first()?.posting;
    posting.share = k0;
    PairPoints::new(&hub.points[0], &hub.points[1])
        .and_then(|pair| pair.key(&posting, &posting))
        .ok()
}

fn windows(bytes: &[u8]) -> impl Iterator<Item = [u8; 32]> {
    bytes
        .windows(32)
        .filter_map(|window| window.try_into().ok())
}

fn small(number: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = number;
    bytes
}

/// Two postings of one agency, one of them taken for another agency's.
fn tried_within_one_agency(hub: &HubSide, alone: &[Held]) -> usize {
    let own: Vec<Held> = alone
        .iter()
        .filter(|h| h.agency == 0)
        .take(PAIRED)
        .copied()
        .collect();
    let pair = PairPoints::new(&hub.points[0], &hub.points[1]);
    let successes = try_pairs(hub, pair.as_ref().ok(), &own, &own);
    println!(
        "{0} x {0} trials within one agency: {successes} opened",
        own.len()
    );
    let refused = own.iter().zip(own.iter().skip(1)).all(|(a, b)| {
        let side = |held: &Held| (hub.agencies[0].clone(), hub.points[0], with_tag(held, a));
        let ((id, at, a), (_, _, b)) = (side(a), side(b));
        open_pair((&id, &at, &a), (&id, &at, &b)).is_err()
    });
    successes + usize::from(!refused)
}

/// Two postings of two agencies with different tags, taken for one token's.
fn tried_across_agencies(hub: &HubSide, alone: &[Held]) -> usize {
    let of = |agency| -> Vec<Held> {
        let own = alone.iter().filter(|held| held.agency == agency);
        own.take(PAIRED).copied().collect()
    };
    let (a, b) = (of(0), of(1));
    let pair = PairPoints::new(&hub.points[0], &hub.points[1]);
    let successes = try_pairs(hub, pair.as_ref().ok(), &a, &b);
    println!(
        "{} x {} trials across agencies: {successes} opened",
        a.len(),
        b.len()
    );
    successes
}

fn try_pairs(hub: &HubSide, pair: Option<&PairPoints>, a: &[Held], b: &[Held]) -> usize {
    let mut successes = 0;
    for first in a {
        for second in b {
            if first.posting == second.posting {
                continue;
            }
            let key = pair.and_then(|pair| pair.key(&first.posting, &with_tag(second, first)).ok());
            if let Some(key) = key {
                successes += opens(hub, &key, first) + opens(hub, &key, second);
            }
        }
    }
    successes
}

/// The tag is not part of what a key is made of; the hub may put any in its place.
fn with_tag(held: &Held, of: &Held) -> Posting {
    Posting {
        tag: of.posting.tag,
        ..held.posting
    }
}

fn opens(hub: &HubSide, key: &TokenKey, held: &Held) -> usize {
    usize::from(key.open(&hub.agencies[held.agency], &held.posting).is_ok())
}

/// Every card key that opened, on every card: what the hub learns of records is exactly those that
/// have a shared token.
fn cards_open_only_for_shared_records(
    hub: &HubSide,
    truth: &HashMap<[u8; 8], Truth>,
    opened: &[Opened],
) -> anyhow::Result<()> {
    let bodies = opened.iter().flat_map(|opened| &opened.bodies);
    let mut expected: BTreeSet<(usize, Pseudonym)> = BTreeSet::new();
    let mut keys: BTreeSet<[u8; 16]> = BTreeSet::new();
    for (held, body) in bodies {
        expected.insert((held.agency, truth[&held.posting.handle.0].pseudonym));
        keys.insert(body.card_key);
    }
    let roles: HashMap<Pseudonym, _> = truth.values().map(|t| (t.pseudonym, t.roles)).collect();
    let mut learnt: BTreeSet<(usize, Pseudonym)> = BTreeSet::new();
    for key in &keys {
        for (agency, _, sealed) in &hub.cards {
            match open_card(key, sealed) {
                Ok(card) => {
                    ensure!(
                        sealed.id == card_id(key),
                        "a card opened with another's key"
                    );
                    ensure!(
                        card.roles == roles[&card.pseudonym],
                        "a card opened wrongly"
                    );
                    learnt.insert((*agency, card.pseudonym));
                }
                Err(_) => ensure!(
                    sealed.id != card_id(key),
                    "a shared record's card is closed"
                ),
            }
        }
    }
    let all: BTreeSet<Pseudonym> = truth.values().map(|t| t.pseudonym).collect();
    println!(
        "{} card keys on {} cards: {} of {} records are known to the hub",
        keys.len(),
        hub.cards.len(),
        learnt.len(),
        all.len()
    );
    ensure!(
        learnt == expected,
        "cards opened that no shared token leads to"
    );
    ensure!(
        learnt.len() < all.len(),
        "every record is shared, so nothing was shown"
    );
    Ok(())
}
