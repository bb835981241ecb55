//! A small partnership: agencies with keys, people with tokens, records sealed as nodes seal them.

use std::collections::BTreeMap;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sanctuary_linkage::{Policy, Population};
use sanctuary_posting::{agency_point, card_id, derive, seal, seal_card};
use sanctuary_toprf::OprfOutput;
use sanctuary_trust::{Party, PartyKind, SigningKey};
use sanctuary_types::{
    Basis, BatchId, BirthClass, Card, Epoch, Handle, IdentifierKind, Month, PartyId, PostingBody,
    Presence, Pseudonym, Role, Roles, RulesVersion, Slots, Timestamp, TokenType, Visibility,
};

use crate::{
    Accepts, AlertEvent, Hub, HubError, Options, Pepper, PushBatch,
    memory::{MemoryLog, MemoryState},
};

pub(super) const NOW: Timestamp = Timestamp(1_795_392_000_000);
pub(super) const EPOCH: Epoch = Epoch(1);
pub(super) const RULES: RulesVersion = RulesVersion(1);
pub(super) const PHONE: TokenType = TokenType::Id(IdentifierKind::Phone);

pub(super) type MemoryHub = Hub<MemoryLog, MemoryState>;

/// An agency as its node and the roster know it.
pub(super) struct Agency {
    pub(super) party: Party,
    pub(super) key: SigningKey,
}

/// One token of a record: kind, slots, and the value it was made of.
pub(super) type Token = (TokenType, Slots, String);

/// A record as its node seals it.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) card: Card,
    pub(super) key: [u8; 16],
    pub(super) tokens: Vec<Token>,
    pub(super) expiry: Month,
    handles: u64,
}

/// Hub and agencies, with the same keys every time.
pub(super) struct Kit {
    pub(super) log: MemoryLog,
    pub(super) state: MemoryState,
    pub(super) hub: MemoryHub,
    pub(super) agencies: BTreeMap<&'static str, Agency>,
    batches: u8,
}

pub(super) fn open(log: &MemoryLog, state: &MemoryState, now: Timestamp) -> MemoryHub {
    let options = Options {
        accepts: Accepts {
            rules: RULES,
            epoch: EPOCH,
        },
        policy: Policy::default(),
    };
    Hub::open(
        log.clone(),
        state.clone(),
        Pepper::from_bytes(&[5; 32]),
        options,
        now,
    )
    .unwrap()
}

impl Kit {
    pub(super) fn new() -> Self {
        let (log, state) = (MemoryLog::default(), MemoryState::default());
        let hub = open(&log, &state, NOW);
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let agencies = ["council", "police", "refuge", "victim-care"].map(|name| {
            let key = SigningKey::generate(&mut rng).unwrap();
            let party = Party {
                id: name.parse().unwrap(),
                kind: PartyKind::Agency,
                name: name.to_owned(),
                spki_sha256: [0; 32],
                signing_key: key.public(),
                sealing_key: None,
                endpoint: None,
            };
            (name, Agency { party, key })
        });
        Self {
            log,
            state,
            hub,
            agencies: agencies.into(),
            batches: 0,
        }
    }

    /// Starts the hub again on the same disk.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.hub = open(&self.log, &self.state, now);
    }

    pub(super) fn id(&self, agency: &str) -> PartyId {
        self.agencies[agency].party.id.clone()
    }

    pub(super) fn batch(&mut self) -> PushBatch {
        self.batches += 1;
        PushBatch::new(BatchId([self.batches; 16]), RULES, EPOCH)
    }

    pub(super) fn sign(&self, agency: &str, batch: &mut PushBatch) {
        let agency = &self.agencies[agency];
        batch.signature = agency.key.sign(&batch.message(&agency.party.id));
    }

    pub(super) fn push_batch(&self, agency: &str, batch: &PushBatch) -> Result<(), HubError> {
        self.hub
            .push(
                &self.agencies[agency].party,
                std::slice::from_ref(batch),
                NOW,
            )
            .pop()
            .unwrap()
    }

    /// Pushes records with the agency's population.
    pub(super) fn push(&mut self, agency: &str, records: &[&Record]) {
        let mut batch = self.batch();
        batch.population = Population::built_in(1000, 4000).to_json().unwrap();
        for record in records {
            record.add_to(&self.id(agency), &mut batch);
        }
        self.sign(agency, &mut batch);
        self.push_batch(agency, &batch).unwrap();
    }

    pub(super) fn withdraw(&mut self, agency: &str, record: &Record) {
        let mut batch = self.batch();
        record.add_withdrawal(&self.id(agency), &mut batch);
        self.sign(agency, &mut batch);
        self.push_batch(agency, &batch).unwrap();
    }

    pub(super) fn round(&self) {
        self.hub.run_round(NOW).unwrap();
    }

    pub(super) fn events(&self, agency: &str) -> Vec<AlertEvent> {
        self.hub.alerts_after(&self.id(agency), 0, 1000).unwrap()
    }

    /// The agency's only alert with another agency.
    pub(super) fn with(&self, agency: &str, other: &str) -> AlertEvent {
        let mut events = self.events(agency);
        events.retain(|event| event.view.other_agency == self.id(other));
        assert_eq!(events.len(), 1, "{agency} with {other}");
        events.remove(0)
    }

    /// The agency's only alert.
    pub(super) fn only(&self, agency: &str) -> AlertEvent {
        let mut events = self.events(agency);
        assert_eq!(events.len(), 1, "{agency}");
        events.pop().unwrap()
    }
}

impl Record {
    /// A record of `person` with every usual token, two name parts, full date of birth and place.
    pub(super) fn new(number: u8, person: &str) -> Self {
        use TokenType as T;
        let part = |i: u8| Slots::parts(&[i]);
        let both = Slots::parts(&[0, 1]);
        let tokens = [
            (T::Nd, part(0)),
            (T::Nd, part(1)),
            (T::Nm, both),
            (T::Nw, both.with_area(0)),
            (T::Nw, both.with_area(1)),
            (T::Nf, part(0)),
            (T::Da, Slots::default().with_area(0)),
        ];
        let tokens = tokens
            .into_iter()
            .map(|(token, slots)| (token, slots, format!("{person}/{slots:?}")))
            .collect();
        Self::with_tokens(number, tokens)
    }

    /// A record that has half of the tokens of each of these people: enough to be likely each of
    /// them, while two such halves share nothing.
    pub(super) fn half(number: u8, people: &[&str]) -> Self {
        let mut record = Self::with_tokens(number, Vec::new());
        for person in people {
            let whole = Self::new(number, person).tokens.into_iter();
            record
                .tokens
                .extend(whole.filter(|token| token.0 != TokenType::Nf));
        }
        record
    }

    /// A record with these tokens only.
    pub(super) fn with_tokens(number: u8, tokens: Vec<Token>) -> Self {
        Self {
            card: Card {
                pseudonym: Pseudonym([number; 16]),
                roles: Roles::default().with(Role::PotentialVictim),
                presence: Presence {
                    name_parts: 2,
                    birth: BirthClass::Full,
                    fine_place: true,
                    area: true,
                    identifiers: 1 << IdentifierKind::Phone.code(),
                },
                visibility: Visibility::Open,
                basis: Basis::Safeguarding,
                child: false,
                rules: RULES,
            },
            key: [number ^ 0xA5; 16],
            tokens,
            expiry: Month::at(NOW).plus(12),
            handles: u64::from(number) << 32,
        }
    }

    pub(super) fn visible(mut self, visibility: Visibility) -> Self {
        self.card.visibility = visibility;
        self
    }
    pub(super) fn role(mut self, role: Role) -> Self {
        self.card.roles = Roles::default().with(role);
        self
    }
    /// The record's next version: a new card key and new handles, as nodes do it.
    pub(super) fn again(mut self) -> Self {
        self.key[0] ^= 0xFF;
        self.handles += 1 << 16;
        self
    }
    pub(super) fn phone(mut self, number: &str) -> Self {
        self.tokens
            .push((PHONE, Slots::default(), number.to_owned()));
        self
    }

    pub(super) fn postings(&self, agency: &PartyId) -> Vec<[u8; 94]> {
        let point = agency_point(agency, EPOCH);
        let seal_one = |(at, (token, slots, value)): (usize, &Token)| {
            let body = PostingBody {
                card_key: self.key,
                token: *token,
                slots: *slots,
            };
            let secrets = derive(&output(*token, value), token.class(), EPOCH);
            seal(
                &secrets,
                &point,
                agency,
                self.handle(at),
                self.expiry,
                &body,
            )
            .to_bytes()
        };
        self.tokens.iter().enumerate().map(seal_one).collect()
    }

    pub(super) fn add_to(&self, agency: &PartyId, batch: &mut PushBatch) {
        batch.postings.extend(self.postings(agency).concat());
        batch
            .cards
            .extend(seal_card(&self.key, self.expiry, &self.card).to_bytes());
    }

    pub(super) fn add_withdrawal(&self, agency: &PartyId, batch: &mut PushBatch) {
        for posting in self.postings(agency) {
            batch.withdrawals.extend(&posting[..16]);
            batch.withdrawals.extend(&posting[48..56]);
        }
        batch.withdrawn_cards.extend(card_id(&self.key).0);
    }

    fn handle(&self, at: usize) -> Handle {
        Handle((self.handles + at as u64).to_be_bytes())
    }
}

/// Stands for the key holders: equal for equal inputs.
fn output(token: TokenType, value: &str) -> OprfOutput {
    let input = format!("{}|{value}", token.label());
    let mut seed = [0; 32];
    seed.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, input.as_bytes()).as_ref());
    let mut bytes = [0; 64];
    ChaCha20Rng::from_seed(seed).fill_bytes(&mut bytes);
    OprfOutput::from_bytes(bytes)
}
