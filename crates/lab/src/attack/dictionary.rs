//! Dictionary attack: make of a guess what would be stored, and look it up.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use sanctuary_hub_core::Pepper;
use sanctuary_posting::{TokenSecrets, agency_point, derive, seal};
use sanctuary_toprf::OprfOutput;
use sanctuary_types::{Epoch, Handle, Month, PartyId, PostingBody, Slots, Tag, TokenType};
use sha2::{Digest, Sha256, Sha512};

use super::{
    claims::Truth,
    disk::{NEEDLE_BYTES, Needle},
    plaintext::{Plaintext, Value},
    view::View,
    whole_key::WholeKey,
};

/// What came of a list of guesses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// Tags tried.
    pub tried: usize,
    /// Stored postings that were named.
    pub postings: usize,
}

/// Looks up the values' tags under a key, and says which stored tag is which value.
///
/// # Errors
/// When a thread fails.
pub fn with_key(
    view: &View,
    pepper: &Pepper,
    plain: &Plaintext,
    key: &WholeKey,
) -> Result<(Found, Truth)> {
    let tags = key.tags(&plain.values)?;
    let stored: HashMap<[u8; 16], u32> = (0u32..)
        .zip(&tags)
        .map(|(value, tag)| (pepper.peppered(tag), value))
        .collect();
    let truth: Truth = view
        .tags
        .iter()
        .map(|tag| stored.get(&tag.stored).copied())
        .collect();
    let named = view
        .postings
        .iter()
        .filter(|p| truth[p.tag as usize].is_some());
    Ok((
        Found {
            tried: tags.len(),
            postings: named.count(),
        },
        truth,
    ))
}

/// What can be tried without any share: plain hashes of every value, with the pepper and without,
/// and the derivation of tags from hashes in place of an evaluation.
#[must_use]
pub fn without_key(view: &View, pepper: &Pepper, plain: &Plaintext, epoch: Epoch) -> Found {
    let stored: HashSet<[u8; 16]> = view.tags.iter().map(|tag| tag.stored).collect();
    let mut found = Found::default();
    let mut hits: HashSet<[u8; 16]> = HashSet::new();
    for value in &plain.values {
        for guess in guesses(value, epoch) {
            found.tried += 2;
            for tag in [guess.0, pepper.peppered(&guess)] {
                if stored.contains(&tag) {
                    hits.insert(tag);
                }
            }
        }
    }
    found.postings = view
        .tags
        .iter()
        .filter(|tag| hits.contains(&tag.stored))
        .map(|tag| tag.postings.len())
        .sum();
    found
}

/// What stands in a store that is not sealed wherever a guess is right: its tag, and the share that
/// each agency puts beside it. The share needs no pepper.
///
/// # Errors
/// When a thread fails.
pub fn needles(plain: &Plaintext, key: &WholeKey, epoch: Epoch) -> Result<Vec<Needle>> {
    let made = key.each(&plain.values, |secrets| {
        let shares = plain
            .agencies
            .iter()
            .map(|agency| share(secrets, agency, epoch));
        shares.chain([secrets.tag.0]).collect::<Vec<_>>()
    })?;
    let numbered = (0u32..).zip(made);
    Ok(numbered
        .flat_map(|(value, made)| made.into_iter().map(move |needle| (needle, value)))
        .collect())
}

/// The same of what can be made without any key.
#[must_use]
pub fn needles_without_key(plain: &Plaintext, epoch: Epoch) -> Vec<Needle> {
    let numbered = (0u32..).zip(&plain.values);
    numbered
        .flat_map(|(value, of)| guesses(of, epoch).map(|tag| (tag.0, value)))
        .collect()
}

/// The first bytes of the share in a posting of `agency`, whatever else the posting says.
fn share(secrets: &TokenSecrets, agency: &PartyId, epoch: Epoch) -> [u8; NEEDLE_BYTES] {
    let body = PostingBody {
        card_key: [0; 16],
        token: TokenType::Nd,
        slots: Slots::default(),
    };
    let point = agency_point(agency, epoch);
    let posting = seal(secrets, &point, agency, Handle([0; 8]), Month(0), &body);
    let mut first = [0; NEEDLE_BYTES];
    first.copy_from_slice(&posting.share[..NEEDLE_BYTES]);
    first
}

fn guesses(value: &Value, epoch: Epoch) -> [Tag; 3] {
    let first_16 = |bytes: &[u8]| {
        let mut tag = Tag([0; 16]);
        tag.0.copy_from_slice(&bytes[..16]);
        tag
    };
    let short = Sha256::digest(value.input.as_slice());
    let long = Sha512::digest(value.input.as_slice());
    let output = OprfOutput::from_bytes(long.into());
    [
        first_16(&short),
        first_16(&long),
        derive(&output, value.class, epoch).tag,
    ]
}
