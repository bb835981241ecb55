//! Whole stories over several agencies: a refusal, a partial release, correction, recall, erasure with an
//! agency that is away, access over all nodes, and the rules on people and the agreement.

mod common;

use common::*;
use sanctuary_casework::{CaseworkError, Format, rights::CopyState};
use sanctuary_disclosure::{Outcome, RecallReason, RefusalReason, Refused};
use sanctuary_ledger::EntryKind;
use sanctuary_policy::{Field, Gateway};

use sanctuary_casework::ProposalDraft;

const WANTED: [Field; 2] = [Field::Risk, Field::Exploitation];

fn released(world: &mut World) -> sanctuary_types::CaseId {
    world.settle(NOW);
    let case = world.ask("charity", &WANTED, "first words of the day", NOW);
    world.settle(NOW);
    assert_eq!(world.stage("charity", &case), "sent");
    world.answer(
        "charity",
        &case,
        &partial(&WANTED, "SECRETVALUE one"),
        later(HOUR_MS),
    );
    world.settle(later(2 * HOUR_MS));
    assert_eq!(
        world.stage("police", &case),
        "acknowledged",
        "before the tick nothing leaves"
    );
    world.settle(later(DAY_MS));
    assert_eq!(world.stage("police", &case), "received");
    assert_eq!(world.stage("charity", &case), "received");
    case
}

#[test]
fn a_partial_release_is_corrected_recalled_and_destroyed() {
    let mut world = World::new(&["police", "charity"]);
    let case = released(&mut world);
    let at = later(DAY_MS + HOUR_MS);
    let seen = world
        .act("police", |w, _| w.case(&case, &officer(), at))
        .unwrap();
    let answer = seen.answer.unwrap();
    assert_eq!(answer.not_released.len(), 1);
    assert!(
        answer.not_released[0].reason.is_none(),
        "the true reason stays with the owner"
    );
    // The data protection officer sees the case, not the values.
    let seen = world
        .act("police", |w, _| w.case(&case, &dpo(), at))
        .unwrap();
    assert!(
        !serde_json::to_string(&seen)
            .unwrap()
            .contains("SECRETVALUE")
    );
    let pdf = world
        .act("police", |w, _| {
            w.release(&case, Format::Pdf, &officer(), at)
        })
        .unwrap();
    assert!(pdf.bytes.starts_with(b"%PDF"));

    world.propose("charity", &case, &partial(&WANTED, "SECRETVALUE two"), at);
    world.settle(later(3 * DAY_MS));
    assert_eq!(world.stage("police", &case), "corrected");
    let at = later(3 * DAY_MS + HOUR_MS);
    let outcome = Outcome::Safeguarded;
    world
        .act("police", |w, r| {
            w.record_outcome(&case, outcome, &officer(), at, r)
        })
        .unwrap();
    let reason = RecallReason::Inaccurate;
    world
        .act("charity", |w, r| w.recall(&case, reason, &dpo(), at, r))
        .unwrap();
    world.settle(at);
    assert_eq!(world.stage("police", &case), "recalled");
    let gone = world.act("police", |w, _| {
        w.release(&case, Format::Html, &officer(), at)
    });
    assert!(matches!(gone, Err(CaseworkError::TakenBack)));
    let few = world.act("police", |w, r| {
        w.confirm_destruction(&case, 0, &officer(), at, r)
    });
    assert!(matches!(
        few,
        Err(CaseworkError::CopiesMissing { exported: 1 })
    ));
    world
        .act("police", |w, r| {
            w.confirm_destruction(&case, 1, &officer(), at, r)
        })
        .unwrap();
    world.settle(at);
    let owner = world
        .act("charity", |w, _| w.case(&case, &dpo(), at))
        .unwrap();
    assert_eq!(owner.destroyed, Some(1));
    // Nothing of the values is left at the recipient.
    let rows: Vec<u8> = sanctuary_casework::Shelf::ALL
        .iter()
        .flat_map(|s| {
            sanctuary_casework::CaseStore::list(&world.at("police").store, *s, &[]).unwrap()
        })
        .flat_map(|(_, row)| row.to_vec())
        .collect();
    let text = String::from_utf8_lossy(&rows).into_owned();
    assert!(!text.contains("SECRETVALUE") && !text.contains(&hex("SECRETVALUE")));
    world
        .act("police", |w, r| w.close(&case, &officer(), at, r))
        .unwrap();
    world
        .act("charity", |w, r| w.close(&case, &releaser(), at, r))
        .unwrap();
    assert!(world.at("police").rules().is_empty() && world.at("charity").rules().is_empty());
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn withheld_and_not_held_look_alike_to_the_asker_the_hub_and_the_log() {
    let told = |reason: RefusalReason| {
        let mut world = World::new(&["police", "charity"]);
        world.settle(NOW);
        let case = world.ask("charity", &WANTED, "words of a refusal", NOW);
        world.settle(NOW);
        let answer = ProposalDraft::refuse(&WANTED, reason);
        world.answer("charity", &case, &answer, later(HOUR_MS));
        world.settle(later(DAY_MS));
        assert_eq!(
            world.stage("police", &case),
            "acknowledged",
            "not before it is due"
        );
        world.settle(later(14 * DAY_MS));
        let at = later(14 * DAY_MS);
        let seen = world
            .act("police", |w, _| w.case(&case, &officer(), at))
            .unwrap();
        let kinds: Vec<EntryKind> = world
            .at("charity")
            .acts
            .acts()
            .iter()
            .map(|a| a.kind)
            .collect();
        let sizes: Vec<usize> = world
            .seen
            .iter()
            .filter_map(|p| match &p.content {
                sanctuary_casework::ParcelContent::Envelope(e) => Some(e.sealed.len()),
                _ => None,
            })
            .collect();
        (serde_json::to_string(&seen.answer).unwrap(), kinds, sizes)
    };
    let withheld = told(RefusalReason::SafetyOfPerson);
    assert_eq!(withheld, told(RefusalReason::NotHeld));
    assert!(!withheld.1.contains(&EntryKind::Refusal) && !withheld.1.contains(&EntryKind::Release));
}

#[test]
fn one_person_account_or_session_is_not_two_people() {
    let mut world = World::new(&["police", "charity"]);
    world.settle(NOW);
    let case = world.ask("charity", &WANTED, "words about two people", NOW);
    world.settle(NOW);
    let at = later(HOUR_MS);
    world
        .act("charity", |w, r| w.acknowledge(&case, &releaser(), at, r))
        .unwrap();
    let draft = partial(&WANTED, "SECRETVALUE");
    let digest = world
        .act("charity", |w, r| {
            w.propose(&case, &draft, &releaser(), at, r)
        })
        .unwrap();
    let mut same_person = releaser();
    same_person.account = "second@example".to_owned();
    same_person.session = "another session".to_owned();
    same_person.roles = approver().roles;
    let mut same_session = approver();
    same_session.session = releaser().session;
    let mut same_account = approver();
    same_account.account = releaser().account;
    for by in [same_person, same_session, same_account] {
        let refused = world.act("charity", |w, r| w.approve(&case, &digest, &by, at, r));
        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, CaseworkError::Refused(Refused::SamePerson(_))),
            "{refused}"
        );
        let view = world.act("charity", |w, _| w.case(&case, &by, at)).unwrap();
        assert!(
            !view
                .line
                .next
                .iter()
                .any(|n| n.text == "approving the answer")
        );
    }
    world
        .act("charity", |w, r| {
            w.approve(&case, &digest, &approver(), at, r)
        })
        .unwrap();
}

#[test]
fn without_the_log_nothing_happens_and_nothing_is_read() {
    let mut world = World::new(&["police", "charity"]);
    let case = released(&mut world);
    world.at("police").acts.fail(true);
    let at = later(2 * DAY_MS);
    let outcome = Outcome::NoUse;
    let step = world.act("police", |w, r| {
        w.record_outcome(&case, outcome, &officer(), at, r)
    });
    assert!(matches!(step, Err(CaseworkError::NotLogged(_))));
    let read = world.act("police", |w, _| w.case(&case, &officer(), at));
    assert!(matches!(read, Err(CaseworkError::NotLogged(_))));
    let paper = world.act("police", |w, _| {
        w.release(&case, Format::Pdf, &officer(), at)
    });
    assert!(matches!(paper, Err(CaseworkError::NotLogged(_))));
    world.at("police").acts.fail(false);
    assert_eq!(world.stage("police", &case), "received");
}

#[test]
fn an_expired_agreement_stops_everything_but_taking_back() {
    let mut world = World::new(&["police", "charity"]);
    let case = released(&mut world);
    let open = world.ask(
        "charity",
        &[Field::Risk],
        "a second question altogether",
        later(2 * DAY_MS),
    );
    world.settle(later(2 * DAY_MS));
    for agency in world.agencies.values() {
        let ends = sanctuary_policy::Day::at(later(3 * DAY_MS));
        agency.outside.agreement.lock().unwrap().expires = ends;
    }
    let at = later(5 * DAY_MS);
    let step = world.act("charity", |w, r| w.acknowledge(&open, &releaser(), at, r));
    let said = step.unwrap_err().to_string();
    assert!(said.contains("ended on") && said.contains("2026"), "{said}");
    let reason = RecallReason::BasisEnded;
    world
        .act("charity", |w, r| w.recall(&case, reason, &dpo(), at, r))
        .unwrap();
    world.settle(at);
    assert_eq!(world.stage("police", &case), "recalled");
    world
        .act("police", |w, r| {
            w.withdraw(&open, text("The agreement ended"), &officer(), at, r)
        })
        .unwrap();
    world.settle(at);
    assert_eq!(world.stage("charity", &open), "withdrawn");
}

#[test]
fn erasure_reaches_an_agency_that_was_away_with_proof() {
    let mut world = World::new(&["police", "charity"]);
    let case = released(&mut world);
    world.agencies.get_mut(&id("police")).unwrap().online = false;
    let at = later(2 * DAY_MS);
    let matter = world
        .act("charity", |w, r| w.erase("REF-1", &dpo(), at, r))
        .unwrap();
    // Away for 70 days: the recall's first envelope and the keys of before are past their time.
    let mut back = at;
    for day in 3..=72 {
        back = later(day * DAY_MS);
        world.settle(back);
    }
    let view = world
        .act("charity", |w, _| w.matter_view(&matter, &dpo()))
        .unwrap();
    assert!(matches!(view.copies[0].state, CopyState::Recalled { .. }) && view.done.is_none());
    assert!(view.record_gone && view.alerts.iter().all(|(_, gone)| *gone));
    world.agencies.get_mut(&id("police")).unwrap().online = true;
    for day in 72..=82 {
        back = later(day * DAY_MS);
        world.settle(back);
    }
    assert_eq!(world.stage("police", &case), "recalled");
    world
        .act("police", |w, r| {
            w.confirm_destruction(&case, 0, &officer(), back, r)
        })
        .unwrap();
    world.settle(back);
    let view = world
        .act("charity", |w, _| w.matter_view(&matter, &dpo()))
        .unwrap();
    assert!(
        matches!(view.copies[0].state, CopyState::Destroyed { copies: 0, .. }),
        "{view:?}"
    );
    assert!(view.done.is_some());
    let proof = view.copies[0].proof.clone().unwrap();
    let key = |name: &str| {
        use sanctuary_casework::Directory;
        world.at(name).outside.signing().public()
    };
    assert!(proof.check(&key("police")) && !proof.check(&key("charity")));
}

#[test]
fn a_correction_is_open_until_the_recipient_has_it() {
    let mut world = World::new(&["police", "charity"]);
    let case = released(&mut world);
    let at = later(2 * DAY_MS);
    let note = text("The risk was that of somebody else");
    let matter = world
        .act("charity", |w, r| w.correct("REF-1", &note, &dpo(), at, r))
        .unwrap();
    let lines = world
        .act("charity", |w, _| w.list(&releaser(), at))
        .unwrap();
    assert!(lines.iter().any(|l| l.case == case && l.correction_due));
    world.propose(
        "charity",
        &case,
        &partial(&WANTED, "SECRETVALUE corrected"),
        at,
    );
    world.settle(later(4 * DAY_MS));
    let view = world
        .act("charity", |w, _| w.matter_view(&matter, &dpo()))
        .unwrap();
    assert!(matches!(
        view.copies[0].state,
        CopyState::Corrected {
            received: Some(_),
            ..
        }
    ));
    assert!(view.done.is_some() && view.copies[0].proof.is_some());
}

#[test]
fn access_is_answered_by_every_linked_agency_and_a_hold_reads_as_nothing() {
    let answered = |hold: bool, asks: bool| {
        let mut world = World::new(&["police", "charity", "council"]);
        world.settle(NOW);
        let mut held = Vec::new();
        if asks {
            // The police asked the charity; the council does not know of it.
            held.push(world.ask("charity", &WANTED, "words about access", NOW));
            world.settle(NOW);
        }
        let at = later(HOUR_MS);
        let matter = world
            .act("council", |w, r| w.open_access("REF-1", &dpo(), at, r))
            .unwrap();
        world.settle(at);
        world.settle(later(2 * HOUR_MS));
        for name in ["charity", "police"] {
            let questions = world.act(name, |w, _| w.access_questions(&dpo())).unwrap();
            assert_eq!(questions.len(), 1, "{name}");
            let keep = if hold { held.clone() } else { Vec::new() };
            let why = text("He would learn where she asked for help");
            let (id, at) = (questions[0].id, later(2 * HOUR_MS));
            world
                .act(name, |w, _| {
                    w.answer_access(&id, &keep, Some(&why), &dpo(), at)
                })
                .unwrap();
        }
        world.settle(later(3 * HOUR_MS));
        let at = later(4 * HOUR_MS);
        let state = world
            .act("council", |w, _| w.access_state(&matter, &dpo()))
            .unwrap();
        assert!(state.agencies.iter().all(|(_, answer)| answer.is_some()));
        world
            .act("council", |w, _| {
                w.access_report(&matter, &[], None, &dpo(), at)
            })
            .unwrap()
    };
    let told = answered(false, true);
    assert_eq!(told.lines.len(), 1, "each case once");
    assert_eq!(told.lines[0].gateway, Gateway::CrimeAndTaxation);
    assert_eq!(answered(true, true), answered(false, false));
}

#[test]
fn figures_and_evidence_show_the_live_state() {
    let mut world = World::new(&["police", "charity"]);
    let case = released(&mut world);
    let at = later(2 * DAY_MS);
    let pack = world
        .act("charity", |w, _| w.evidence_pack(&dpo(), at))
        .unwrap();
    assert_eq!(
        (pack.figures.received, pack.figures.to_answer.cases),
        (1, 1)
    );
    let held = |pack: &sanctuary_casework::rights::EvidencePack, id: &str| {
        pack.controls.iter().find(|c| c.id == id).unwrap().holds
    };
    use sanctuary_casework::rights::Holds;
    for id in [
        "agreement",
        "two_people",
        "files_whole",
        "logged",
        "destruction",
        "refused",
    ] {
        assert_eq!(held(&pack, id), Holds::Yes, "{id}: {pack:?}");
    }
    let reason = RecallReason::SafetyOfPerson;
    world
        .act("charity", |w, r| w.recall(&case, reason, &dpo(), at, r))
        .unwrap();
    let pack = world
        .act("charity", |w, _| w.evidence_pack(&dpo(), at))
        .unwrap();
    assert_eq!(held(&pack, "destruction"), Holds::Attention);
}
