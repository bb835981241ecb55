//! Cases: which ones there are between whom, and how far they are.

use sanctuary_figures::{Outcome, Requests, Urgency, Window};
use sanctuary_types::{CaseId, PartyId, Timestamp};

use super::{
    CASES_PER_DAY_MAX, CaseCounts, CaseTick, Mailbox, Parcel, rows::CaseRow, send::refuse,
};
use crate::{
    Hub, HubError,
    hub::locked,
    ports::{PostingLog, StateStore},
};

const CLOSED: u8 = 3;

impl<L: PostingLog, S: StateStore> Hub<L, S> {
    /// Notes how far a case is. It never goes back: both sides tell, in any order.
    ///
    /// # Errors
    /// [`HubError::UnknownCase`], [`HubError::Parcel`] for words that do not exist, or storage.
    pub fn tick_case(&self, agency: &PartyId, tick: &CaseTick) -> Result<(), HubError> {
        if !(1..=CLOSED).contains(&tick.stage) || !(1..=4).contains(&tick.urgency) {
            return refuse("a stage is 1 to 3 and an urgency 1 to 4; update the node");
        }
        let mut mailbox = locked(&self.mailbox);
        let known = mailbox.cases.get(&tick.case);
        let mut row = known
            .filter(|row| row.is_between(agency, &tick.other))
            .cloned()
            .ok_or(HubError::UnknownCase)?;
        row.stage = row.stage.max(tick.stage);
        row.urgency = tick.urgency;
        row.answer_due = tick.answer_due;
        if known != Some(&row) {
            self.state.apply(&[row.put(tick.case)?])?;
            mailbox.cases.insert(tick.case, row);
        }
        Ok(())
    }

    /// The requests begun in a window, for the board pack: how urgent, how far, past the promised time.
    pub(crate) fn requests_of(&self, window: Window, now: Timestamp) -> Requests {
        let mut requests = Requests::default();
        let within = |at: Timestamp| at >= window.from.start() && at < window.to.end();
        let mailbox = locked(&self.mailbox);
        for row in mailbox.cases.values().filter(|row| within(row.begun)) {
            let Some(urgency) = Urgency::ALL.get(usize::from(row.urgency).wrapping_sub(1)) else {
                // Begun, and its agency has not said how urgent it is.
                continue;
            };
            let outcome = match row.stage {
                1 => Outcome::Open,
                2 => Outcome::Answered,
                _ => Outcome::Closed,
            };
            let late = row.stage == 1 && row.answer_due.0 > 0 && row.answer_due < now;
            requests.add(*urgency, outcome, late, 1);
        }
        requests
    }

    /// How the cases of `agency`, or of all, stand.
    #[must_use]
    pub fn case_counts(&self, agency: Option<&PartyId>, now: Timestamp) -> CaseCounts {
        let mut counts = CaseCounts::default();
        let mailbox = locked(&self.mailbox);
        let concerned = |row: &&CaseRow| agency.is_none_or(|agency| row.concerns(agency));
        for row in mailbox.cases.values().filter(concerned) {
            match row.stage {
                1 => {
                    counts.open += 1;
                    // Due 0: begun, and not ticked yet.
                    let overdue = row.answer_due.0 > 0 && row.answer_due < now;
                    counts.overdue += u64::from(overdue);
                }
                2 => counts.answered += 1,
                _ => counts.closed += 1,
            }
        }
        counts
    }
}

impl Mailbox {
    /// The case of an envelope, when it is known; refused when it is another's.
    pub(super) fn case_of(
        &self,
        case: CaseId,
        from: &PartyId,
        parcel: &Parcel,
        now: Timestamp,
    ) -> Result<Option<CaseRow>, HubError> {
        match self.cases.get(&case) {
            None => Ok(None),
            Some(row) if row.keep_until <= now => Ok(None),
            Some(row) if row.is_between(from, &parcel.to) && row.match_id == parcel.match_id => {
                Ok(Some(row.clone()))
            }
            Some(_) => refuse("a case id belongs to another case; the node makes a new one"),
        }
    }

    /// Whether the two have a case on the match.
    pub(super) fn has_case_on(&self, from: &PartyId, parcel: &Parcel) -> bool {
        let mut cases = self.cases.values();
        cases.any(|row| row.is_between(from, &parcel.to) && row.match_id == parcel.match_id)
    }

    /// A case that begins with this parcel.
    pub(super) fn begin_case(
        &self,
        from: &PartyId,
        parcel: &Parcel,
        now: Timestamp,
    ) -> Result<CaseRow, HubError> {
        let today = self.cases.values().filter(|row| {
            row.asker == *from && row.owner == parcel.to && row.begun.day() == now.day()
        });
        if today.count() as u32 >= CASES_PER_DAY_MAX {
            return Err(HubError::MailboxFull {
                what: "this agency has begun 200 cases with that one today, which is the limit",
            });
        }
        Ok(CaseRow {
            asker: from.clone(),
            owner: parcel.to.clone(),
            match_id: parcel.match_id,
            begun: now,
            keep_until: now,
            stage: 1,
            urgency: 4,
            answer_due: Timestamp(0),
        })
    }
}

impl CaseRow {
    /// Kept at least until then.
    pub(super) fn until(mut self, until_ms: u64) -> Self {
        self.keep_until = Timestamp(self.keep_until.0.max(until_ms));
        self
    }
}
