//! The changes of one commit: a step, what leaves with it, and what it confirms.

use rand_core::CryptoRng;
use sanctuary_disclosure::{Body, Message, Side};
use sanctuary_envelope::{EnvelopeError, Sealing, SessionKey, seal};
use sanctuary_ledger::EntryId;
use sanctuary_types::{CaseId, Epoch, Timestamp, lp};

use crate::{
    CaseTick, Casework, CaseworkError, Change, Outgoing, Parcel, ParcelContent, ParcelId, Shelf,
    codec::{damaged, from_json, json},
    file::{Head, Loaded, numbered},
    letter::{Confirms, Content, Letter, LetterRow},
};

const DAY_MS: u64 = 86_400_000;
/// How long a recipient accepts an envelope. A letter that must arrive is sealed anew before.
const VALID_MS: u64 = 30 * DAY_MS;
const OUTBOX: &[u8] = b"outbox";

/// What a letter is sealed under.
pub(crate) struct Under {
    pub(crate) epoch: Epoch,
    pub(crate) session: SessionKey,
    pub(crate) agreement_version: u32,
}

impl Under {
    /// What a case's letters are sealed under; the requester has it once the match is proven.
    pub(crate) fn case(head: &Head) -> Option<Self> {
        let (epoch, session) = head.session()?;
        Some(Self {
            epoch,
            session,
            agreement_version: head.agreement_version,
        })
    }
}

pub(crate) struct Batch<'a> {
    casework: Casework<'a>,
    changes: Vec<Change>,
    outbox: Option<u64>,
}

impl<'a> Batch<'a> {
    pub(crate) const fn new(casework: Casework<'a>, changes: Vec<Change>) -> Self {
        Self {
            casework,
            changes,
            outbox: None,
        }
    }

    pub(crate) fn push(&mut self, change: Change) {
        self.changes.push(change);
    }

    pub(crate) fn extend(&mut self, changes: impl IntoIterator<Item = Change>) {
        self.changes.extend(changes);
    }

    pub(crate) fn put_head(&mut self, file: &mut Loaded) {
        file.head.over = file.is_over().then(|| file.case.last_step());
        self.push(Change::put(Shelf::Case, file.id().0, json(&file.head)));
    }

    pub(crate) fn note_entry(&mut self, case: &CaseId, entry: EntryId) {
        let key = [case.0, entry.0].concat();
        self.push(Change::put(Shelf::Logged, key, json(&entry)));
    }

    /// Keeps the prints of a request's reasons, by which copied ones are found.
    pub(crate) fn keep_prints(&mut self, file: &Loaded) {
        let request = file.case.request();
        for print in request.prints() {
            let key = [lp(&[request.asker.as_bytes()]), print.0.to_vec()].concat();
            self.push(Change::put(Shelf::Reason, key, file.id().0));
        }
    }

    /// Puts something into the outbox.
    pub(crate) fn out(&mut self, outgoing: &Outgoing) -> Result<(), CaseworkError> {
        let next = match self.outbox {
            Some(next) => next,
            None => match self.casework.ports.store.get(Shelf::Counter, OUTBOX)? {
                Some(row) => {
                    u64::from_be_bytes(row.as_slice().try_into().map_err(|_| damaged("counter"))?)
                }
                None => 0,
            },
        };
        self.outbox = Some(next + 1);
        self.push(Change::add(
            Shelf::Outbox,
            next.to_be_bytes(),
            outgoing.to_bytes(),
        ));
        Ok(())
    }

    /// Tells the hub how far a request is, when it is further than it was told.
    pub(crate) fn tick(&mut self, file: &mut Loaded) -> Result<(), CaseworkError> {
        let stage = file.case.hub_stage();
        let (Some(stage), Some(answer_due)) = (stage, file.case.answer_due()) else {
            return Ok(());
        };
        if file.head.side != Side::Requester || file.head.hub_told == Some(stage) {
            return Ok(());
        }
        file.head.hub_told = Some(stage);
        self.out(&Outgoing::Tick(CaseTick {
            case: file.id(),
            other: file.head.other.clone(),
            stage,
            urgency: file.case.request().urgency,
            answer_due,
        }))
    }

    /// A letter of a case: sealed at once when that is possible, kept until it has had its effect.
    pub(crate) fn letter_of_case(
        &mut self,
        head: &mut Head,
        message: Message,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CaseworkError> {
        // A request taken back, or an answer recalled, is not sent again.
        let superseded = match message.body {
            Body::Withdrawn => Some(Confirms::Request),
            Body::Recall { .. } => Some(Confirms::Answer),
            _ => None,
        };
        if let Some(what) = superseded {
            self.confirm(&message.case, &[what])?;
        }
        let mut row = LetterRow {
            case: message.case,
            letter: Letter {
                format: 1,
                serial: head.next_serial,
                content: Content::Case(message),
            },
            other: head.other.clone(),
            alert: head.alert,
            sealed: None,
            times: 0,
        };
        head.next_serial += 1;
        self.letter(&mut row, Under::case(head), now, rng)
    }

    /// Seals a letter if it can be, and keeps it while it is not sealed or not confirmed.
    pub(crate) fn letter(
        &mut self,
        row: &mut LetterRow,
        under: Option<Under>,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CaseworkError> {
        if let Some(under) = under {
            self.seal(row, &under, now, rng)?;
        }
        let key = numbered(&row.case, row.letter.serial);
        let arrived_for_all_we_need = row.sealed.is_some() && row.letter.expects().is_none();
        self.push(if arrived_for_all_we_need {
            Change::remove(Shelf::Unconfirmed, key)
        } else {
            Change::put(Shelf::Unconfirmed, key, json(row))
        });
        Ok(())
    }

    fn seal(
        &mut self,
        row: &mut LetterRow,
        under: &Under,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CaseworkError> {
        let own = self.casework.own();
        let what = Sealing {
            case: row.case,
            from: own,
            to: &row.other,
            match_id: row.alert,
            epoch: under.epoch,
            agreement_version: under.agreement_version,
            valid_ms: VALID_MS,
        };
        let keys = self.casework.key_of(&row.other)?;
        let signing = self.casework.ports.directory.signing();
        let body = row.letter.to_bytes();
        let envelope = match seal(&what, &body, &keys, &under.session, signing, now, rng) {
            Ok(envelope) => envelope,
            // Sealed when the other node has announced its key.
            Err(EnvelopeError::NoKey { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        row.sealed = Some(now);
        row.times += 1;
        self.out(&Outgoing::Parcel(Parcel {
            id: ParcelId::new(rng),
            from: own.clone(),
            to: row.other.clone(),
            content: ParcelContent::Envelope(Box::new(envelope)),
        }))
    }

    /// Forgets letters of a case that have had their effect.
    pub(crate) fn confirm(
        &mut self,
        case: &CaseId,
        what: &[Confirms],
    ) -> Result<(), CaseworkError> {
        for (key, row) in self
            .casework
            .ports
            .store
            .list(Shelf::Unconfirmed, &case.0)?
        {
            let row: LetterRow = from_json(&row, "letter")?;
            if row.letter.expects().is_some_and(|e| what.contains(&e)) {
                self.push(Change::remove(Shelf::Unconfirmed, key));
            }
        }
        Ok(())
    }

    /// The released values leave the file, and the signed letters that held them go.
    pub(crate) fn destroy_values(&mut self, file: &mut Loaded) -> Result<(), CaseworkError> {
        self.extend(Casework::empty(file));
        for (key, _) in self
            .casework
            .ports
            .store
            .list(Shelf::Evidence, &file.id().0)?
        {
            self.push(Change::remove(Shelf::Evidence, key));
        }
        Ok(())
    }

    pub(crate) fn done(mut self) -> Vec<Change> {
        if let Some(next) = self.outbox {
            self.push(Change::put(Shelf::Counter, OUTBOX, next.to_be_bytes()));
        }
        self.changes
    }
}
