use sanctuary_keyshare::KeyShare;
use sanctuary_types::{Epoch, Generation, KeyClass};

use crate::PortError;

/// Which key a share is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShareId {
    /// Class.
    pub class: KeyClass,
    /// Epoch.
    pub epoch: Epoch,
    /// Refresh generation.
    pub generation: Generation,
}

/// Port: this holder's shares, sealed at rest.
pub trait ShareStore: Send + Sync {
    /// Keeps a share; returns only after it is durable. Of two calls for one id, one wins.
    ///
    /// # Errors
    /// [`PortError`] when there is one of that id already, or storage failed.
    fn save(&self, id: ShareId, share: &KeyShare) -> Result<(), PortError>;

    /// The share of that id.
    ///
    /// # Errors
    /// [`PortError`] when storage failed or the share does not open.
    fn load(&self, id: ShareId) -> Result<Option<KeyShare>, PortError>;

    /// Every id held, in order.
    ///
    /// # Errors
    /// [`PortError`] when storage failed.
    fn ids(&self) -> Result<Vec<ShareId>, PortError>;
}
