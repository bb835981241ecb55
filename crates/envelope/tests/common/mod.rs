//! Two agencies that share a match, and the keys between them.
#![allow(dead_code)]

use rand::{SeedableRng, rngs::StdRng};
use sanctuary_envelope::{
    Envelope, EnvelopeError, Expectation, KeyBook, KeyRing, MatchSecret, Opened, ProofFor, Sealing,
    SeenOnce, SessionKey, Suite, answer_hello, begin, open, seal,
};
use sanctuary_trust::SigningKey;
use sanctuary_types::{AlertId, CaseId, Epoch, PartyId, Timestamp};

pub const NOW: Timestamp = Timestamp(1_795_478_400_000);
pub const DAY_MS: u64 = 86_400_000;
pub const MATCH: AlertId = AlertId([7; 16]);
pub const CASE: CaseId = CaseId([1; 16]);

pub struct Agency {
    pub id: PartyId,
    pub signing: SigningKey,
    pub ring: KeyRing,
    pub book: KeyBook,
    pub seen: SeenOnce,
}

pub struct World {
    pub police: Agency,
    pub charity: Agency,
    pub session: SessionKey,
    pub rng: StdRng,
    pub suite: Suite,
}

pub fn later(ms: u64) -> Timestamp {
    Timestamp(NOW.0 + ms)
}

pub fn id(text: &str) -> PartyId {
    text.parse().unwrap()
}

impl Agency {
    pub fn new(name: &str, rng: &mut StdRng) -> Self {
        Self {
            id: id(name),
            signing: SigningKey::generate(rng).unwrap(),
            ring: KeyRing::default(),
            book: KeyBook::default(),
            seen: SeenOnce::default(),
        }
    }
}

pub fn about() -> ProofFor {
    ProofFor {
        match_id: MATCH,
        asker: id("police"),
        owner: id("charity"),
    }
}

/// The whole proof between two nodes that may hold different tokens.
pub fn prove(
    asker: &[[u8; 32]],
    owner: &[[u8; 32]],
    rng: &mut StdRng,
) -> Result<(SessionKey, SessionKey), EnvelopeError> {
    let (proof, hello) = begin(about(), MatchSecret::combine(MATCH, asker)?, rng);
    let (answering, reply) =
        answer_hello(&about(), MatchSecret::combine(MATCH, owner)?, &hello, rng)?;
    let (left, finish) = proof.finish(&reply)?;
    Ok((left, answering.confirm(&finish)?))
}

impl World {
    pub fn new(suite: Suite) -> Self {
        let mut rng = StdRng::from_seed([5; 32]);
        let mut police = Agency::new("police", &mut rng);
        let mut charity = Agency::new("charity", &mut rng);
        let mut announce = |own: &mut Agency| {
            own.ring
                .rotate(&own.id, suite, &own.signing, NOW, &mut rng)
                .unwrap()
        };
        let (of_police, of_charity) = (announce(&mut police), announce(&mut charity));
        police
            .book
            .learn(of_charity, &charity.signing.public())
            .unwrap();
        charity
            .book
            .learn(of_police, &police.signing.public())
            .unwrap();
        let (session, other) = prove(&[[1; 32], [2; 32]], &[[2; 32], [1; 32]], &mut rng).unwrap();
        assert_eq!(session.expose(), other.expose());
        Self {
            police,
            charity,
            session,
            rng,
            suite,
        }
    }

    /// Police to charity.
    pub fn sealed(&mut self, body: &[u8]) -> Envelope {
        let what = Sealing {
            case: CASE,
            from: &self.police.id,
            to: &self.charity.id,
            match_id: MATCH,
            epoch: Epoch(3),
            agreement_version: 1,
            valid_ms: 2 * DAY_MS,
        };
        seal(
            &what,
            body,
            &self.police.book,
            &self.session,
            &self.police.signing,
            NOW,
            &mut self.rng,
        )
        .unwrap()
    }

    pub fn expectation(&self) -> Expectation {
        Expectation {
            case: None,
            from: id("police"),
            to: id("charity"),
            match_id: MATCH,
            epoch: Epoch(3),
            agreement_version: 1,
            least_suite: self.suite,
        }
    }

    pub fn open(&mut self, envelope: &Envelope, now: Timestamp) -> Result<Opened, EnvelopeError> {
        let expected = self.expectation();
        open(
            envelope,
            &expected,
            &self.police.signing.public(),
            &self.charity.ring,
            &self.session,
            &mut self.charity.seen,
            now,
        )
    }
}
