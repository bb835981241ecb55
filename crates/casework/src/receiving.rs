//! Taking in what the hub brings. A parcel is judged, and either takes effect together with the note that
//! it did, or waits for what must come before it, or is refused and kept as an alarm.

use rand_core::CryptoRng;
use sanctuary_disclosure::{Body, Event, Message, Refused, Side, Terms};
use sanctuary_envelope::{Envelope, EnvelopeError, Expectation, Once, Opened, SessionKey, open};
use sanctuary_policy::Denial;
use sanctuary_types::{Epoch, PartyId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Alarm, Casework, CaseworkError, Change, Parcel, ParcelContent, ParcelId, Shelf,
    alarm::Alarming,
    batch::Batch,
    codec::{self, Secret, from_json},
    evidence::Evidence,
    file::{Head, Loaded, numbered},
    keys::SUITE,
    letter::{Content, Letter},
    proof::ProofRole,
};

/// Parcels that wait, of all agencies and of one.
const ASIDE_MAX: usize = 1_024;
const ASIDE_OF_ONE_MAX: usize = 128;
/// A proof message waits no longer for the alert it is about.
const PROOF_WAITS_MS: u64 = 7 * 86_400_000;

/// What became of a parcel. In each case the hub may forget it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// It has had its effect.
    Taken,
    /// It had had its effect before; nothing has changed.
    Again,
    /// It waits for something that must come first.
    Aside,
    /// It is refused, and kept as an alarm.
    Refused(Alarm),
}

/// What a parcel came to, before it is written down.
#[derive(Debug)]
pub(crate) enum Taken {
    Now,
    Again,
    NotYet,
    Refused(Alarming),
}

#[derive(Serialize, Deserialize)]
struct AsideRow {
    since: Timestamp,
    parcel: String,
}

impl Casework<'_> {
    /// Takes in a parcel. When it returns without an error the hub may forget the parcel.
    ///
    /// # Errors
    /// [`CaseworkError`] of a port or the log: nothing was judged, bring it again later.
    pub fn receive(
        &self,
        parcel: &Parcel,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Received, CaseworkError> {
        let taken = self.judge(parcel, now, rng)?;
        match taken {
            Taken::Now => {
                self.retry_aside(now, rng)?;
                Ok(Received::Taken)
            }
            Taken::Again => Ok(Received::Again),
            Taken::NotYet => self.put_aside(parcel, now),
            Taken::Refused(alarming) => self.refuse(parcel, &alarming, now),
        }
    }

    /// Tries what waits once more. Returns how many parcels no longer wait.
    pub(crate) fn retry_aside(
        &self,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<usize, CaseworkError> {
        let mut gone = 0;
        loop {
            let mut progress = false;
            for (key, row) in self.ports.store.list(Shelf::Aside, &[])? {
                let row: AsideRow = from_json(&row, "parcel")?;
                let bytes = hex::decode(&row.parcel).map_err(|_| codec::damaged("parcel"))?;
                let parcel = Parcel::from_bytes(&bytes)?;
                let taken = if is_past(&parcel, row.since, now) {
                    Taken::Refused(Alarming::new(&parcel.from, &EnvelopeError::Expired))
                } else {
                    self.judge(&parcel, now, rng)?
                };
                match taken {
                    Taken::NotYet => continue,
                    Taken::Now => progress = true,
                    Taken::Again => {}
                    Taken::Refused(alarming) => {
                        self.refuse(&parcel, &alarming, now)?;
                    }
                }
                gone += 1;
                self.ports
                    .store
                    .commit(vec![Change::remove(Shelf::Aside, key)])?;
            }
            if !progress {
                return Ok(gone);
            }
        }
    }

    fn judge(
        &self,
        parcel: &Parcel,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Taken, CaseworkError> {
        let misrouted = parcel.to != *self.own() || parcel.from == *self.own();
        if misrouted || self.ports.directory.agency_key(&parcel.from).is_none() {
            let error = EnvelopeError::Header("another sender or recipient");
            return Ok(Taken::Refused(Alarming::new(&parcel.from, &error)));
        }
        let judged = match &parcel.content {
            ParcelContent::Hello(hello) => self.take_hello(parcel, hello, now, rng),
            ParcelContent::Reply(reply) => self.take_reply(parcel, reply, rng),
            ParcelContent::Finish(finish) => self.take_finish(parcel, finish),
            ParcelContent::Envelope(envelope) => self.take_envelope(parcel, envelope, now, rng),
        };
        match judged {
            // Nothing is taken in while no agreement is in force; what came waits for the next one.
            Err(CaseworkError::Refused(refused)) if is_out_of_force(&refused) => Ok(Taken::NotYet),
            Err(CaseworkError::Refused(refused)) => {
                Ok(Taken::Refused(Alarming::refused(&parcel.from, &refused)))
            }
            Err(CaseworkError::Envelope(error)) => {
                Ok(Taken::Refused(Alarming::new(&parcel.from, &error)))
            }
            other => other,
        }
    }

    fn take_envelope(
        &self,
        parcel: &Parcel,
        envelope: &Envelope,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Taken, CaseworkError> {
        let header = &envelope.header;
        let about = |alarming: Alarming| alarming.about(Some(header.case), header.match_id);
        if let Some(row) = self.ports.store.get(Shelf::Once, &envelope.id())? {
            // The hub brings it again when it did not hear that it was taken in. In another parcel, somebody
            // plays it again.
            let (_, first): (Timestamp, String) = from_json(&row, "envelope note")?;
            let same = first == hex::encode(parcel.id.0);
            let error = EnvelopeError::Replayed;
            return Ok(if same {
                Taken::Again
            } else {
                Taken::Refused(about(Alarming::new(&parcel.from, &error)))
            });
        }
        let file = self.load(&header.case)?;
        let sessions = self.sessions_for(file.as_ref().map(|f| &f.head), parcel, envelope)?;
        let agreement_version = match &file {
            Some(file) => file.head.agreement_version,
            None => self.agreement()?.version,
        };
        if sessions.is_empty() || header.agreement_version > agreement_version && file.is_none() {
            // The end of the proof, or the new agreement, is still under way.
            return Ok(Taken::NotYet);
        }
        let mut last = EnvelopeError::DoesNotOpen;
        for (role, other, epoch, session) in sessions {
            let expected = Expectation {
                case: file.as_ref().map(Loaded::id),
                from: other,
                to: self.own().clone(),
                match_id: file.as_ref().map_or(header.match_id, |f| f.head.alert),
                epoch,
                agreement_version,
                least_suite: SUITE,
            };
            match self.open(envelope, &expected, &session, parcel, now) {
                Ok((opened, note)) => {
                    let from = (role, epoch, &session);
                    return self.take_letter(parcel, envelope, file, &opened, note, from, now, rng);
                }
                Err(CaseworkError::Envelope(error)) => last = error,
                Err(error) => return Err(error),
            }
        }
        Ok(Taken::Refused(about(Alarming::new(&parcel.from, &last))))
    }

    fn open(
        &self,
        envelope: &Envelope,
        expected: &Expectation,
        session: &SessionKey,
        parcel: &Parcel,
        now: Timestamp,
    ) -> Result<(Opened, Change), CaseworkError> {
        let key = self
            .ports
            .directory
            .agency_key(&expected.from)
            .ok_or_else(|| CaseworkError::NotAParty(expected.from.clone()))?;
        let mut note = Note(None, parcel.id);
        let ring = self.ring()?;
        let opened = open(envelope, expected, &key, &ring, session, &mut note, now)?;
        let note = note.0.ok_or(EnvelopeError::OnceStore)?;
        Ok((opened, note))
    }

    /// The sessions that an envelope may be sealed under: the case's own, or for one that opens something
    /// those of its match.
    #[allow(clippy::type_complexity)] // role, other agency, epoch, key: read in one place
    fn sessions_for(
        &self,
        head: Option<&Head>,
        parcel: &Parcel,
        envelope: &Envelope,
    ) -> Result<Vec<(ProofRole, PartyId, Epoch, SessionKey)>, CaseworkError> {
        if let Some(head) = head {
            let role = match head.side {
                Side::Requester => ProofRole::Asker,
                Side::Owner => ProofRole::Owner,
            };
            let session = head.session();
            return Ok(session
                .map(|(epoch, key)| (role, head.other.clone(), epoch, key))
                .into_iter()
                .collect());
        }
        let mut out = Vec::new();
        for role in [ProofRole::Owner, ProofRole::Asker] {
            let row = self.match_row(&envelope.header.match_id, role)?;
            if let Some(row) = row.filter(|row| row.other == parcel.from)
                && let Some((epoch, secret)) = row.session
            {
                out.push((role, row.other, epoch, SessionKey::from_store(secret.0)));
            }
        }
        Ok(out)
    }

    #[allow(clippy::too_many_arguments)] // what is known of one letter; private, one caller
    fn take_letter(
        &self,
        parcel: &Parcel,
        envelope: &Envelope,
        file: Option<Loaded>,
        opened: &Opened,
        note: Change,
        under: (ProofRole, Epoch, &SessionKey),
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Taken, CaseworkError> {
        let header = &envelope.header;
        let letter = Letter::from_bytes(&opened.body)?;
        let taken_key = numbered(&header.case, letter.serial);
        if self.ports.store.get(Shelf::Taken, &taken_key)?.is_some() {
            // Sealed anew by a node that does not know that it arrived.
            let mut batch = Batch::new(*self, vec![note]);
            if let Some(file) = file {
                self.say_again(file, &letter, &mut batch, now, rng)?;
            }
            self.ports.store.commit(batch.done())?;
            return Ok(Taken::Again);
        }
        let mut batch = Batch::new(*self, vec![note.clone()]);
        batch.push(Change::put(Shelf::Taken, taken_key, Vec::new()));
        batch.confirm(&header.case, letter.confirms())?;
        let evidence = Evidence {
            from: parcel.from.clone(),
            at: now,
            header: hex::encode(header.to_bytes()),
            letter: hex::encode(opened.body.as_slice()),
            signature: hex::encode(opened.evidence),
        };
        let key = [header.case.0.as_slice(), &envelope.id()].concat();
        batch.push(Change::put(Shelf::Evidence, key, codec::json(&evidence)));
        let with = batch.done();
        let judged = match letter.content {
            Content::Case(message) => {
                self.take_message(parcel, envelope, file, message, under, with, now, rng)
            }
            Content::Rights(message) => self.take_rights(&parcel.from, header, message, with, now),
        };
        match judged {
            Err(CaseworkError::Refused(refused)) if !is_out_of_force(&refused) => {
                // Judged once: the same envelope is not judged again.
                self.ports.store.commit(vec![note])?;
                let alarming = Alarming::refused(&parcel.from, &refused);
                Ok(Taken::Refused(
                    alarming.about(Some(header.case), header.match_id),
                ))
            }
            other => other,
        }
    }

    #[allow(clippy::too_many_arguments)] // what is known of one message; private, one caller
    fn take_message(
        &self,
        parcel: &Parcel,
        envelope: &Envelope,
        file: Option<Loaded>,
        message: Message,
        (role, epoch, session): (ProofRole, Epoch, &SessionKey),
        with: Vec<Change>,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Taken, CaseworkError> {
        let header = &envelope.header;
        if message.case != header.case {
            return Err(Refused::NotThisCase.into());
        }
        match (file, &message.body) {
            (None, Body::Request { request, .. }) => {
                let alert = request.alert.as_ref();
                let fits = role == ProofRole::Owner
                    && request.asker == parcel.from
                    && request.owner == *self.own()
                    && alert.is_some_and(|a| a.id == header.match_id);
                if !fits {
                    return Err(Refused::NotThisCase.into());
                }
                let facts = self.ports.alerts.alert(&header.match_id)?;
                let Some(facts) = facts.filter(|f| f.other == parcel.from) else {
                    return Ok(Taken::NotYet);
                };
                let terms = Terms::of(&self.agreement()?, request.urgency);
                let head = Head {
                    side: Side::Owner,
                    other: parcel.from.clone(),
                    alert: header.match_id,
                    own: facts.own,
                    opened: now,
                    agreement_version: terms.agreement_version,
                    session: Some((epoch, Secret(zeroize::Zeroizing::new(*session.expose())))),
                    next_serial: 0,
                    steps: 0,
                    wish: None,
                    hub_told: None,
                    emptied: false,
                    exported: 0,
                    over: None,
                };
                let event = Event {
                    at: now,
                    by: None,
                    step: message.into_step(terms),
                };
                self.open_case(head, &event, with)?;
                Ok(Taken::Now)
            }
            // The request it belongs to is still under way.
            (None, _) => Ok(Taken::NotYet),
            (Some(_), Body::Request { .. }) => Err(Refused::NotThisCase.into()),
            (Some(mut file), _) => {
                if message.sender() == file.head.side {
                    return Err(Refused::NotThisCase.into());
                }
                let step = message.into_step(file.case.terms().clone());
                match self.step(&mut file, step, None, with, now, rng) {
                    Ok(()) => Ok(Taken::Now),
                    Err(CaseworkError::Refused(Refused::WrongStage { .. })) if !file.is_over() => {
                        Ok(Taken::NotYet)
                    }
                    // It crossed the end of the case on its way.
                    Err(CaseworkError::Refused(Refused::WrongStage { .. })) => Ok(Taken::Again),
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// The other node asks again because our word has not reached it.
    fn say_again(
        &self,
        mut file: Loaded,
        letter: &Letter,
        batch: &mut Batch<'_>,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CaseworkError> {
        let Content::Case(message) = &letter.content else {
            return Ok(());
        };
        let body = match message.body {
            Body::Answer(_) => Body::Receipt,
            Body::Recall { number, .. } => match file.case.destroyed() {
                Some(copies) => Body::Destroyed { number, copies },
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        let message = Message::new(file.id(), body);
        batch.letter_of_case(&mut file.head, message, now, rng)?;
        batch.put_head(&mut file);
        Ok(())
    }

    fn put_aside(&self, parcel: &Parcel, now: Timestamp) -> Result<Received, CaseworkError> {
        let rows = self.ports.store.list(Shelf::Aside, &[])?;
        if rows.iter().any(|(key, _)| *key == parcel.id.0) {
            return Ok(Received::Aside);
        }
        let of_one = self.count_aside_of(&rows, &parcel.from)?;
        if rows.len() >= ASIDE_MAX || of_one >= ASIDE_OF_ONE_MAX {
            let text = "too many parcels of this agency wait for others that have not come";
            let alarming = Alarming::of(&parcel.from, "too_many_wait", text.to_owned());
            return self.refuse(parcel, &alarming, now);
        }
        let row = AsideRow {
            since: now,
            parcel: hex::encode(parcel.to_bytes()),
        };
        let change = Change::put(Shelf::Aside, parcel.id.0, codec::json(&row));
        self.ports.store.commit(vec![change])?;
        Ok(Received::Aside)
    }

    fn count_aside_of(
        &self,
        rows: &[(Vec<u8>, crate::Value)],
        from: &PartyId,
    ) -> Result<usize, CaseworkError> {
        let mut count = 0;
        for (_, row) in rows {
            let row: AsideRow = from_json(row, "parcel")?;
            let bytes = hex::decode(&row.parcel).map_err(|_| codec::damaged("parcel"))?;
            count += usize::from(Parcel::from_bytes(&bytes)?.from == *from);
        }
        Ok(count)
    }

    fn refuse(
        &self,
        parcel: &Parcel,
        alarming: &Alarming,
        now: Timestamp,
    ) -> Result<Received, CaseworkError> {
        let changes = self.alarm(alarming, now)?;
        self.ports.store.commit(changes)?;
        Ok(Received::Refused(Alarm {
            at: now,
            from: parcel.from.clone(),
            rule: alarming.rule.to_owned(),
            text: alarming.text.clone(),
            case: alarming.case,
            alert: alarming.alert,
        }))
    }
}

/// The note that an envelope was taken in, written in one change with its effect. That it was not taken in
/// before has been looked up, and calls are made one at a time.
struct Note(Option<Change>, ParcelId);

impl Once for Note {
    fn accept(&mut self, id: [u8; 32], until: Timestamp) -> Result<bool, EnvelopeError> {
        let row = codec::json(&(until, hex::encode(self.1.0)));
        self.0 = Some(Change::add(Shelf::Once, id, row));
        Ok(true)
    }
}

const fn is_out_of_force(refused: &Refused) -> bool {
    matches!(
        refused,
        Refused::Agreement(Denial::Expired { .. } | Denial::NotYetInForce { .. })
    )
}

fn is_past(parcel: &Parcel, since: Timestamp, now: Timestamp) -> bool {
    match &parcel.content {
        ParcelContent::Envelope(envelope) => now >= envelope.header.expires,
        _ => now.0 >= since.0.saturating_add(PROOF_WAITS_MS),
    }
}
