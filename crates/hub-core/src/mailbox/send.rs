//! Parcels in and out.

use ring::digest::{SHA256, digest};
use sanctuary_trust::{PartyKind, Roster};
use sanctuary_types::{AlertId, PartyId, Timestamp};

use super::{
    AHEAD_MS, DAY_MS, LIFE_MARGIN_MS, LIFE_MS, PARCEL_ID_BYTES, PROOF_KEPT_MS, Parcel,
    ParcelContent, REST_BYTES_MAX, TAKEN_MAX, Waiting, rows::ParcelRow,
};
use crate::{
    Hub, HubError,
    alert::Alert,
    hub::locked,
    ports::{PostingLog, StateStore, StateTable},
};

/// Bytes of an encapsulated key, by suite.
const ENCAPSULATED_BYTES: [usize; 2] = [32, 1_120];
/// Bytes of a sealed message: the three size classes and the authentication tag.
const SEALED_BYTES: [usize; 3] = [16 * 1024 + 16, 64 * 1024 + 16, 256 * 1024 + 16];

impl<L: PostingLog, S: StateStore> Hub<L, S> {
    /// Keeps a parcel for its recipient. `Ok` means durable; the same parcel again is a retry and
    /// changes nothing, also after it was delivered.
    ///
    /// # Errors
    /// [`HubError::NoRecipient`], [`HubError::Denied`], [`HubError::UnknownAlert`],
    /// [`HubError::Parcel`], [`HubError::ParcelReused`], [`HubError::MailboxFull`], or storage.
    pub fn send_parcel(
        &self,
        from: &PartyId,
        parcel: &Parcel,
        roster: &Roster,
        now: Timestamp,
    ) -> Result<(), HubError> {
        check_form(parcel, now)?;
        let mut mailbox = locked(&self.mailbox);
        let sha256 = sha256(&parcel.body);
        if let Some(known) = mailbox.known(from, &parcel.id) {
            return if known.sha256 == sha256 {
                Ok(())
            } else {
                Err(HubError::ParcelReused)
            };
        }
        check_recipient(from, &parcel.to, roster)?;
        mailbox.sweep(&self.state, now)?;
        mailbox.check_room(from, parcel, now)?;
        let longest_ms = self.longest_life_ms(now);
        let (case, keep_until) = match parcel.content {
            ParcelContent::Proof => {
                self.check_match(from, parcel, now)?;
                (None, now.0.saturating_add(PROOF_KEPT_MS))
            }
            ParcelContent::Envelope {
                case,
                created,
                expires,
                ..
            } => {
                if expires.0.saturating_sub(created.0) > longest_ms {
                    return refuse("an envelope lives longer than a release may; update the node");
                }
                let row = match mailbox.case_of(case, from, parcel, now)? {
                    Some(row) => row,
                    // Two that have a case on the match have proven it, whether or not it stands still:
                    // people's rights outlive an alert.
                    None if mailbox.has_case_on(from, parcel) => {
                        self.agreements().permits_carriage(from, &parcel.to, now)?;
                        mailbox.begin_case(from, parcel, now)?
                    }
                    None => {
                        self.check_match(from, parcel, now)?;
                        mailbox.begin_case(from, parcel, now)?
                    }
                };
                let row = row.until(now.0.saturating_add(longest_ms));
                (Some((case, row)), expires.0)
            }
        };
        let row = ParcelRow {
            id: parcel.id,
            from: from.clone(),
            to: parcel.to.clone(),
            sha256,
            bytes: parcel.body.len(),
            received: now,
            keep_until: Timestamp(keep_until),
            delivered: false,
        };
        mailbox.keep(&self.state, row, &parcel.body, case)
    }

    /// Up to `limit` parcels (64 at most) that wait for `agency`, oldest first; the same ones until
    /// they are acknowledged. Asks no agreement: what takes information back must arrive.
    ///
    /// # Errors
    /// When storage fails or is damaged.
    pub fn take_parcels(
        &self,
        agency: &PartyId,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Waiting>, HubError> {
        let mut mailbox = locked(&self.mailbox);
        mailbox.sweep(&self.state, now)?;
        mailbox.take(&self.state, agency, limit, now)
    }

    /// Deletes parcels that `agency` says it has stored. Ids that are not its own change nothing.
    ///
    /// # Errors
    /// [`HubError::Parcel`] for more than 64 ids, or storage.
    pub fn acknowledge_parcels(
        &self,
        agency: &PartyId,
        ids: &[[u8; PARCEL_ID_BYTES]],
        now: Timestamp,
    ) -> Result<(), HubError> {
        if ids.len() > TAKEN_MAX {
            return refuse("too many parcels are acknowledged at once; send at most 64 ids");
        }
        locked(&self.mailbox).acknowledge(&self.state, agency, ids, now)
    }

    /// A match that may be spoken of: the hub raised it between these two, told both, and the
    /// agreement lets them speak. The stored alert is asked, so that no round is waited for.
    pub(super) fn check_match(
        &self,
        from: &PartyId,
        parcel: &Parcel,
        now: Timestamp,
    ) -> Result<(), HubError> {
        self.agreements().permits_carriage(from, &parcel.to, now)?;
        let alert = self.stored_alert(&parcel.match_id)?;
        let told = |agency: &PartyId| {
            let side = alert.sides.iter().find(|side| side.agency == *agency);
            side.is_some_and(|side| side.told.is_some())
        };
        if !told(from) || alert.finding.is_none() || !alert.is_between(from, &parcel.to) {
            return Err(HubError::UnknownAlert);
        }
        if !told(&parcel.to) {
            return refuse(
                "the other agency has not been told of this match, because the own record is not open to it; release the alert to it first",
            );
        }
        Ok(())
    }

    pub(super) fn stored_alert(&self, id: &AlertId) -> Result<Alert, HubError> {
        let rows = self.state.scan(StateTable::Alerts, &id.0, None, 1)?;
        let (_, json) = rows.first().ok_or(HubError::UnknownAlert)?;
        Alert::from_json(json)
    }

    /// How long an envelope may wait: as long as anything released can live under the agreement.
    fn longest_life_ms(&self, now: Timestamp) -> u64 {
        let agreements = self.agreements();
        let longest = agreements.current(now).map_or(0, |agreement| {
            let days = agreement.retention.release_days;
            u64::from(days.max(agreement.retention.unanswered_request_days)) * DAY_MS
        });
        (longest + LIFE_MARGIN_MS).max(LIFE_MS)
    }
}

fn check_recipient(from: &PartyId, to: &PartyId, roster: &Roster) -> Result<(), HubError> {
    let agency = roster.party(to).filter(|p| p.kind == PartyKind::Agency);
    if agency.is_none() || from == to {
        return Err(HubError::NoRecipient { to: to.clone() });
    }
    Ok(())
}

/// Sizes and times that a node makes.
fn check_form(parcel: &Parcel, now: Timestamp) -> Result<(), HubError> {
    let content_bytes = match parcel.content {
        ParcelContent::Proof => 0,
        ParcelContent::Envelope {
            created,
            expires,
            encapsulated_bytes,
            sealed_bytes,
            ..
        } => {
            if !ENCAPSULATED_BYTES.contains(&encapsulated_bytes)
                || !SEALED_BYTES.contains(&sealed_bytes)
            {
                return refuse("an envelope has a size that no envelope has; update the node");
            }
            if expires <= now {
                return refuse("this envelope has expired; the node seals its message again");
            }
            if created.0 > now.0.saturating_add(AHEAD_MS) || expires <= created {
                return refuse("an envelope is dated in the future; set this machine's clock");
            }
            encapsulated_bytes + sealed_bytes
        }
    };
    if parcel.body.is_empty() || parcel.body.len() > content_bytes + REST_BYTES_MAX {
        return refuse("a parcel is larger than its content; update the node");
    }
    Ok(())
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

pub(super) const fn refuse<T>(problem: &'static str) -> Result<T, HubError> {
    Err(HubError::Parcel { problem })
}
