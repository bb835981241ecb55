//! The steps of the agency that holds the record.

use sanctuary_types::Timestamp;

use crate::{
    Actor, Answer, Body, Case, Circumstances, DecisionFault, Event, Live, Missing, Proposal,
    Refused, Separation, Stage, Step, TimeRule, Watermark,
    case::{DAY_MS, is_among},
    requester::contact_expiry,
};

/// Takes a step whose stage and person have been checked.
pub(crate) fn take(case: &mut Case, event: &Event) -> Result<(), Refused> {
    let actor = event.by.as_ref();
    match &event.step {
        Step::RecordCall { call } => case.calls.push(call.clone()),
        Step::ConsultSafeguarding { talk } => case.safeguarding = Some(talk.clone()),
        Step::Acknowledge | Step::TakeClarification { .. } => case.stage = Stage::Acknowledged,
        Step::Ask { .. } => case.stage = Stage::Clarification,
        Step::TakeReach { answer } => {
            case.last = event.at;
            case.take_reach(Some(answer.clone()))?;
        }
        Step::Decide { proposal } => decide(case, actor, proposal, event.at)?,
        Step::Approve { digest } => approve(case, actor, digest, event.at)?,
        Step::Return { struck, .. } => {
            case.struck.extend(struck.iter().copied());
            take_back(case);
        }
        Step::Veto { .. } => take_back(case),
        Step::Leave { watermark } => leave(case, watermark.as_ref(), event.at)?,
        Step::Review { upheld, .. } => review(case, actor, *upheld, event.at)?,
        Step::TakeReceipt => {
            if case.stage == Stage::Released {
                case.stage = Stage::Received;
            }
        }
        Step::TakeOutcome { outcome } => {
            if case.live.is_none() {
                return Err(Refused::Missing(Missing::Release));
            }
            case.outcome = Some(*outcome);
            case.stage = Stage::Outcome;
        }
        Step::TakeWithdrawal => withdraw(case)?,
        Step::Recall { reason } => {
            if case.live.take().is_none() {
                return Err(Refused::Missing(Missing::Release));
            }
            case.recalled = Some(*reason);
            case.destroyed = None;
            case.stage = Stage::Recalled;
        }
        Step::TakeDestruction { number, copies } => {
            if *number != case.releases || case.releases == 0 {
                return Err(Refused::NotThisCase);
            }
            case.destroyed = Some(*copies);
        }
        Step::Expire => {
            if case.expires().is_none_or(|at| event.at < at) {
                return Err(Refused::Time(TimeRule::NotExpired));
            }
            case.live = None;
            case.destroyed = None;
            case.stage = Stage::Expired;
        }
        Step::Close => close(case)?,
        other => return Err(Refused::WrongSide(other.kind())),
    }
    Ok(())
}

/// What the requester is told of a step just taken.
pub(crate) fn body(case: &Case, step: &Step) -> Option<Body> {
    match step {
        Step::Acknowledge => Some(Body::Acknowledged),
        Step::Ask { text } => Some(Body::Question(text.clone())),
        Step::Leave { .. } => case.answer.clone().map(|a| Body::Answer(Box::new(a))),
        Step::Review { upheld: false, .. } => Some(Body::Reopened),
        Step::Recall { reason } => Some(Body::Recall {
            number: case.releases,
            reason: *reason,
        }),
        _ => None,
    }
}

fn decide(
    case: &mut Case,
    actor: Option<&Actor>,
    proposal: &Proposal,
    now: Timestamp,
) -> Result<(), Refused> {
    let correcting = case.stage != Stage::Acknowledged;
    if correcting && case.live.is_none() {
        return Err(Refused::Missing(Missing::Release));
    }
    let corrects = case.live.filter(|_| correcting).map(|l| l.number);
    proposal.check(&circumstances(case, corrects, now))?;
    if correcting && proposal.report.is_none() {
        return Err(Refused::Decision(DecisionFault::Report));
    }
    case.correcting_from = correcting.then_some(case.stage);
    case.people.releaser = actor.cloned();
    case.people.approver = None;
    case.proposal = Some(proposal.clone());
    case.stage = Stage::Decided;
    Ok(())
}

fn approve(
    case: &mut Case,
    actor: Option<&Actor>,
    digest: &str,
    now: Timestamp,
) -> Result<(), Refused> {
    if is_among(actor, &case.people.releaser) {
        return Err(Refused::SamePerson(Separation::ReleaserApproves));
    }
    let proposal = case.proposal.as_ref().ok_or(changed())?;
    if hex::encode(proposal.digest()) != digest.to_ascii_lowercase() {
        return Err(changed());
    }
    // Again: since the proposal a statement on reach may have aged or been replaced by a yes.
    let corrects = proposal.report.as_ref().and_then(|r| r.corrects);
    proposal.check(&circumstances(case, corrects, now))?;
    case.people.approver = actor.cloned();
    case.approved = Some(now);
    case.stage = Stage::SecondApproval;
    Ok(())
}

/// The only place where an answer comes into being: a proposal that two different people stand behind.
fn leave(case: &mut Case, watermark: Option<&Watermark>, now: Timestamp) -> Result<(), Refused> {
    let (releaser, approver) = (&case.people.releaser, &case.people.approver);
    if releaser.is_none() || is_among(approver.as_ref(), releaser) {
        return Err(Refused::SamePerson(Separation::ReleaserApproves));
    }
    if case.leaves_at().is_none_or(|at| now < at) {
        return Err(Refused::Time(TimeRule::NotYetTick));
    }
    let proposal = case.proposal.as_ref().ok_or(changed())?;
    let corrects = proposal.report.as_ref().and_then(|r| r.corrects);
    proposal.check(&circumstances(case, corrects, now))?;
    let mut answer = proposal.answer(&case.request);
    set_watermark(&mut answer, watermark)?;
    if let Some(release) = &answer.released {
        case.releases += 1;
        case.live = Some(Live {
            number: case.releases,
            expires: release
                .report
                .as_ref()
                .map_or_else(|| contact_expiry(case), |r| r.expires),
        });
    }
    let review = answer.released.is_none() && case.request.urgency.is_urgent();
    case.review_due = review.then(|| case.review_deadline(now));
    case.stage = match (case.correcting_from.take(), review) {
        (Some(_), _) => Stage::Corrected,
        (None, true) => Stage::Review,
        (None, false) => Stage::Released,
    };
    case.answer = Some(answer);
    Ok(())
}

fn set_watermark(answer: &mut Answer, watermark: Option<&Watermark>) -> Result<(), Refused> {
    let report = answer.released.as_mut().and_then(|r| r.report.as_mut());
    match (report, watermark) {
        (Some(report), Some(mark)) => report.watermark = Some(mark.clone()),
        (None, None) => {}
        _ => return Err(Refused::Decision(DecisionFault::Watermark)),
    }
    Ok(())
}

fn review(
    case: &mut Case,
    actor: Option<&Actor>,
    upheld: bool,
    now: Timestamp,
) -> Result<(), Refused> {
    if is_among(actor, &case.people.took_part) {
        return Err(Refused::SamePerson(Separation::ReviewerTookPart));
    }
    case.review_due = None;
    if upheld {
        case.stage = Stage::Released;
    } else {
        case.clock_from = Some(now);
        take_back(case);
    }
    Ok(())
}

/// An answer that does not leave: back to where it can be decided anew.
fn take_back(case: &mut Case) {
    case.proposal = None;
    case.approved = None;
    case.people.releaser = None;
    case.people.approver = None;
    case.stage = case.correcting_from.take().unwrap_or(Stage::Acknowledged);
}

fn withdraw(case: &mut Case) -> Result<(), Refused> {
    // A correction under way is the owner's own; the request behind it was answered long ago.
    if case.correcting_from.is_some() {
        return Err(case.wrong_stage(crate::StepKind::TakeWithdrawal));
    }
    case.live = None;
    case.review_due = None;
    case.stage = Stage::Withdrawn;
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
    if case.review_due.is_some() {
        return missing(Missing::RefusalReview);
    }
    case.stage = Stage::Closed;
    Ok(())
}

fn circumstances(case: &Case, corrects: Option<u32>, now: Timestamp) -> Circumstances<'_> {
    Circumstances {
        request: &case.request,
        reach: case.reach.as_ref(),
        safeguarding: case.safeguarding.as_ref(),
        number: case.releases + 1,
        corrects,
        struck: &case.struck,
        expires_by: Timestamp(
            now.0
                .saturating_add(u64::from(case.terms.release_days) * DAY_MS),
        ),
        now,
    }
}

const fn changed() -> Refused {
    Refused::Decision(DecisionFault::Changed)
}
