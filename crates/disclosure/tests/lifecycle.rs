//! A case from draft to closed at both agencies, and its side paths.

mod common;

use common::*;
use sanctuary_disclosure::{
    Body, Case, CaseFile, DecisionKind, HubStage, Message, Missing, Outcome, Reach, RecallReason,
    RefusalReason, Refused, Request, Separation, Stage, Step, TimeRule, Verdict,
};
use sanctuary_policy::{Denial, Field, StaffRole};
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
fn a_partial_release_runs_from_draft_to_closed_at_both_agencies() {
    let request = request(&FIELDS);
    let (mut police, mut charity) = sent(&request);
    let seen = charity
        .act(NOW, Some(releaser()), Step::Acknowledge)
        .unwrap()
        .unwrap();
    police.take(NOW, &seen).unwrap();
    let question = Step::Ask {
        text: text("Is she in contact with your officer already?"),
    };
    let question = charity
        .act(NOW, Some(releaser()), question)
        .unwrap()
        .unwrap();
    police.take(NOW, &question).unwrap();
    assert_eq!(police.case.stage(), Stage::Clarification);
    let reply = Step::Clarify {
        text: text("No, not yet"),
    };
    let reply = police.act(NOW, Some(officer()), reply).unwrap().unwrap();
    charity.take(NOW, &reply).unwrap();

    let proposal = partial(&request);
    assert_eq!(proposal.kind(), DecisionKind::Partial);
    let at = propose_and_approve(&mut charity, &proposal, later(HOUR_MS));
    assert_eq!(at, later(DAY_MS), "leaves at the next daily tick");
    let early = Step::Leave {
        watermark: watermark_for(&proposal),
    };
    assert_eq!(
        charity.act(Timestamp(at.0 - 1), None, early),
        Err(Refused::Time(TimeRule::NotYetTick))
    );
    let answer = leave(&mut charity, &proposal, at);
    assert_eq!(charity.case.stage(), Stage::Released);
    let told = String::from_utf8(answer.to_bytes()).unwrap();
    assert!(told.contains("SECRETVALUE of phone") && told.contains("watermark"));
    for secret in [
        "safety_of_source",
        "releaser",
        "approver",
        "SECRETVALUE of incident",
    ] {
        assert!(!told.contains(secret), "{secret}");
    }

    let receipt = police.take(at, &answer).unwrap().unwrap();
    charity.take(at, &receipt).unwrap();
    assert_eq!(police.case.hub_stage(), Some(HubStage::Answered));
    let outcome = Step::RecordOutcome {
        outcome: Outcome::Safeguarded,
    };
    assert_eq!(
        police.act(at, Some(officer()), Step::Close),
        Err(Refused::Missing(Missing::Outcome))
    );
    let outcome = police.act(at, Some(officer()), outcome).unwrap().unwrap();
    charity.take(at, &outcome).unwrap();
    police.act(at, Some(officer()), Step::Close).unwrap();
    charity.act(at, Some(releaser()), Step::Close).unwrap();
    assert_eq!(
        (police.case.stage(), charity.case.stage()),
        (Stage::Closed, Stage::Closed)
    );
    replays(&police);
    replays(&charity);
}

#[test]
fn a_refusal_reads_weighs_and_times_the_same_whatever_its_true_reason() {
    let request = request(&FIELDS);
    let held = refuse_all(&request, RefusalReason::SafetyOfPerson);
    let verdicts: Vec<_> = FIELDS.iter().map(|f| (*f, Verdict::NotHeld)).collect();
    let not_held = proposal(&request, &verdicts, 1, NOW);
    let mut neither = held.clone();
    neither.neither_confirm_nor_deny = true;
    // Recorded in another order and with another reason for each detail.
    let mut mixed = held.clone();
    mixed.verdicts = vec![
        (Field::Incident, Verdict::NotHeld),
        (Field::Contact, Verdict::Withhold(RefusalReason::CourtOrder)),
        (Field::Phone, Verdict::Withhold(RefusalReason::LiveCase)),
    ];
    mixed.note = Some(text("for our own file only"));
    let kinds: Vec<_> = [&held, &not_held, &neither, &mixed]
        .map(|p| p.kind())
        .into();
    assert_eq!(
        kinds,
        [
            DecisionKind::Refused,
            DecisionKind::NotHeld,
            DecisionKind::NeitherConfirmNorDeny,
            DecisionKind::Refused
        ]
    );
    let mut told = Vec::new();
    for (proposal, hours) in [(&held, 300), (&not_held, 0), (&neither, 20), (&mixed, 77)] {
        let (_, mut charity) = sent(&request);
        let at = decided(&mut charity, proposal, later(hours * HOUR_MS));
        let message = leave(&mut charity, proposal, at);
        assert_eq!(charity.case.hub_stage(), Some(HubStage::Answered));
        // The owner keeps the true reason.
        assert_eq!(charity.case.proposal(), Some(proposal));
        told.push((at, message.to_bytes()));
    }
    assert!(told.iter().all(|t| *t == told[0]));
    assert_eq!(told[0].0, later(14 * DAY_MS), "when the answer is due");

    // Only the owner's choice to tell the reason makes a difference.
    let mut tells = held.clone();
    tells.tell = vec![Field::Phone];
    let (_, mut charity) = sent(&request);
    let at = decided(&mut charity, &tells, later(HOUR_MS));
    assert_eq!(at, later(DAY_MS));
    let message = leave(&mut charity, &tells, at);
    assert_ne!(message.to_bytes(), told[0].1);
}

#[test]
fn one_person_cannot_release_from_any_account() {
    let request = request(&FIELDS);
    let proposal = partial(&request);
    let decide = || Step::Decide {
        proposal: Box::new(proposal.clone()),
    };
    let both = [StaffRole::Releaser, StaffRole::SecondApprover];
    for (first, second) in [("sam.lee", "sam.lee"), ("sam.lee", "SAM.Lee")] {
        let (_, mut charity) = sent(&request);
        let mut one = actor(first, &both);
        charity
            .act(NOW, Some(one.clone()), Step::Acknowledge)
            .unwrap();
        charity.act(NOW, Some(one.clone()), decide()).unwrap();
        one = actor(second, &both);
        one.account = "another-account@example".to_owned();
        assert_eq!(
            charity.act(NOW, Some(one.clone()), approve(&proposal)),
            Err(Refused::SamePerson(Separation::ReleaserApproves))
        );
        let step = Step::Leave {
            watermark: watermark_for(&proposal),
        };
        assert!(charity.act(later(DAY_MS), None, step).is_err());
        assert!(charity.case.answer().is_none());
        // A second person can, and only what they read.
        let mut other = proposal.clone();
        other.note = Some(text("changed"));
        assert!(
            charity
                .act(later(DAY_MS), Some(approver()), approve(&other))
                .is_err()
        );
        charity
            .act(later(DAY_MS), Some(approver()), approve(&proposal))
            .unwrap();
    }
}

#[test]
fn the_requester_cannot_authorise_nor_anyone_who_redrafted() {
    let request = request(&FIELDS);
    let both = [StaffRole::IntelligenceOfficer, StaffRole::Authoriser];
    let mut police = Desk::draft(&request, NOW).unwrap();
    let authorise = || Step::Authorise { counselling: false };
    let refused = Err(Refused::SamePerson(Separation::RequesterAuthorises));
    assert_eq!(
        police.act(NOW, Some(actor("officer", &both)), authorise()),
        refused
    );
    let redraft = Step::Redraft {
        request: Box::new(request.clone()),
        terms: police.case.terms().clone(),
    };
    police
        .act(NOW, Some(actor("sergeant", &both)), redraft.clone())
        .unwrap();
    assert_eq!(
        police.act(NOW, Some(actor("sergeant", &both)), authorise()),
        refused
    );
    assert_eq!(
        police.act(NOW, Some(actor("officer", &both)), authorise()),
        refused
    );
    police.act(NOW, Some(inspector()), authorise()).unwrap();
    // A change after authorising needs a new authorisation.
    police.act(NOW, Some(officer()), redraft).unwrap();
    assert!(matches!(
        police.act(NOW, Some(officer()), Step::Send),
        Err(Refused::WrongStage { .. })
    ));
}

#[test]
fn an_ended_agreement_stops_everything_but_taking_back() {
    let request = request(&FIELDS);
    let ended = agreement().expires.end();
    let is_expired = |r: Result<Option<Message>, Refused>| {
        let error = r.unwrap_err();
        assert!(
            matches!(error, Refused::Agreement(Denial::Expired { .. })),
            "{error}"
        );
        assert!(
            error
                .to_string()
                .contains("until the officers sign a new one")
        );
    };
    let mut police = Desk::draft(&request, NOW).unwrap();
    is_expired(police.act(
        ended,
        Some(inspector()),
        Step::Authorise { counselling: false },
    ));
    assert!(Desk::draft(&request, ended).is_err());
    assert!(Desk::arrive(&request, None, ended).is_err());

    let (mut police, mut charity) = sent(&request);
    let proposal = partial(&request);
    charity
        .act(NOW, Some(releaser()), Step::Acknowledge)
        .unwrap();
    let decide = Step::Decide {
        proposal: Box::new(proposal.clone()),
    };
    is_expired(charity.act(ended, Some(releaser()), decide.clone()));
    charity.act(NOW, Some(releaser()), decide).unwrap();
    is_expired(charity.act(ended, Some(approver()), approve(&proposal)));
    charity
        .act(NOW, Some(approver()), approve(&proposal))
        .unwrap();
    let step = Step::Leave {
        watermark: watermark_for(&proposal),
    };
    is_expired(charity.act(ended, None, step));
    police
        .act(
            ended,
            Some(officer()),
            Step::Withdraw { note: text("over") },
        )
        .unwrap();

    let (_, mut charity) = sent(&request);
    let at = decided(&mut charity, &proposal, NOW);
    leave(&mut charity, &proposal, at);
    let recall = Step::Recall {
        reason: RecallReason::BasisEnded,
    };
    assert!(charity.act(ended, Some(dpo()), recall).unwrap().is_some());
}

#[test]
fn the_card_before_sending_says_what_each_side_will_and_will_not_learn() {
    let request = life_request(&[Field::Phone, Field::Address]);
    let clock = agreement().clocks.threat_to_life;
    let card = sanctuary_disclosure::card_before_sending(&request, &clock, "A charity");
    let all = |list: &[String]| list.join(" | ");
    assert!(all(&card.you.will).contains("A charity decides"));
    assert!(all(&card.you.will).contains("telephone number, address"));
    assert!(all(&card.you.will).contains("60 minutes"));
    assert!(all(&card.you.will_not).contains("not held at all"));
    assert!(all(&card.you.will_not).contains("alleged perpetrator"));
    assert!(all(&card.they.will).contains("vital interests"));
    assert!(all(&card.they.will_not).contains("reference number"));
    assert!(all(&card.hub.will_not).contains("whether anything was released"));
}
