use std::collections::BTreeSet;

use sanctuary_policy::{Agreement, Field, Question};
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Actor, Answer, Call, Event, Message, Outcome, Proposal, ReachAnswer, ReasonPrint, RecallReason,
    Refused, Request, SafeguardingTalk, Side, Stage, Step, StepKind, Terms, owner, requester,
};

/// Steps of one case.
pub const CASE_STEPS_MAX: usize = 512;
pub(crate) const DAY_MS: u64 = 86_400_000;
const HOUR_MS: u64 = 3_600_000;

/// One agency's file of one disclosure, as its steps so far have made it. It changes only by
/// [`Case::act`] (live, under the agreement) and [`Case::replay`] (the stored file).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub(crate) side: Side,
    pub(crate) stage: Stage,
    pub(crate) request: Request,
    pub(crate) terms: Terms,
    pub(crate) people: People,
    /// Sent, or at the owner taken in: where clocks start.
    pub(crate) sent: Option<Timestamp>,
    /// Where the clock of the answer starts: as `sent`, or when a review overturned a refusal.
    pub(crate) clock_from: Option<Timestamp>,
    pub(crate) last: Timestamp,
    pub(crate) steps: usize,
    pub(crate) calls: Vec<Call>,
    pub(crate) safeguarding: Option<SafeguardingTalk>,
    pub(crate) reach: Option<ReachAnswer>,
    pub(crate) counselling_approved: bool,
    pub(crate) proposal: Option<Proposal>,
    /// Where the case returns to when a correction is not approved.
    pub(crate) correcting_from: Option<Stage>,
    pub(crate) struck: BTreeSet<Field>,
    pub(crate) approved: Option<Timestamp>,
    pub(crate) answer: Option<Answer>,
    pub(crate) releases: u32,
    pub(crate) live: Option<Live>,
    pub(crate) review_due: Option<Timestamp>,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) urgency_reviewed: bool,
    pub(crate) recalled: Option<RecallReason>,
    /// Copies of the last recalled or expired release that were destroyed.
    pub(crate) destroyed: Option<u32>,
}

/// Who did what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct People {
    pub(crate) requesters: Vec<Actor>,
    pub(crate) authoriser: Option<Actor>,
    pub(crate) releaser: Option<Actor>,
    pub(crate) approver: Option<Actor>,
    pub(crate) took_part: Vec<Actor>,
}

/// Whether an absent actor, or one of `others`, would be the same person again.
pub(crate) fn is_among<'a>(
    actor: Option<&Actor>,
    others: impl IntoIterator<Item = &'a Actor>,
) -> bool {
    actor.is_none_or(|actor| others.into_iter().any(|other| actor.is_one_with(other)))
}

/// A release that the recipient may still use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Its number in the case, from 1.
    pub number: u32,
    /// When every copy must be destroyed.
    pub expires: Timestamp,
}

/// What surrounds a live step and is not in the case's own file.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The agreement that the officers signed last.
    pub agreement: &'a Agreement,
    /// Prints of the reasons of the asker's earlier requests.
    pub earlier: &'a BTreeSet<ReasonPrint>,
    /// The requesting agency's Ed25519 key, from the roster.
    pub asker_key: &'a [u8; 32],
}

/// The stored file: a side and its steps in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// Form of the file.
    pub format: u8,
    /// Whose file.
    pub side: Side,
    /// Every step that was taken.
    pub events: Vec<Event>,
}

impl CaseFile {
    /// The bytes to store (sealed).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // A struct of strings, numbers and enums always serialises.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Back from stored bytes; replays nothing yet.
    ///
    /// # Errors
    /// [`Refused::Format`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refused> {
        serde_json::from_slice(bytes).map_err(|_| Refused::Format("case file"))
    }
}

impl Case {
    /// Opens a case with its first step, [`Step::Draft`] or [`Step::Arrive`], under the agreement.
    ///
    /// # Errors
    /// [`Refused`] with the first rule that the step breaks.
    pub fn open(event: &Event, setting: &Setting<'_>) -> Result<Self, Refused> {
        let case = Self::begin(event)?;
        if case.terms != Terms::of(setting.agreement, case.request.urgency) {
            return Err(Refused::NotThisCase);
        }
        match &event.step {
            Step::Arrive { .. } => case.check_request(setting, event.at)?,
            // A draft may be incomplete; it is checked when it is authorised.
            _ => setting.agreement.check_in_force(event.at)?,
        }
        if let Some(reach) = &case.reach {
            reach.verify(setting.asker_key)?;
        }
        Ok(case)
    }

    /// Takes a live step: agreement, person, stage and every rule of the step. On success the case has
    /// moved on, and what it returns is to be sealed for the other agency.
    ///
    /// # Errors
    /// [`Refused`] with the first rule that the step breaks; the case is unchanged.
    pub fn act(
        &mut self,
        event: &Event,
        setting: &Setting<'_>,
    ) -> Result<Option<Message>, Refused> {
        let kind = event.step.kind();
        if !kind.ends_sharing() {
            self.check_agreement(event, setting)?;
        }
        match &event.step {
            Step::AnswerReach { answer } | Step::TakeReach { answer } => {
                answer.verify(setting.asker_key)?;
            }
            Step::Redraft { request, terms }
                if *terms != Terms::of(setting.agreement, request.urgency) =>
            {
                return Err(Refused::NotThisCase);
            }
            _ => {}
        }
        self.apply(event)?;
        Ok(self.message(&event.step))
    }

    /// Rebuilds a case from its stored file. Every rule but the agreement's is checked again, so that a
    /// file in which somebody changed a step does not replay.
    ///
    /// # Errors
    /// [`Refused`] of the first step that does not follow.
    pub fn replay(file: &CaseFile) -> Result<Self, Refused> {
        let bad = Refused::Format("case file");
        let (first, rest) = file.events.split_first().ok_or(bad.clone())?;
        let mut case = Self::begin(first)?;
        if file.format != 1 || case.side != file.side {
            return Err(bad);
        }
        rest.iter().try_for_each(|event| case.apply(event))?;
        Ok(case)
    }

    /// Takes a step without asking the agreement: the state machine itself.
    pub(crate) fn apply(&mut self, event: &Event) -> Result<(), Refused> {
        let kind = event.step.kind();
        if kind.from(self.side).is_empty() {
            return Err(Refused::WrongSide(kind));
        }
        if !kind.from(self.side).contains(&self.stage) {
            return Err(self.wrong_stage(kind));
        }
        check_person(kind, event.by.as_ref())?;
        if event.at < self.last {
            return Err(Refused::ClockWentBack);
        }
        if self.steps >= CASE_STEPS_MAX {
            return Err(Refused::TooManySteps {
                max: CASE_STEPS_MAX,
            });
        }
        let mut next = self.clone();
        match self.side {
            Side::Requester => requester::take(&mut next, event)?,
            Side::Owner => owner::take(&mut next, event)?,
        }
        next.note(event);
        *self = next;
        Ok(())
    }

    fn begin(event: &Event) -> Result<Self, Refused> {
        let kind = event.step.kind();
        check_person(kind, event.by.as_ref())?;
        let (side, stage, request, terms, reach) = match &event.step {
            Step::Draft { request, terms } => (Side::Requester, Stage::Draft, request, terms, None),
            Step::Arrive {
                request,
                reach,
                terms,
            } => (Side::Owner, Stage::Sent, request, terms, reach.clone()),
            _ => {
                return Err(Refused::WrongStage {
                    step: kind,
                    stage: Stage::Draft,
                });
            }
        };
        let arrived = (side == Side::Owner).then_some(event.at);
        let mut case = Self {
            side,
            stage,
            request: (**request).clone(),
            terms: terms.clone(),
            people: People::default(),
            sent: arrived,
            clock_from: arrived,
            last: event.at,
            steps: 0,
            calls: Vec::new(),
            safeguarding: None,
            reach: None,
            counselling_approved: false,
            proposal: None,
            correcting_from: None,
            struck: BTreeSet::new(),
            approved: None,
            answer: None,
            releases: 0,
            live: None,
            review_due: None,
            outcome: None,
            urgency_reviewed: false,
            recalled: None,
            destroyed: None,
        };
        if let Some(by) = &event.by {
            case.people.requesters.push(by.clone());
        }
        case.take_reach(reach)?;
        case.note(event);
        Ok(case)
    }

    fn note(&mut self, event: &Event) {
        self.last = event.at;
        self.steps += 1;
        if let Some(by) = &event.by
            && !self.people.took_part.contains(by)
        {
            self.people.took_part.push(by.clone());
        }
    }

    /// The statement on reach, if it is about this case and its two agencies.
    pub(crate) fn take_reach(&mut self, reach: Option<ReachAnswer>) -> Result<(), Refused> {
        if let Some(answer) = reach {
            let fits = answer.case == self.request.case
                && answer.asker == self.request.asker
                && answer.owner == self.request.owner
                && answer.at <= self.last;
            if !fits {
                return Err(Refused::NotThisCase);
            }
            self.reach = Some(answer);
        }
        Ok(())
    }

    /// The agreement's word on a step that asks, answers or shares.
    fn check_agreement(&self, event: &Event, setting: &Setting<'_>) -> Result<(), Refused> {
        let now = event.at;
        match event.step.kind() {
            StepKind::Authorise | StepKind::Send => self.check_request(setting, now),
            StepKind::Decide | StepKind::Approve | StepKind::Leave => {
                let fields = self.request.fields();
                setting.agreement.permits(&Question {
                    asker: &self.request.asker,
                    owner: &self.request.owner,
                    purpose: self.request.purpose,
                    gateway: self.request.gateway,
                    fields: &fields,
                    urgency: self.request.urgency,
                    child: self.request.about.child,
                    now,
                })?;
                Ok(())
            }
            _ => Ok(setting.agreement.permits_carriage(
                &self.request.asker,
                &self.request.owner,
                now,
            )?),
        }
    }

    fn check_request(&self, setting: &Setting<'_>, now: Timestamp) -> Result<(), Refused> {
        self.request
            .check(setting.agreement, setting.earlier, now)
            .map(|_| ())
    }

    fn message(&self, step: &Step) -> Option<Message> {
        let body = match self.side {
            Side::Requester => requester::body(self, step),
            Side::Owner => owner::body(self, step),
        };
        body.map(|body| Message::new(self.request.case, body))
    }

    pub(crate) fn wrong_stage(&self, step: StepKind) -> Refused {
        Refused::WrongStage {
            step,
            stage: self.stage,
        }
    }

    /// The moment from which an unanswered request, or what was released, has expired.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        if let Some(live) = &self.live {
            return Some(live.expires);
        }
        let open = matches!(
            self.stage,
            Stage::Sent
                | Stage::Acknowledged
                | Stage::Clarification
                | Stage::Decided
                | Stage::SecondApproval
        );
        let days = u64::from(self.terms.unanswered_request_days);
        self.sent
            .filter(|_| open)
            .map(|sent| Timestamp(sent.0.saturating_add(days * DAY_MS)))
    }

    /// When an approved answer may leave. One that tells nothing but "nothing is released" leaves when
    /// the answer is due, however early it was decided; every other one at the next tick. So neither
    /// content nor size nor moment tells a record that is not held from one that is withheld.
    #[must_use]
    pub fn leaves_at(&self) -> Option<Timestamp> {
        let (from, approved) = (self.clock_from?, self.approved?);
        let tick = self.terms.clock.tick_after(from, approved);
        let silent = self.proposal.as_ref().is_some_and(Proposal::tells_nothing);
        Some(if silent {
            tick.max(self.terms.clock.answer_by(from))
        } else {
            tick
        })
    }

    pub(crate) fn review_deadline(&self, now: Timestamp) -> Timestamp {
        let hours = u64::from(self.terms.review_of_refusal_hours);
        Timestamp(now.0.saturating_add(hours * HOUR_MS))
    }
}

pub(crate) fn check_person(kind: StepKind, by: Option<&Actor>) -> Result<(), Refused> {
    let Some(action) = kind.action() else {
        return Ok(());
    };
    let actor = by.ok_or(Refused::NeedsPerson(kind))?;
    if action.permits_any(&actor.roles) {
        Ok(())
    } else {
        Err(Refused::NeedsRole {
            step: kind,
            roles: action.row().roles,
        })
    }
}
