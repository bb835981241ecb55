//! What happens by itself: answers leave at their tick, what is over expires, letters that have not had
//! their effect are sealed anew, and files end with their retention.

use rand_core::CryptoRng;
use sanctuary_disclosure::{Actor, Side, Stage, Step, Watermark};
use sanctuary_ledger::EntryId;
use sanctuary_types::{CaseId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Casework, CaseworkError, Change, Shelf,
    batch::{Batch, Under},
    codec::{damaged, from_json},
    file::{Head, Loaded},
    letter::{Confirms, LetterRow},
};

const DAY_MS: u64 = 86_400_000;
/// A letter that has not had its effect is sealed anew after this time.
const AGAIN_MS: u64 = 7 * DAY_MS;
/// Times that anything but a recall is sealed.
const TIMES_MAX: u32 = 8;

/// Something that happened by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// In which case.
    pub case: Option<CaseId>,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A new envelope key was made.
    NewKey,
    /// A request has left, its match proven.
    Sent,
    /// An answer has left.
    Left,
    /// A case or a release has expired.
    Expired,
    /// A letter without effect was sealed anew.
    SentAgain,
    /// A case's file has ended with its retention.
    Erased,
    /// It was to happen and a rule stands against it.
    Stopped {
        /// The rule.
        rule: &'static str,
        /// One sentence.
        text: String,
    },
}

/// What should have been done by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overdue {
    /// Acknowledging.
    Acknowledgement,
    /// Answering.
    Answer,
    /// The review of a refused urgent request.
    RefusalReview,
    /// The review of the use of urgency 1.
    UrgencyReview,
    /// Confirming that every copy is destroyed.
    Destruction,
}

impl Casework<'_> {
    /// What is due: call it every few seconds, before the outbox is emptied. A case in which something
    /// stands in the way does not hold up the others.
    ///
    /// # Errors
    /// [`CaseworkError`] of a port or the log; what was done stays done.
    pub fn tick(
        &self,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Happening>, CaseworkError> {
        let mut out = Vec::new();
        if self.rotate(now, rng)? {
            out.push(happening(None, What::NewKey));
        }
        self.retry_aside(now, rng)?;
        let keep_days = self.agreement()?.retention.case_file_days;
        for (key, row) in self.ports.store.list(Shelf::Case, &[])? {
            let head: Head = from_json(&row, "case")?;
            let id = CaseId(key.try_into().map_err(|_| damaged("case"))?);
            if head
                .over
                .is_some_and(|since| now < Self::kept_until(since, keep_days))
            {
                continue;
            }
            let mut file = self.case_of(&id)?;
            match self.tick_case(&mut file, now, rng) {
                Ok(Some(what)) => out.push(happening(Some(id), what)),
                Ok(None) => {}
                Err(error) if error.is_passing() => return Err(error),
                Err(error) => out.push(stopped(Some(id), &error)),
            }
        }
        self.tick_matters(now, rng, &mut out)?;
        self.seal_anew(now, rng, &mut out)?;
        self.forget_notes(now)?;
        Ok(out)
    }

    fn tick_case(
        &self,
        file: &mut Loaded,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Option<What>, CaseworkError> {
        if file.case.expires().is_some_and(|at| at <= now) {
            self.step(file, Step::Expire, None, Vec::new(), now, rng)?;
            return Ok(Some(What::Expired));
        }
        if file.case.stage() == Stage::SecondApproval
            && file.case.leaves_at().is_some_and(|at| at <= now)
        {
            self.leave(file, now, rng)?;
            return Ok(Some(What::Left));
        }
        if let Some(by) = file.head.wish.clone() {
            let sent = self.go_on_sending(file, &by, now, rng);
            return match sent {
                Ok(sent) => Ok(sent.then_some(What::Sent)),
                Err(error) if error.is_passing() => Err(error),
                Err(error) => {
                    // It is not to be sent as it stands: whoever sent it is told, once.
                    file.head.wish = None;
                    let mut batch = Batch::new(*self, Vec::new());
                    batch.put_head(file);
                    self.ports.store.commit(batch.done())?;
                    Err(error)
                }
            };
        }
        // Looked at only when its time has come, or when it is not over.
        if file.is_over() {
            let keep_days = self.agreement()?.retention.case_file_days;
            if now >= Self::kept_until(file.case.last_step(), keep_days) {
                self.erase_file(file)?;
                return Ok(Some(What::Erased));
            }
        }
        Ok(None)
    }

    fn go_on_sending(
        &self,
        file: &mut Loaded,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<bool, CaseworkError> {
        if self.send_now(file, by, now, rng)? {
            return Ok(true);
        }
        let facts = self.standing(&file.head.alert)?;
        let mut batch = Batch::new(*self, Vec::new());
        self.begin_proof(&facts, &mut batch, now, rng)?;
        self.ports.store.commit(batch.done())?;
        Ok(false)
    }

    fn leave(
        &self,
        file: &mut Loaded,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CaseworkError> {
        let proposal = file.case.proposal();
        let report = proposal.and_then(|p| p.report.as_ref());
        let (watermark, with) = match report {
            None => (None, Vec::new()),
            Some(report) => {
                let (key, new) = self.watermark_key(rng)?;
                let mark = Watermark::of(&key, &report.recipient, report.case, report.number);
                (Some(mark), new.into_iter().collect())
            }
        };
        self.step(file, Step::Leave { watermark }, None, with, now, rng)
    }

    const fn kept_until(since: Timestamp, days: u32) -> Timestamp {
        Timestamp(since.0.saturating_add(days as u64 * DAY_MS))
    }

    /// The whole file goes, with what opens its entries of the log.
    fn erase_file(&self, file: &Loaded) -> Result<(), CaseworkError> {
        let store = self.ports.store;
        let id = file.id();
        for (_, row) in store.list(Shelf::Logged, &id.0)? {
            let entry: EntryId = from_json(&row, "log entry")?;
            self.ports.salts.erase(&entry)?;
        }
        let mut changes = vec![Change::remove(Shelf::Case, id.0)];
        let shelves = [
            Shelf::Step,
            Shelf::Taken,
            Shelf::Unconfirmed,
            Shelf::Copy,
            Shelf::Evidence,
            Shelf::Logged,
        ];
        for shelf in shelves {
            let rows = store.list(shelf, &id.0)?;
            changes.extend(rows.into_iter().map(|(key, _)| Change::remove(shelf, key)));
        }
        let prints = store.list(Shelf::Reason, &[])?;
        let of_case = prints
            .into_iter()
            .filter(|(_, case)| case.as_slice() == id.0);
        changes.extend(of_case.map(|(key, _)| Change::remove(Shelf::Reason, key)));
        Ok(store.commit(changes)?)
    }

    /// Letters that could not be sealed, or have not had their effect.
    fn seal_anew(
        &self,
        now: Timestamp,
        rng: &mut impl CryptoRng,
        out: &mut Vec<Happening>,
    ) -> Result<(), CaseworkError> {
        for (key, row) in self.ports.store.list(Shelf::Unconfirmed, &[])? {
            let row: LetterRow = from_json(&row, "letter")?;
            let case = row.case;
            match self.seal_one_anew(key, row, now, rng) {
                Ok(true) => out.push(happening(Some(case), What::SentAgain)),
                Ok(false) => {}
                Err(error) if error.is_passing() => return Err(error),
                Err(error) => out.push(stopped(Some(case), &error)),
            }
        }
        Ok(())
    }

    /// `true` when a letter that had left before has left again.
    fn seal_one_anew(
        &self,
        key: Vec<u8>,
        mut row: LetterRow,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<bool, CaseworkError> {
        let due = row
            .sealed
            .is_none_or(|at| now.0 >= at.0.saturating_add(AGAIN_MS));
        if !due {
            return Ok(false);
        }
        let file = self.load(&row.case)?;
        let recall = row.letter.expects() == Some(Confirms::Recall);
        let is_enough = row.times >= TIMES_MAX && !recall;
        if is_enough || file.as_ref().is_some_and(|file| !still_said(file, &row)) {
            let change = Change::remove(Shelf::Unconfirmed, key);
            self.ports.store.commit(vec![change])?;
            return Ok(false);
        }
        let mut batch = Batch::new(*self, Vec::new());
        let under = match file {
            Some(file) => Under::case(&file.head),
            None => self.under_match(&row, &mut batch, now, rng)?,
        };
        let times = row.times;
        batch.letter(&mut row, under, now, rng)?;
        self.ports.store.commit(batch.done())?;
        Ok(times > 0 && row.times > times)
    }

    fn forget_notes(&self, now: Timestamp) -> Result<(), CaseworkError> {
        let mut changes = Vec::new();
        for (key, row) in self.ports.store.list(Shelf::Once, &[])? {
            let (until, _): (Timestamp, String) = from_json(&row, "envelope note")?;
            if until <= now {
                changes.push(Change::remove(Shelf::Once, key));
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        Ok(self.ports.store.commit(changes)?)
    }
}

/// What should have been done by now in a case.
pub(crate) fn overdue(file: &Loaded, now: Timestamp) -> Vec<Overdue> {
    let case = &file.case;
    let mut out = Vec::new();
    let clock = &case.terms().clock;
    let past = |at: Option<Timestamp>| at.is_some_and(|at| at < now);
    let waiting = matches!(
        case.stage(),
        Stage::Sent
            | Stage::Acknowledged
            | Stage::Clarification
            | Stage::Decided
            | Stage::SecondApproval
    );
    let acknowledge_by = case.sent().map(|sent| clock.acknowledge_by(sent));
    if case.stage() == Stage::Sent && past(acknowledge_by) {
        out.push(Overdue::Acknowledgement);
    }
    if waiting && case.live().is_none() && past(case.answer_due()) {
        out.push(Overdue::Answer);
    }
    if past(case.review_due()) {
        out.push(Overdue::RefusalReview);
    }
    if case.owes_urgency_review() && past(case.answer_due()) {
        out.push(Overdue::UrgencyReview);
    }
    let taken_back =
        case.stage() == Stage::Recalled || (case.stage() == Stage::Expired && case.releases() > 0);
    let undestroyed = taken_back && case.destroyed().is_none();
    if undestroyed && now.0 > case.last_step().0.saturating_add(7 * DAY_MS) {
        out.push(Overdue::Destruction);
    }
    out
}

/// Whether what a letter says is still so: an answer that was recalled or has expired is not sent again.
fn still_said(file: &Loaded, row: &LetterRow) -> bool {
    let stage = file.case.stage();
    match row.letter.expects() {
        Some(Confirms::Request) => {
            file.head.side == Side::Requester && matches!(stage, Stage::Sent)
        }
        Some(Confirms::Answer) => !matches!(
            stage,
            Stage::Recalled | Stage::Expired | Stage::Withdrawn | Stage::Closed
        ),
        Some(Confirms::Recall) => stage == Stage::Recalled && file.case.destroyed().is_none(),
        Some(Confirms::Question) | None => true,
    }
}

pub(crate) fn stopped(case: Option<CaseId>, error: &CaseworkError) -> Happening {
    let (rule, text) = (error.rule(), error.to_string());
    happening(case, What::Stopped { rule, text })
}

pub(crate) const fn happening(case: Option<CaseId>, what: What) -> Happening {
    Happening { case, what }
}
