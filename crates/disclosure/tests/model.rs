//! The whole state machine, walked: from every state that can be reached, every step by every role and
//! person; and long random walks.

mod common;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use common::*;
use proptest::prelude::*;
use sanctuary_disclosure::{
    Actor, Case, CaseFile, Event, Outcome, Reach, RecallReason, RefusalReason, Refused, Request,
    Setting, Side, Stage, Step, StepKind, Terms, Verdict,
};
use sanctuary_policy::{Field, StaffRole};
use sanctuary_types::Timestamp;

const FIELDS: [Field; 2] = [Field::Contact, Field::Phone];

/// Every content of a step that matters to the machine, for where the case is now.
fn steps(case: &Case, kind: StepKind, at: Timestamp) -> Vec<Step> {
    let request = case.request();
    let number = case.live().map_or(1, |l| l.number + 1);
    let release = [
        (Field::Contact, Verdict::Release),
        (Field::Phone, Verdict::Release),
    ];
    let full = proposal(request, &release, number, at);
    let refusal = refuse_all(request, RefusalReason::NotNecessary);
    let note = || text("a note");
    let current = case.proposal().cloned();
    let terms = || Terms::of(&agreement(), request.urgency);
    match kind {
        StepKind::Draft => vec![Step::Draft {
            request: Box::new(request.clone()),
            terms: terms(),
        }],
        StepKind::Redraft => vec![Step::Redraft {
            request: Box::new(request.clone()),
            terms: terms(),
        }],
        StepKind::RecordCall => vec![Step::RecordCall { call: call() }],
        StepKind::ConsultSafeguarding => vec![Step::ConsultSafeguarding { talk: talk() }],
        StepKind::Authorise => vec![Step::Authorise { counselling: false }],
        StepKind::Send => vec![Step::Send],
        StepKind::TakeAcknowledgement => vec![Step::TakeAcknowledgement],
        StepKind::TakeQuestion => vec![Step::TakeQuestion { text: note() }],
        StepKind::Clarify => vec![Step::Clarify { text: note() }],
        StepKind::AnswerReach => vec![Step::AnswerReach {
            answer: reach_answer(Reach::No, at),
        }],
        StepKind::TakeAnswer => {
            let mut with_mark = full.answer(request);
            let report = with_mark
                .released
                .as_mut()
                .unwrap()
                .report
                .as_mut()
                .unwrap();
            report.watermark = watermark_for(&full);
            vec![
                Step::TakeAnswer {
                    answer: Box::new(with_mark),
                },
                Step::TakeAnswer {
                    answer: Box::new(full.answer(request)),
                },
                Step::TakeAnswer {
                    answer: Box::new(refusal.answer(request)),
                },
            ]
        }
        StepKind::TakeReopening => vec![Step::TakeReopening],
        StepKind::RecordOutcome => vec![Step::RecordOutcome {
            outcome: Outcome::Investigation,
        }],
        StepKind::ReviewUrgency => vec![Step::ReviewUrgency {
            justified: true,
            note: note(),
        }],
        StepKind::Withdraw => vec![Step::Withdraw { note: note() }],
        StepKind::TakeRecall => vec![
            Step::TakeRecall {
                number: number - 1,
                reason: RecallReason::Erased,
            },
            Step::TakeRecall {
                number: number + 5,
                reason: RecallReason::Erased,
            },
        ],
        StepKind::ConfirmDestruction => vec![Step::ConfirmDestruction { copies: 1 }],
        StepKind::Arrive => vec![Step::Arrive {
            request: Box::new(request.clone()),
            reach: None,
            terms: terms(),
        }],
        StepKind::Acknowledge => vec![Step::Acknowledge],
        StepKind::Ask => vec![Step::Ask { text: note() }],
        StepKind::TakeClarification => vec![Step::TakeClarification { text: note() }],
        StepKind::TakeReach => vec![Step::TakeReach {
            answer: reach_answer(Reach::No, at),
        }],
        StepKind::Decide => vec![
            Step::Decide {
                proposal: Box::new(full),
            },
            Step::Decide {
                proposal: Box::new(refusal),
            },
        ],
        StepKind::Approve => vec![approve(current.as_ref().unwrap_or(&refusal))],
        StepKind::Return => vec![Step::Return {
            struck: vec![],
            note: note(),
        }],
        StepKind::Veto => vec![Step::Veto { note: note() }],
        StepKind::Leave => vec![
            Step::Leave {
                watermark: current.as_ref().and_then(watermark_for),
            },
            Step::Leave { watermark: None },
        ],
        StepKind::Review => vec![
            Step::Review {
                upheld: true,
                note: note(),
            },
            Step::Review {
                upheld: false,
                note: note(),
            },
        ],
        StepKind::TakeReceipt => vec![Step::TakeReceipt],
        StepKind::TakeOutcome => vec![Step::TakeOutcome {
            outcome: Outcome::NoUse,
        }],
        StepKind::TakeWithdrawal => vec![Step::TakeWithdrawal],
        StepKind::Recall => vec![Step::Recall {
            reason: RecallReason::Inaccurate,
        }],
        StepKind::TakeDestruction => (0..4)
            .map(|number| Step::TakeDestruction { number, copies: 2 })
            .collect(),
        StepKind::Expire => vec![Step::Expire],
        StepKind::Close => vec![Step::Close],
    }
}

/// When a step is tried: as soon as it can succeed.
fn when(case: &Case, kind: StepKind, last: Timestamp) -> Timestamp {
    let earliest = match kind {
        StepKind::Leave => case.leaves_at(),
        StepKind::Expire => case.expires(),
        _ => None,
    };
    earliest.unwrap_or(last).max(last)
}

struct Walker {
    setting_agreement: sanctuary_policy::Agreement,
    key: [u8; 32],
    earlier: BTreeSet<sanctuary_disclosure::ReasonPrint>,
}

impl Walker {
    fn new() -> Self {
        Self {
            setting_agreement: agreement(),
            key: police_key().public(),
            earlier: BTreeSet::new(),
        }
    }
    fn setting(&self) -> Setting<'_> {
        Setting {
            agreement: &self.setting_agreement,
            earlier: &self.earlier,
            asker_key: &self.key,
        }
    }
    fn start(&self, side: Side, request: &Request) -> Vec<Event> {
        let terms = Terms::of(&self.setting_agreement, request.urgency);
        let request = Box::new(request.clone());
        let first = match side {
            Side::Requester => event(
                NOW,
                Some(actor("p0", StaffRole::ALL)),
                Step::Draft { request, terms },
            ),
            Side::Owner => event(
                NOW,
                None,
                Step::Arrive {
                    request,
                    reach: None,
                    terms,
                },
            ),
        };
        vec![first]
    }
}

/// What the machine's future depends on, without times: two cases alike in this are one state.
fn state(case: &Case) -> String {
    format!(
        "{:?} {:?} live={:?} review={} destroyed={:?} outcome={:?} silent={:?} answer={:?} parts={:?}",
        case.side(),
        case.stage(),
        case.live().map(|l| l.number.min(3)),
        case.review_due().is_some(),
        case.destroyed().is_some(),
        case.outcome().is_some(),
        case.proposal().map(|p| p.releases()),
        case.answer().map(|a| a.released.is_some()),
        case.recalled().is_some(),
    )
}

/// Two different people, found in the events alone and not by asking the case.
fn released_by_two(events: &[Event]) -> bool {
    let last = |kind: StepKind| {
        events
            .iter()
            .rev()
            .find(|e| e.step.kind() == kind)
            .and_then(|e| e.by.clone())
    };
    match (last(StepKind::Decide), last(StepKind::Approve)) {
        (Some(a), Some(b)) => a.person != b.person,
        _ => false,
    }
}

#[test]
fn from_every_state_every_step_by_every_role_and_person() {
    let walker = Walker::new();
    let persons = ["p0", "p1", "p2"];
    let (mut tried, mut taken) = (0u32, 0u32);
    let mut reached: BTreeMap<Side, BTreeSet<Stage>> = BTreeMap::new();
    let mut kinds_taken = BTreeSet::new();
    for base in [request(&FIELDS), life_request(&FIELDS)] {
        for side in BOTH_SIDES {
            let first = walker.start(side, &base);
            let case = Case::open(&first[0], &walker.setting()).unwrap();
            let mut seen = BTreeSet::from([state(&case)]);
            let mut open = VecDeque::from([(case, first)]);
            while let Some((case, events)) = open.pop_front() {
                reached.entry(side).or_default().insert(case.stage());
                let last = events.last().unwrap().at;
                for kind in StepKind::ALL {
                    let at = when(&case, *kind, last);
                    for step in steps(&case, *kind, at) {
                        // Every single role, all together, and nobody.
                        let actors = persons.iter().flat_map(|p| {
                            let single = StaffRole::ALL.iter().map(move |r| Some(actor(p, &[*r])));
                            single.chain([Some(actor(p, StaffRole::ALL))])
                        });
                        for by in actors.chain([None]) {
                            tried += 1;
                            let event = event(at, by.clone(), step.clone());
                            let mut next = case.clone();
                            let result = next.act(&event, &walker.setting());
                            check_refusals(&case, *kind, by.as_ref(), &result.as_ref().map(|_| ()));
                            if result.is_err() {
                                assert_eq!(next, case, "a refused step changes nothing");
                                continue;
                            }
                            taken += 1;
                            kinds_taken.insert((side, *kind));
                            let mut path = events.clone();
                            path.push(event);
                            if *kind == StepKind::Leave {
                                assert!(released_by_two(&path));
                            }
                            if seen.insert(state(&next)) {
                                replay_equals(&next, &path, side);
                                open.push_back((next, path));
                            }
                        }
                    }
                }
            }
        }
    }
    for side in BOTH_SIDES {
        for kind in StepKind::ALL.iter().filter(|k| !k.from(side).is_empty()) {
            assert!(
                kinds_taken.contains(&(side, *kind)),
                "{side:?} never could take {kind:?}"
            );
        }
    }
    let all: BTreeSet<Stage> = reached.values().flatten().copied().collect();
    assert_eq!(
        all,
        Stage::ALL.iter().copied().collect(),
        "every stage can be reached"
    );
    eprintln!("tried {tried} steps, {taken} were taken");
    assert!(tried > 50_000 && taken > 1_000);
}

/// The side, stage and role rules, stated once more and independently of the case's own code path.
fn check_refusals(case: &Case, kind: StepKind, by: Option<&Actor>, result: &Result<(), &Refused>) {
    let from = kind.from(case.side());
    let may = match (kind.action(), by) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(action), Some(by)) => by.roles.iter().any(|r| action.permits_role(*r)),
    };
    match result {
        Ok(()) => assert!(
            from.contains(&case.stage()) && may,
            "{kind:?} at {:?}",
            case.stage()
        ),
        Err(Refused::WrongSide(_)) => assert!(from.is_empty()),
        Err(Refused::WrongStage { .. }) => assert!(!from.is_empty()),
        Err(Refused::NeedsPerson(_)) => assert!(by.is_none()),
        Err(Refused::NeedsRole { .. }) => assert!(!may),
        Err(other) => assert!(!other.to_string().is_empty()),
    }
}

fn replay_equals(case: &Case, events: &[Event], side: Side) {
    let file = CaseFile {
        format: 1,
        side,
        events: events.to_vec(),
    };
    let file = CaseFile::from_bytes(&file.to_bytes()).unwrap();
    assert_eq!(&Case::replay(&file).unwrap(), case);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever three people with every role and two accounts each do, in whatever order, nothing
    /// leaves that two of them do not stand behind, and the stored file always replays.
    #[test]
    fn no_sequence_of_steps_releases_without_two_people(
        urgent in any::<bool>(),
        owner in any::<bool>(),
        choices in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0usize..3, any::<bool>()), 1..80),
    ) {
        let walker = Walker::new();
        let base = if urgent { life_request(&FIELDS) } else { request(&FIELDS) };
        let side = if owner { Side::Owner } else { Side::Requester };
        let mut events = walker.start(side, &base);
        let mut case = Case::open(&events[0], &walker.setting()).unwrap();
        for (which, content, person, other_account) in choices {
            // Steps of the side only, so that walks go deep.
            let kinds: Vec<StepKind> = StepKind::ALL.iter().copied()
                .filter(|k| k.from(side).contains(&case.stage())).collect();
            if kinds.is_empty() { break; }
            let kind = *which.get(&kinds);
            let at = when(&case, kind, events.last().unwrap().at);
            let options = steps(&case, kind, at);
            let mut by = actor(["p0", "p1", "p2"][person], StaffRole::ALL);
            if other_account { by.account = "second@example".to_owned(); }
            let event = event(at, Some(by), content.get(&options).clone());
            let had = case.live();
            if case.act(&event, &walker.setting()).is_ok() {
                events.push(event);
                let newly = case.side() == Side::Owner && case.live().is_some() && case.live() != had;
                prop_assert!(!newly || released_by_two(&events));
                if case.side() == Side::Owner && case.answer().is_some() {
                    prop_assert!(events.iter().any(|e| e.step.kind() == StepKind::Leave));
                }
            }
        }
        replay_equals(&case, &events, side);
    }
}
