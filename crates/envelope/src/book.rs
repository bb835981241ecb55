use std::collections::BTreeMap;

use sanctuary_types::{PartyId, Timestamp};

use crate::{EnvelopeError, KeyAnnouncement};

/// The newest announced key of each other party. What the hub hands over counts only when the party
/// itself signed it and it is not older than what was seen before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyBook {
    keys: BTreeMap<PartyId, KeyAnnouncement>,
}

impl KeyBook {
    /// Takes an announcement in; `signing_key` is the party's Ed25519 key from the roster.
    ///
    /// # Errors
    /// [`EnvelopeError::SwappedKey`], [`EnvelopeError::BadAnnouncement`], or [`EnvelopeError::OldKey`]
    /// for one that goes back.
    pub fn learn(
        &mut self,
        announcement: KeyAnnouncement,
        signing_key: &[u8; 32],
    ) -> Result<(), EnvelopeError> {
        announcement.verify(signing_key)?;
        let known = self.keys.get(&announcement.party);
        // Two different keys of one moment: the party made one of them, somebody keeps the other back.
        let goes_back = known.is_some_and(|k| {
            k.not_before > announcement.not_before
                || (k.not_before == announcement.not_before && *k != announcement)
        });
        if goes_back {
            return Err(EnvelopeError::OldKey {
                party: announcement.party,
            });
        }
        self.keys.insert(announcement.party.clone(), announcement);
        Ok(())
    }

    /// The key to seal to.
    ///
    /// # Errors
    /// [`EnvelopeError::NoKey`] when none is known, or the hub keeps the new ones back until the last
    /// known one is no longer fresh.
    pub fn current(
        &self,
        party: &PartyId,
        now: Timestamp,
    ) -> Result<&KeyAnnouncement, EnvelopeError> {
        self.keys
            .get(party)
            .filter(|k| now < k.fresh_until)
            .ok_or_else(|| EnvelopeError::NoKey {
                party: party.clone(),
            })
    }

    /// Every key known, for the node's store.
    pub fn iter(&self) -> impl Iterator<Item = &KeyAnnouncement> {
        self.keys.values()
    }
}
