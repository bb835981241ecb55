use rand_core::CryptoRng;
use sanctuary_trust::SigningKey;
use sanctuary_types::{PartyId, Timestamp};
use zeroize::Zeroizing;

use crate::{
    EnvelopeError, KEY_ACCEPTED_DAYS, KEY_FRESH_DAYS, KeyAnnouncement, KeyId, RecipientSecret,
    Suite,
};

const DAY_MS: u64 = 86_400_000;
/// A new key is made this long before the old one is no longer fresh, so that others learn it in time.
const OVERLAP_MS: u64 = 3 * DAY_MS;

/// This node's own recipient keys: the current one and those still accepted.
#[derive(Debug, Default)]
pub struct KeyRing {
    keys: Vec<OwnKey>,
}

#[derive(Debug)]
struct OwnKey {
    id: KeyId,
    suite: Suite,
    secret: RecipientSecret,
    not_before: Timestamp,
}

impl OwnKey {
    const fn after(&self, days: u64) -> Timestamp {
        Timestamp(self.not_before.0.saturating_add(days * DAY_MS))
    }
}

impl KeyRing {
    /// Destroys keys past their time, and makes a new one when there is none or the current one is
    /// nearly no longer fresh. Returns the announcement of a new key, to be stored before it is sent.
    pub fn rotate(
        &mut self,
        party: &PartyId,
        suite: Suite,
        signing: &SigningKey,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Option<KeyAnnouncement> {
        self.destroy(now);
        let fresh = self
            .keys
            .iter()
            .any(|k| k.suite == suite && now.0 + OVERLAP_MS < k.after(KEY_FRESH_DAYS).0);
        if fresh {
            return None;
        }
        let (secret, public) = suite.generate(rng);
        let announcement = KeyAnnouncement::sign(party, suite, public, now, signing);
        self.keys.push(OwnKey {
            id: announcement.key_id,
            suite,
            secret,
            not_before: now,
        });
        Some(announcement)
    }

    /// Wipes the private halves of keys that have been accepted for as long as they may be.
    pub fn destroy(&mut self, now: Timestamp) {
        self.keys.retain(|k| now < k.after(KEY_ACCEPTED_DAYS));
    }

    /// The announcement of the newest key again, for a hub that has lost it.
    #[must_use]
    pub fn announcement(&self, party: &PartyId, signing: &SigningKey) -> Option<KeyAnnouncement> {
        let key = self.keys.last()?;
        let public = key.suite.public_of(&key.secret)?;
        Some(KeyAnnouncement::sign(
            party,
            key.suite,
            public,
            key.not_before,
            signing,
        ))
    }

    /// The key of an id while it is accepted.
    pub(crate) fn secret(
        &self,
        id: &KeyId,
        suite: Suite,
        now: Timestamp,
    ) -> Option<&RecipientSecret> {
        self.keys
            .iter()
            .find(|k| k.id == *id && k.suite == suite && now < k.after(KEY_ACCEPTED_DAYS))
            .map(|k| &k.secret)
    }

    /// For the node's sealed store: suite code, start and secret of each key, 41 bytes a key.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(41 * self.keys.len()));
        for key in &self.keys {
            out.push(key.suite.code());
            out.extend_from_slice(&key.not_before.0.to_be_bytes());
            out.extend_from_slice(key.secret.0.as_ref());
        }
        out
    }

    /// Back from the sealed store.
    ///
    /// # Errors
    /// [`EnvelopeError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let bad = || EnvelopeError::Malformed("key ring");
        let (rows, rest) = bytes.as_chunks::<41>();
        if !rest.is_empty() {
            return Err(bad());
        }
        let read = |row: &[u8; 41]| {
            let (head, secret) = row.split_first_chunk::<9>().ok_or_else(bad)?;
            let (code, start) = head.split_first_chunk::<1>().ok_or_else(bad)?;
            let suite = Suite::from_code(code[0]).ok_or_else(bad)?;
            let secret = RecipientSecret(Zeroizing::new(secret.try_into().map_err(|_| bad())?));
            let public = suite.public_of(&secret).ok_or_else(bad)?;
            Ok(OwnKey {
                id: KeyId::of(suite, &public),
                suite,
                secret,
                not_before: Timestamp(u64::from_be_bytes(start.try_into().map_err(|_| bad())?)),
            })
        };
        Ok(Self {
            keys: rows.iter().map(read).collect::<Result<_, _>>()?,
        })
    }
}
