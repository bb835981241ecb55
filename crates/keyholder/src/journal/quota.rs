use sanctuary_holder_core::{
    BATCHES_REMEMBERED_DAYS, Charge, Charged, KnownBatch, PortError, QuotaStore,
};
use sanctuary_store::{Batch, StoreError, Table};
use sanctuary_types::{BatchId, Epoch, KeyClass, PartyId};

use super::{Journal, Write, Written, port};

/// Old rows removed per charge: keeps up with any load without a pause at midnight.
const FORGOTTEN_PER_CHARGE: usize = 64;

/// What one agency used of one key on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) day: u32,
    pub(crate) class: KeyClass,
    pub(crate) agency: PartyId,
    pub(crate) elements: u64,
}

/// Counters and known batches in one table, so that one charge is one atomic change:
///
/// | key | value |
/// |---|---|
/// | `u` day u32, class u8, agency | used u64 |
/// | `b` batch id 16 | day u32, class u8, epoch u32, digest 32, agency |
/// | `d` digest 32 | day u32, agency |
/// | `e` day u32, batch id 16, digest 32 | nothing: finds what may be forgotten |
#[derive(Clone)]
pub(super) struct QuotaTable(Table);

impl QuotaTable {
    pub(super) const fn new(table: Table) -> Self {
        Self(table)
    }

    /// Decides and writes. Only the committer's thread may call it: nothing else writes the table.
    pub(super) fn charge(&self, charge: &Charge) -> Result<Charged, StoreError> {
        let oldest_day = charge.day.saturating_sub(BATCHES_REMEMBERED_DAYS);
        let batch = self.batch(charge.batch_id, oldest_day)?;
        let owner = self.owner(&charge.elements_sha256, oldest_day)?;
        let used = self.used(&charge.agency, charge.class, charge.day)?;
        let outcome = charge.decide(batch.as_ref(), owner.as_ref(), used);
        if let Charged::New { used } = outcome {
            let mut changes = Batch::default();
            self.forget(oldest_day, &mut changes)?;
            self.remember(charge, used, &mut changes)?;
            self.0.apply(changes)?;
        }
        Ok(outcome)
    }

    pub(super) fn used(
        &self,
        agency: &PartyId,
        class: KeyClass,
        day: u32,
    ) -> Result<u64, StoreError> {
        match self.0.get(&used_key(agency, class, day))? {
            None => Ok(0),
            Some(row) => (&*row)
                .try_into()
                .map(u64::from_be_bytes)
                .map_err(|_| malformed()),
        }
    }

    /// What every agency used on each day before `day`, oldest day first.
    pub(super) fn before(&self, day: u32) -> Result<Vec<Used>, StoreError> {
        let rows = self
            .0
            .range(key(b'u', &[])..key(b'u', &[&day.to_be_bytes()]));
        rows.map(|row| {
            let (key, used) = row?;
            let (day, rest) = key
                .get(1..)
                .and_then(|k| k.split_first_chunk())
                .ok_or_else(malformed)?;
            let (class, agency) = rest.split_first().ok_or_else(malformed)?;
            Ok(Used {
                day: u32::from_be_bytes(*day),
                class: KeyClass::from_code(*class).ok_or_else(malformed)?,
                agency: party(agency).ok_or_else(malformed)?,
                elements: (&*used)
                    .try_into()
                    .map(u64::from_be_bytes)
                    .map_err(|_| malformed())?,
            })
        })
        .collect()
    }

    fn batch(&self, id: BatchId, oldest_day: u32) -> Result<Option<KnownBatch>, StoreError> {
        let Some(row) = self.0.get(&key(b'b', &[&id.0]))? else {
            return Ok(None);
        };
        let (day, batch) = decode_batch(&row).ok_or_else(malformed)?;
        Ok((day >= oldest_day).then_some(batch))
    }

    fn owner(&self, digest: &[u8; 32], oldest_day: u32) -> Result<Option<PartyId>, StoreError> {
        let Some(row) = self.0.get(&key(b'd', &[digest]))? else {
            return Ok(None);
        };
        let (day, agency) = row.split_first_chunk().ok_or_else(malformed)?;
        let agency = party(agency).ok_or_else(malformed)?;
        Ok((u32::from_be_bytes(*day) >= oldest_day).then_some(agency))
    }

    fn remember(&self, charge: &Charge, used: u64, changes: &mut Batch) -> Result<(), StoreError> {
        let day = charge.day.to_be_bytes();
        let (id, digest) = (&charge.batch_id.0, &charge.elements_sha256);
        let agency = charge.agency.as_bytes();
        let class = [charge.class.code()];
        let epoch = charge.epoch.0.to_be_bytes();
        let batch = [&day[..], &class, &epoch, digest, agency].concat();
        let counter = used_key(&charge.agency, charge.class, charge.day);
        changes.insert(&self.0, &counter, &used.to_be_bytes())?;
        changes.insert(&self.0, &key(b'b', &[id]), &batch)?;
        changes.insert(&self.0, &key(b'd', &[digest]), &[&day, agency].concat())?;
        changes.insert(&self.0, &key(b'e', &[&day, id, digest]), &[])
    }

    fn forget(&self, oldest_day: u32, changes: &mut Batch) -> Result<(), StoreError> {
        let before = oldest_day.to_be_bytes();
        let expired = self.0.range(key(b'e', &[])..key(b'e', &[&before]));
        for entry in expired.take(FORGOTTEN_PER_CHARGE) {
            let (row, _) = entry?;
            let (id, digest) = row
                .get(5..)
                .and_then(|r| r.split_at_checked(16))
                .ok_or_else(malformed)?;
            for old in [key(b'b', &[id]), key(b'd', &[digest])] {
                // Either may have been written again since, on a later day.
                let day = self.0.get(&old)?.and_then(|r| r.first_chunk().copied());
                if day.is_some_and(|d: [u8; 4]| d < before) {
                    changes.remove(&old);
                }
            }
            changes.remove(&row);
        }
        let counters = self.0.range(key(b'u', &[])..key(b'u', &[&before]));
        for entry in counters.take(FORGOTTEN_PER_CHARGE) {
            changes.remove(&entry?.0);
        }
        Ok(())
    }
}

impl QuotaStore for Journal {
    fn charge(&self, charge: &Charge) -> Result<Charged, PortError> {
        match self.commit(Write::Charge(charge.clone()))? {
            Written::Charged(outcome) => Ok(outcome),
            _ => Err(port(malformed())),
        }
    }

    fn used(&self, agency: &PartyId, class: KeyClass, day: u32) -> Result<u64, PortError> {
        self.shared.quota.used(agency, class, day).map_err(port)
    }
}

fn used_key(agency: &PartyId, class: KeyClass, day: u32) -> Vec<u8> {
    key(
        b'u',
        &[&day.to_be_bytes(), &[class.code()], agency.as_bytes()],
    )
}

fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    [&[kind], &parts.concat()[..]].concat()
}

fn decode_batch(row: &[u8]) -> Option<(u32, KnownBatch)> {
    let (day, rest) = row.split_first_chunk()?;
    let (class, rest) = rest.split_first()?;
    let (epoch, rest) = rest.split_first_chunk()?;
    let (digest, agency) = rest.split_first_chunk()?;
    let batch = KnownBatch {
        agency: party(agency)?,
        class: KeyClass::from_code(*class)?,
        epoch: Epoch(u32::from_be_bytes(*epoch)),
        elements_sha256: *digest,
    };
    Some((u32::from_be_bytes(*day), batch))
}

fn party(bytes: &[u8]) -> Option<PartyId> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// The checksum was right, so another version of this program wrote it.
fn malformed() -> StoreError {
    StoreError::Damaged {
        detail: "a row of table quota has an unknown form".to_owned(),
    }
}
