//! One agency: analysts ann and bob, intelligence officer ivy, supervisor sam, administrator ada.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_ledger::{Act, Acts, EntryId, EntryKind, NotLogged, Promise};
use sanctuary_policy::StaffRole;
use sanctuary_review::{
    Actor, AlertFacts, Answer, Decide, Desk, Heard, Item, MemoryReviewStore, OwnDetail, OwnLine,
    OwnRecord, People, PersonId, PortError, Ports, Reason, Records, Review, ReviewError,
    ReviewStore, Rules, Saved, State, Text, suite,
};
use sanctuary_types::{
    AlertId, AlertKind, AlertState, Band, Evidence, EvidenceKind, Outcome, Pseudonym, Role, Roles,
    Strength, Timestamp,
};

pub const MINUTE: u64 = 60_000;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;
/// 1 December 2026.
pub const START: Timestamp = Timestamp(20_788 * DAY);

pub fn at(after: u64) -> Timestamp {
    Timestamp(START.0 + after)
}

pub fn id(number: u8) -> AlertId {
    AlertId([number; 16])
}

pub fn person(name: &str) -> PersonId {
    name.parse().unwrap()
}

#[derive(Default)]
pub struct Log {
    pub acts: Mutex<Vec<(EntryKind, String)>>,
    pub is_down: AtomicBool,
}

impl Acts for Log {
    fn log(&self, _: Act) -> Result<Promise, NotLogged> {
        panic!("the core only notes; what leaves is promised by the node")
    }
    fn note(&self, act: Act) -> Result<EntryId, NotLogged> {
        if self.is_down.load(Ordering::Relaxed) {
            return Err(NotLogged("the disk is full".to_owned()));
        }
        let content = String::from_utf8(act.content).unwrap();
        self.acts.lock().unwrap().push((act.kind, content));
        Ok(EntryId([0; 16]))
    }
}

pub struct Staff(BTreeMap<PersonId, Vec<StaffRole>>);

impl People for Staff {
    fn name(&self, person: &PersonId) -> Result<Option<String>, PortError> {
        let known = self.0.contains_key(person);
        Ok(known.then(|| format!("{} of police", person.as_str())))
    }
    fn may_review(&self, person: &PersonId) -> Result<bool, PortError> {
        let roles = self.0.get(person).cloned().unwrap_or_default();
        Ok(sanctuary_policy::Action::DecideAlert.permits_any(&roles))
    }
}

pub struct Shelf;

impl Records for Shelf {
    fn line(&self, own: &Pseudonym) -> Result<Option<OwnLine>, PortError> {
        Ok(Some(OwnLine {
            reference: format!("r{}", own.0[0]),
            short_name: "A. Haddad".to_owned(),
        }))
    }
    fn record(&self, own: &Pseudonym, _: Timestamp) -> Result<Option<OwnRecord>, PortError> {
        Ok(Some(OwnRecord {
            reference: format!("r{}", own.0[0]),
            names: "Amal Haddad".to_owned(),
            short_name: "A. Haddad".to_owned(),
            roles: vec![Role::PotentialVictim],
            child: Some(false),
            details: vec![OwnDetail {
                label: "Date of birth".to_owned(),
                value: "3 May 1999".to_owned(),
            }],
            address_held: true,
        }))
    }
}

pub struct World {
    pub store: MemoryReviewStore,
    pub desk: Desk,
    pub log: Log,
    pub staff: Staff,
}

impl World {
    pub fn new() -> Self {
        Self::with(Rules {
            recheck_per_mille: 0,
            ..Rules::default()
        })
    }

    pub fn with(rules: Rules) -> Self {
        use StaffRole::{Administrator, Analyst, Authoriser, IntelligenceOfficer};
        let store = MemoryReviewStore::default();
        let staff = [
            ("ann", Analyst),
            ("bob", Analyst),
            ("ivy", IntelligenceOfficer),
            ("sam", Authoriser),
            ("ada", Administrator),
        ];
        let staff = staff.map(|(name, role)| (person(name), vec![role]));
        Self {
            desk: Desk::open(&store, rules, [7; 32]).unwrap(),
            store,
            log: Log::default(),
            staff: Staff(staff.into_iter().collect()),
        }
    }

    /// The node stops and starts again: only what is stored is left.
    pub fn restart(&mut self) {
        self.desk = Desk::open(&self.store, self.desk.rules(), [7; 32]).unwrap();
    }

    pub fn review(&self) -> Review<'_> {
        Review::new(
            &self.desk,
            Ports {
                store: &self.store,
                acts: &self.log,
                people: &self.staff,
                records: &Shelf,
            },
        )
    }

    pub fn actor(&self, name: &str) -> Actor {
        Actor {
            person: person(name),
            account: name.to_owned(),
            session: format!("session of {name}"),
            roles: self.staff.0.get(&person(name)).cloned().unwrap_or_default(),
        }
    }

    pub fn hear(&self, facts: AlertFacts, now: Timestamp) -> Heard {
        self.review().hear(vec![facts], now).unwrap()
    }

    pub fn item(&self, number: u8) -> Item {
        self.store.item(&id(number)).unwrap().unwrap()
    }

    pub fn state(&self, number: u8) -> State {
        self.item(number).state
    }

    pub fn try_decide(
        &self,
        number: u8,
        name: &str,
        answer: Answer,
        now: Timestamp,
    ) -> Result<Saved, ReviewError> {
        let decide = decide(number, self.item(number).version, answer);
        self.review().decide(&decide, &self.actor(name), now)
    }

    pub fn decide(&self, number: u8, name: &str, answer: Answer, now: Timestamp) -> Saved {
        self.try_decide(number, name, answer, now).unwrap()
    }

    /// As the node's sender does it, with a hub that gives `version`.
    pub fn send(&self, version: u32, now: Timestamp) -> usize {
        let sends = self.review().to_send(now, 100).unwrap();
        for send in &sends {
            let sent = self.review().sent(&send.alert, send.version, version, now);
            sent.unwrap();
        }
        sends.len()
    }
}

pub fn decide(number: u8, version: u32, answer: Answer) -> Decide {
    Decide {
        alert: id(number),
        version,
        answer,
        reason: Reason::of(answer).next().unwrap(),
        note: Some(Text::new("seen in the file").unwrap()),
    }
}

/// Facts of an alert with the council: names agree.
pub fn facts(number: u8) -> AlertFacts {
    let mut facts = suite::facts(number, "council".parse().unwrap());
    facts.own_roles = Roles::default().with(Role::PotentialVictim);
    agree(&mut facts, EvidenceKind::Name);
    facts
}

pub fn agree(facts: &mut AlertFacts, kind: EvidenceKind) {
    facts.evidence.push(Evidence {
        kind,
        outcome: Outcome::Agreed,
        strength: Strength::Strong,
    });
}

pub fn suspect(number: u8) -> AlertFacts {
    AlertFacts {
        kind: AlertKind::VictimIsSuspect,
        band: Band::Strong,
        safeguarding_first: true,
        ..facts(number)
    }
}

/// The same alert, later.
pub fn later(facts: &AlertFacts, version: u32, hub: AlertState) -> AlertFacts {
    AlertFacts {
        version,
        hub,
        ..facts.clone()
    }
}
