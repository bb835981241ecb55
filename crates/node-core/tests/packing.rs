//! What the readable parts of a batch say: nothing of which postings belong together.

use std::{collections::BTreeSet, sync::Arc};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sanctuary_node_core::{
    BatchContents, NodeSecret, PackJob, Packed, Padding, RecordToken, RecordTokens, pack,
    ports::PackState,
};
use sanctuary_posting::{Posting, SealedCard, derive};
use sanctuary_toprf::OprfOutput;
use sanctuary_types::{
    Basis, Card, Epoch, KeyClass, Month, PartyId, Presence, Pseudonym, Role, Roles, RulesVersion,
    Slots, TokenType, Visibility,
};
use zeroize::Zeroizing;

const EPOCH: Epoch = Epoch(1);
const RULES: RulesVersion = RulesVersion(1);

fn record(number: u8, expires: Month, rng: &mut ChaCha20Rng) -> RecordTokens {
    let tokens = (0..12)
        .map(|_| {
            let mut output = [0; 64];
            rng.fill_bytes(&mut output);
            let output = OprfOutput::from_bytes(output);
            RecordToken {
                token: TokenType::Nd,
                slots: Slots::parts(&[0]),
                secrets: Arc::new(derive(&output, KeyClass::Person, EPOCH)),
            }
        })
        .collect();
    RecordTokens {
        card: Card {
            pseudonym: Pseudonym([number; 16]),
            roles: Roles::default().with(Role::PotentialVictim),
            presence: Presence::default(),
            visibility: Visibility::Open,
            basis: Basis::Safeguarding,
            child: false,
            rules: RULES,
        },
        expires,
        tokens,
    }
}

fn packed(months: &[Month], state: &mut PackState, padding: Padding) -> Packed {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let numbered = (1..).zip(months);
    let records: Vec<RecordTokens> = numbered
        .map(|(number, month)| record(number, *month, &mut rng))
        .collect();
    let agency: PartyId = "police".parse().unwrap();
    let job = PackJob {
        agency: &agency,
        epoch: EPOCH,
        rules: RULES,
        records: &records,
        withdrawn: &[],
        padding,
        population: None,
        secret: &NodeSecret::new(&Zeroizing::new([3; 32])),
    };
    pack(&job, state, &mut rng).unwrap()
}

fn months(contents: &BatchContents) -> BTreeSet<Month> {
    let postings = contents.postings.chunks_exact(Posting::BYTES);
    let postings = postings.map(|p| Posting::from_bytes(p.try_into().unwrap()).unwrap().expiry);
    let cards = contents.cards.chunks_exact(SealedCard::BYTES);
    let cards = cards.map(|c| SealedCard::from_bytes(c.try_into().unwrap()).expiry);
    postings.chain(cards).collect()
}

#[test]
fn everything_in_a_batch_carries_the_latest_month_of_its_records() {
    let own = [Month(320), Month(341), Month(322), Month(320)];
    for padding in [Padding::SizeClass, Padding::None] {
        let packed = packed(&own, &mut PackState::default(), padding);
        let tokens: usize = packed.published.iter().map(|p| p.tokens.len()).sum();
        assert_eq!(tokens, 4 * 12);
        assert!(packed.contents.postings.len() >= tokens * Posting::BYTES);
        assert_eq!(
            months(&packed.contents),
            BTreeSet::from([Month(341)]),
            "{padding:?}: a month of its own would join a record's postings"
        );
    }
}

#[test]
fn later_batches_carry_their_own_latest_month() {
    let mut state = PackState::default();
    packed(&[Month(341)], &mut state, Padding::SizeClass);
    let second = packed(&[Month(300), Month(310)], &mut state, Padding::SizeClass);
    assert_eq!(months(&second.contents), BTreeSet::from([Month(310)]));
}
