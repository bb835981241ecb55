use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sanctuary_posting::{
    AgencyPoint, Posting, SealedCard, agency_point, card_id, derive, pad, seal, seal_card,
};
use sanctuary_rpc::Identity;
use sanctuary_toprf::OprfOutput;
use sanctuary_types::{
    Basis, BatchId, BirthClass, Card, Handle, Month, PartyId, PostingBody, Presence, Pseudonym,
    Role, Roles, RulesVersion, Slots, TokenType, Visibility, upload_message,
};
use sanctuary_wire::ingest::PushBatch;
use sha2::{Digest as _, Sha256};

use crate::partnership::EPOCH;

/// Records of one push.
pub(super) const BATCH_RECORDS: u64 = 100;
/// Postings of one record.
const RECORD_POSTINGS: usize = 20;
/// Records of a push whose person the previous push, of another agency, brought; as many again are
/// met by the next push. So one record in five is of a person two agencies know.
const MET: u64 = 10;
/// Tokens on which two records of one person agree.
const AGREED: [(TokenType, u8, u8); 12] = [
    (TokenType::Nd, 1, 0),
    (TokenType::Nd, 2, 0),
    (TokenType::Nm, 3, 0),
    (TokenType::Nw, 3, 0),
    (TokenType::Nw, 3, 0),
    (TokenType::Na, 3, 1),
    (TokenType::Nf, 1, 0),
    (TokenType::Nf, 2, 0),
    (TokenType::Da, 0, 1),
    (TokenType::Lm, 0, 0),
    (TokenType::La, 0, 1),
    (TokenType::Di, 1, 0),
];

/// Makes one agency's pushes. Real sealed postings where another agency has the same token; elsewhere
/// random ones, which the hub cannot tell from real ones, nor can its work.
pub(super) struct Pusher {
    agency: PartyId,
    point: AgencyPoint,
    identity: Identity,
    rng: ChaCha20Rng,
}

impl Pusher {
    pub(super) fn new(agency: PartyId, identity: Identity, seed: u64) -> Self {
        Self {
            point: agency_point(&agency, EPOCH),
            agency,
            identity,
            rng: ChaCha20Rng::seed_from_u64(seed),
        }
    }

    /// Push number `number` of all agencies together.
    pub(super) fn push(&mut self, number: u64) -> PushBatch {
        let met = (number * MET)..(number * MET + MET);
        let previous = (number.saturating_sub(1) * MET)..(number * MET);
        let people: Vec<u64> = met.chain(previous).collect();
        let mut known: Vec<u64> = people;
        known.dedup();
        self.push_of(&known, BATCH_RECORDS as usize)
    }

    /// A push with one record of each of `people`, filled up to `records` with people nobody else knows.
    pub(super) fn push_of(&mut self, people: &[u64], records: usize) -> PushBatch {
        let (mut postings, mut cards) = (Vec::new(), Vec::new());
        for person in people {
            self.record(*person, &mut postings, &mut cards);
        }
        let postings_wanted = pad::size_class(records * RECORD_POSTINGS);
        while postings.len() < postings_wanted * Posting::BYTES {
            postings.extend(Posting::dummy(expiry(), &mut self.rng).to_bytes());
        }
        let cards_wanted = pad::size_class(records);
        while cards.len() < cards_wanted * SealedCard::BYTES {
            cards.extend(SealedCard::dummy(expiry(), &mut self.rng).to_bytes());
        }
        self.signed(postings, cards)
    }

    /// The name of this agency's record of `person`.
    pub(super) fn pseudonym(&self, person: u64) -> Pseudonym {
        let digest = Sha256::digest([self.agency.as_bytes(), &person.to_be_bytes()].concat());
        let mut name = [0; Pseudonym::BYTES];
        name.copy_from_slice(&digest[..Pseudonym::BYTES]);
        Pseudonym(name)
    }

    fn record(&mut self, person: u64, postings: &mut Vec<u8>, cards: &mut Vec<u8>) {
        let mut card_key = [0; 16];
        self.rng.fill_bytes(&mut card_key);
        for (place, (token, parts, area)) in AGREED.into_iter().enumerate() {
            let mut output = [0; 64];
            let mut shared = ChaCha20Rng::seed_from_u64(person);
            shared.set_stream(place as u64);
            shared.fill_bytes(&mut output);
            let secrets = derive(&OprfOutput::from_bytes(output), token.class(), EPOCH);
            let mut handle = [0; 8];
            self.rng.fill_bytes(&mut handle);
            let band = u8::from(matches!(token, TokenType::Lm | TokenType::La));
            let body = PostingBody {
                card_key,
                token,
                slots: Slots { parts, band, area },
            };
            let posting = seal(
                &secrets,
                &self.point,
                &self.agency,
                Handle(handle),
                expiry(),
                &body,
            );
            postings.extend(posting.to_bytes());
        }
        let sealed = seal_card(&card_key, expiry(), &card(self.pseudonym(person)));
        debug_assert_eq!(sealed.id, card_id(&card_key));
        cards.extend(sealed.to_bytes());
    }

    fn signed(&mut self, postings: Vec<u8>, cards: Vec<u8>) -> PushBatch {
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        let rules = RulesVersion(1);
        let digests =
            [postings.as_slice(), &cards, &[], &[], &[]].map(|part| Sha256::digest(part).into());
        let message = upload_message(&self.agency, BatchId(id), rules, EPOCH, &digests);
        PushBatch {
            batch_id: id.to_vec().into(),
            rules_version: rules.0.into(),
            epoch: EPOCH.0,
            postings: postings.into(),
            cards: cards.into(),
            signature: self.identity.signing().sign(&message).to_vec().into(),
            ..PushBatch::default()
        }
    }
}

const fn expiry() -> Month {
    Month::of(2027, 11)
}

fn card(pseudonym: Pseudonym) -> Card {
    Card {
        pseudonym,
        roles: Roles::default().with(Role::PotentialVictim),
        presence: Presence {
            name_parts: 2,
            birth: BirthClass::Full,
            fine_place: true,
            area: true,
            identifiers: 0,
        },
        visibility: Visibility::Open,
        basis: Basis::Safeguarding,
        child: false,
        rules: RulesVersion(1),
    }
}
