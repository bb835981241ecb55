use sanctuary_holder_core::{Refusal, RefusalLog};
use sanctuary_store::{Sequence, StoreError, Table};
use sanctuary_types::Timestamp;

use super::{Journal, Write};

/// Rows kept; the oldest go first. A flood of refusals cannot fill the disk.
const KEPT_MAX: u64 = 100_000;

/// Rows: time u64 BE, party, a space, the code (neither holds a space).
pub(super) struct RefusalTable {
    rows: Sequence,
    oldest: u64,
}

impl RefusalTable {
    pub(super) fn open(table: Table) -> Result<Self, StoreError> {
        let rows = Sequence::open(table)?;
        let oldest = rows.next() - rows.len_estimate()?;
        Ok(Self { rows, oldest })
    }

    pub(super) fn append(&mut self, refusal: &Refusal) -> Result<(), StoreError> {
        let text = format!("{} {}", refusal.party, refusal.code);
        let row = [&refusal.at.0.to_be_bytes()[..], text.as_bytes()].concat();
        let number = self.rows.append(&row)?;
        while number - self.oldest >= KEPT_MAX {
            self.rows.table().remove(&self.oldest.to_be_bytes())?;
            self.oldest += 1;
        }
        Ok(())
    }
}

impl RefusalLog for Journal {
    /// Does not wait: the caller is refused either way, and must not slow down others.
    fn record(&self, refusal: &Refusal) {
        let (party, code) = (refusal.party.clone(), refusal.code);
        self.shared.committer.try_submit(
            Write::Refusal(refusal.clone()),
            Box::new(move |written| {
                if let Err(error) = written {
                    tracing::error!(%party, code, %error, "a refusal was not kept");
                }
            }),
        );
    }
}

pub(super) fn read_all(table: &Table) -> Result<Vec<(Timestamp, String, String)>, StoreError> {
    let damaged = || StoreError::Damaged {
        detail: "a row of table refusals has an unknown form".to_owned(),
    };
    table
        .scan(&[])
        .map(|entry| {
            let (_, row) = entry?;
            let (at, text) = row.split_first_chunk().ok_or_else(damaged)?;
            let text = std::str::from_utf8(text).map_err(|_| damaged())?;
            let (party, code) = text.split_once(' ').ok_or_else(damaged)?;
            let at = Timestamp(u64::from_be_bytes(*at));
            Ok((at, party.to_owned(), code.to_owned()))
        })
        .collect()
}
