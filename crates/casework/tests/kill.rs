//! A node is killed before or after each of its commits; started again on what is stored, it ends where it
//! would have ended.

mod common;

use common::*;
use sanctuary_casework::{CaseStore, CaseworkError, Shelf};
use sanctuary_disclosure::RecallReason;
use sanctuary_policy::{Field, StaffRole};
use sanctuary_types::CaseId;
use std::sync::atomic::{AtomicI64, Ordering};

const WANTED: [Field; 2] = [Field::Risk, Field::Exploitation];

/// What people do, each as often as it takes; whoever comes back looks at the case first.
fn story(victim: &str, kill_at: i64, written: bool) -> (Vec<String>, bool) {
    let mut world = World::new(&["police", "charity"]);
    let alert = alert_between("police", "charity");
    let store = &mut world.agencies.get_mut(&id(victim)).unwrap().store;
    store.left = Some(AtomicI64::new(kill_at));
    store.written = written;
    let mut case: Option<CaseId> = None;
    for hour in 0..60 * 24 {
        if hour % 6 != 0 {
            continue;
        }
        let at = later(hour * HOUR_MS);
        for name in ["police", "charity"] {
            let _ = world.collect(name, at);
        }
        for name in ["police", "charity"] {
            let _ = world.deliver(name, at);
        }
        let known = world.at("police").store.list(Shelf::Case, &[]).unwrap();
        case = case.or_else(|| {
            known
                .first()
                .map(|(key, _)| CaseId(key.as_slice().try_into().unwrap()))
        });
        let Some(case) = case else {
            let analyst = actor("analyst", StaffRole::Analyst);
            let draft = request(alert, &WANTED, "words that survive");
            let _ = world.act("police", |w, _| w.confirm(&alert, &analyst, at));
            let _ = world.act("police", |w, r| w.draft(&draft, &officer(), at, r));
            continue;
        };
        let stage = |world: &World, name: &str| {
            let by = if name == "police" {
                officer()
            } else {
                releaser()
            };
            let view = world.at(name).work().case(&case, &by, at);
            view.map(|v| v.line.stage.word()).unwrap_or("none")
        };
        let (asks, owns) = (stage(&world, "police"), stage(&world, "charity"));
        let police = world.at("police").work().case(&case, &dpo(), at);
        let undestroyed = police.is_ok_and(|view| view.destroyed.is_none());
        let draft = partial(&WANTED, "SECRETVALUE");
        let done: Result<(), CaseworkError> = match (asks, owns) {
            ("draft", _) => world.act("police", |w, r| {
                w.authorise(&case, false, &inspector(), at, r)
            }),
            ("authorised", _) => world
                .act("police", |w, r| w.send(&case, &officer(), at, r))
                .map(|_| ()),
            (_, "sent") => world.act("charity", |w, r| w.acknowledge(&case, &releaser(), at, r)),
            (_, "acknowledged") => world
                .act("charity", |w, r| {
                    w.propose(&case, &draft, &releaser(), at, r)
                })
                .map(|_| ()),
            (_, "decided") => {
                let view = world
                    .at("charity")
                    .work()
                    .case(&case, &approver(), at)
                    .unwrap();
                let digest = view.proposal_digest.unwrap();
                world.act("charity", |w, r| {
                    w.approve(&case, &digest, &approver(), at, r)
                })
            }
            ("received", "received") => world.act("charity", |w, r| {
                w.recall(&case, RecallReason::Inaccurate, &dpo(), at, r)
            }),
            ("recalled", _) if undestroyed => world.act("police", |w, r| {
                w.confirm_destruction(&case, 0, &officer(), at, r)
            }),
            _ => Ok(()),
        };
        let _ = done;
        if world
            .at("charity")
            .work()
            .case(&case, &dpo(), at)
            .is_ok_and(|v| v.destroyed.is_some())
        {
            break;
        }
    }
    let case = case.unwrap();
    let mut out = Vec::new();
    for name in ["police", "charity"] {
        let view = world.at(name).work().case(&case, &dpo(), NOW).unwrap();
        out.extend(
            view.history
                .iter()
                .map(|line| format!("{name}: {}", line.what)),
        );
        out.push(format!("{name} {:?} {:?}", view.line.stage, view.destroyed));
        assert!(
            world.at(name).rules().is_empty(),
            "{:?}",
            world.at(name).rules()
        );
    }
    let left = world
        .at(victim)
        .store
        .left
        .as_ref()
        .unwrap()
        .load(Ordering::Relaxed);
    (out, left < 0)
}

#[test]
fn killed_around_every_commit_the_end_is_the_same() {
    for victim in ["police", "charity"] {
        let (whole, _) = story(victim, i64::MAX, false);
        assert!(
            whole.iter().any(|line| line.contains("Recalled Some(0)")),
            "{whole:?}"
        );
        let mut kills = 0;
        for at in 0.. {
            let mut reached = false;
            for written in [false, true] {
                let (end, was_killed) = story(victim, at, written);
                assert_eq!(end, whole, "{victim} killed at {at}, written {written}");
                reached |= was_killed;
            }
            if !reached {
                break;
            }
            kills += 1;
        }
        assert!(kills > 15, "{kills}");
    }
}
