use rand_core::CryptoRng;
use sanctuary_types::{Card, CardId, Month, lp};
use zeroize::Zeroizing;

use crate::{
    PostingError,
    aead::{self, TAG_BYTES},
};

/// Bytes of a sealed card.
const SEALED_BYTES: usize = Card::BYTES + TAG_BYTES;

/// A record's card as pushed to the hub: opened only with the card key that a posting of the
/// record carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedCard {
    /// Found from the card key; see [`card_id`].
    pub id: CardId,
    /// Last month of its validity.
    pub expiry: Month,
    /// The card, sealed.
    pub sealed: [u8; SEALED_BYTES],
}

/// The id under which a card key's card lies: the first 8 bytes of HKDF(card key, "card-id").
#[must_use]
pub fn card_id(card_key: &[u8; 16]) -> CardId {
    CardId(*aead::expand(&prk(card_key), b"card-id"))
}

/// Seals a record's card.
///
/// One card key seals one card: the key is random, so the nonce may be zero. A record whose card
/// *changes* needs a new card key, and with it new postings, or two cards would be under one key
/// and nonce. The same arguments give the same bytes, so a retry is a retry.
#[must_use]
pub fn seal_card(card_key: &[u8; 16], expiry: Month, card: &Card) -> SealedCard {
    let mut sealed = SealedCard {
        id: card_id(card_key),
        expiry,
        sealed: [0; SEALED_BYTES],
    };
    let plain = Zeroizing::new(card.to_bytes());
    let associated = sealed.associated();
    aead::seal(
        &body_key(card_key, expiry),
        &associated,
        &*plain,
        &mut sealed.sealed,
    );
    sealed
}

/// Opens a card with the key that a posting carried.
///
/// # Errors
/// [`PostingError::CardDoesNotOpen`] or [`PostingError::MalformedContent`].
pub fn open_card(card_key: &[u8; 16], sealed: &SealedCard) -> Result<Card, PostingError> {
    let key = body_key(card_key, sealed.expiry);
    let plain = aead::open(&key, &sealed.associated(), &sealed.sealed)
        .ok_or(PostingError::CardDoesNotOpen)?;
    Card::from_bytes(&plain).map_err(|_| PostingError::MalformedContent)
}

impl SealedCard {
    /// Length on the wire: id 8, expiry 2 (big-endian), sealed card 48.
    pub const BYTES: usize = CardId::BYTES + 2 + SEALED_BYTES;

    /// A card of nothing, to pad a batch. Draw `expiry` from the real cards of the same batch.
    #[must_use]
    pub fn dummy(expiry: Month, rng: &mut impl CryptoRng) -> Self {
        let mut dummy = Self {
            id: CardId([0; CardId::BYTES]),
            expiry,
            sealed: [0; SEALED_BYTES],
        };
        rng.fill_bytes(&mut dummy.id.0);
        rng.fill_bytes(&mut dummy.sealed);
        dummy
    }

    /// The wire form.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        out[..8].copy_from_slice(&self.id.0);
        out[8..10].copy_from_slice(&self.expiry.0.to_be_bytes());
        out[10..].copy_from_slice(&self.sealed);
        out
    }

    /// Back from the wire form. Any bytes are a sealed card; whether they open shows later.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let mut card = Self {
            id: CardId([0; CardId::BYTES]),
            expiry: Month(u16::from_be_bytes([bytes[8], bytes[9]])),
            sealed: [0; SEALED_BYTES],
        };
        card.id.0.copy_from_slice(&bytes[..8]);
        card.sealed.copy_from_slice(&bytes[10..]);
        card
    }

    fn associated(&self) -> Vec<u8> {
        let expiry = self.expiry.0.to_be_bytes();
        lp(&[b"sanctuary/v1/card", &self.id.0, &expiry])
    }
}

/// HKDF-SHA256, salt `sanctuary/v1/card`, info `"card" || lp(expiry)`.
fn body_key(card_key: &[u8; 16], expiry: Month) -> Zeroizing<[u8; 32]> {
    let context = lp(&[&expiry.0.to_be_bytes()]);
    aead::expand(&prk(card_key), &[b"card", &context[..]].concat())
}

fn prk(card_key: &[u8; 16]) -> ring::hkdf::Prk {
    aead::extract(b"sanctuary/v1/card", card_key)
}
