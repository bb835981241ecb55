//! Who said what to this agency, signed: kept beside the case.

use sanctuary_types::{CaseId, PartyId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Casework, CaseworkError, Shelf, codec::from_json};

/// The signed letter of another agency, to be shown to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Evidence {
    pub(crate) from: PartyId,
    pub(crate) at: Timestamp,
    /// Header, letter and the sender's Ed25519 signature over both, hexadecimal.
    pub(crate) header: String,
    pub(crate) letter: String,
    pub(crate) signature: String,
}

impl Casework<'_> {
    pub(crate) fn evidence_of(&self, case: &CaseId) -> Result<Vec<Evidence>, CaseworkError> {
        let rows = self.ports.store.list(Shelf::Evidence, &case.0)?;
        let read = |(_, row): &(Vec<u8>, crate::Value)| from_json(row, "signed letter");
        rows.iter().map(read).collect()
    }
}
