use std::collections::BTreeMap;

use sanctuary_disclosure::Actor;
use sanctuary_policy::{Action, Day};
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Answer, Review, ReviewError, State,
    counting::is_overdue,
    index::{Decided, Entry, Second},
    listing::Names,
};

/// What a supervisor looks at. Counts of possible matches, never of people; no name of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// When.
    pub at: Timestamp,
    /// Items by state.
    pub states: BTreeMap<State, usize>,
    /// Waiting for a person.
    pub open: usize,
    /// Of these, past their time.
    pub overdue: usize,
    /// Of these, given to nobody.
    pub unassigned: usize,
    /// Decided items with evidence that the decision did not know.
    pub newer_evidence: usize,
    /// The longest overdue was due then.
    pub oldest_due: Option<Timestamp>,
    /// Decisions that stand, by day and answer, for the days asked for, oldest first.
    pub decided: Vec<DayFigures>,
    /// Decisions of these days that were taken after they were due.
    pub decided_late: usize,
    /// Half of these decisions took no longer, in minutes.
    pub median_minutes: u64,
    /// Where two reviewers answered.
    pub reviewers: Agreement,
    /// The re-review sample.
    pub rechecks: Agreement,
    /// Of a thousand decisions, how many are drawn for one, by the rules of now.
    #[serde(default)]
    pub recheck_per_mille: u16,
    /// Drawn for a re-review and not looked at yet.
    pub rechecks_waiting: usize,
    /// Who has how many that wait, by staff number.
    pub workload: Vec<(crate::Who, usize)>,
    /// What became of requests to this agency in these days; none where it is not known.
    pub refusals: Option<Refusals>,
}

/// Answers to other agencies' requests, from the cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    /// Answers that left.
    pub answered: u32,
    /// Of these, those that released nothing although something is held.
    pub refused: u32,
}

/// Decisions of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayFigures {
    /// The day (UTC).
    pub day: Day,
    /// By answer.
    pub answers: BTreeMap<Answer, usize>,
}

/// How often two people gave the same answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Both answered.
    pub pairs: usize,
    /// Of these, the same.
    pub agreed: usize,
}

impl Agreement {
    /// Per cent, rounded; none without a pair.
    #[must_use]
    pub fn percent(self) -> Option<usize> {
        (self.agreed * 100 + self.pairs / 2).checked_div(self.pairs)
    }
}

/// Days that can be asked for.
pub const FIGURE_DAYS_MAX: u32 = 366;

impl Review<'_> {
    /// The supervisor's figures, with the decisions of the last `days` days, today included.
    ///
    /// # Errors
    /// [`ReviewError::NeedsRole`], or what the register gives.
    pub fn figures(&self, days: u32, by: &Actor, now: Timestamp) -> Result<Figures, ReviewError> {
        Self::need(by, Action::ReadReviewFigures)?;
        let days = days.clamp(1, FIGURE_DAYS_MAX);
        let today = Day::at(now);
        let from = Day(today.0.saturating_sub(days - 1));
        let blank = |number| DayFigures {
            day: Day(number),
            answers: Answer::ALL.iter().map(|a| (*a, 0)).collect(),
        };
        let mut figures = Figures {
            at: now,
            recheck_per_mille: self.desk.rules().recheck_per_mille,
            states: State::ALL.iter().map(|s| (*s, 0)).collect(),
            decided: (from.0..=today.0).map(blank).collect(),
            ..Figures::default()
        };
        let mut minutes = Vec::new();
        let workload = {
            let index = self.desk.read();
            let mut workload = vec![0; index.people.len()];
            for (place, entry) in &index.entries {
                figures.count(place.0, entry);
                if let Some(decided) = entry.decided.filter(|d| d.at >= from.start()) {
                    figures.count_decided(&decided, from);
                    minutes.push(decided.minutes);
                }
                if let Some(slot) = entry
                    .assignee
                    .filter(|_| entry.state.is_open())
                    .and_then(|number| workload.get_mut(usize::from(number)))
                {
                    *slot += 1;
                }
            }
            index.people.counted(&workload)
        };
        minutes.sort_unstable();
        figures.median_minutes = minutes.get(minutes.len() / 2).copied().unwrap_or_default();
        let mut names = Names::new();
        for (person, count) in workload {
            figures
                .workload
                .push((self.who(&person, &mut names)?, count));
        }
        Ok(figures)
    }
}

impl Figures {
    fn count(&mut self, due: Timestamp, entry: &Entry) {
        *self.states.entry(entry.state).or_default() += 1;
        if entry.state.is_open() {
            self.open += 1;
            self.unassigned += usize::from(entry.assignee.is_none());
            if is_overdue(entry.state, due, self.at) {
                self.overdue += 1;
                // The index is in the order of due times: the first is the oldest.
                self.oldest_due.get_or_insert(due);
            }
        }
        self.newer_evidence += usize::from(entry.newer_evidence);
        match entry.recheck {
            Some(Second::Wanted) => self.rechecks_waiting += 1,
            Some(Second::Done { agrees }) => self.rechecks.add(agrees),
            None => {}
        }
        if let Some(agreed) = entry.decided.and_then(|d| d.reviewers_agreed) {
            self.reviewers.add(agreed);
        }
    }

    fn count_decided(&mut self, decided: &Decided, from: Day) {
        self.decided_late += usize::from(decided.late);
        let place = Day::at(decided.at).0.saturating_sub(from.0) as usize;
        if let Some(day) = self.decided.get_mut(place) {
            *day.answers.entry(decided.answer).or_default() += 1;
        }
    }
}

impl Agreement {
    fn add(&mut self, agreed: bool) {
        self.pairs += 1;
        self.agreed += usize::from(agreed);
    }
}
