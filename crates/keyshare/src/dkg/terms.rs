use sanctuary_toprf::{HOLDERS_MAX, HolderIndex};
use sanctuary_types::{Epoch, KeyClass, PartyId, lp};
use sha2::{Digest, Sha256};

use crate::KeyshareError;

/// SHA-256 of a ceremony's terms: holders that were told different terms cannot mix messages.
pub type CeremonyId = [u8; 32];

/// One holder in a ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its share index.
    pub index: HolderIndex,
    /// Who it is in the roster.
    pub holder: PartyId,
}

/// What a ceremony makes, and who takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub(super) class: KeyClass,
    pub(super) epoch: Epoch,
    pub(super) threshold: u16,
    pub(super) members: Vec<Member>,
}

impl Terms {
    /// Terms of a ceremony for the key of (`class`, `epoch`).
    ///
    /// # Errors
    /// [`KeyshareError::Terms`] unless the members are different holders in the order of indices
    /// 1 to n, and 2 <= threshold <= n <= [`HOLDERS_MAX`].
    pub fn new(
        class: KeyClass,
        epoch: Epoch,
        threshold: u16,
        members: Vec<Member>,
    ) -> Result<Self, KeyshareError> {
        let n = members.len();
        if threshold < 2 || usize::from(threshold) > n || n > HOLDERS_MAX {
            return Err(KeyshareError::Terms(
                "a ceremony needs a threshold of at least two and at least that many holders",
            ));
        }
        if !(1..).zip(&members).all(|(index, m)| m.index == index) {
            return Err(KeyshareError::Terms(
                "list the holders in the order of their indices, from 1 without gaps",
            ));
        }
        let repeated = |(i, m): (usize, &Member)| members[..i].iter().any(|o| o.holder == m.holder);
        if members.iter().enumerate().any(repeated) {
            return Err(KeyshareError::Terms(
                "list each holder once: two shares in one hand would lower the threshold",
            ));
        }
        Ok(Self {
            class,
            epoch,
            threshold,
            members,
        })
    }

    /// SHA-256 over `lp("sanctuary/v1/dkg-terms", class, epoch, threshold, holders...)`.
    #[must_use]
    pub fn id(&self) -> CeremonyId {
        let class = [self.class.code()];
        let epoch = self.epoch.0.to_be_bytes();
        let threshold = self.threshold.to_be_bytes();
        let mut parts: Vec<&[u8]> = vec![b"sanctuary/v1/dkg-terms", &class, &epoch, &threshold];
        parts.extend(self.members.iter().map(|m| m.holder.as_bytes()));
        Sha256::digest(lp(&parts)).into()
    }

    /// The key's class.
    #[must_use]
    pub const fn class(&self) -> KeyClass {
        self.class
    }
    /// The key's epoch.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }
    /// Holders needed to answer.
    #[must_use]
    pub const fn threshold(&self) -> u16 {
        self.threshold
    }
    /// The holders, in the order of indices 1 to n.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }
}
