//! The rules of an answer, one by one.

mod common;

use common::*;
use sanctuary_disclosure::{
    DecisionFault, LawRule, Missing, Proposal, Reach, RefusalReason, Refused, Step, TimeRule,
    Verdict,
};
use sanctuary_policy::{Field, Gateway, Purpose};
use sanctuary_types::{Role, Timestamp};

#[test]
fn a_child_is_shared_about_by_default() {
    let mut about_child = request(&[Field::Contact, Field::Risk]);
    about_child.about.child = true;
    about_child.asker = id("police");
    about_child.purpose = Purpose::SafeguardChild;
    about_child.gateway = Gateway::ChildEnquiry;
    let mut desk = Desk::arrive(&about_child, None, NOW).unwrap();
    desk.act(NOW, Some(releaser()), Step::Acknowledge).unwrap();
    let mut refusal = refuse_all(&about_child, RefusalReason::NotNecessary);
    let decide = |p: &Proposal| Step::Decide {
        proposal: Box::new(p.clone()),
    };
    assert_eq!(
        desk.act(NOW, Some(releaser()), decide(&refusal)),
        Err(Refused::Law(LawRule::ChildShareByDefault))
    );
    refusal.neither_confirm_nor_deny = true;
    assert!(desk.act(NOW, Some(releaser()), decide(&refusal)).is_err());
    refusal.child_ground = Some(text("A parent at that agency is the suspect"));
    desk.act(NOW, Some(releaser()), decide(&refusal)).unwrap();
    // Not held needs no ground, and neither does sharing.
    for verdict in [Verdict::NotHeld, Verdict::Release] {
        let mut desk = Desk::arrive(&about_child, None, NOW).unwrap();
        let verdicts = [(Field::Contact, verdict), (Field::Risk, verdict)];
        decided(&mut desk, &proposal(&about_child, &verdicts, 1, NOW), NOW);
    }
}

#[test]
fn where_somebody_can_be_found_leaves_only_through_every_guard() {
    let request = life_request(&[Field::Contact, Field::Refuge]);
    let verdicts = [
        (Field::Contact, Verdict::Release),
        (Field::Refuge, Verdict::Release),
    ];
    let full = proposal(&request, &verdicts, 1, NOW);
    let try_with = |reach: Reach, at: Timestamp, proposal: &Proposal| {
        let mut desk = Desk::arrive(&request, Some(reach_answer(reach, NOW)), NOW).unwrap();
        desk.act(at, Some(releaser()), Step::Acknowledge).unwrap();
        desk.act(
            at,
            Some(releaser()),
            Step::Decide {
                proposal: Box::new(proposal.clone()),
            },
        )
    };
    assert!(try_with(Reach::No, NOW, &full).is_ok());
    for reach in [Reach::Yes, Reach::Unknown] {
        assert_eq!(
            try_with(reach, NOW, &full),
            Err(Refused::Decision(DecisionFault::ShieldedReach(
                Field::Refuge
            )))
        );
    }
    assert_eq!(
        try_with(Reach::No, later(DAY_MS + 1), &full),
        Err(Refused::Time(TimeRule::OldReach))
    );
    let mut unnamed = full.clone();
    unnamed.shield = None;
    assert_eq!(
        try_with(Reach::No, NOW, &unnamed),
        Err(Refused::Decision(DecisionFault::ShieldedNeedsReason(
            Field::Refuge
        )))
    );
    // Without a statement the request is neither sent nor answered with it.
    let mut police = Desk::draft(&request, NOW).unwrap();
    police
        .act(
            NOW,
            Some(inspector()),
            Step::Authorise { counselling: false },
        )
        .unwrap();
    assert_eq!(
        police.act(NOW, Some(officer()), Step::Send),
        Err(Refused::Missing(Missing::Reach))
    );
    // A statement that somebody else signed, or about another case, is refused.
    let mut forged = reach_answer(Reach::Yes, NOW);
    forged.reach = Reach::No;
    assert_eq!(
        Desk::arrive(&request, Some(forged), NOW)
            .map(|_| ())
            .unwrap_err(),
        Refused::Signature
    );
    let mut elsewhere = reach_answer(Reach::No, NOW);
    elsewhere.case = sanctuary_types::CaseId([2; 16]);
    assert_eq!(
        Desk::arrive(&request, Some(elsewhere), NOW)
            .map(|_| ())
            .unwrap_err(),
        Refused::NotThisCase
    );
    // A yes that comes after the approval still stops it.
    let mut desk = Desk::arrive(&request, Some(reach_answer(Reach::No, NOW)), NOW).unwrap();
    let at = decided(&mut desk, &full, NOW);
    let answer = reach_answer(Reach::Yes, NOW);
    desk.act(NOW, None, Step::TakeReach { answer }).unwrap();
    let step = Step::Leave {
        watermark: watermark_for(&full),
    };
    assert_eq!(
        desk.act(at, None, step),
        Err(Refused::Decision(DecisionFault::ShieldedReach(
            Field::Refuge
        )))
    );
}

#[test]
fn a_victim_who_is_a_suspect_goes_to_safeguarding_first_at_both_agencies() {
    let mut both = request(&[Field::Contact]);
    both.about.asker_roles = both.about.asker_roles.with(Role::Suspect);
    let mut police = Desk::draft(&both, NOW).unwrap();
    let authorise = || Step::Authorise { counselling: false };
    let first = Err(Refused::Law(LawRule::SafeguardingFirst));
    assert_eq!(police.act(NOW, Some(inspector()), authorise()), first);
    police
        .act(
            NOW,
            Some(officer()),
            Step::ConsultSafeguarding { talk: talk() },
        )
        .unwrap();
    police.act(NOW, Some(inspector()), authorise()).unwrap();

    let mut charity = Desk::arrive(&both, None, NOW).unwrap();
    charity
        .act(NOW, Some(releaser()), Step::Acknowledge)
        .unwrap();
    let answer = proposal(&both, &[(Field::Contact, Verdict::Release)], 1, NOW);
    let decide = || Step::Decide {
        proposal: Box::new(answer.clone()),
    };
    assert_eq!(charity.act(NOW, Some(releaser()), decide()), first);
    charity
        .act(
            NOW,
            Some(releaser()),
            Step::ConsultSafeguarding { talk: talk() },
        )
        .unwrap();
    charity.act(NOW, Some(releaser()), decide()).unwrap();
}

#[test]
fn an_answer_that_does_not_fit_the_request_is_refused() {
    let request = request(&[Field::Contact, Field::Phone]);
    let verdicts = [
        (Field::Contact, Verdict::Release),
        (Field::Phone, Verdict::Release),
    ];
    let good = proposal(&request, &verdicts, 1, NOW);
    type Change = fn(&mut Proposal);
    let faults: [(&str, Change, DecisionFault); 12] = [
        (
            "one detail too few",
            |p| p.verdicts.truncate(1),
            DecisionFault::Verdicts,
        ),
        (
            "one not asked for",
            |p| p.verdicts.push((Field::Health, Verdict::NotHeld)),
            DecisionFault::Verdicts,
        ),
        (
            "one twice",
            |p| p.verdicts.push((Field::Phone, Verdict::NotHeld)),
            DecisionFault::Verdicts,
        ),
        ("no contact", |p| p.contact = None, DecisionFault::Contact),
        ("no report", |p| p.report = None, DecisionFault::Report),
        (
            "more in the report",
            |p| {
                let report = p.report.as_mut().unwrap();
                let mut item = report.items[0].clone();
                item.field = Field::Address;
                report.items.push(item);
            },
            DecisionFault::ReportDiffers,
        ),
        (
            "another case",
            |p| p.report.as_mut().unwrap().case = sanctuary_types::CaseId([9; 16]),
            DecisionFault::Misfiled,
        ),
        (
            "another recipient",
            |p| p.report.as_mut().unwrap().recipient = id("council"),
            DecisionFault::Misfiled,
        ),
        (
            "too long",
            |p| p.report.as_mut().unwrap().expires = later(181 * DAY_MS),
            DecisionFault::Misfiled,
        ),
        (
            "no marking",
            |p| p.report.as_mut().unwrap().marking = sanctuary_disclosure::Marking::Official,
            DecisionFault::Misfiled,
        ),
        (
            "neither nor, and a release",
            |p| p.neither_confirm_nor_deny = true,
            DecisionFault::NeitherConfirmNorDeny,
        ),
        (
            "a reason for what is released",
            |p| p.tell = vec![Field::Phone],
            DecisionFault::ToldReason,
        ),
    ];
    for (what, change, fault) in faults {
        let mut changed = good.clone();
        change(&mut changed);
        let mut desk = Desk::arrive(&request, None, NOW).unwrap();
        desk.act(NOW, Some(releaser()), Step::Acknowledge).unwrap();
        let step = Step::Decide {
            proposal: Box::new(changed),
        };
        assert_eq!(
            desk.act(NOW, Some(releaser()), step),
            Err(Refused::Decision(fault)),
            "{what}"
        );
    }
    let mut unasked = good.clone();
    unasked.views = None;
    let mut desk = Desk::arrive(&request, None, NOW).unwrap();
    desk.act(NOW, Some(releaser()), Step::Acknowledge).unwrap();
    let step = Step::Decide {
        proposal: Box::new(unasked),
    };
    assert_eq!(
        desk.act(NOW, Some(releaser()), step),
        Err(Refused::Missing(Missing::Views))
    );
    // The mark is set when it leaves, never before, and belongs to a report.
    let at = propose_and_approve(&mut desk, &good, NOW);
    assert_eq!(
        desk.act(at, None, Step::Leave { watermark: None }),
        Err(Refused::Decision(DecisionFault::Watermark))
    );
}
