use std::fmt;

use sanctuary_trust::{SigningKey, verify};
use sanctuary_types::{PartyId, Timestamp, lp};
use sha2::{Digest, Sha256};

use crate::{EnvelopeError, Suite};

const DAY_MS: u64 = 86_400_000;
/// Days for which others seal to a key.
pub const KEY_FRESH_DAYS: u64 = 30;
/// Days after which its private half is destroyed at the latest: the fresh days and the longest time
/// that an answer may take to be approved.
pub const KEY_ACCEPTED_DAYS: u64 = KEY_FRESH_DAYS + 30;

/// Names a recipient key: the first 16 bytes of the SHA-256 of suite and public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    pub(crate) fn of(suite: Suite, public: &[u8]) -> Self {
        let digest = Sha256::digest(lp(&[
            b"sanctuary/v1/envelope-key-id",
            &[suite.code()],
            public,
        ]));
        let mut id = [0; 16];
        id.iter_mut().zip(digest.iter()).for_each(|(i, d)| *i = *d);
        Self(id)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// "Seal to this key until then", signed by the party that holds it. The hub hands it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAnnouncement {
    /// Whose key.
    pub party: PartyId,
    /// For which suite.
    pub suite: Suite,
    /// Its name; follows from suite and key.
    pub key_id: KeyId,
    /// The public key.
    pub public: Vec<u8>,
    /// From when.
    pub not_before: Timestamp,
    /// Others stop sealing to it.
    pub fresh_until: Timestamp,
    /// Ed25519 of the party.
    pub signature: [u8; 64],
}

impl KeyAnnouncement {
    pub(crate) fn sign(
        party: &PartyId,
        suite: Suite,
        public: Vec<u8>,
        not_before: Timestamp,
        key: &SigningKey,
    ) -> Self {
        let mut announcement = Self {
            party: party.clone(),
            suite,
            key_id: KeyId::of(suite, &public),
            public,
            not_before,
            fresh_until: Timestamp(not_before.0.saturating_add(KEY_FRESH_DAYS * DAY_MS)),
            signature: [0; 64],
        };
        announcement.signature = key.sign(&announcement.message());
        announcement
    }

    /// Checks form and signature under the party's roster key.
    ///
    /// # Errors
    /// [`EnvelopeError::SwappedKey`] when the party did not sign it.
    pub fn verify(&self, signing_key: &[u8; 32]) -> Result<(), EnvelopeError> {
        verify(signing_key, &self.message(), &self.signature).map_err(|_| {
            EnvelopeError::SwappedKey {
                party: self.party.clone(),
            }
        })?;
        let longest = self.not_before.0.saturating_add(KEY_FRESH_DAYS * DAY_MS);
        let fits = self.public.len() == self.suite.public_bytes()
            && self.key_id == KeyId::of(self.suite, &self.public)
            && self.fresh_until > self.not_before
            && self.fresh_until.0 <= longest;
        if fits {
            Ok(())
        } else {
            Err(EnvelopeError::BadAnnouncement)
        }
    }

    fn message(&self) -> Vec<u8> {
        lp(&[
            b"sanctuary/v1/envelope-key",
            self.party.as_bytes(),
            &[self.suite.code()],
            &self.key_id.0,
            &self.public,
            &self.not_before.0.to_be_bytes(),
            &self.fresh_until.0.to_be_bytes(),
        ])
    }
}
