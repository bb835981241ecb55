//! A record's card opens with its card key, and with nothing else.

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use sanctuary_posting::{PostingError, SealedCard, card_id, open_card, seal_card};
use sanctuary_types::{
    Basis, BirthClass, Card, Month, Presence, Pseudonym, Role, Roles, RulesVersion, Visibility,
};

fn card() -> Card {
    Card {
        pseudonym: Pseudonym([9; 16]),
        roles: Roles::default().with(Role::PotentialVictim),
        presence: Presence {
            name_parts: 2,
            birth: BirthClass::Full,
            ..Presence::default()
        },
        visibility: Visibility::OwnerFirst,
        basis: Basis::Safeguarding,
        child: true,
        rules: RulesVersion(1),
    }
}

#[test]
fn a_card_opens_with_its_key_after_the_wire() {
    let sealed = seal_card(&[5; 16], Month(300), &card());
    assert_eq!(sealed.id, card_id(&[5; 16]));
    assert_eq!(sealed.to_bytes().len(), 58);
    let arrived = SealedCard::from_bytes(&sealed.to_bytes());
    assert_eq!(arrived, sealed);
    assert_eq!(open_card(&[5; 16], &arrived), Ok(card()));
}

#[test]
fn another_key_id_month_or_text_does_not_open() {
    let sealed = seal_card(&[5; 16], Month(300), &card());
    let refused = Err(PostingError::CardDoesNotOpen);
    assert_eq!(open_card(&[6; 16], &sealed), refused);
    for place in [0, 9, 10, 41, 57] {
        let mut bytes = sealed.to_bytes();
        bytes[place] ^= 1;
        assert_eq!(
            open_card(&[5; 16], &SealedCard::from_bytes(&bytes)),
            refused
        );
    }
}

#[test]
fn ids_and_texts_do_not_repeat_between_keys() {
    let (one, two) = (
        seal_card(&[5; 16], Month(300), &card()),
        seal_card(&[6; 16], Month(300), &card()),
    );
    assert_ne!(one.id, two.id);
    assert_ne!(one.sealed[..32], two.sealed[..32]);
}

#[test]
fn dummies_keep_the_given_month_and_open_with_nothing() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let dummy = SealedCard::dummy(Month(300), &mut rng);
    assert_eq!(dummy.expiry, Month(300));
    assert_ne!(dummy, SealedCard::dummy(Month(300), &mut rng));
    assert_eq!(
        open_card(&[5; 16], &dummy),
        Err(PostingError::CardDoesNotOpen)
    );
}
