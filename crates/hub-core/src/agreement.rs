//! The sharing agreement at the hub: kept as its officers signed it, asked before anything is carried.

use std::sync::PoisonError;

use sanctuary_policy::{Agreements, Learnt, SignedAgreement};
use sanctuary_trust::{Anchors, Roster};
use sanctuary_types::Timestamp;

use crate::{
    Hub, HubError,
    chunks::{put_chunks, read_chunks},
    ports::{PostingLog, StateStore, StateTable},
};

/// Bytes of agreements in one answer.
const ANSWER_BYTES_MAX: usize = 2 * 1024 * 1024;

impl<L: PostingLog, S: StateStore> Hub<L, S> {
    /// Reads the stored agreements back and checks the officers' signatures again. Until this has been
    /// done nothing is carried.
    ///
    /// # Errors
    /// When the state is damaged, or an agreement in it is not the officers'.
    pub fn open_agreements(&self, anchors: &Anchors) -> Result<(), HubError> {
        let mut agreements = Agreements::default();
        for text in stored(&self.state, 0)? {
            agreements.learn(&parse(&text)?, anchors)?;
        }
        *self.agreements_mut() = agreements;
        Ok(())
    }

    /// Takes a signed agreement in, durably; gives its version. The same one again changes nothing.
    ///
    /// # Errors
    /// [`HubError::Agreement`] when it is not signed by enough officers, does not follow the ones
    /// known, or names a party that is no agency on the roster; or storage.
    pub fn put_agreement(
        &self,
        signed: &[u8],
        anchors: &Anchors,
        roster: &Roster,
    ) -> Result<u32, HubError> {
        let signed = parse(signed)?;
        let version = signed.proposal().version;
        let mut known = self.agreements_mut();
        let mut next = known.clone();
        if next.learn(&signed, anchors)? == Learnt::Known {
            return Ok(version);
        }
        signed.proposal().check_roster(roster)?;
        let text = signed.to_toml()?;
        let mut changes = Vec::new();
        put_chunks(
            StateTable::Agreements,
            &version.to_be_bytes(),
            text.as_bytes(),
            &mut changes,
        );
        self.state.apply(&changes)?;
        *known = next;
        Ok(version)
    }

    /// The signed agreements after `version`, oldest first, as many as fit one answer.
    ///
    /// # Errors
    /// When storage fails.
    pub fn agreements_after(&self, version: u32) -> Result<Vec<Vec<u8>>, HubError> {
        let mut bytes = 0;
        let mut texts = stored(&self.state, version)?;
        texts.retain(|text| {
            bytes += text.len();
            bytes <= ANSWER_BYTES_MAX
        });
        Ok(texts)
    }

    /// The version in force; 0 = none.
    #[must_use]
    pub fn agreement_version(&self, now: Timestamp) -> u32 {
        self.agreements().in_force(now).map_or(0, |a| a.version)
    }

    pub(crate) fn agreements(&self) -> std::sync::RwLockReadGuard<'_, Agreements> {
        self.agreements
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn agreements_mut(&self) -> std::sync::RwLockWriteGuard<'_, Agreements> {
        self.agreements
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn parse(text: &[u8]) -> Result<SignedAgreement, HubError> {
    let text = std::str::from_utf8(text).map_err(|_| HubError::Parcel {
        problem: "a sharing agreement is a text file; send the signed TOML",
    })?;
    Ok(SignedAgreement::from_toml(text)?)
}

/// Texts in the order of their versions.
fn stored<S: StateStore>(state: &S, after: u32) -> Result<Vec<Vec<u8>>, HubError> {
    let first = after.saturating_add(1).to_be_bytes();
    let all = read_chunks(state, StateTable::Agreements, &[], 4)?;
    Ok(all
        .into_iter()
        .filter(|(key, _)| key.as_slice() >= first.as_slice())
        .map(|(_, text)| text)
        .collect())
}
