//! Envelope keys, as their agencies announced them.

use std::collections::BTreeMap;

use sanctuary_types::{PartyId, Timestamp};

use super::{AHEAD_MS, EnvelopeKey, send::refuse};
use crate::{
    Hub, HubError,
    hub::locked,
    ports::{Change, PostingLog, StateStore, StateTable},
};

/// Bytes of an announcement: the key of suite 2 and what stands around it.
const BYTES_MAX: usize = 2 * 1024;

impl<L: PostingLog, S: StateStore> Hub<L, S> {
    /// Keeps an agency's newest envelope key for a suite, durably. The same one again changes nothing.
    ///
    /// # Errors
    /// [`HubError::OldEnvelopeKey`] for one that goes back, [`HubError::Parcel`], or storage.
    pub fn announce_key(
        &self,
        agency: &PartyId,
        key: EnvelopeKey,
        now: Timestamp,
    ) -> Result<(), HubError> {
        if key.body.is_empty() || key.body.len() > BYTES_MAX || !(1..=2).contains(&key.suite) {
            return refuse("an envelope key has a form that none has; update the node");
        }
        if key.not_before.0 > now.0.saturating_add(AHEAD_MS) {
            return refuse("an envelope key is dated in the future; set this machine's clock");
        }
        let mut mailbox = locked(&self.mailbox);
        let name = (agency.clone(), key.suite);
        if let Some(known) = mailbox.keys.get(&name) {
            if *known == key {
                return Ok(());
            }
            if known.not_before >= key.not_before {
                return Err(HubError::OldEnvelopeKey);
            }
        }
        let mut value = key.not_before.0.to_be_bytes().to_vec();
        value.extend_from_slice(&key.body);
        self.state.apply(&[Change {
            table: StateTable::EnvelopeKeys,
            key: [agency.as_bytes(), &[0, key.suite]].concat(),
            value: Some(value),
        }])?;
        mailbox.keys.insert(name, key);
        Ok(())
    }

    /// The newest announcements of `parties`, or of every agency when none is named.
    #[must_use]
    pub fn envelope_keys(&self, parties: &[PartyId]) -> Vec<EnvelopeKey> {
        let mailbox = locked(&self.mailbox);
        let wanted = |party: &PartyId| parties.is_empty() || parties.contains(party);
        let keys = mailbox.keys.iter();
        keys.filter(|((party, _), _)| wanted(party))
            .map(|(_, key)| key.clone())
            .collect()
    }
}

pub(super) fn read<S: StateStore>(
    state: &S,
) -> Result<BTreeMap<(PartyId, u8), EnvelopeKey>, HubError> {
    const KEYS_MAX: usize = 100_000;
    let rows = state.scan(StateTable::EnvelopeKeys, &[], None, KEYS_MAX)?;
    rows.into_iter()
        .map(|(key, value)| read_row(&key, &value).ok_or(HubError::DamagedState))
        .collect()
}

fn read_row(key: &[u8], value: &[u8]) -> Option<((PartyId, u8), EnvelopeKey)> {
    let (party, [0, suite]) = key.split_last_chunk::<2>()? else {
        return None;
    };
    let (not_before, body) = value.split_first_chunk::<8>()?;
    let party = std::str::from_utf8(party).ok()?.parse().ok()?;
    let key = EnvelopeKey {
        suite: *suite,
        not_before: Timestamp(u64::from_be_bytes(*not_before)),
        body: body.to_vec(),
    };
    Some(((party, *suite), key))
}
