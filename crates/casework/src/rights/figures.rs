//! Refusals, times to answer and what is still owed: for the quarterly look of a data protection officer.

use std::collections::BTreeMap;

use sanctuary_disclosure::{Actor, DecisionKind, RefusalReason, Side, Stage, Step, Verdict};
use sanctuary_policy::{Action, Urgency};
use sanctuary_types::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::{Casework, CaseworkError, clocks::overdue, file::Loaded};

/// How long something took, in minutes, over `cases` cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    /// How many.
    pub cases: u32,
    /// Half of them took no longer.
    pub median_minutes: u64,
    /// Nine of ten took no longer.
    pub ninth_of_ten_minutes: u64,
}

impl Times {
    fn of(mut minutes: Vec<u64>) -> Self {
        minutes.sort_unstable();
        let at = |tenths: usize| {
            let place = (minutes.len() * tenths).div_ceil(10).saturating_sub(1);
            minutes.get(place).copied().unwrap_or_default()
        };
        Self {
            cases: u32::try_from(minutes.len()).unwrap_or(u32::MAX),
            median_minutes: at(5),
            ninth_of_ten_minutes: at(9),
        }
    }
}

/// This agency's figures. They count cases, never people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Requests made.
    pub asked: u32,
    /// Requests received.
    pub received: u32,
    /// Requests received by urgency, 1 to 4.
    pub received_by_urgency: BTreeMap<Urgency, u32>,
    /// What answers that left amounted to.
    pub decisions: BTreeMap<DecisionKind, u32>,
    /// True reasons of details that were not released.
    pub refusal_reasons: BTreeMap<RefusalReason, u32>,
    /// From arrival to acknowledgement.
    pub to_acknowledge: Times,
    /// From arrival to the answer.
    pub to_answer: Times,
    /// Answers that left after they were due.
    pub answered_late: u32,
    /// Reviews of refused urgent requests: upheld, overturned.
    pub refusal_reviews: (u32, u32),
    /// Uses of urgency 1 of this agency: justified, not justified, not reviewed yet.
    pub urgency_reviews: (u32, u32, u32),
    /// Releases recalled.
    pub recalled: u32,
    /// Recalled or expired releases whose destruction is not confirmed, at either side.
    pub not_destroyed: u32,
    /// Corrections that left.
    pub corrected: u32,
    /// Cases in which something is overdue.
    pub overdue: u32,
}

impl Casework<'_> {
    /// The figures of cases opened in `from..to`.
    ///
    /// # Errors
    /// [`CaseworkError::NeedsRole`], or what the store gives.
    pub fn figures(
        &self,
        from: Timestamp,
        to: Timestamp,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Figures, CaseworkError> {
        self.reading(by, Action::ReadFigures, &json!({ "figures": true }))?;
        let mut figures = Figures::default();
        let (mut acknowledged, mut answered) = (Vec::new(), Vec::new());
        let cases = self.load_all()?;
        for file in cases.iter().filter(|f| (from..to).contains(&f.head.opened)) {
            figures.count(file, now, &mut acknowledged, &mut answered);
        }
        figures.to_acknowledge = Times::of(acknowledged);
        figures.to_answer = Times::of(answered);
        Ok(figures)
    }
}

impl Figures {
    fn count(
        &mut self,
        file: &Loaded,
        now: Timestamp,
        acknowledged: &mut Vec<u64>,
        answered: &mut Vec<u64>,
    ) {
        let case = &file.case;
        let Some(begun) = case.sent() else {
            return;
        };
        let minutes = |at: Timestamp| at.0.saturating_sub(begun.0) / 60_000;
        self.overdue += u32::from(!overdue(file, now).is_empty());
        let taken_back = case.stage() == Stage::Recalled
            || (case.stage() == Stage::Expired && case.releases() > 0);
        self.not_destroyed += u32::from(taken_back && case.destroyed().is_none());
        self.urgency_reviews.2 += u32::from(case.owes_urgency_review());
        match file.head.side {
            Side::Requester => self.asked += 1,
            Side::Owner => {
                self.received += 1;
                let urgency = case.request().urgency;
                *self.received_by_urgency.entry(urgency).or_default() += 1;
            }
        }
        let mut proposal = None;
        let mut first_answer = true;
        for event in &file.events {
            match &event.step {
                Step::Acknowledge => acknowledged.push(minutes(event.at)),
                Step::Decide { proposal: made } => proposal = Some(made),
                Step::Leave { .. } => {
                    if let Some(made) = proposal {
                        self.count_answer(&made.kind(), &made.verdicts);
                    }
                    if first_answer {
                        answered.push(minutes(event.at));
                        let due = case.terms().clock.answer_by(begun);
                        // Answers that tell nothing leave when they are due, at the next look at the clock.
                        self.answered_late += u32::from(event.at.0 > due.0.saturating_add(600_000));
                    } else {
                        self.corrected += 1;
                    }
                    first_answer = false;
                }
                Step::Review { upheld, .. } => {
                    self.refusal_reviews.0 += u32::from(*upheld);
                    self.refusal_reviews.1 += u32::from(!*upheld);
                    first_answer = true;
                }
                Step::ReviewUrgency { justified, .. } => {
                    self.urgency_reviews.0 += u32::from(*justified);
                    self.urgency_reviews.1 += u32::from(!*justified);
                }
                Step::Recall { .. } => self.recalled += 1,
                _ => {}
            }
        }
    }

    fn count_answer(
        &mut self,
        kind: &DecisionKind,
        verdicts: &[(sanctuary_policy::Field, Verdict)],
    ) {
        *self.decisions.entry(*kind).or_default() += 1;
        for (_, verdict) in verdicts {
            let reason = match verdict {
                Verdict::Withhold(reason) => *reason,
                Verdict::NotHeld => RefusalReason::NotHeld,
                Verdict::Release | Verdict::Sanitise => continue,
            };
            *self.refusal_reasons.entry(reason).or_default() += 1;
        }
    }
}
