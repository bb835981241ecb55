//! What the review needs of the outside. The daemon supplies sled, the staff register and own records.

use sanctuary_disclosure::PersonId;
use sanctuary_types::{AlertId, Pseudonym, Timestamp};

use crate::{Item, OwnLine, OwnRecord, SavedView};

/// Why a port could not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// An item is stored with another version than the change builds on.
    #[error("somebody else has just changed this possible match; look at it again")]
    Conflict,
    /// Not possible now; the text says what to do.
    #[error("{0}")]
    Unavailable(String),
    /// A row that does not read back.
    #[error("the stored {0} is damaged; restore the node's data from its backup")]
    Damaged(&'static str),
}

/// A command: all of it or nothing, durable when it returns. Done a second time it changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// New and changed items. Each replaces the stored item of the version before, or an equal one.
    pub items: Vec<Item>,
    /// A person's saved views, all of them.
    pub views: Option<(PersonId, Vec<SavedView>)>,
}

/// Durable rows, sealed at rest.
pub trait ReviewStore: Send + Sync {
    /// One item.
    ///
    /// # Errors
    /// [`PortError`]; so of every method.
    fn item(&self, id: &AlertId) -> Result<Option<Item>, PortError>;

    /// Every item, in any order: read once at the start.
    fn for_each_item(
        &self,
        visit: &mut dyn FnMut(Item) -> Result<(), PortError>,
    ) -> Result<(), PortError>;

    /// A person's saved views.
    fn views(&self, person: &PersonId) -> Result<Vec<SavedView>, PortError>;

    /// Takes the whole change or nothing of it.
    ///
    /// # Errors
    /// [`PortError::Conflict`] when an item's stored version is neither the one before nor the same item.
    fn commit(&self, change: &Change) -> Result<(), PortError>;
}

/// The agency's staff.
pub trait People: Send + Sync {
    /// The name for colleagues; none for somebody who is not in the register.
    ///
    /// # Errors
    /// [`PortError`]; so of every method.
    fn name(&self, person: &PersonId) -> Result<Option<String>, PortError>;

    /// Whether they work here and may decide possible matches.
    fn may_review(&self, person: &PersonId) -> Result<bool, PortError>;
}

/// This agency's own records.
pub trait Records: Send + Sync {
    /// What a line of the queue shows of the own record; none when it is no longer here.
    ///
    /// # Errors
    /// [`PortError`]; so of every method.
    fn line(&self, own: &Pseudonym) -> Result<Option<OwnLine>, PortError>;

    /// The own record in clear, without its address.
    fn record(&self, own: &Pseudonym, now: Timestamp) -> Result<Option<OwnRecord>, PortError>;
}

impl Change {
    /// Whether `item` may replace what is stored: the version before, or the same item again.
    ///
    /// # Errors
    /// [`PortError::Conflict`].
    pub fn check(&self, item: &Item, stored: Option<&Item>) -> Result<(), PortError> {
        let fits = match stored {
            None => item.version == 1,
            Some(stored) => stored.version + 1 == item.version || stored == item,
        };
        if fits {
            Ok(())
        } else {
            Err(PortError::Conflict)
        }
    }
}
