use std::collections::BTreeMap;

use sanctuary_keyshare::KeyShare;
use sanctuary_trust::Manifest;
use sanctuary_types::{Epoch, Generation, KeyClass, PartyId, Timestamp};

use crate::{HolderError, ShareId, ShareStore};

/// Limits other than the manifest's, per agency and class: bulk grants for a first load, or less
/// for an agency under review. Elements per day at this holder.
pub type QuotaOverrides = BTreeMap<(PartyId, KeyClass), u64>;

/// A signed manifest together with this holder's share of its key.
#[derive(Debug)]
pub struct ActiveKey {
    manifest: Manifest,
    share: KeyShare,
}

impl ActiveKey {
    /// The manifest.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// This holder's share.
    #[must_use]
    pub const fn share(&self) -> &KeyShare {
        &self.share
    }

    fn is_in_force(&self, now: Timestamp) -> bool {
        self.manifest.not_before <= now && now < self.manifest.not_after
    }

    fn order(&self) -> (Epoch, Generation) {
        (self.manifest.epoch, self.manifest.generation)
    }
}

/// The keys that this holder answers under. During the overlap of two epochs or generations both
/// are here; the newest in force is the one that errors name.
#[derive(Debug, Default)]
pub struct KeyRing {
    keys: Vec<ActiveKey>,
    overrides: QuotaOverrides,
}

impl KeyRing {
    /// No keys yet.
    #[must_use]
    pub const fn new(overrides: QuotaOverrides) -> Self {
        Self {
            keys: Vec::new(),
            overrides,
        }
    }

    /// Adds the key of a verified manifest, with the share that `shares` holds of it.
    ///
    /// # Errors
    /// [`HolderError::NotAHolder`], [`HolderError::NoShare`], [`HolderError::ShareMismatch`], or
    /// storage failed.
    pub fn add(
        &mut self,
        own: &PartyId,
        manifest: Manifest,
        shares: &dyn ShareStore,
    ) -> Result<(), HolderError> {
        let class = manifest.class.label();
        let epoch = manifest.epoch;
        let index = manifest
            .index_of(own)
            .ok_or(HolderError::NotAHolder { class, epoch })?;
        let id = ShareId {
            class: manifest.class,
            epoch,
            generation: manifest.generation,
        };
        let share = shares
            .load(id)?
            .ok_or(HolderError::NoShare { class, epoch })?;
        let listed = manifest.share_keys.get(usize::from(index) - 1);
        if share.index() != index || listed != Some(&share.public_key()) {
            return Err(HolderError::ShareMismatch { class, epoch });
        }
        self.keys.retain(|k| {
            k.manifest.class != manifest.class || k.order() != (epoch, manifest.generation)
        });
        self.keys.push(ActiveKey { manifest, share });
        Ok(())
    }

    /// The key asked for.
    ///
    /// # Errors
    /// [`HolderError::NoKey`] when the class has none in force, [`HolderError::Stale`] when another
    /// is in force.
    pub fn find(
        &self,
        class: KeyClass,
        epoch: Epoch,
        generation: Generation,
        now: Timestamp,
    ) -> Result<&ActiveKey, HolderError> {
        let asked = self
            .in_force(class, now)
            .find(|key| key.order() == (epoch, generation));
        if let Some(key) = asked {
            return Ok(key);
        }
        let current = self.current(class, now)?;
        Err(HolderError::Stale {
            class: class.label(),
            asked_epoch: epoch,
            asked_generation: generation,
            epoch: current.manifest.epoch,
            generation: current.manifest.generation,
        })
    }

    /// The newest key of a class in force.
    ///
    /// # Errors
    /// [`HolderError::NoKey`].
    pub fn current(&self, class: KeyClass, now: Timestamp) -> Result<&ActiveKey, HolderError> {
        self.in_force(class, now)
            .max_by_key(|key| key.order())
            .ok_or_else(|| HolderError::no_key(class))
    }

    /// Every key held, in force or not.
    pub fn keys(&self) -> impl Iterator<Item = &ActiveKey> {
        self.keys.iter()
    }

    /// Elements `agency` may have evaluated per UTC day here: its own grant, or what the newest
    /// manifest of the class gives each agency at one holder.
    pub(crate) fn limit_per_day(&self, agency: &PartyId, newest: &ActiveKey) -> u64 {
        self.overrides
            .get(&(agency.clone(), newest.manifest.class))
            .copied()
            .unwrap_or_else(|| newest.manifest.holder_quota_per_day())
    }

    fn in_force(&self, class: KeyClass, now: Timestamp) -> impl Iterator<Item = &ActiveKey> {
        self.keys
            .iter()
            .filter(move |key| key.manifest.class == class && key.is_in_force(now))
    }
}
