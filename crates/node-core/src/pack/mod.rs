//! From the tokens of records to one sealed push: shuffled, padded, signed.
//!
//! What the hub sees of a batch is counts in size classes: postings in random order, cards in
//! another random order, withdrawals mixed with those of dummies. Which postings belong together
//! it learns only where a second agency holds the same token.

mod batch;
mod dummies;
mod facts;

use std::sync::Arc;

use rand_core::CryptoRng;
use sanctuary_posting::{
    AgencyPoint, Posting, TokenSecrets, agency_point, card_id, pad::size_class, seal, seal_card,
};
use sanctuary_types::{
    Card, CardId, Epoch, Handle, Month, PartyId, PostingBody, RulesVersion, Slots, Tag, TokenType,
    limits::{BATCH_CARDS_MAX, BATCH_POSTINGS_MAX, BATCH_WITHDRAWALS_MAX},
};
use zeroize::Zeroizing;

pub use batch::{BatchContents, SignedBatch};
use dummies::Dummies;
pub use facts::BatchFacts;

use crate::{
    NodeError, NodeSecret, Published, PublishedToken,
    ports::{DummyRange, PackState},
    shuffle::shuffle,
};

/// Dummies that should stand at the hub: a withdrawal of one record is padded with as many.
const RESERVE: usize = 64;

/// One record, ready to be sealed.
#[derive(Clone)]
pub struct RecordTokens {
    /// What the hub learns of the record, once it may open it.
    pub card: Card,
    /// When the record leaves the service; see [`pack`] for what its postings carry.
    pub expires: Month,
    /// Its tokens.
    pub tokens: Vec<RecordToken>,
}

/// One token of a record.
#[derive(Clone)]
pub struct RecordToken {
    /// Kind.
    pub token: TokenType,
    /// Which parts of the record it speaks of.
    pub slots: Slots,
    /// Tag and sealing secrets; shared by the records of a batch that hold the same token.
    pub secrets: Arc<TokenSecrets>,
}

/// How a batch is padded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// To a size class, with dummies. What every node does.
    #[default]
    SizeClass,
    /// Not at all: only for measurements in the lab.
    None,
}

/// What to pack, and for whom.
pub struct PackJob<'a> {
    /// Whose postings these are.
    pub agency: &'a PartyId,
    /// Epoch of the tokens.
    pub epoch: Epoch,
    /// Rules of the tokens.
    pub rules: RulesVersion,
    /// New and changed records.
    pub records: &'a [RecordTokens],
    /// Earlier publications to withdraw; those of other epochs are gone with their epoch.
    pub withdrawn: &'a [Published],
    /// How to pad.
    pub padding: Padding,
    /// JSON of the agency's population, when it changed.
    pub population: Option<Vec<u8>>,
    /// Where dummies come from.
    pub secret: &'a NodeSecret,
}

/// A packed batch and, for each record of the job in order, what is now published of it.
pub struct Packed {
    /// What is sent, not yet signed.
    pub contents: BatchContents,
    /// In the order of [`PackJob::records`].
    pub published: Vec<Published>,
}

/// Seals, pads and shuffles. Every posting and card carries the latest expiry month among the
/// records, so that the month joins nothing to anything. `state` moves on by the dummies used; it must be stored together
/// with the batch.
///
/// # Errors
/// [`NodeError::BatchTooLarge`] above the limits of one push.
pub fn pack(
    job: &PackJob<'_>,
    state: &mut PackState,
    rng: &mut impl CryptoRng,
) -> Result<Packed, NodeError> {
    let dummies = Dummies::new(job.secret, job.epoch);
    let (withdrawals, withdrawn_cards) = withdraw(job, &dummies, state, rng);
    let point = agency_point(job.agency, job.epoch);
    let expiry = batch_expiry(job.records);
    let mut postings = Vec::new();
    let mut cards = Vec::new();
    let mut published = Vec::with_capacity(job.records.len());
    for record in job.records {
        let mut card_key = Zeroizing::new([0; 16]);
        rng.fill_bytes(card_key.as_mut_slice());
        cards.push(seal_card(&card_key, expiry, &record.card));
        let sealer = RecordSealer {
            job,
            card_key: &card_key,
            point: &point,
            expiry,
        };
        published.push(sealer.seal(record, &mut postings, rng));
    }
    if job.padding == Padding::SizeClass {
        for _ in postings.len()..with_reserve(postings.len(), state.dummy_postings) {
            postings.push(dummies.posting(&mut state.dummy_postings, expiry));
        }
        for _ in cards.len()..with_reserve(cards.len(), state.dummy_cards) {
            cards.push(dummies.card(&mut state.dummy_cards, expiry));
        }
    }
    let fits = postings.len() <= BATCH_POSTINGS_MAX
        && cards.len() <= BATCH_CARDS_MAX
        && withdrawals.len() <= BATCH_WITHDRAWALS_MAX
        && withdrawn_cards.len() <= BATCH_CARDS_MAX;
    if !fits {
        return Err(NodeError::BatchTooLarge(job.epoch));
    }
    shuffle(&mut postings, rng);
    shuffle(&mut cards, rng);
    let contents = BatchContents::new(job, &postings, &cards, &withdrawals, &withdrawn_cards, rng);
    Ok(Packed {
        contents,
        published,
    })
}

/// The one month that everything in a batch carries: the latest of its records. The month is
/// readable, so a record's own would join its postings to each other and to its card. The node
/// withdraws a record that expires earlier.
fn batch_expiry(records: &[RecordTokens]) -> Month {
    let months = records.iter().map(|record| record.expires);
    months.max().unwrap_or_default()
}

/// Seals the tokens of one record.
struct RecordSealer<'a> {
    job: &'a PackJob<'a>,
    card_key: &'a [u8; 16],
    point: &'a AgencyPoint,
    expiry: Month,
}

impl RecordSealer<'_> {
    fn seal(
        &self,
        record: &RecordTokens,
        postings: &mut Vec<Posting>,
        rng: &mut impl CryptoRng,
    ) -> Published {
        let job = self.job;
        let mut tokens = Vec::with_capacity(record.tokens.len());
        for token in &record.tokens {
            let mut handle = Handle([0; 8]);
            rng.fill_bytes(&mut handle.0);
            let body = PostingBody {
                card_key: *self.card_key,
                token: token.token,
                slots: token.slots,
            };
            postings.push(seal(
                &token.secrets,
                self.point,
                job.agency,
                handle,
                self.expiry,
                &body,
            ));
            tokens.push(PublishedToken {
                token: token.token,
                tag: token.secrets.tag,
                handle,
                match_secret: Zeroizing::new(token.secrets.match_secret),
            });
        }
        Published {
            epoch: job.epoch,
            rules: job.rules,
            card: card_id(self.card_key),
            tokens,
        }
    }
}

/// Real withdrawals, then dummies' up to the size class, shuffled. When no dummies stand any more
/// the padding is random names, which the hub finds nothing for.
fn withdraw(
    job: &PackJob<'_>,
    dummies: &Dummies<'_>,
    state: &mut PackState,
    rng: &mut impl CryptoRng,
) -> (Vec<(Tag, Handle)>, Vec<CardId>) {
    let standing = || job.withdrawn.iter().filter(|p| p.epoch == job.epoch);
    let mut postings: Vec<(Tag, Handle)> = standing()
        .flat_map(|p| p.tokens.iter().map(|t| (t.tag, t.handle)))
        .collect();
    let mut cards: Vec<CardId> = standing().map(|p| p.card).collect();
    if job.padding == Padding::SizeClass {
        for _ in postings.len()..padded(postings.len()) {
            let dummy = dummies.withdraw_posting(&mut state.dummy_postings);
            postings.push(dummy.unwrap_or_else(|| {
                let (mut tag, mut handle) = (Tag([0; 16]), Handle([0; 8]));
                rng.fill_bytes(&mut tag.0);
                rng.fill_bytes(&mut handle.0);
                (tag, handle)
            }));
        }
        for _ in cards.len()..padded(cards.len()) {
            let dummy = dummies.withdraw_card(&mut state.dummy_cards);
            cards.push(dummy.unwrap_or_else(|| {
                let mut id = CardId([0; 8]);
                rng.fill_bytes(&mut id.0);
                id
            }));
        }
    }
    shuffle(&mut postings, rng);
    shuffle(&mut cards, rng);
    (postings, cards)
}

/// The size class that also leaves enough dummies standing at the hub to pad the next withdrawal.
fn with_reserve(n: usize, dummies: DummyRange) -> usize {
    let standing = dummies.issued.saturating_sub(dummies.withdrawn);
    let missing = (RESERVE as u64).saturating_sub(standing) as usize;
    if n == 0 { 0 } else { size_class(n + missing) }
}

/// Nothing stays nothing; anything else grows to its size class.
fn padded(n: usize) -> usize {
    if n == 0 { 0 } else { size_class(n) }
}
