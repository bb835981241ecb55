//! What waits for people at this node, read from its stores: the queue, the cases, the feeds, the ledger.

use std::{fs, path::PathBuf, time::UNIX_EPOCH};

use sanctuary_casework::{Overdue, WaitingCase};
use sanctuary_disclosure::{Side, Stage};
use sanctuary_node_core::NodeError;
use sanctuary_notify::{Kind, Occasion, Subject};
use sanctuary_policy::{StaffRole, Urgency};
use sanctuary_review::{State, Waiting};
use sanctuary_types::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::{FeedConfig, FeedSource, Node};

use StaffRole::{
    Administrator as AD, Analyst as AN, Authoriser as AU, DataProtectionOfficer as DP,
    IntelligenceOfficer as IO, Releaser as RE, SecondApprover as SA,
};

/// Files of one feed that were not taken and are told.
const FILES_MAX: usize = 1_000;

impl Node {
    /// Everything that waits for somebody now. Blocks.
    pub(super) fn occasions(
        &self,
        feeds: &[FeedOf],
        now: Timestamp,
    ) -> Result<Vec<Occasion>, NodeError> {
        let mut occasions = Vec::new();
        for item in self.inner.review.waiting() {
            of_item(&item, now, &mut occasions);
        }
        if self.agreement().is_some() {
            let cases = self.look_at_cases(|casework| casework.waiting(now));
            let cases = cases.map_err(|error| NodeError::Case(error.to_string()))?;
            for case in &cases {
                of_case(case, now, &mut occasions);
            }
        }
        for feed in feeds {
            feed.rejected(&mut occasions)?;
        }
        let ledger = self.ledger().status()?;
        if !ledger.alarm().is_empty() {
            // A new fork, a broken promise more, or another silence is another alarm.
            let silent = if ledger.silent_ms > 0 {
                ledger.checkpoint_ms
            } else {
                0
            };
            let turn = [ledger.forks, ledger.broken_promises, ledger.refused, silent];
            occasions.push(Occasion {
                kind: Kind::Ledger,
                subject: Subject::Ledger,
                turn: turn_of(&turn.map(u64::to_be_bytes).concat()),
                since: now,
                urgency: Urgency::TimeCritical,
                person: None,
                roles: vec![DP, AD],
                but_not: Vec::new(),
            });
        }
        Ok(occasions)
    }
}

fn of_item(item: &Waiting, now: Timestamp, occasions: &mut Vec<Occasion>) {
    let may_answer = item.assignee.clone().filter(|p| !item.answered.contains(p));
    let (kind, person, roles) = match item.state {
        State::New | State::Assigned => (Kind::PossibleMatch, item.assignee.clone(), vec![AN, IO]),
        State::SecondReviewer => (Kind::SecondReviewer, may_answer, vec![AN, IO]),
        State::Supervisor => (Kind::Supervisor, None, vec![AU]),
        State::Disputed => (Kind::Disputed, item.assignee.clone(), vec![AN, IO]),
        _ => return,
    };
    let waits = Occasion {
        kind,
        subject: Subject::Match(item.alert),
        turn: item.due.0,
        since: item.since,
        urgency: item.urgency,
        person,
        roles,
        but_not: item.answered.clone(),
    };
    clock(&waits, item.since, item.due, &[AU], now, occasions);
    occasions.push(waits);
}

fn of_case(case: &WaitingCase, now: Timestamp, occasions: &mut Vec<Occasion>) {
    let told = match (case.side, case.stage) {
        (Side::Owner, Stage::Sent) => Some((Kind::Request, None, vec![RE])),
        (Side::Owner, Stage::Acknowledged) if case.replied => Some((Kind::Reply, None, vec![RE])),
        (Side::Owner, Stage::Decided) => Some((Kind::Approval, None, vec![SA])),
        (Side::Owner, Stage::Review) => Some((Kind::RefusalReview, None, vec![AU, DP])),
        (Side::Requester, Stage::Clarification) => {
            Some((Kind::Question, case.asker.clone(), vec![IO]))
        }
        (Side::Requester, Stage::Received) => Some((Kind::Answer, case.asker.clone(), vec![IO])),
        (Side::Requester, Stage::Recalled | Stage::Corrected) => {
            Some((Kind::TakenBack, case.asker.clone(), vec![IO]))
        }
        _ => None,
    };
    let occasion = |kind, person, roles, turn| Occasion {
        kind,
        subject: Subject::Case(case.case),
        turn,
        since: case.since,
        urgency: case.urgency,
        person,
        roles,
        but_not: case.proposer.iter().cloned().collect(),
    };
    if let Some((kind, person, roles)) = told {
        occasions.push(occasion(kind, person, roles, u64::from(case.steps)));
    }
    if let Some((from, due)) = case.clock {
        let owed = occasion(Kind::DueSoon, None, vec![RE, SA], due.0);
        clock(&owed, from, due, &[], now, occasions);
    }
    for overdue in &case.overdue {
        let roles = match overdue {
            Overdue::Acknowledgement | Overdue::Answer if case.side == Side::Requester => vec![IO],
            Overdue::Acknowledgement | Overdue::Answer => vec![RE, AU],
            Overdue::RefusalReview | Overdue::UrgencyReview => vec![AU, DP],
            Overdue::Destruction => vec![IO, DP],
        };
        occasions.push(occasion(Kind::Overdue, None, roles, *overdue as u64));
    }
}

/// In the last quarter of its time something is due soon; past it, `supervisors` are told.
fn clock(
    waits: &Occasion,
    from: Timestamp,
    due: Timestamp,
    supervisors: &[StaffRole],
    now: Timestamp,
    occasions: &mut Vec<Occasion>,
) {
    let soon = Timestamp(due.0 - due.0.saturating_sub(from.0) / 4);
    if (soon..due).contains(&now) {
        occasions.push(Occasion {
            kind: Kind::DueSoon,
            turn: due.0,
            since: soon,
            ..waits.clone()
        });
    }
    if now >= due && !supervisors.is_empty() {
        occasions.push(Occasion {
            kind: Kind::Overdue,
            turn: due.0,
            since: due,
            person: None,
            roles: supervisors.to_vec(),
            ..waits.clone()
        });
    }
}

/// A feed, and where the files lie that were not taken.
#[derive(Clone, Debug)]
pub(super) struct FeedOf {
    name: String,
    rejected: PathBuf,
}

impl FeedOf {
    /// None for a feed without a folder.
    pub(super) fn of(config: &FeedConfig) -> Option<Self> {
        let FeedSource::Folder(folder) = &config.source else {
            return None;
        };
        Some(Self {
            name: config.name.to_string(),
            rejected: folder.path.join("rejected"),
        })
    }

    /// Files that were not taken, as their summaries say. A share that is away tells nothing now.
    fn rejected(&self, occasions: &mut Vec<Occasion>) -> Result<(), NodeError> {
        let Ok(entries) = fs::read_dir(&self.rejected) else {
            return Ok(());
        };
        let summaries = entries.flatten().filter(|entry| {
            let name = entry.file_name();
            name.to_string_lossy().ends_with(".summary.json")
        });
        for entry in summaries.take(FILES_MAX) {
            let modified = entry.metadata().and_then(|m| m.modified())?;
            let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
            occasions.push(Occasion {
                kind: Kind::Feed,
                subject: Subject::Feed(self.name.clone()),
                // The name of a file may be a person's: only this number of it is kept.
                turn: turn_of(entry.file_name().as_encoded_bytes()),
                since: Timestamp(u64::try_from(since.as_millis()).unwrap_or_default()),
                urgency: Urgency::TimeCritical,
                person: None,
                roles: vec![AD],
                but_not: Vec::new(),
            });
        }
        Ok(())
    }
}

fn turn_of(bytes: &[u8]) -> u64 {
    let hash = Sha256::digest(bytes);
    let first: [u8; 8] = hash.first_chunk::<8>().copied().unwrap_or_default();
    u64::from_be_bytes(first)
}
