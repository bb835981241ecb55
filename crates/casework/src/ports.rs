//! What casework needs of the outside. The daemon supplies sled, gRPC and the staff register.

use std::collections::BTreeMap;

use sanctuary_disclosure::{ReachFacts, Text};
use sanctuary_ledger::{Acts, EntryId};
use sanctuary_policy::{Agreement, Field};
use sanctuary_trust::SigningKey;
use sanctuary_types::{AlertId, AlertKind, Epoch, PartyId, Pseudonym, Roles};
use zeroize::Zeroizing;

use crate::{Change, Shelf};

/// Content of a row: wiped on drop, sealed at rest by the store.
pub type Value = Zeroizing<Vec<u8>>;

/// Why a port could not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// A row that was to be new exists: somebody else changed the same case meanwhile.
    #[error("somebody else has just changed this case; look at it again")]
    Conflict,
    /// Not reachable now; the text says what to do.
    #[error("{0}")]
    Unavailable(String),
    /// A row that does not read back.
    #[error("the stored {0} is damaged; restore the node's data from its backup")]
    Damaged(&'static str),
}

/// Durable rows, sealed at rest.
pub trait CaseStore: Send + Sync {
    /// One row.
    ///
    /// # Errors
    /// [`PortError::Unavailable`]; so of every method.
    fn get(&self, shelf: Shelf, key: &[u8]) -> Result<Option<Value>, PortError>;

    /// The rows of a shelf whose key begins with `prefix`, in the order of keys, with whole keys.
    fn list(&self, shelf: Shelf, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Value)>, PortError>;

    /// All changes or none, durable when it returns.
    ///
    /// # Errors
    /// [`PortError::Conflict`] when a [`Change::Add`] meets an existing row; nothing is changed then.
    fn commit(&self, changes: Vec<Change>) -> Result<(), PortError>;
}

/// A possible match as this node knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertFacts {
    /// The alert; the same at both agencies.
    pub id: AlertId,
    /// Its version.
    pub version: u32,
    /// What kind.
    pub kind: AlertKind,
    /// Not decided "not the same" and not lapsed.
    pub stands: bool,
    /// The own record it speaks of.
    pub own: Pseudonym,
    /// The other agency.
    pub other: PartyId,
    /// How this agency regards the person.
    pub own_roles: Roles,
    /// How the other one does.
    pub other_roles: Roles,
    /// Under 18 at either.
    pub child: bool,
}

/// The secrets of the tokens that the two records of an alert share: the hub names them, the node looks its
/// own secrets up.
#[derive(Clone)]
pub struct SharedTokens {
    /// The epoch they are of.
    pub epoch: Epoch,
    /// The other agency, as the hub says.
    pub other: PartyId,
    /// 32 bytes for each token, in any order.
    pub secrets: Vec<Zeroizing<[u8; 32]>>,
}

/// Possible matches.
pub trait Alerts: Send + Sync {
    /// One alert.
    ///
    /// # Errors
    /// [`PortError`]; so of every method.
    fn alert(&self, id: &AlertId) -> Result<Option<AlertFacts>, PortError>;

    /// Every alert on an own record, standing or not.
    fn of_record(&self, own: &Pseudonym) -> Result<Vec<AlertFacts>, PortError>;

    /// Asks the hub which tokens the two records share (`Disclosures.Shared`).
    fn shared(&self, id: &AlertId) -> Result<SharedTokens, PortError>;
}

/// This agency's own records.
pub trait Records: Send + Sync {
    /// The record of the agency's own reference.
    ///
    /// # Errors
    /// [`PortError`]; so of every method.
    fn find(&self, reference: &str) -> Result<Option<Pseudonym>, PortError>;

    /// What the record holds of `fields`, as texts to propose; missing ones are not held.
    fn items(
        &self,
        record: &Pseudonym,
        fields: &[Field],
    ) -> Result<BTreeMap<Field, Text>, PortError>;

    /// For the reach guard: prints of the alleged perpetrators' identifiers that this agency knows in
    /// connection with the record, and what its staff have declared.
    fn reach(&self, record: &Pseudonym) -> Result<ReachFacts, PortError>;

    /// Takes the record out of matching and destroys it; nothing when it is gone already. `false` while a
    /// legal hold keeps it: it is out of matching all the same, and destroyed once the hold has ended.
    fn erase(&self, record: &Pseudonym) -> Result<bool, PortError>;
}

/// The partnership: the roster and the agreement.
pub trait Directory: Send + Sync {
    /// This agency.
    fn own(&self) -> &PartyId;

    /// This agency's Ed25519 key.
    fn signing(&self) -> &SigningKey;

    /// The Ed25519 key of an agency on the roster; `None` for anybody else.
    fn agency_key(&self, agency: &PartyId) -> Option<[u8; 32]>;

    /// The agreement that the officers signed last, verified, in force or not.
    ///
    /// # Errors
    /// [`PortError`] when none is known or it does not verify; nothing is done then.
    fn agreement(&self) -> Result<Agreement, PortError>;
}

/// Destroys what opens an entry of the log.
pub trait Salts: Send + Sync {
    /// Destroys salt and content of an own entry; nothing when they are gone.
    ///
    /// # Errors
    /// [`PortError`].
    fn erase(&self, entry: &EntryId) -> Result<(), PortError>;
}

/// All ports of [`crate::Casework`].
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Rows.
    pub store: &'a dyn CaseStore,
    /// Possible matches.
    pub alerts: &'a dyn Alerts,
    /// Own records.
    pub records: &'a dyn Records,
    /// The partnership.
    pub directory: &'a dyn Directory,
    /// The log; blocking.
    pub acts: &'a dyn Acts,
    /// Erasing from the log.
    pub salts: &'a dyn Salts,
}
