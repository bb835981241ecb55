//! Records sealed as nodes seal them, without key holders: what those would give is drawn from a
//! seed, equal for equal values.

use std::sync::Arc;

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
use sanctuary_node_core::{
    NodeSecret, PackJob, Packed, Padding, RecordToken, RecordTokens, pack, ports::PackState,
};
use sanctuary_posting::derive;
use sanctuary_toprf::OprfOutput;
use sanctuary_types::{
    Basis, BirthClass, Card, Epoch, KeyClass, Month, PartyId, Presence, Pseudonym, Role, Roles,
    RulesVersion, Slots, TokenType, Visibility,
};
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

pub const EPOCH: Epoch = Epoch(1);
pub const RULES: RulesVersion = RulesVersion(1);

/// A token of a value.
pub fn token(token: TokenType, slots: Slots, value: &str) -> RecordToken {
    let output = Sha512::digest(format!("{}|{value}", token.label()));
    let output = OprfOutput::from_bytes(output.into());
    RecordToken {
        token,
        slots,
        secrets: Arc::new(derive(&output, KeyClass::Person, EPOCH)),
    }
}

/// A record with a full date of birth, two name parts and a place.
pub fn record(pseudonym: [u8; 16], expires: Month, tokens: Vec<RecordToken>) -> RecordTokens {
    RecordTokens {
        card: Card {
            pseudonym: Pseudonym(pseudonym),
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
            rules: RULES,
        },
        expires,
        tokens,
    }
}

/// One agency's packing, from batch to batch.
pub struct Packer {
    agency: PartyId,
    secret: NodeSecret,
    state: PackState,
    rng: ChaCha20Rng,
}

impl Packer {
    /// Of an agency; the seed decides everything random.
    pub fn new(agency: &PartyId, seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(secret.as_mut_slice());
        Self {
            agency: agency.clone(),
            secret: NodeSecret::new(&secret),
            state: PackState::default(),
            rng,
        }
    }

    /// One padded, shuffled batch.
    pub fn pack(&mut self, records: &[RecordTokens], population: Option<Vec<u8>>) -> Packed {
        let job = PackJob {
            agency: &self.agency,
            epoch: EPOCH,
            rules: RULES,
            records,
            withdrawn: &[],
            padding: Padding::SizeClass,
            population,
            secret: &self.secret,
        };
        match pack(&job, &mut self.state, &mut self.rng) {
            Ok(packed) => packed,
            Err(error) => panic!("the batch could not be packed: {error}"),
        }
    }
}
