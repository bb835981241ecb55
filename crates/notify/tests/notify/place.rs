//! A desk over rows in memory, and occasions.

use std::collections::{BTreeMap, BTreeSet};

use sanctuary_disclosure::PersonId;
use sanctuary_notify::{
    Desk, Digest, Kind, MailRules, MemoryNotices, Occasion, People, PortError, Settings, Subject,
    Told, WebhookRules,
};
use sanctuary_policy::{StaffRole, Urgency};
use sanctuary_types::{AlertId, Timestamp};

/// 2026-12-01 10:00 UTC, also in London.
pub const START: Timestamp = Timestamp(1_796_119_200_000);
pub const SECOND: u64 = 1_000;
pub const MINUTE: u64 = 60_000;
pub const HOUR: u64 = 3_600_000;
pub const DAY: u64 = 24 * HOUR;

pub fn after(ms: u64) -> Timestamp {
    Timestamp(START.0 + ms)
}

pub fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

/// Ann and Bob are analysts, Cy is an authoriser, Dee has no address.
pub struct Staff;

impl People for Staff {
    fn is_reachable(&self, person: &PersonId) -> Result<bool, PortError> {
        Ok(person.as_str() != "dee")
    }
    fn in_roles(&self, roles: &[StaffRole]) -> Result<Vec<PersonId>, PortError> {
        let of = |role: &StaffRole| match role {
            StaffRole::Analyst => vec![person("ann"), person("bob")],
            StaffRole::Authoriser => vec![person("cy")],
            _ => Vec::new(),
        };
        let all: BTreeSet<PersonId> = roles.iter().flat_map(of).collect();
        Ok(all.into_iter().collect())
    }
}

pub fn settings() -> Settings {
    Settings {
        public_url: Some("https://console.example".to_owned()),
        source: "https://console.example".to_owned(),
        webhooks: vec![WebhookRules {
            name: "desk".to_owned(),
            kinds: BTreeSet::new(),
        }],
        mail: Some(MailRules {
            digest: Digest::Hourly,
            quiet: None,
            zone: "Europe/London".parse().unwrap(),
            at_once: Urgency::UrgentSafeguarding,
            roles: BTreeSet::new(),
        }),
        syslog: false,
        words: BTreeMap::new(),
    }
}

pub struct Place {
    pub desk: Desk,
    pub store: MemoryNotices,
}

impl Place {
    pub fn new(settings: Settings) -> Self {
        let store = MemoryNotices::default();
        let desk = Desk::open(&store, settings, [7; 32], START).unwrap();
        Self { desk, store }
    }

    /// As after kill -9: only the rows are left.
    pub fn restarted(self, now: Timestamp) -> Self {
        let desk = Desk::open(&self.store, settings(), [7; 32], now).unwrap();
        Self { desk, ..self }
    }

    pub fn tell(&self, occasions: Vec<Occasion>, now: Timestamp) -> Told {
        let told = self.desk.tell(&self.store, &Staff, occasions, now);
        told.unwrap()
    }
}

pub fn alert(n: u16) -> Subject {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&n.to_be_bytes());
    Subject::Match(AlertId(id))
}

/// A routine possible match of nobody's.
pub fn possible(n: u16, turn: u64, since: Timestamp) -> Occasion {
    Occasion {
        kind: Kind::PossibleMatch,
        subject: alert(n),
        turn,
        since,
        urgency: Urgency::Routine,
        person: None,
        roles: vec![StaffRole::Analyst],
        but_not: Vec::new(),
    }
}
