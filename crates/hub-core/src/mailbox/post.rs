//! What waits for whom: in memory, read back at the start.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sanctuary_types::{CaseId, PartyId, Timestamp};

use super::{
    DELIVERED_KEPT_MS, EnvelopeKey, PARCEL_ID_BYTES, Parcel, SENT_PER_DAY_MAX, TAKEN_BYTES_MAX,
    TAKEN_MAX, WAITING_BYTES_MAX, WAITING_MAX, Waiting, keys,
    rows::{CaseRow, ParcelRow, read_all, remove},
};
use crate::{
    HubError,
    chunks::{put_chunks, read_chunks, remove_chunks},
    ports::{Change, StateStore, StateTable},
};

/// Parcels and cases forgotten in one atomic write.
const FORGOTTEN_PER_WRITE: usize = 16;

/// Everything the hub carries. A change is durable before memory changes.
#[derive(Default)]
pub(crate) struct Mailbox {
    parcels: BTreeMap<u64, ParcelRow>,
    by_id: HashMap<(PartyId, [u8; PARCEL_ID_BYTES]), u64>,
    waiting: BTreeSet<(PartyId, u64)>,
    pub(super) cases: HashMap<CaseId, CaseRow>,
    pub(super) keys: BTreeMap<(PartyId, u8), EnvelopeKey>,
    /// (sender, day) -> parcels.
    sent: HashMap<(PartyId, u32), u32>,
    next: u64,
    /// The day on which what is over was last removed.
    swept: u32,
}

impl Mailbox {
    pub(crate) fn open<S: StateStore>(state: &S) -> Result<Self, HubError> {
        let mut mailbox = Self {
            keys: keys::read(state)?,
            ..Self::default()
        };
        for (key, row) in read_all::<S, ParcelRow>(state, StateTable::Parcels)? {
            let sequence = key.try_into().map_err(|_| HubError::DamagedState)?;
            mailbox.take_in(u64::from_be_bytes(sequence), row);
        }
        for (key, row) in read_all::<S, CaseRow>(state, StateTable::Cases)? {
            let case = CaseId::try_from(&key[..]).map_err(|_| HubError::DamagedState)?;
            mailbox.cases.insert(case, row);
        }
        Ok(mailbox)
    }

    /// The parcel of that id and sender, delivered or not.
    pub(super) fn known(&self, from: &PartyId, id: &[u8; PARCEL_ID_BYTES]) -> Option<&ParcelRow> {
        let sequence = self.by_id.get(&(from.clone(), *id))?;
        self.parcels.get(sequence)
    }

    /// Refuses what is more than one sender may have under way.
    pub(super) fn check_room(
        &self,
        from: &PartyId,
        parcel: &Parcel,
        now: Timestamp,
    ) -> Result<(), HubError> {
        let full = |what| Err(HubError::MailboxFull { what });
        let today = self.sent.get(&(from.clone(), now.day())).copied();
        if today.unwrap_or(0) >= SENT_PER_DAY_MAX {
            return full("this agency has sent 5,000 parcels today, which is the limit");
        }
        let (mut count, mut bytes) = (0, 0);
        for row in self.of(&parcel.to).map(|(_, row)| row) {
            if row.from == *from {
                count += 1;
                bytes += row.bytes;
            }
        }
        if count >= WAITING_MAX || bytes + parcel.body.len() > WAITING_BYTES_MAX {
            return full("too many parcels wait for this recipient, whose node seems to be off");
        }
        Ok(())
    }

    /// Keeps a parcel, durably, and with it the change of its case.
    pub(super) fn keep<S: StateStore>(
        &mut self,
        state: &S,
        row: ParcelRow,
        body: &[u8],
        case: Option<(CaseId, CaseRow)>,
    ) -> Result<(), HubError> {
        let sequence = self.next;
        let mut changes = vec![row.put(sequence)?];
        put_chunks(
            StateTable::ParcelBodies,
            &sequence.to_be_bytes(),
            body,
            &mut changes,
        );
        if let Some((id, case)) = &case {
            changes.push(case.put(*id)?);
        }
        state.apply(&changes)?;
        self.take_in(sequence, row);
        self.cases.extend(case);
        Ok(())
    }

    /// What waits for `agency`, oldest first.
    pub(super) fn take<S: StateStore>(
        &self,
        state: &S,
        agency: &PartyId,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Waiting>, HubError> {
        let (mut taken, mut bytes) = (Vec::new(), 0);
        for (sequence, row) in self.of(agency) {
            if row.keep_until <= now {
                continue;
            }
            bytes += row.bytes;
            let enough = taken.len() >= limit.min(TAKEN_MAX) || bytes > TAKEN_BYTES_MAX;
            if enough && !(taken.is_empty() && limit > 0) {
                break;
            }
            let key = sequence.to_be_bytes();
            let mut found = read_chunks(state, StateTable::ParcelBodies, &key, key.len())?;
            let (_, body) = found.pop().ok_or(HubError::DamagedState)?;
            if body.len() != row.bytes {
                return Err(HubError::DamagedState);
            }
            taken.push(Waiting { id: row.id, body });
        }
        Ok(taken)
    }

    /// Deletes the bodies of parcels that `agency` has stored; ids that are not its own or not known
    /// change nothing.
    pub(super) fn acknowledge<S: StateStore>(
        &mut self,
        state: &S,
        agency: &PartyId,
        ids: &[[u8; PARCEL_ID_BYTES]],
        now: Timestamp,
    ) -> Result<(), HubError> {
        let delivered: Vec<u64> = self
            .of(agency)
            .filter(|(_, row)| ids.contains(&row.id))
            .map(|(sequence, _)| sequence)
            .collect();
        for part in delivered.chunks(FORGOTTEN_PER_WRITE) {
            let mut changes = Vec::new();
            let mut rows = Vec::new();
            for sequence in part {
                let Some(mut row) = self.parcels.get(sequence).cloned() else {
                    continue;
                };
                remove_body(*sequence, &row, &mut changes);
                row.delivered = true;
                row.keep_until = Timestamp(now.0.saturating_add(DELIVERED_KEPT_MS));
                changes.push(row.put(*sequence)?);
                rows.push((*sequence, row));
            }
            state.apply(&changes)?;
            for (sequence, row) in rows {
                self.waiting.remove(&(agency.clone(), sequence));
                self.parcels.insert(sequence, row);
            }
        }
        Ok(())
    }

    /// Once a day: removes what nobody took in time, ids of old deliveries, and cases that are over.
    pub(super) fn sweep<S: StateStore>(
        &mut self,
        state: &S,
        now: Timestamp,
    ) -> Result<(), HubError> {
        if self.swept == now.day() {
            return Ok(());
        }
        self.sent.retain(|(_, day), _| *day == now.day());
        let over = |until: Timestamp| until <= now;
        let parcels: Vec<u64> = self
            .parcels
            .iter()
            .filter(|(_, row)| over(row.keep_until))
            .map(|(sequence, _)| *sequence)
            .collect();
        for part in parcels.chunks(FORGOTTEN_PER_WRITE) {
            let mut changes = Vec::new();
            for sequence in part {
                let key = sequence.to_be_bytes().to_vec();
                changes.push(remove(StateTable::Parcels, key));
                if let Some(row) = self.parcels.get(sequence).filter(|row| !row.delivered) {
                    remove_body(*sequence, row, &mut changes);
                }
            }
            state.apply(&changes)?;
            part.iter().for_each(|sequence| self.take_out(*sequence));
        }
        let cases: Vec<CaseId> = self
            .cases
            .iter()
            .filter(|(_, row)| over(row.keep_until))
            .map(|(id, _)| *id)
            .collect();
        for part in cases.chunks(FORGOTTEN_PER_WRITE) {
            let gone = part
                .iter()
                .map(|id| remove(StateTable::Cases, id.0.to_vec()));
            state.apply(&gone.collect::<Vec<_>>())?;
            part.iter().for_each(|id| {
                self.cases.remove(id);
            });
        }
        self.swept = now.day();
        Ok(())
    }

    fn of<'a>(&'a self, agency: &'a PartyId) -> impl Iterator<Item = (u64, &'a ParcelRow)> {
        self.waiting
            .range((agency.clone(), 0)..)
            .take_while(move |(to, _)| to == agency)
            .filter_map(|(_, sequence)| Some((*sequence, self.parcels.get(sequence)?)))
    }

    fn take_in(&mut self, sequence: u64, row: ParcelRow) {
        self.next = self.next.max(sequence + 1);
        self.by_id.insert((row.from.clone(), row.id), sequence);
        let day = row.received.day();
        *self.sent.entry((row.from.clone(), day)).or_default() += 1;
        if !row.delivered {
            self.waiting.insert((row.to.clone(), sequence));
        }
        self.parcels.insert(sequence, row);
    }

    fn take_out(&mut self, sequence: u64) {
        if let Some(row) = self.parcels.remove(&sequence) {
            self.by_id.remove(&(row.from, row.id));
            self.waiting.remove(&(row.to, sequence));
        }
    }
}

fn remove_body(sequence: u64, row: &ParcelRow, changes: &mut Vec<Change>) {
    remove_chunks(
        StateTable::ParcelBodies,
        &sequence.to_be_bytes(),
        row.bytes,
        changes,
    );
}
