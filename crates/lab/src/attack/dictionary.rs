//! Dictionary attack: make the tag of a guess and look it up.

use std::collections::HashSet;

use anyhow::Result;
use sanctuary_hub_core::Pepper;
use sanctuary_posting::derive;
use sanctuary_toprf::OprfOutput;
use sanctuary_types::{Epoch, Tag};
use sha2::{Digest, Sha256, Sha512};

use super::{
    claims::Truth,
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
    let stored: std::collections::HashMap<[u8; 16], u32> = (0u32..)
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
