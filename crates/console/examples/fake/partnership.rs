//! Two agencies in memory with the real cores in them, and a hub that carries what they give it at once.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use rand::{SeedableRng, rngs::StdRng};
use sanctuary_casework::{
    AlertFacts as CaseAlert, Alerts, Casework, CaseworkError, Directory, MemoryCaseStore, Outgoing,
    Parcel, PortError, Ports, Records as CaseRecords, Salts, SharedTokens,
};
use sanctuary_disclosure::{PersonId, ReachFacts, Text};
use sanctuary_envelope::KeyAnnouncement;
use sanctuary_ledger::{EntryId, MemoryActs};
use sanctuary_policy::{Action, Agreement, Field, SignedAgreement};
use sanctuary_review::{
    Desk, MemoryReviewStore, OwnLine, OwnRecord, People, Ports as ReviewPorts, Records, Review,
    Rules,
};
use sanctuary_staff::{MemoryStaff, Register};
use sanctuary_trust::SigningKey;
use sanctuary_types::{
    AlertId, AlertState, Epoch, Evidence, EvidenceKind, IdentifierKind, Outcome, PartyId,
    Pseudonym, Strength, Timestamp,
};

use crate::records::Person;

const EXAMPLE: &str = include_str!("../../../../deploy/agreement/example.toml");
/// 1 December 2026, 10:10am: pictures look the same on every day.
const START: Timestamp = Timestamp(1_796_119_800_000);

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The time of the whole partnership; the tests move it on.
pub struct Clock {
    began: Instant,
    added_ms: AtomicU64,
}

impl Clock {
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            added_ms: AtomicU64::new(0),
        }
    }
    pub fn now(&self) -> Timestamp {
        let ran = u64::try_from(self.began.elapsed().as_millis()).unwrap_or_default();
        Timestamp(START.0 + ran + self.added_ms.load(Ordering::Relaxed))
    }
    pub fn later(&self, ms: u64) {
        self.added_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

/// What the hub holds, and whether it answers.
#[derive(Default)]
pub struct Hub {
    mail: Mutex<Vec<Parcel>>,
    keys: Mutex<Vec<KeyAnnouncement>>,
    pub away: AtomicBool,
}

pub struct Agency {
    pub own: PartyId,
    pub clock: Arc<Clock>,
    pub hub: Arc<Hub>,
    pub agreement: Agreement,
    pub acts: MemoryActs,
    pub staff: Register<MemoryStaff>,
    pub people: BTreeMap<Pseudonym, Person>,
    /// Possible matches as the review has them.
    pub alerts: Vec<sanctuary_review::AlertFacts>,
    signing: SigningKey,
    keys: BTreeMap<PartyId, [u8; 32]>,
    /// Drafts, habits, and the states that are switched on.
    pub kept: Mutex<crate::office::Kept>,
    cases: MemoryCaseStore,
    matches: MemoryReviewStore,
    desk: Desk,
    rng: Mutex<StdRng>,
}

impl Agency {
    pub fn review(&self) -> Review<'_> {
        let ports = ReviewPorts {
            store: &self.matches,
            acts: &self.acts,
            people: self,
            records: self,
        };
        Review::new(&self.desk, ports)
    }

    pub fn cases(&self) -> Casework<'_> {
        Casework::new(Ports {
            store: &self.cases,
            alerts: self,
            records: self,
            directory: self,
            acts: &self.acts,
            salts: self,
        })
    }

    pub fn rng(&self) -> MutexGuard<'_, StdRng> {
        lock(&self.rng)
    }

    /// Sends what waits, takes what came.
    pub fn carry(&self) -> Result<(), CaseworkError> {
        if self.hub.away.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (now, cases) = (self.clock.now(), self.cases());
        cases.tick(now, &mut *self.rng())?;
        for (place, outgoing) in cases.outbox(100)? {
            match outgoing {
                Outgoing::Parcel(parcel) => lock(&self.hub.mail).push(parcel),
                Outgoing::Announce(key) => lock(&self.hub.keys).push(key),
                Outgoing::Tick(_) => {}
            }
            cases.sent_out(place)?;
        }
        for key in lock(&self.hub.keys).iter() {
            // Its own, or one that is known already.
            let _ = cases.learn_key(key, now);
        }
        loop {
            let parcel = {
                let mut mail = lock(&self.hub.mail);
                let place = mail.iter().position(|p| p.to == self.own);
                place.map(|place| mail.remove(place))
            };
            let Some(parcel) = parcel else { break };
            cases.receive(&parcel, now, &mut *self.rng())?;
        }
        self.tell(now);
        Ok(())
    }

    /// The hub tells of a possible match again: the same, or with one more kind of evidence.
    pub fn hear_again(&self, id: &AlertId, more: bool) -> anyhow::Result<()> {
        let (review, now) = (self.review(), self.clock.now());
        let facts = self.alerts.iter().find(|a| a.id == *id);
        let mut facts = facts
            .ok_or_else(|| anyhow::anyhow!("no such possible match"))?
            .clone();
        // The hub's versions go on; the first news after this agency's answer says the same as it.
        facts.version += if more { 20 } else { 10 };
        if more {
            facts.evidence.push(Evidence {
                kind: EvidenceKind::Identifier(IdentifierKind::Email),
                outcome: Outcome::Agreed,
                strength: Strength::VeryStrong,
            });
        } else {
            facts.hub = AlertState::NotTheSame;
        }
        review.hear(vec![facts], now)?;
        Ok(())
    }

    /// Tells the hub what was decided and cannot be undone any more.
    fn tell(&self, now: Timestamp) {
        let review = self.review();
        for send in review.to_send(now, 100).unwrap_or_default() {
            let _ = review.sent(&send.alert, send.version, send.alert_version + 1, now);
        }
    }
}

impl Alerts for Agency {
    fn alert(&self, id: &AlertId) -> Result<Option<CaseAlert>, PortError> {
        let found = self.alerts.iter().find(|a| a.id == *id);
        Ok(found.map(|facts| CaseAlert {
            id: facts.id,
            version: facts.version,
            kind: facts.kind,
            stands: !matches!(facts.hub, AlertState::NotTheSame | AlertState::Lapsed),
            own: facts.own,
            other: facts.other.clone(),
            own_roles: facts.own_roles,
            other_roles: facts.other_roles,
            child: facts.child,
        }))
    }
    fn of_record(&self, own: &Pseudonym) -> Result<Vec<CaseAlert>, PortError> {
        let of = self.alerts.iter().filter(|a| a.own == *own);
        let mut found = Vec::new();
        for facts in of {
            found.extend(self.alert(&facts.id)?);
        }
        Ok(found)
    }
    fn shared(&self, id: &AlertId) -> Result<SharedTokens, PortError> {
        let facts = self.alerts.iter().find(|a| a.id == *id);
        let facts = facts.ok_or_else(|| PortError::Unavailable("unknown".to_owned()))?;
        Ok(SharedTokens {
            epoch: Epoch(3),
            other: facts.other.clone(),
            secrets: vec![[1; 32].into(), [id.0[0]; 32].into()],
        })
    }
}

impl CaseRecords for Agency {
    fn find(&self, reference: &str) -> Result<Option<Pseudonym>, PortError> {
        let found = self.people.iter().find(|(_, p)| p.reference == reference);
        Ok(found.map(|(id, _)| *id))
    }
    fn items(
        &self,
        record: &Pseudonym,
        fields: &[Field],
    ) -> Result<BTreeMap<Field, Text>, PortError> {
        let person = self.people.get(record);
        Ok(person.map(|p| p.items(fields)).unwrap_or_default())
    }
    fn reach(&self, _: &Pseudonym) -> Result<ReachFacts, PortError> {
        Ok(ReachFacts::default())
    }
    fn erase(&self, _: &Pseudonym) -> Result<bool, PortError> {
        Err(PortError::Unavailable("nothing is erased here".to_owned()))
    }
}

impl Directory for Agency {
    fn own(&self) -> &PartyId {
        &self.own
    }
    fn signing(&self) -> &SigningKey {
        &self.signing
    }
    fn agency_key(&self, agency: &PartyId) -> Option<[u8; 32]> {
        self.keys.get(agency).copied()
    }
    fn agreement(&self) -> Result<Agreement, PortError> {
        Ok(self.agreement.clone())
    }
}

impl Salts for Agency {
    fn erase(&self, _: &EntryId) -> Result<(), PortError> {
        Ok(())
    }
}

impl People for Agency {
    fn name(&self, person: &PersonId) -> Result<Option<String>, sanctuary_review::PortError> {
        let down = |_| sanctuary_review::PortError::Unavailable("no register".to_owned());
        self.staff.name_of(person).map_err(down)
    }
    fn may_review(&self, person: &PersonId) -> Result<bool, sanctuary_review::PortError> {
        let down = |_| sanctuary_review::PortError::Unavailable("no register".to_owned());
        let roles = self.staff.roles_of(person).map_err(down)?;
        Ok(Action::DecideAlert.permits_any(&roles))
    }
}

impl Records for Agency {
    fn line(&self, own: &Pseudonym) -> Result<Option<OwnLine>, sanctuary_review::PortError> {
        Ok(self.people.get(own).map(Person::line))
    }
    fn record(
        &self,
        own: &Pseudonym,
        _: Timestamp,
    ) -> Result<Option<OwnRecord>, sanctuary_review::PortError> {
        Ok(self.people.get(own).map(Person::record))
    }
}

/// The agreement of the sample, in force at the time of the clock.
fn agreement() -> anyhow::Result<Agreement> {
    Ok(SignedAgreement::from_toml(EXAMPLE)?.proposal().clone())
}

/// Agencies of these names, with nobody and nothing in them.
pub fn found(names: &[&str], clock: &Arc<Clock>) -> anyhow::Result<Vec<Agency>> {
    let mut rng = StdRng::from_seed([7; 32]);
    let hub = Arc::new(Hub::default());
    let mut signing = Vec::new();
    for name in names {
        signing.push((name.parse::<PartyId>()?, SigningKey::generate(&mut rng)?));
    }
    let keys: BTreeMap<PartyId, [u8; 32]> = signing
        .iter()
        .map(|(id, key)| (id.clone(), key.public()))
        .collect();
    let mut agencies = Vec::new();
    for (number, (own, signing)) in signing.into_iter().enumerate() {
        let matches = MemoryReviewStore::default();
        let rules = Rules {
            recheck_per_mille: 400,
            ..Rules::default()
        };
        agencies.push(Agency {
            desk: Desk::open(&matches, rules, [9; 32])?,
            matches,
            staff: Register::new(MemoryStaff::default(), own.as_str()),
            own,
            clock: Arc::clone(clock),
            hub: Arc::clone(&hub),
            agreement: agreement()?,
            acts: MemoryActs::default(),
            people: BTreeMap::new(),
            alerts: Vec::new(),
            signing,
            keys: keys.clone(),
            kept: Mutex::default(),
            cases: MemoryCaseStore::default(),
            rng: Mutex::new(StdRng::from_seed([number as u8; 32])),
        });
    }
    Ok(agencies)
}
