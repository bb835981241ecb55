//! What has been seen of the log: the last checkpoint accepted, and the last one cosigned.

use sanctuary_ledger::{LastSeen, PortError, WitnessStore};
use sanctuary_node_core::NodeError;
use sanctuary_types::Timestamp;

use super::{ACCEPTED, LedgerStore};

impl LedgerStore {
    /// The last checkpoint accepted.
    pub(crate) fn accepted(&self) -> Result<Option<Vec<u8>>, NodeError> {
        Ok(self.marks.get(&ACCEPTED)?.map(|note| note.to_vec()))
    }

    /// Remembers the last checkpoint accepted.
    pub(crate) fn accept(&self, note: &[u8]) -> Result<(), NodeError> {
        if self.accepted()?.as_deref() == Some(note) {
            return Ok(());
        }
        self.put_mark(&ACCEPTED, note)
    }

    fn put_mark(&self, key: &[u8; 32], value: &[u8]) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut changes = self.changes();
        changes.put(&self.marks, key, value)?;
        changes.write()
    }

    fn mark_key(&self, origin: &str) -> [u8; 32] {
        self.sealer.index_key("mark", origin.as_bytes())
    }
}

impl WitnessStore for LedgerStore {
    fn last(&self, origin: &str) -> Result<Option<LastSeen>, PortError> {
        let damaged = || PortError("the witness's mark is damaged".to_owned());
        let key = self.mark_key(origin);
        let bytes = self.marks.get(&key).map_err(port)?;
        bytes
            .map(|bytes| {
                let (at, note) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
                Ok(LastSeen {
                    note: note.to_vec(),
                    at: Timestamp(u64::from_be_bytes(*at)),
                })
            })
            .transpose()
    }

    fn raise(&self, origin: &str, seen: &LastSeen) -> Result<(), PortError> {
        let value = [&seen.at.0.to_be_bytes()[..], &seen.note].concat();
        let key = self.mark_key(origin);
        self.put_mark(&key, &value).map_err(port)
    }
}

fn port(error: NodeError) -> PortError {
    PortError(error.to_string())
}
