//! The hub's own acts: what they are about lies sealed beside the log.

use sanctuary_ledger::{
    Act, Acts, CheckedEntry, EntryId, LedgerError, NotLogged, PortError, Promise, SealedContent,
    TileStore,
};
use sanctuary_rpc::now;
use sanctuary_trust::SigningKey;
use sanctuary_types::PartyId;

use super::{HubLedger, store::Contents};

/// Bytes of what an own act is about: one row of the store.
const CONTENT_BYTES_MAX: usize = 6 * 1024;

/// Who the hub is when it logs.
pub(super) struct Own {
    pub(super) party: PartyId,
    pub(super) key: SigningKey,
    pub(super) contents: Contents,
}

impl HubLedger {
    /// Logs an act of the hub itself, durable when this returns; stated again with the same
    /// [`Act::same`] it is the same entry. Do this before the act takes effect.
    ///
    /// # Errors
    /// [`LedgerError`]: then it must not be done.
    pub fn log_own(&self, act: Act) -> Result<Promise, LedgerError> {
        if act.content.len() > CONTENT_BYTES_MAX {
            return Err(LedgerError::TooMany {
                what: "content of an entry",
                items: "bytes",
                found: act.content.len() as u64,
                max: CONTENT_BYTES_MAX as u64,
            });
        }
        let own = self.own();
        let id = if act.same.is_empty() {
            EntryId(rand::random())
        } else {
            own.contents.id_of(&act.same)
        };
        // One writer: between looking and appending nobody else states the same act.
        let mut ledger = self.ledger();
        if let Some(promise) = ledger.promised(&id)? {
            return Ok(promise);
        }
        let content = own.contents.kept(id, act.content)?;
        let (time, party) = (now(), own.party.clone());
        let entry = content
            .entry(act.kind, time, party, act.role, &act.concerned)?
            .sign(&own.key)
            .check(&own.key.public())?;
        let entries: [CheckedEntry; 1] = [entry];
        let promise = ledger.append(&entries, time)?.pop();
        promise.ok_or_else(|| PortError("the log gave no promise".to_owned()).into())
    }

    /// What an own act was about; none after its erasure or for somebody else's act.
    ///
    /// # Errors
    /// When the store fails.
    pub fn content(&self, id: &EntryId) -> Result<Option<SealedContent>, LedgerError> {
        Ok(self.own().contents.get(id)?)
    }

    /// Whether an entry of this id is in the log.
    ///
    /// # Errors
    /// When the store fails.
    pub fn holds(&self, id: &EntryId) -> Result<bool, LedgerError> {
        Ok(self.ledger().store().index_of(id)?.is_some())
    }
}

impl Acts for HubLedger {
    fn log(&self, act: Act) -> Result<Promise, NotLogged> {
        self.log_own(act).map_err(|e| NotLogged(e.to_string()))
    }

    fn note(&self, act: Act) -> Result<EntryId, NotLogged> {
        self.log(act).map(|promise| promise.id)
    }
}
