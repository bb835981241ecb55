use sanctuary_holder_core::{PortError, ShareId, ShareStore};
use sanctuary_keyshare::KeyShare;
use sanctuary_store::StoreError;
use sanctuary_types::{Epoch, Generation, KeyClass};

use super::{Journal, Write, Written, port};

const TABLE: &str = "shares";
/// A share of one id is written once; only refreshes make new ids.
const VERSION: u64 = 1;

impl ShareStore for Journal {
    fn save(&self, id: ShareId, share: &KeyShare) -> Result<(), PortError> {
        let key = key(id);
        let sealer = &self.shared.sealer;
        let sealed = sealer
            .seal(TABLE, &key, VERSION, share.to_bytes().as_slice())
            .map_err(port)?;
        match self.commit(Write::Share { key, sealed })? {
            Written::Share { was_new: true } => Ok(()),
            _ => Err(PortError(
                "there is a share of this key already, which is never overwritten".to_owned(),
            )),
        }
    }

    fn load(&self, id: ShareId) -> Result<Option<KeyShare>, PortError> {
        let key = key(id);
        let Some(row) = self.shared.shares.get(&key).map_err(port)? else {
            return Ok(None);
        };
        let (_, plain) = self.shared.sealer.open(TABLE, &key, &row).map_err(port)?;
        let bytes = plain
            .first_chunk()
            .filter(|_| plain.len() == KeyShare::BYTES);
        let share = KeyShare::from_bytes(bytes.ok_or_else(|| port(malformed()))?)
            .map_err(|e| PortError(e.to_string()))?;
        Ok(Some(share))
    }

    fn ids(&self) -> Result<Vec<ShareId>, PortError> {
        let rows = self.shared.shares.scan(&[]);
        rows.map(|entry| {
            let (key, _) = entry?;
            id(&key).ok_or_else(malformed)
        })
        .collect::<Result<_, _>>()
        .map_err(port)
    }
}

/// Class u8, epoch u32, generation u32.
fn key(id: ShareId) -> [u8; 9] {
    let mut key = [id.class.code(); 9];
    key[1..5].copy_from_slice(&id.epoch.0.to_be_bytes());
    key[5..].copy_from_slice(&id.generation.0.to_be_bytes());
    key
}

fn id(key: &[u8]) -> Option<ShareId> {
    let (class, rest) = key.split_first()?;
    let (epoch, rest) = rest.split_first_chunk()?;
    Some(ShareId {
        class: KeyClass::from_code(*class)?,
        epoch: Epoch(u32::from_be_bytes(*epoch)),
        generation: Generation(u32::from_be_bytes(rest.try_into().ok()?)),
    })
}

fn malformed() -> StoreError {
    StoreError::Sealed {
        table: TABLE.to_owned(),
    }
}
