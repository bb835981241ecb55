use rand_core::CryptoRng;
use sanctuary_posting::{Posting, SealedCard};
use sanctuary_types::{
    BatchId, CardId, Epoch, Handle, PartyId, RulesVersion, Tag, lp, upload_message,
};
use sha2::{Digest, Sha256};

use super::PackJob;
use crate::NodeError;

/// One push as the hub gets it, but for the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchContents {
    /// Random; the same id with the same content is a retry.
    pub batch_id: BatchId,
    /// Rules of every token in it.
    pub rules: RulesVersion,
    /// Epoch of every tag in it.
    pub epoch: Epoch,
    /// n times 94 bytes.
    pub postings: Vec<u8>,
    /// n times 58 bytes.
    pub cards: Vec<u8>,
    /// n times 24 bytes: tag, handle.
    pub withdrawals: Vec<u8>,
    /// n times 8 bytes.
    pub withdrawn_cards: Vec<u8>,
    /// JSON of the population; empty = unchanged.
    pub population: Vec<u8>,
}

impl BatchContents {
    pub(super) fn new(
        job: &PackJob<'_>,
        postings: &[Posting],
        cards: &[SealedCard],
        withdrawals: &[(Tag, Handle)],
        withdrawn_cards: &[CardId],
        rng: &mut impl CryptoRng,
    ) -> Self {
        let mut batch_id = BatchId([0; 16]);
        rng.fill_bytes(&mut batch_id.0);
        Self {
            batch_id,
            rules: job.rules,
            epoch: job.epoch,
            postings: postings.iter().flat_map(Posting::to_bytes).collect(),
            cards: cards.iter().flat_map(SealedCard::to_bytes).collect(),
            withdrawals: withdrawals
                .iter()
                .flat_map(|(tag, handle)| [&tag.0[..], &handle.0[..]].concat())
                .collect(),
            withdrawn_cards: withdrawn_cards.iter().flat_map(|id| id.0).collect(),
            population: job.population.clone().unwrap_or_default(),
        }
    }

    /// The message under the signature (see [`upload_message`]).
    #[must_use]
    pub fn message(&self, agency: &PartyId) -> Vec<u8> {
        let digest = |part: &[u8]| -> [u8; 32] { Sha256::digest(part).into() };
        upload_message(
            agency,
            self.batch_id,
            self.rules,
            self.epoch,
            &[
                digest(&self.postings),
                digest(&self.cards),
                digest(&self.withdrawals),
                digest(&self.withdrawn_cards),
                digest(&self.population),
            ],
        )
    }

    /// Signs it; `sign` is the agency's Ed25519 key.
    #[must_use]
    pub fn sign(self, agency: &PartyId, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> SignedBatch {
        let signature = sign(&self.message(agency));
        SignedBatch {
            contents: self,
            signature,
        }
    }

    /// Whether there is anything to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.postings.is_empty()
            && self.cards.is_empty()
            && self.withdrawals.is_empty()
            && self.withdrawn_cards.is_empty()
            && self.population.is_empty()
    }
}

/// One push, ready for the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBatch {
    /// What is signed.
    pub contents: BatchContents,
    /// Ed25519 over [`BatchContents::message`].
    pub signature: [u8; 64],
}

impl SignedBatch {
    /// As bytes, for the outbox: `lp(id, rules, epoch, the five parts, signature)`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let contents = &self.contents;
        lp(&[
            &contents.batch_id.0,
            &contents.rules.0.to_be_bytes(),
            &contents.epoch.0.to_be_bytes(),
            &contents.postings,
            &contents.cards,
            &contents.withdrawals,
            &contents.withdrawn_cards,
            &contents.population,
            &self.signature,
        ])
    }

    /// Back from bytes.
    ///
    /// # Errors
    /// [`NodeError::Damaged`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NodeError> {
        Self::decode(bytes).ok_or(NodeError::Damaged("batch in the outbox"))
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut part = || -> Option<&[u8]> {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let (part, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
            rest = after;
            Some(part)
        };
        let contents = BatchContents {
            batch_id: BatchId(part()?.try_into().ok()?),
            rules: RulesVersion(u16::from_be_bytes(part()?.try_into().ok()?)),
            epoch: Epoch(u32::from_be_bytes(part()?.try_into().ok()?)),
            postings: part()?.to_vec(),
            cards: part()?.to_vec(),
            withdrawals: part()?.to_vec(),
            withdrawn_cards: part()?.to_vec(),
            population: part()?.to_vec(),
        };
        let signature = part()?.try_into().ok()?;
        rest.is_empty().then_some(Self {
            contents,
            signature,
        })
    }
}
