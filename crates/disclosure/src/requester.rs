//! The steps of the agency that asks.

use sanctuary_policy::{Field, Urgency};

use crate::{
    Actor, Answer, Body, Case, ContactFirst, DecisionFault, Event, LawRule, Live, Missing, Refused,
    Separation, Stage, Step, TimeRule, case::is_among,
};

/// Takes a step whose stage and person have been checked.
pub(crate) fn take(case: &mut Case, event: &Event) -> Result<(), Refused> {
    let actor = event.by.as_ref();
    match &event.step {
        Step::Redraft { request, terms } => {
            let same = request.case == case.request.case
                && request.asker == case.request.asker
                && request.owner == case.request.owner;
            if !same {
                return Err(Refused::NotThisCase);
            }
            case.request = (**request).clone();
            case.terms = terms.clone();
            case.people.requesters.extend(actor.cloned());
            case.people.authoriser = None;
            case.counselling_approved = false;
            case.stage = Stage::Draft;
        }
        Step::RecordCall { call } => case.calls.push(call.clone()),
        Step::ConsultSafeguarding { talk } => case.safeguarding = Some(talk.clone()),
        Step::AnswerReach { answer } => {
            case.last = event.at;
            case.take_reach(Some(answer.clone()))?;
        }
        Step::Authorise { counselling } => authorise(case, actor, *counselling)?,
        Step::Send => send(case, event)?,
        Step::TakeAcknowledgement => case.stage = Stage::Acknowledged,
        Step::TakeQuestion { .. } => case.stage = Stage::Clarification,
        Step::Clarify { .. } => case.stage = Stage::Acknowledged,
        Step::TakeAnswer { answer } => take_answer(case, answer)?,
        Step::TakeReopening => reopen(case)?,
        Step::RecordOutcome { outcome } => {
            if case.live.is_none() {
                return Err(Refused::Missing(Missing::Release));
            }
            case.outcome = Some(*outcome);
            case.stage = Stage::Outcome;
        }
        Step::ReviewUrgency { .. } => review_urgency(case, actor)?,
        Step::Withdraw { .. } => case.stage = Stage::Withdrawn,
        Step::TakeRecall { number, reason } => {
            if case.live.map(|l| l.number) != Some(*number) {
                return Err(Refused::NotThisCase);
            }
            case.live = None;
            case.recalled = Some(*reason);
            case.destroyed = None;
            case.stage = Stage::Recalled;
        }
        Step::ConfirmDestruction { copies } => {
            if case.releases == 0 {
                return Err(Refused::Missing(Missing::Release));
            }
            case.answer = None;
            case.destroyed = Some(*copies);
        }
        Step::Expire => expire(case, event)?,
        Step::Close => close(case)?,
        other => return Err(Refused::WrongSide(other.kind())),
    }
    Ok(())
}

/// What the owner is told of a step just taken.
pub(crate) fn body(case: &Case, step: &Step) -> Option<Body> {
    match step {
        Step::Send => Some(Body::Request {
            request: Box::new(case.request.clone()),
            reach: case.reach.clone(),
        }),
        Step::Clarify { text } => Some(Body::Clarification(text.clone())),
        // Before sending, the statement travels with the request.
        Step::AnswerReach { answer } if case.sent.is_some() => Some(Body::Reach(answer.clone())),
        Step::TakeAnswer { .. } => Some(Body::Receipt),
        Step::RecordOutcome { outcome } => Some(Body::Outcome(*outcome)),
        Step::Withdraw { .. } if case.sent.is_some() => Some(Body::Withdrawn),
        Step::ConfirmDestruction { copies } => Some(Body::Destroyed {
            number: case.releases,
            copies: *copies,
        }),
        _ => None,
    }
}

fn authorise(case: &mut Case, actor: Option<&Actor>, counselling: bool) -> Result<(), Refused> {
    if is_among(actor, &case.people.requesters) {
        return Err(Refused::SamePerson(Separation::RequesterAuthorises));
    }
    let wants_counselling = case.request.fields().contains(&Field::Counselling);
    if wants_counselling && !counselling {
        return Err(Refused::Law(LawRule::CounsellingPresumption));
    }
    if case.request.about.is_victim_and_suspect() && case.safeguarding.is_none() {
        return Err(Refused::Law(LawRule::SafeguardingFirst));
    }
    case.people.authoriser = actor.cloned();
    case.counselling_approved = counselling;
    case.stage = Stage::Authorised;
    Ok(())
}

fn send(case: &mut Case, event: &Event) -> Result<(), Refused> {
    let phoned =
        !case.calls.is_empty() || matches!(case.request.contact_first, ContactFirst::Phoned(_));
    if case.request.urgency == Urgency::ThreatToLife && !phoned {
        return Err(Refused::Missing(Missing::Call));
    }
    if case.request.wants_shielded() && case.reach.is_none() {
        return Err(Refused::Missing(Missing::Reach));
    }
    case.sent = Some(event.at);
    case.clock_from = Some(event.at);
    case.stage = Stage::Sent;
    Ok(())
}

fn take_answer(case: &mut Case, answer: &Answer) -> Result<(), Refused> {
    let known = matches!(
        case.stage,
        Stage::Received | Stage::Outcome | Stage::Corrected | Stage::Closed
    );
    let report = answer.released.as_ref().and_then(|r| r.report.as_ref());
    let fits = answer.case == case.request.case
        && report.is_none_or(|r| {
            r.case == case.request.case
                && r.owner == case.request.owner
                && r.recipient == case.request.asker
                && r.number == case.releases + 1
        });
    // A second answer can only correct the live release, and names it.
    let corrects = report.and_then(|r| r.corrects);
    let corrected = known.then(|| case.live.map(|l| l.number)).flatten();
    if !fits || corrects != corrected || (known && corrected.is_none()) {
        return Err(Refused::NotThisCase);
    }
    if report.is_some_and(|r| r.watermark.is_none()) {
        return Err(Refused::Decision(DecisionFault::Watermark));
    }
    if let Some(report) = report {
        case.releases += 1;
        case.live = Some(Live {
            number: report.number,
            expires: report.expires,
        });
    } else if answer.released.is_some() {
        case.releases += 1;
        case.live = Some(Live {
            number: case.releases,
            expires: contact_expiry(case),
        });
    }
    case.answer = Some(answer.clone());
    case.stage = if known {
        Stage::Corrected
    } else {
        Stage::Received
    };
    Ok(())
}

/// Whom to phone has no report and so no date of its own: it is kept as long as a release may be,
/// from the sending of the request, which both sides know.
pub(crate) fn contact_expiry(case: &Case) -> sanctuary_types::Timestamp {
    let from = case.sent.unwrap_or(case.last);
    let days = u64::from(case.terms.release_days) + u64::from(case.terms.unanswered_request_days);
    sanctuary_types::Timestamp(from.0.saturating_add(days * crate::case::DAY_MS))
}

fn reopen(case: &mut Case) -> Result<(), Refused> {
    let refused = case.answer.as_ref().is_some_and(|a| a.released.is_none());
    if !refused || !case.request.urgency.is_urgent() {
        return Err(Refused::NotThisCase);
    }
    case.stage = Stage::Acknowledged;
    Ok(())
}

fn review_urgency(case: &mut Case, actor: Option<&Actor>) -> Result<(), Refused> {
    let people = &case.people;
    if is_among(actor, people.requesters.iter().chain(&people.authoriser)) {
        return Err(Refused::SamePerson(Separation::UrgencyReviewerTookPart));
    }
    case.urgency_reviewed = true;
    Ok(())
}

fn expire(case: &mut Case, event: &Event) -> Result<(), Refused> {
    if case.expires().is_none_or(|at| event.at < at) {
        return Err(Refused::Time(TimeRule::NotExpired));
    }
    case.live = None;
    case.destroyed = None;
    case.stage = Stage::Expired;
    Ok(())
}

fn close(case: &mut Case) -> Result<(), Refused> {
    let missing = |what| Err(Refused::Missing(what));
    if case.live.is_some() && case.outcome.is_none() {
        return missing(Missing::Outcome);
    }
    if case.stage == Stage::Recalled && case.destroyed.is_none() {
        return missing(Missing::Destruction);
    }
    if case.request.urgency == Urgency::ThreatToLife && !case.urgency_reviewed {
        return missing(Missing::UrgencyReview);
    }
    case.stage = Stage::Closed;
    Ok(())
}
