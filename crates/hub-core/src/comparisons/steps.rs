//! Tasks to nodes and their answers.

use std::sync::atomic::Ordering;

use sanctuary_types::{PartyId, Timestamp};

use super::{
    Comparison, ComparisonCounts, ComparisonStep, ComparisonTask, SEALED_BYTES_MAX, Stage,
    StepOutcome, TASK_BYTES_MAX, TASKS_MAX,
    stored::{message, put_message, refusal},
};
use crate::{
    Hub, HubError,
    hub::locked,
    ports::{Change, PostingLog, StateStore},
};

impl<L: PostingLog, S: StateStore> Hub<L, S> {
    /// Switches the second step on or off, as the partnership has agreed (off at the start).
    /// Switched off, nothing is begun, given out or taken; what was found before still counts.
    pub fn set_second_step(&self, agreed: bool) {
        self.second_step.store(agreed, Ordering::Relaxed);
    }

    /// Up to `limit` comparisons (256 at most) whose turn is `agency`'s, oldest first; the same ones
    /// until they are answered.
    ///
    /// # Errors
    /// When storage fails.
    pub fn take_comparisons(
        &self,
        agency: &PartyId,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<ComparisonTask>, HubError> {
        if !self.second_step.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let comparisons = locked(&self.comparisons);
        let mut tasks = Vec::new();
        let mut bytes = 0;
        for comparison in comparisons.of(agency) {
            if tasks.len() >= limit.min(TASKS_MAX) || bytes > TASK_BYTES_MAX {
                break;
            }
            let Some((own, other, stage)) = comparison.turn() else {
                continue;
            };
            if comparison.expires() <= now {
                continue;
            }
            let sealed = match stage {
                1 => Vec::new(),
                _ => message(&self.state, &comparison.id)?,
            };
            bytes += sealed.len();
            tasks.push(ComparisonTask {
                id: comparison.id,
                stage,
                own: own.pseudonym,
                handles: own.handles.clone(),
                other: other.agency.clone(),
                sealed,
                expires: comparison.expires(),
            });
        }
        Ok(tasks)
    }

    /// Takes an agency's answers, durably, all or none. Gives the ids with which the agency has no
    /// more to do for now: taken, taken before, or over. An id that is not the agency's to answer
    /// changes nothing and is acknowledged alike.
    ///
    /// # Errors
    /// [`HubError::Step`] for an answer that does not fit its stage, or storage.
    pub fn put_comparisons(
        &self,
        agency: &PartyId,
        steps: &[ComparisonStep],
        now: Timestamp,
    ) -> Result<Vec<[u8; 16]>, HubError> {
        if steps.len() > TASKS_MAX {
            return Err(HubError::Step {
                problem: "too many answers at once; send at most 256",
            });
        }
        steps.iter().try_for_each(check)?;
        if !self.second_step.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let mut comparisons = locked(&self.comparisons);
        let (mut changed, mut messages, mut done) = (Vec::new(), Vec::new(), Vec::new());
        let mut answered: Vec<[u8; 16]> = Vec::new();
        for step in steps {
            let fits = comparisons
                .get(&step.id)
                .filter(|comparison| is_turn(comparison, agency, step.stage, now))
                .filter(|_| !answered.contains(&step.id));
            if let Some(comparison) = fits {
                let next = advance(comparison.clone(), step, &mut messages);
                if matches!(next.stage, Stage::Done(_)) {
                    done.push(next.id);
                }
                changed.push(next);
            }
            answered.push(step.id);
        }
        comparisons.write(&self.state, changed, messages)?;
        comparisons.arrived.extend(done);
        Ok(answered)
    }

    /// How the comparisons of `agency`, or of everybody, stand.
    #[must_use]
    pub fn comparison_counts(&self, agency: Option<&PartyId>) -> ComparisonCounts {
        locked(&self.comparisons).counts(agency)
    }
}

fn check(step: &ComparisonStep) -> Result<(), HubError> {
    let problem = match (&step.outcome, step.stage) {
        (StepOutcome::Sealed(sealed), 1 | 2) if sealed.is_empty() => "a message is empty",
        (StepOutcome::Sealed(sealed), 1 | 2) if sealed.len() > SEALED_BYTES_MAX => {
            "a message is larger than 64 KiB"
        }
        (StepOutcome::Sealed(_), 1 | 2)
        | (StepOutcome::Levels(_), 3)
        | (StepOutcome::Refused(_), 1..=3) => return Ok(()),
        _ => "the answer does not belong to its stage",
    };
    Err(HubError::Step { problem })
}

fn is_turn(comparison: &Comparison, agency: &PartyId, stage: u32, now: Timestamp) -> bool {
    comparison.expires() > now
        && comparison
            .turn()
            .is_some_and(|(own, _, turn)| own.agency == *agency && turn == stage)
}

fn advance(
    mut comparison: Comparison,
    step: &ComparisonStep,
    messages: &mut Vec<Change>,
) -> Comparison {
    match &step.outcome {
        StepOutcome::Sealed(sealed) => {
            comparison.stage = match comparison.stage {
                Stage::Open => Stage::Answer,
                _ => Stage::Finish,
            };
            put_message(&comparison.id, sealed, messages);
        }
        StepOutcome::Levels(levels) => comparison.end(Stage::Done(*levels)),
        StepOutcome::Refused(code) => comparison.end(Stage::Refused(refusal(code))),
    }
    comparison
}
