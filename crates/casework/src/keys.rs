//! Envelope keys: this node's own, which it changes by the calendar, and the other agencies' as they signed
//! them.

use rand_core::CryptoRng;
use sanctuary_envelope::{EnvelopeError, KeyAnnouncement, KeyBook, KeyRing, Suite};
use sanctuary_types::{PartyId, Timestamp};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    Casework, CaseworkError, Change, Outgoing, Shelf,
    alarm::Alarming,
    batch::Batch,
    codec::{Secret, from_json, json},
};

const RING: &[u8] = b"ring";
const WATERMARK: &[u8] = b"watermark";
/// Made and accepted; nothing weaker is.
pub(crate) const SUITE: Suite = Suite::XWing;

impl Casework<'_> {
    /// Takes in another agency's envelope key, as the hub hands it over. `true` when it is new.
    ///
    /// # Errors
    /// [`EnvelopeError::SwappedKey`], [`EnvelopeError::OldKey`], [`EnvelopeError::BadAnnouncement`]; each is
    /// also kept as an alarm, once.
    pub fn learn_key(
        &self,
        announcement: &KeyAnnouncement,
        now: Timestamp,
    ) -> Result<bool, CaseworkError> {
        let party = &announcement.party;
        if party == self.own() {
            return Ok(false);
        }
        let key = self
            .ports
            .directory
            .agency_key(party)
            .ok_or_else(|| CaseworkError::NotAParty(party.clone()))?;
        let mut book = self.key_of(party)?;
        if book.iter().any(|known| known == announcement) {
            return Ok(false);
        }
        match book.learn(announcement.clone(), &key) {
            Ok(()) => {
                let row = announcement.to_bytes();
                let change = Change::put(Shelf::Key, book_key(party), row);
                self.ports.store.commit(vec![change])?;
                Ok(true)
            }
            Err(error) => {
                let id: [u8; 32] = Sha256::digest(announcement.to_bytes()).into();
                if self.ports.store.get(Shelf::Once, &id)?.is_none() {
                    let mut changes = self.alarm(&Alarming::new(party, &error), now)?;
                    let until = Timestamp(now.0.saturating_add(60 * 86_400_000));
                    changes.push(Change::put(Shelf::Once, id, json(&(until, ""))));
                    self.ports.store.commit(changes)?;
                }
                Err(error.into())
            }
        }
    }

    /// The book with the one agency's key. An announcement that its roster key no longer signs is not in it.
    pub(crate) fn key_of(&self, party: &PartyId) -> Result<KeyBook, CaseworkError> {
        let mut book = KeyBook::default();
        if let Some(row) = self.ports.store.get(Shelf::Key, &book_key(party))?
            && let Some(key) = self.ports.directory.agency_key(party)
        {
            let known = KeyAnnouncement::from_bytes(&row)?;
            match book.learn(known, &key) {
                Ok(()) | Err(EnvelopeError::SwappedKey { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(book)
    }

    /// This node's own keys.
    pub(crate) fn ring(&self) -> Result<KeyRing, CaseworkError> {
        Ok(match self.ports.store.get(Shelf::Key, RING)? {
            Some(row) => KeyRing::from_bytes(&row)?,
            None => KeyRing::default(),
        })
    }

    /// Makes a new key when the current one is nearly old, destroys those past their time, and announces.
    pub(crate) fn rotate(
        &self,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<bool, CaseworkError> {
        let mut ring = self.ring()?;
        let before = ring.to_bytes();
        let (own, signing) = (self.own(), self.ports.directory.signing());
        let announcement = ring.rotate(own, SUITE, signing, now, rng);
        let after = ring.to_bytes();
        if before == after {
            return Ok(false);
        }
        let mut batch = Batch::new(*self, vec![Change::put(Shelf::Key, RING, after.to_vec())]);
        let announced = announcement.is_some();
        if let Some(announcement) = announcement {
            batch.out(&Outgoing::Announce(announcement))?;
        }
        self.ports.store.commit(batch.done())?;
        Ok(announced)
    }

    /// The own key announced again, for a hub that has lost it.
    ///
    /// # Errors
    /// [`CaseworkError::Port`].
    pub fn announce_again(&self) -> Result<Option<KeyAnnouncement>, CaseworkError> {
        Ok(self
            .ring()?
            .announcement(self.own(), self.ports.directory.signing()))
    }

    /// The key under which this agency's watermarks are made; the change to store it when it is new.
    pub(crate) fn watermark_key(
        &self,
        rng: &mut impl CryptoRng,
    ) -> Result<(Zeroizing<[u8; 32]>, Option<Change>), CaseworkError> {
        if let Some(row) = self.ports.store.get(Shelf::Key, WATERMARK)? {
            let key: Secret = from_json(&row, "watermark key")?;
            return Ok((key.0, None));
        }
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(key.as_mut());
        let row = json(&Secret(key.clone()));
        Ok((key, Some(Change::add(Shelf::Key, WATERMARK, row))))
    }

    pub(crate) fn known_watermark_key(&self) -> Result<Zeroizing<[u8; 32]>, CaseworkError> {
        let row = self.ports.store.get(Shelf::Key, WATERMARK)?;
        let row = row.ok_or(CaseworkError::NothingReleased)?;
        let key: Secret = from_json(&row, "watermark key")?;
        Ok(key.0)
    }
}

fn book_key(party: &PartyId) -> Vec<u8> {
    [b"of/", party.as_bytes()].concat()
}
