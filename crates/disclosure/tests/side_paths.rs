//! Reviews, corrections, recalls, expiry, vetoes, and files that somebody changed.

mod common;

use common::*;
use sanctuary_disclosure::{
    Body, Case, CaseFile, HubStage, Missing, Outcome, Reach, RecallReason, RefusalReason, Refused,
    Request, Separation, Stage, Step, TimeRule, Verdict,
};
use sanctuary_policy::{Field, StaffRole};
use sanctuary_types::Timestamp;

const FIELDS: [Field; 3] = [Field::Contact, Field::Phone, Field::Incident];

/// Both desks after the request has been sent and taken in.
fn sent(request: &Request) -> (Desk, Desk) {
    let mut police = Desk::draft(request, NOW).unwrap();
    if request.wants_shielded() {
        let answer = reach_answer(Reach::No, NOW);
        police
            .act(NOW, Some(inspector()), Step::AnswerReach { answer })
            .unwrap();
    }
    let counselling = request.fields().contains(&Field::Counselling);
    police
        .act(NOW, Some(inspector()), Step::Authorise { counselling })
        .unwrap();
    let message = police
        .act(NOW, Some(officer()), Step::Send)
        .unwrap()
        .unwrap();
    let Body::Request { request, reach } = message.body else {
        panic!("sending gives a request");
    };
    let charity = Desk::arrive(&request, reach, NOW).unwrap();
    (police, charity)
}

fn partial(request: &Request) -> sanctuary_disclosure::Proposal {
    let verdicts = [
        (Field::Contact, Verdict::Release),
        (Field::Phone, Verdict::Release),
        (
            Field::Incident,
            Verdict::Withhold(RefusalReason::SafetyOfSource),
        ),
    ];
    proposal(request, &verdicts, 1, NOW)
}

fn replays(desk: &Desk) {
    let bytes = desk.file().to_bytes();
    let file = CaseFile::from_bytes(&bytes).unwrap();
    assert_eq!(Case::replay(&file).unwrap(), desk.case);
}

#[test]
fn a_refused_urgent_request_is_reviewed_by_somebody_independent() {
    let request = life_request(&[Field::Contact, Field::Phone]);
    let (mut police, mut charity) = sent(&request);
    let refusal = refuse_all(&request, RefusalReason::NotNecessary);
    let at = decided(&mut charity, &refusal, NOW);
    assert_eq!(at, later(HOUR_MS));
    let answer = leave(&mut charity, &refusal, at);
    police.take(at, &answer).unwrap();
    assert_eq!(charity.case.stage(), Stage::Review);
    assert_eq!(
        charity.case.review_due(),
        Some(Timestamp(at.0 + 24 * HOUR_MS))
    );
    assert!(matches!(
        charity.act(at, Some(releaser()), Step::Close),
        Err(Refused::WrongStage { .. })
    ));
    let review = |upheld| Step::Review {
        upheld,
        note: text("looked again"),
    };
    for took_part in ["releaser", "approver"] {
        assert_eq!(
            charity.act(
                at,
                Some(actor(took_part, &[StaffRole::Authoriser])),
                review(true)
            ),
            Err(Refused::SamePerson(Separation::ReviewerTookPart))
        );
    }
    let overturned = charity
        .act(at, Some(reviewer()), review(false))
        .unwrap()
        .unwrap();
    police.take(at, &overturned).unwrap();
    assert_eq!(
        (police.case.stage(), charity.case.stage()),
        (Stage::Acknowledged, Stage::Acknowledged)
    );
    let verdicts = [
        (Field::Contact, Verdict::Release),
        (Field::Phone, Verdict::Release),
    ];
    let full = proposal(&request, &verdicts, 1, at);
    let again = propose_and_approve(&mut charity, &full, at);
    let answer = leave(&mut charity, &full, again);
    police.take(again, &answer).unwrap();
    assert!(police.case.live().is_some());

    // Urgency 1 is reviewed before the requester can close.
    let outcome = Step::RecordOutcome {
        outcome: Outcome::Safeguarded,
    };
    police.act(again, Some(officer()), outcome).unwrap();
    assert_eq!(
        police.act(again, Some(officer()), Step::Close),
        Err(Refused::Missing(Missing::UrgencyReview))
    );
    let urgency = || Step::ReviewUrgency {
        justified: true,
        note: text("rightly used"),
    };
    assert_eq!(
        police.act(again, Some(inspector()), urgency()),
        Err(Refused::SamePerson(Separation::UrgencyReviewerTookPart))
    );
    police.act(again, Some(reviewer()), urgency()).unwrap();
    police.act(again, Some(officer()), Step::Close).unwrap();
    replays(&police);
    replays(&charity);
}

#[test]
fn a_release_is_corrected_and_recalled_until_every_copy_is_gone() {
    let request = request(&FIELDS);
    let (mut police, mut charity) = sent(&request);
    let first = partial(&request);
    let at = decided(&mut charity, &first, NOW);
    let answer = leave(&mut charity, &first, at);
    police.take(at, &answer).unwrap();
    assert!(
        police.take(at, &answer).is_err(),
        "the same answer twice is no correction"
    );

    let mut second = proposal(&request, &first.verdicts, 2, at);
    second.note = Some(text("the number was wrong"));
    let again = propose_and_approve(&mut charity, &second, at);
    let correction = leave(&mut charity, &second, again);
    police.take(again, &correction).unwrap();
    assert_eq!(
        (police.case.stage(), charity.case.stage()),
        (Stage::Corrected, Stage::Corrected)
    );
    assert_eq!(police.case.live().unwrap().number, 2);

    let outcome = Step::RecordOutcome {
        outcome: Outcome::NoUse,
    };
    let outcome = police
        .act(again, Some(officer()), outcome)
        .unwrap()
        .unwrap();
    charity.take(again, &outcome).unwrap();
    police.act(again, Some(officer()), Step::Close).unwrap();
    // It reaches a closed case too.
    let recall = Step::Recall {
        reason: RecallReason::SafetyOfPerson,
    };
    let recall = charity
        .act(again, Some(releaser()), recall)
        .unwrap()
        .unwrap();
    police.take(again, &recall).unwrap();
    assert_eq!(police.case.stage(), Stage::Recalled);
    assert_eq!(
        police.act(again, Some(officer()), Step::Close),
        Err(Refused::Missing(Missing::Destruction))
    );
    assert_eq!(
        charity.act(again, Some(releaser()), Step::Close),
        Err(Refused::Missing(Missing::Destruction))
    );
    let destroyed = Step::ConfirmDestruction { copies: 3 };
    let destroyed = police
        .act(again, Some(officer()), destroyed)
        .unwrap()
        .unwrap();
    assert!(police.case.answer().is_none());
    charity.take(again, &destroyed).unwrap();
    assert_eq!(charity.case.destroyed(), Some(3));
    police.act(again, Some(officer()), Step::Close).unwrap();
    charity.act(again, Some(releaser()), Step::Close).unwrap();
    replays(&police);
    replays(&charity);
}

#[test]
fn releases_and_unanswered_requests_expire() {
    let request = request(&FIELDS);
    let (mut police, mut charity) = sent(&request);
    let first = partial(&request);
    let at = decided(&mut charity, &first, NOW);
    let answer = leave(&mut charity, &first, at);
    police.take(at, &answer).unwrap();
    let ends = police.case.expires().unwrap();
    assert_eq!(charity.case.expires(), Some(ends));
    for desk in [&mut police, &mut charity] {
        assert_eq!(
            desk.act(Timestamp(ends.0 - 1), None, Step::Expire),
            Err(Refused::Time(TimeRule::NotExpired))
        );
        desk.act(ends, None, Step::Expire).unwrap();
        assert!(desk.case.live().is_none());
    }
    let (mut police, _) = sent(&request);
    let lapse = police.case.expires().unwrap();
    assert_eq!(lapse, later(60 * DAY_MS));
    police.act(lapse, None, Step::Expire).unwrap();
    assert_eq!(police.case.hub_stage(), Some(HubStage::Closed));
}

#[test]
fn a_second_approver_strikes_out_and_the_data_protection_officer_stops() {
    let request = request(&FIELDS);
    let (_, mut charity) = sent(&request);
    let proposal_one = partial(&request);
    charity
        .act(NOW, Some(releaser()), Step::Acknowledge)
        .unwrap();
    let decide = |p: &sanctuary_disclosure::Proposal| Step::Decide {
        proposal: Box::new(p.clone()),
    };
    charity
        .act(NOW, Some(releaser()), decide(&proposal_one))
        .unwrap();
    let back = Step::Return {
        struck: vec![Field::Phone],
        note: text("not the telephone"),
    };
    charity.act(NOW, Some(approver()), back).unwrap();
    assert!(
        charity
            .act(NOW, Some(releaser()), decide(&proposal_one))
            .is_err()
    );
    let verdicts = [
        (Field::Contact, Verdict::Release),
        (
            Field::Phone,
            Verdict::Withhold(RefusalReason::SafetyOfPerson),
        ),
        (Field::Incident, Verdict::NotHeld),
    ];
    let less = proposal(&request, &verdicts, 1, NOW);
    let at = propose_and_approve(&mut charity, &less, NOW);
    charity
        .act(
            NOW,
            Some(dpo()),
            Step::Veto {
                note: text("views not clear"),
            },
        )
        .unwrap();
    assert_eq!(charity.case.stage(), Stage::Acknowledged);
    assert!(
        charity
            .act(at, None, Step::Leave { watermark: None })
            .is_err()
    );
    let at = propose_and_approve(&mut charity, &less, NOW);
    leave(&mut charity, &less, at);
    assert_eq!(charity.case.stage(), Stage::Released);
}

#[test]
fn a_case_file_in_which_a_step_was_changed_does_not_replay() {
    let request = request(&FIELDS);
    let (_, mut charity) = sent(&request);
    let proposal = partial(&request);
    let at = decided(&mut charity, &proposal, NOW);
    leave(&mut charity, &proposal, at);
    let file = charity.file();
    assert!(Case::replay(&file).is_ok());
    for dropped in 0..file.events.len() - 1 {
        let mut changed = file.clone();
        changed.events.remove(dropped);
        assert!(Case::replay(&changed).is_err(), "{dropped}");
    }
    let mut changed = file.clone();
    changed.events[3].by = Some(releaser());
    assert!(Case::replay(&changed).is_err());
    let mut changed = file.clone();
    changed.events.swap(2, 3);
    assert!(Case::replay(&changed).is_err());
    assert!(CaseFile::from_bytes(b"{}").is_err());
}
