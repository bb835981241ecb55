use sanctuary_toprf::{CheckedKeys, HolderIndex};
use sanctuary_trust::Manifest;
use sanctuary_types::{Epoch, Generation, KeyClass, PartyId, RulesVersion};

use crate::NodeError;

/// One key of one epoch, checked: what a manifest says, with its points verified to belong
/// together.
#[derive(Debug)]
pub struct KeySet {
    /// Which key.
    pub class: KeyClass,
    /// Its epoch.
    pub epoch: Epoch,
    /// Its generation.
    pub generation: Generation,
    /// The rules its inputs are made by.
    pub rules: RulesVersion,
    /// Records in the target universe, for the rarity gate.
    pub universe_records: u64,
    /// Public keys.
    pub keys: CheckedKeys,
    /// Who holds share i, at i - 1.
    pub holders: Vec<PartyId>,
}

impl KeySet {
    /// From a manifest whose signatures were verified.
    ///
    /// # Errors
    /// [`NodeError::Keys`] when the keys do not lie on one polynomial, or a holder has no name.
    pub fn new(manifest: &Manifest) -> Result<Self, NodeError> {
        let keys = manifest
            .public_keys()
            .check()
            .map_err(|error| NodeError::Keys(error.to_string()))?;
        if manifest.holders.len() != usize::from(keys.holders()) {
            return Err(NodeError::Keys(
                "a manifest names another number of holders than it has keys".to_owned(),
            ));
        }
        Ok(Self {
            class: manifest.class,
            epoch: manifest.epoch,
            generation: manifest.generation,
            rules: manifest.rules,
            universe_records: manifest.universe_records,
            keys,
            holders: manifest.holders.clone(),
        })
    }

    /// The name of the holder of a share; indices are 1 to n by construction.
    ///
    /// An index beyond that, which no checked quorum holds, is named like the first holder.
    pub fn holder(&self, index: HolderIndex) -> PartyId {
        let position = usize::from(index).saturating_sub(1) % self.holders.len().max(1);
        self.holders[position].clone()
    }
}
