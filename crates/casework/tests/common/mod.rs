//! Agencies in memory and a hub that carries what they give it, or what a test makes of it.
#![allow(dead_code)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
    sync::atomic::{AtomicI64, Ordering},
};

use rand::{SeedableRng, rngs::StdRng};
use sanctuary_casework::{
    Actor, AlertFacts, Alerts, CaseStore, Casework, CaseworkError, Change, Directory,
    MemoryCaseStore, Outgoing, Parcel, PortError, Ports, ProposalDraft, Received, Records,
    ReportDraft, RequestDraft, Salts, SharedTokens, Shelf, Value,
};
use sanctuary_disclosure::{
    Call, ContactCard, ContactFirst, Handling, InformationGrade, Item, Onward, ReachFacts,
    SourceGrade, Text, Verdict, Views, Wanted,
};
use sanctuary_envelope::KeyAnnouncement;
use sanctuary_ledger::{EntryId, MemoryActs};
use sanctuary_policy::{
    Agreement, ContactRole, Field, Gateway, Purpose, SignedAgreement, StaffRole, Urgency,
};
use sanctuary_trust::SigningKey;
use sanctuary_types::{
    AlertId, AlertKind, CaseId, Epoch, PartyId, Pseudonym, Role, Roles, Timestamp,
};

pub const NOW: Timestamp = Timestamp(1_795_478_400_000);
pub const HOUR_MS: u64 = 3_600_000;
pub const DAY_MS: u64 = 24 * HOUR_MS;
const EXAMPLE: &str = include_str!("../../../../deploy/agreement/example.toml");

pub fn id(text: &str) -> PartyId {
    text.parse().unwrap()
}
pub fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}
pub fn later(ms: u64) -> Timestamp {
    Timestamp(NOW.0 + ms)
}
pub fn actor(person: &str, role: StaffRole) -> Actor {
    Actor {
        person: person.parse().unwrap(),
        account: format!("{person}@example"),
        session: format!("session of {person}"),
        roles: vec![role],
    }
}
pub fn officer() -> Actor {
    actor("officer", StaffRole::IntelligenceOfficer)
}
pub fn inspector() -> Actor {
    actor("inspector", StaffRole::Authoriser)
}
pub fn releaser() -> Actor {
    actor("releaser", StaffRole::Releaser)
}
pub fn approver() -> Actor {
    actor("approver", StaffRole::SecondApprover)
}
pub fn dpo() -> Actor {
    actor("dpo", StaffRole::DataProtectionOfficer)
}

/// A store that stops as a killed program does: before or after a chosen commit.
#[derive(Default)]
pub struct Store {
    pub rows: MemoryCaseStore,
    /// Commits until it is killed; below nothing = never.
    pub left: Option<AtomicI64>,
    pub written: bool,
}

impl CaseStore for Store {
    fn get(&self, shelf: Shelf, key: &[u8]) -> Result<Option<Value>, PortError> {
        self.rows.get(shelf, key)
    }
    fn list(&self, shelf: Shelf, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Value)>, PortError> {
        self.rows.list(shelf, prefix)
    }
    fn commit(&self, changes: Vec<Change>) -> Result<(), PortError> {
        let killed = || PortError::Unavailable("killed".to_owned());
        let left = self
            .left
            .as_ref()
            .map(|l| l.fetch_sub(1, Ordering::Relaxed));
        if left == Some(0) {
            if self.written {
                self.rows.commit(changes)?;
            }
            return Err(killed());
        }
        self.rows.commit(changes)
    }
}

pub struct Outside {
    own: PartyId,
    signing: SigningKey,
    keys: BTreeMap<PartyId, [u8; 32]>,
    pub agreement: Mutex<Agreement>,
    pub alerts: Mutex<BTreeMap<AlertId, AlertFacts>>,
    pub tokens: Mutex<BTreeMap<AlertId, Vec<[u8; 32]>>>,
    pub erased: Mutex<BTreeSet<Pseudonym>>,
    pub salts_gone: Mutex<u32>,
}

impl Alerts for Outside {
    fn alert(&self, id: &AlertId) -> Result<Option<AlertFacts>, PortError> {
        let mut found = self.alerts.lock().unwrap().get(id).cloned();
        if let Some(facts) = &mut found {
            facts.stands &= !self.erased.lock().unwrap().contains(&facts.own);
        }
        Ok(found)
    }
    fn of_record(&self, own: &Pseudonym) -> Result<Vec<AlertFacts>, PortError> {
        let all = self.alerts.lock().unwrap();
        Ok(all.values().filter(|f| f.own == *own).cloned().collect())
    }
    fn shared(&self, id: &AlertId) -> Result<SharedTokens, PortError> {
        let tokens = self.tokens.lock().unwrap();
        let secrets = tokens.get(id).cloned().unwrap_or_default();
        Ok(SharedTokens {
            epoch: Epoch(3),
            other: self.alerts.lock().unwrap()[id].other.clone(),
            secrets: secrets.into_iter().map(Into::into).collect(),
        })
    }
}
impl Records for Outside {
    fn find(&self, reference: &str) -> Result<Option<Pseudonym>, PortError> {
        Ok((reference == "REF-1").then(|| record_of(&self.own)))
    }
    fn items(&self, _: &Pseudonym, fields: &[Field]) -> Result<BTreeMap<Field, Text>, PortError> {
        let value = |f: &Field| (*f, text(&format!("SECRETVALUE of {}", f.word())));
        Ok(fields.iter().map(value).collect())
    }
    fn reach(&self, _: &Pseudonym) -> Result<ReachFacts, PortError> {
        Ok(ReachFacts::default())
    }
    fn erase(&self, record: &Pseudonym) -> Result<bool, PortError> {
        self.erased.lock().unwrap().insert(*record);
        Ok(true)
    }
}
impl Directory for Outside {
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
        Ok(self.agreement.lock().unwrap().clone())
    }
}
impl Salts for Outside {
    fn erase(&self, _: &EntryId) -> Result<(), PortError> {
        *self.salts_gone.lock().unwrap() += 1;
        Ok(())
    }
}

pub fn record_of(agency: &PartyId) -> Pseudonym {
    Pseudonym([agency.as_bytes()[2]; 16])
}

pub struct Agency {
    pub store: Store,
    pub outside: Outside,
    pub acts: MemoryActs,
    pub online: bool,
}

impl Agency {
    pub fn work(&self) -> Casework<'_> {
        Casework::new(Ports {
            store: &self.store,
            alerts: &self.outside,
            records: &self.outside,
            directory: &self.outside,
            acts: &self.acts,
            salts: &self.outside,
        })
    }
    pub fn rules(&self) -> Vec<String> {
        let alarms = self.work().alarms(&dpo()).unwrap();
        alarms.into_iter().map(|a| a.rule).collect()
    }
}

pub struct World {
    pub agencies: BTreeMap<PartyId, Agency>,
    /// What the hub holds for each agency.
    pub mail: Vec<Parcel>,
    pub keys: Vec<KeyAnnouncement>,
    /// Everything that ever went through the hub.
    pub seen: Vec<Parcel>,
    pub rng: StdRng,
}

pub fn alert_between(a: &str, b: &str) -> AlertId {
    let mut pair = [a, b];
    pair.sort_unstable();
    AlertId([pair[0].as_bytes()[2] ^ pair[1].as_bytes()[2].rotate_left(3); 16])
}

impl World {
    pub fn new(names: &[&str]) -> Self {
        let mut rng = StdRng::from_seed([7; 32]);
        let signing: BTreeMap<PartyId, SigningKey> = names
            .iter()
            .map(|n| (id(n), SigningKey::generate(&mut rng).unwrap()))
            .collect();
        let keys: BTreeMap<PartyId, [u8; 32]> = signing
            .iter()
            .map(|(n, k)| (n.clone(), k.public()))
            .collect();
        let agreement = SignedAgreement::from_toml(EXAMPLE)
            .unwrap()
            .proposal()
            .clone();
        let mut agencies = BTreeMap::new();
        for (own, signing) in signing {
            let mut alerts = BTreeMap::new();
            let mut tokens = BTreeMap::new();
            for other in names.iter().filter(|n| **n != own.as_str()) {
                let alert = alert_between(own.as_str(), other);
                alerts.insert(
                    alert,
                    AlertFacts {
                        id: alert,
                        version: 1,
                        kind: AlertKind::SamePerson,
                        stands: true,
                        own: record_of(&own),
                        other: id(other),
                        own_roles: Roles::default().with(Role::Witness),
                        other_roles: Roles::default().with(Role::PotentialVictim),
                        child: false,
                    },
                );
                tokens.insert(alert, vec![[1; 32], [alert.0[0]; 32]]);
            }
            let agency = Agency {
                store: Store::default(),
                outside: Outside {
                    own: own.clone(),
                    signing,
                    keys: keys.clone(),
                    agreement: Mutex::new(agreement.clone()),
                    alerts: Mutex::new(alerts),
                    tokens: Mutex::new(tokens),
                    erased: Mutex::default(),
                    salts_gone: Mutex::default(),
                },
                acts: MemoryActs::default(),
                online: true,
            };
            agencies.insert(own, agency);
        }
        Self {
            agencies,
            mail: Vec::new(),
            keys: Vec::new(),
            seen: Vec::new(),
            rng,
        }
    }

    pub fn at(&self, name: &str) -> &Agency {
        &self.agencies[&id(name)]
    }

    /// Acts at one agency.
    pub fn act<T>(
        &mut self,
        name: &str,
        act: impl FnOnce(Casework<'_>, &mut StdRng) -> Result<T, CaseworkError>,
    ) -> Result<T, CaseworkError> {
        act(self.agencies[&id(name)].work(), &mut self.rng)
    }

    /// Empties an agency's outbox into the hub.
    pub fn collect(&mut self, name: &str, now: Timestamp) -> Result<(), CaseworkError> {
        let agency = &self.agencies[&id(name)];
        agency.work().tick(now, &mut self.rng)?;
        for (place, outgoing) in agency.work().outbox(100)? {
            match outgoing {
                Outgoing::Parcel(parcel) => {
                    if !self.mail.iter().any(|p| p.id == parcel.id) {
                        self.seen.push(parcel.clone());
                        self.mail.push(parcel);
                    }
                }
                Outgoing::Announce(key) => self.keys.push(key),
                Outgoing::Tick(_) => {}
            }
            agency.work().sent_out(place)?;
        }
        Ok(())
    }

    /// Hands an agency its mail.
    pub fn deliver(&mut self, name: &str, now: Timestamp) -> Result<usize, CaseworkError> {
        let agency = &self.agencies[&id(name)];
        for key in &self.keys {
            if let Err(CaseworkError::Port(fault)) = agency.work().learn_key(key, now) {
                return Err(fault.into());
            }
        }
        let mut count = 0;
        while let Some(at) = self.mail.iter().position(|p| p.to == id(name)) {
            agency.work().receive(&self.mail[at], now, &mut self.rng)?;
            self.mail.remove(at);
            count += 1;
        }
        Ok(count)
    }

    /// Until nothing moves between the agencies that are there.
    pub fn settle(&mut self, now: Timestamp) {
        for _ in 0..20 {
            let there = self.agencies.iter().filter(|(_, agency)| agency.online);
            let names: Vec<PartyId> = there.map(|(name, _)| name.clone()).collect();
            let mut moved = 0;
            for name in &names {
                self.collect(name.as_str(), now).unwrap();
            }
            for name in &names {
                moved += self.deliver(name.as_str(), now).unwrap();
            }
            if moved == 0 {
                break;
            }
        }
        for name in self.agencies.keys().cloned().collect::<Vec<_>>() {
            if self.agencies[&name].online {
                self.collect(name.as_str(), now).unwrap();
            }
        }
    }

    /// Written, authorised and sent by the police; not settled.
    pub fn ask(&mut self, owner: &str, fields: &[Field], words: &str, at: Timestamp) -> CaseId {
        let alert = alert_between("police", owner);
        let draft = request(alert, fields, words);
        let analyst = actor("analyst", StaffRole::Analyst);
        self.act("police", |w, _| w.confirm(&alert, &analyst, at))
            .unwrap();
        let case = self
            .act("police", |w, r| w.draft(&draft, &officer(), at, r))
            .unwrap();
        self.act("police", |w, r| {
            w.authorise(&case, false, &inspector(), at, r)
        })
        .unwrap();
        self.act("police", |w, r| w.send(&case, &officer(), at, r))
            .unwrap();
        case
    }

    /// Acknowledged, proposed, approved.
    pub fn answer(&mut self, owner: &str, case: &CaseId, draft: &ProposalDraft, at: Timestamp) {
        self.act(owner, |w, r| w.acknowledge(case, &releaser(), at, r))
            .unwrap();
        self.propose(owner, case, draft, at);
    }

    pub fn propose(&mut self, owner: &str, case: &CaseId, draft: &ProposalDraft, at: Timestamp) {
        let digest = self
            .act(owner, |w, r| w.propose(case, draft, &releaser(), at, r))
            .unwrap();
        self.act(owner, |w, r| w.approve(case, &digest, &approver(), at, r))
            .unwrap();
    }

    pub fn stage(&self, name: &str, case: &CaseId) -> &'static str {
        let by = if name == "police" {
            officer()
        } else {
            releaser()
        };
        self.at(name)
            .work()
            .case(case, &by, NOW)
            .unwrap()
            .line
            .stage
            .word()
    }

    pub fn receive(&mut self, name: &str, parcel: &Parcel, at: Timestamp) -> Received {
        self.act(name, |w, r| w.receive(parcel, at, r)).unwrap()
    }
}

pub fn request(alert: AlertId, fields: &[Field], words: &str) -> RequestDraft {
    RequestDraft {
        alert,
        purpose: Purpose::InvestigateExploitation,
        gateway: Gateway::CrimeAndTaxation,
        enquiry: text("Operation against forced labour at a car wash, crime number held"),
        necessity: text(&format!(
            "The suspect leaves the country on Friday, {words}"
        )),
        proportionality: text(&format!(
            "Few details for one witness after a call, {words}"
        )),
        line_of_enquiry: None,
        wanted: fields
            .iter()
            .map(|f| Wanted {
                field: *f,
                reason: text(&format!(
                    "Our officer needs her {} to visit, {words}",
                    f.text()
                )),
            })
            .collect(),
        urgency: Urgency::Routine,
        contact_first: ContactFirst::Phoned(Call {
            at: NOW,
            with: text("Duty worker"),
            result: text("Asked us to send a request"),
        }),
        victim_notice: None,
        counselling: None,
    }
}

pub fn contact() -> ContactCard {
    ContactCard {
        role: ContactRole::CaseWorker,
        name: text("Outreach team"),
        phone: text("0191 498 0001"),
        hours: text("9am to 5pm"),
    }
}

/// Releases the risk, withholds the rest.
pub fn partial(wanted: &[Field], value: &str) -> ProposalDraft {
    let released = Field::Risk;
    let mut draft =
        ProposalDraft::refuse(wanted, sanctuary_disclosure::RefusalReason::NotNecessary);
    for (field, verdict) in &mut draft.verdicts {
        if *field == released {
            *verdict = Verdict::Release;
        }
    }
    draft.views = Some(Views::Recorded(text("She agrees that the police may call")));
    draft.report = Some(ReportDraft {
        source: SourceGrade::Reliable,
        information: InformationGrade::KnownDirectly,
        handling: Handling::Permitted,
        onward: Onward::AskFirst,
        expires_days: Some(90),
        items: vec![Item {
            field: released,
            value: text(value),
            opinion: false,
            sanitised: false,
        }],
        text: text("Seen by our worker this month."),
    });
    draft
}
