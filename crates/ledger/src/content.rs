use std::fmt;

use rand_core::CryptoRng;
use ring::hmac;
use sanctuary_types::{PartyId, Timestamp, lp};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    ActorRole, Commitment, Entry, EntryId, EntryKind, LedgerError, bytes::Parts,
    limits::CONTENT_BYTES_MAX,
};

/// 32 random bytes that hide a content in its commitment. Destroyed, the entry says nothing any more,
/// to anybody, while the tree stays whole. Wiped on drop, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Salt([u8; 32]);

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(<redacted>)")
    }
}

/// What an entry is about, with the salt that opens it: lies sealed in the stores of those entitled,
/// never in the log. Erasing it erases the entry.
#[derive(Clone, ZeroizeOnDrop)]
pub struct SealedContent {
    #[zeroize(skip)]
    id: EntryId,
    salt: Salt,
    content: Vec<u8>,
}

impl SealedContent {
    /// Content (at most [`CONTENT_BYTES_MAX`] when it is to be read back) under a fresh id and salt.
    #[must_use]
    pub fn new(content: Vec<u8>, rng: &mut impl CryptoRng) -> Self {
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        Self::of(EntryId(id), content, rng)
    }

    /// As [`Self::new`], under an id that is derived from the act, so that the act stated again after a
    /// crash is the same entry. Derive it under a key: an id that anybody can compute tells who guesses.
    #[must_use]
    pub fn of(id: EntryId, content: Vec<u8>, rng: &mut impl CryptoRng) -> Self {
        let mut salt = Salt([0; 32]);
        rng.fill_bytes(&mut salt.0);
        Self { id, salt, content }
    }

    /// As [`Self::of`], with a salt derived under a secret of the same strength: for a party that keeps
    /// no ledger store and can make content and salt again from its own records. Such an entry is
    /// erased by destroying those records: the content cannot be made again then.
    #[must_use]
    pub const fn derived(id: EntryId, salt: [u8; 32], content: Vec<u8>) -> Self {
        Self {
            id,
            salt: Salt(salt),
            content,
        }
    }

    /// The id of the entry it belongs to.
    #[must_use]
    pub const fn id(&self) -> EntryId {
        self.id
    }

    /// The content.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// HMAC-SHA256(salt, lp("sanctuary/v1/log-content", id, content)).
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        let tag = hmac::sign(&self.key(), &self.message());
        let mut out = [0; 32];
        out.copy_from_slice(tag.as_ref());
        Commitment(out)
    }

    /// The entry that commits to this content.
    ///
    /// # Errors
    /// [`LedgerError::TooMany`].
    pub fn entry(
        &self,
        kind: EntryKind,
        time: Timestamp,
        actor: PartyId,
        role: ActorRole,
        concerned: &[PartyId],
    ) -> Result<Entry, LedgerError> {
        Entry::new(
            self.id,
            kind,
            time,
            actor,
            role,
            concerned,
            self.commitment(),
        )
    }

    /// Whether this is what `entry` commits to, in constant time.
    #[must_use]
    pub fn opens(&self, entry: &Entry) -> bool {
        entry.id == self.id
            && hmac::verify(&self.key(), &self.message(), &entry.commitment.0).is_ok()
    }

    /// `lp(id, salt, content)`, for a sealed store or to hand to a party that is entitled.
    #[must_use]
    pub fn to_bytes(&self) -> zeroize::Zeroizing<Vec<u8>> {
        lp(&[&self.id.0, &self.salt.0, &self.content]).into()
    }

    /// Reads [`Self::to_bytes`].
    ///
    /// # Errors
    /// [`LedgerError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut parts = Parts::new("sealed content", bytes);
        let id = EntryId(parts.array()?);
        let salt = Salt(parts.array()?);
        let content = parts.next()?.to_vec();
        parts.end()?;
        if content.len() > CONTENT_BYTES_MAX {
            return Err(parts.bad("it is too long"));
        }
        Ok(Self { id, salt, content })
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.salt.0)
    }

    fn message(&self) -> zeroize::Zeroizing<Vec<u8>> {
        lp(&[b"sanctuary/v1/log-content", &self.id.0, &self.content]).into()
    }
}

impl fmt::Debug for SealedContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedContent({}, <redacted>)", self.id)
    }
}
