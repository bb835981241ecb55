//! How long a page of the queue takes at 50,000 possible matches: filters, counts, names of own records and
//! the log's note included, all on a real node's disk; then the same as pages of the console over HTTP, with what they
//! weigh. Prints p50 and p95 of filters and of paging, and the weight of the first load and after. Fails above the
//! promised weight; times are of this machine and only printed.
//!
//! `SANCTUARY_QUEUE=50000 cargo test -p sanctuary-node --bench queue`, or `cargo bench` for optimised code.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod asked;
#[path = "../tests/town/mod.rs"]
mod town;

use std::time::{Duration, Instant};

use sanctuary_node::Node;
use sanctuary_node_core::{
    Mapping, StoredAlert,
    ports::{AlertCommit, NodeStore},
};
use sanctuary_policy::StaffRole;
use sanctuary_review::{Actor, Answer, Assign, Cursor, Decide, Filter, ListRequest, Reason, State};
use sanctuary_rpc::now;
use sanctuary_types::{
    AlertId, AlertKind, AlertState, Band, Evidence, EvidenceKind, Outcome, Pseudonym, Role, Roles,
    Strength, Timestamp,
};
use town::{MAPPING, Town};

const OWN_RECORDS: usize = 500;
const AGENCIES: u32 = 12;

fn actor(name: &str, role: StaffRole) -> Actor {
    Actor {
        person: name.parse().unwrap(),
        account: name.to_owned(),
        session: format!("session of {name}"),
        roles: vec![role],
    }
}

fn alert(number: u32, own: &Pseudonym) -> StoredAlert {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
    id[4..8].copy_from_slice(&number.to_be_bytes());
    let line = |kind| Evidence {
        kind,
        outcome: Outcome::Agreed,
        strength: Strength::Strong,
    };
    StoredAlert {
        alert_id: AlertId(id),
        version: 1,
        kind: match number % 40 {
            0 => AlertKind::VictimIsSuspect,
            1..=5 => AlertKind::SharedIdentifier,
            _ => AlertKind::SamePerson,
        },
        band: if number.is_multiple_of(3) {
            Band::Strong
        } else {
            Band::Likely
        },
        state: AlertState::Open,
        own: *own,
        other_agency: format!("agency-{}", number % AGENCIES).parse().unwrap(),
        other_roles: Roles::default().with(Role::PotentialVictim),
        other_is_child: number.is_multiple_of(9),
        evidence: vec![
            line(EvidenceKind::Name),
            line(EvidenceKind::DateOfBirth),
            line(EvidenceKind::Place),
            line(EvidenceKind::Rarity),
        ],
        cluster: String::new(),
        cluster_agencies: Vec::new(),
        safeguarding_first: number.is_multiple_of(40),
        raised: Timestamp(u64::from(number)),
        may_release: false,
    }
}

fn main() {
    let size: u32 = std::env::var("SANCTUARY_QUEUE")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(50_000);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let town = runtime.block_on(Town::start(&[]));
    let node = runtime.block_on(town.node());
    fill(&town, &node, size);
    let started = Instant::now();
    node.catch_up_review().unwrap();
    println!("queue of {size}: taken in within {:.1?}", started.elapsed());
    work(&node);
    drop(node);
    let started = Instant::now();
    let node = runtime.block_on(town.node());
    println!("opened again within {:.1?}", started.elapsed());
    let slowest = measure(&node);
    println!("slowest filter p95 {slowest:.1?}; docs/review.md promises 50 ms");
    asked::measure(&runtime, &node);
}

fn fill(town: &Town, node: &Node, size: u32) {
    let mapping = Mapping::parse(MAPPING).unwrap();
    let people = town.people("people.csv", 0, OWN_RECORDS);
    node.import_file(&people, &mapping, &mut |_| {}).unwrap();
    let mut own = Vec::new();
    node.store()
        .for_each_record(&mut |record| {
            own.push(record.pseudonym);
            Ok(())
        })
        .unwrap();
    let numbers: Vec<u32> = (0..size).collect();
    for part in numbers.chunks(1_000) {
        let of = |n: &u32| alert(*n, &own[*n as usize % own.len()]);
        let alerts = part.iter().map(of).collect();
        let commit = AlertCommit { alerts, cursor: 1 };
        node.store().commit_alerts(commit).unwrap();
    }
}

/// Some of it is given out and decided, as in life.
fn work(node: &Node) {
    let (ann, sam) = (
        actor("ann", StaffRole::Analyst),
        actor("sam", StaffRole::Authoriser),
    );
    let review = node.review();
    let request = ListRequest {
        limit: 200,
        ..ListRequest::default()
    };
    let page = review.list(&request, &ann, now()).unwrap();
    let mut decided = Vec::new();
    for line in &page.lines {
        let decide = Decide {
            alert: line.alert,
            version: line.version,
            answer: Answer::CannotTell,
            reason: Reason::TooLittle,
            note: None,
        };
        let started = Instant::now();
        review.decide(&decide, &ann, now()).unwrap();
        decided.push(started.elapsed());
    }
    tell("one decision, logged and flushed", &mut decided);
    // People of the register are assigned to; the bench has none, so work is only taken back.
    let none = Assign {
        alerts: Vec::new(),
        to: None,
    };
    review.assign(&none, &sam, now()).unwrap();
}

fn measure(node: &Node) -> Duration {
    let ann = actor("ann", StaffRole::Analyst);
    let named = |number: u32| vec![format!("agency-{number}").parse().unwrap()];
    let filters = [
        ("everything", Filter::default()),
        ("to do", Filter::to_do()),
        (
            "unassigned, to do",
            Filter {
                unassigned: true,
                ..Filter::to_do()
            },
        ),
        (
            "children",
            Filter {
                child: true,
                ..Filter::default()
            },
        ),
        (
            "victim is suspect",
            Filter {
                kinds: vec![AlertKind::VictimIsSuspect],
                ..Filter::default()
            },
        ),
        (
            "strong, one agency",
            Filter {
                bands: vec![Band::Strong],
                agencies: named(3),
                ..Filter::to_do()
            },
        ),
        (
            "overdue",
            Filter {
                overdue: true,
                ..Filter::default()
            },
        ),
        (
            "nothing at all",
            Filter {
                states: vec![State::Sent],
                ..Filter::default()
            },
        ),
    ];
    let mut slowest = Duration::ZERO;
    let mut all = Vec::new();
    for (name, filter) in filters {
        let mut times = Vec::new();
        let mut cursor: Option<Cursor> = None;
        for _ in 0..50 {
            let request = ListRequest {
                filter: filter.clone(),
                cursor,
                ..ListRequest::default()
            };
            let started = Instant::now();
            let page = node.review().list(&request, &ann, now()).unwrap();
            times.push(started.elapsed());
            if request.cursor.is_none() {
                assert_eq!(page.lines.len(), page.total.min(25));
            }
            // Deeper each time, then from the front again.
            cursor = page.next;
        }
        all.extend_from_slice(&times);
        slowest = slowest.max(tell(name, &mut times));
    }
    tell("all filters and pages", &mut all);
    slowest
}

/// Prints p50 and p95, gives p95.
fn tell(name: &str, times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    println!("{name:<36} p50 {:>8.2?}  p95 {:>8.2?}", at(50), at(95));
    at(95)
}
