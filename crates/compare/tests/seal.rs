//! The seal from node to node.

use ring::signature::{Ed25519KeyPair, KeyPair};
use sanctuary_compare::{
    CompareError, ComparisonId, Header, PairKey, SEALED_BYTES_MAX, Seed, Stage,
};
use sanctuary_types::PartyId;

const TEXT: &[u8] = b"some points";

struct World {
    police: PartyId,
    council: PartyId,
    refuge: PartyId,
    key: Ed25519KeyPair,
    public: [u8; 32],
}

fn world() -> World {
    let key = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
    World {
        police: "police".parse().unwrap(),
        council: "council".parse().unwrap(),
        refuge: "refuge".parse().unwrap(),
        public: key.public_key().as_ref().try_into().unwrap(),
        key,
    }
}

impl World {
    fn header(&self) -> Header<'_> {
        Header {
            comparison: ComparisonId([1; 16]),
            stage: Stage::Open,
            from: &self.police,
            to: &self.council,
        }
    }

    fn sealed(&self, text: &[u8]) -> Vec<u8> {
        pair()
            .seal(&self.header(), text, &Seed::new([4; 32]), |message| {
                self.key.sign(message).as_ref().try_into().unwrap()
            })
            .unwrap()
    }
}

fn pair() -> PairKey {
    PairKey::new([&[1; 32], &[2; 32]]).unwrap()
}

#[test]
fn what_one_node_seals_the_other_opens() {
    let world = world();
    let sealed = world.sealed(TEXT);
    let opened = pair().open(&world.header(), &sealed, &world.public);
    assert_eq!(opened.unwrap(), TEXT);
    assert_eq!(sealed, world.sealed(TEXT), "the same step, the same bytes");
}

#[test]
fn another_text_has_another_key_stream() {
    let world = world();
    let (one, two) = (world.sealed(&[0; 64]), world.sealed(&[1; 64]));
    assert_ne!(one[..24], two[..24]);
    let bits = |sealed: &[u8]| sealed[24 + 64..24 + 128].to_vec();
    let same: Vec<u8> = bits(&one)
        .iter()
        .zip(bits(&two))
        .map(|(a, b)| a ^ b)
        .collect();
    assert_ne!(same, vec![1; 64], "one key stream for two texts");
}

#[test]
fn a_message_counts_nowhere_else() {
    let world = world();
    let sealed = world.sealed(TEXT);
    let (police, council) = (&world.police, &world.council);
    let other = |header: Header<'_>| {
        let result = pair().open(&header, &sealed, &world.public);
        assert_eq!(result, Err(CompareError::NotShared));
    };
    let header = world.header();
    other(Header {
        comparison: ComparisonId([2; 16]),
        ..header
    });
    other(Header {
        stage: Stage::Answer,
        ..header
    });
    other(Header {
        from: council,
        to: police,
        ..header
    });
    other(Header {
        from: &world.refuge,
        ..header
    });
    other(Header {
        to: &world.refuge,
        ..header
    });
}

#[test]
fn other_tokens_or_another_order_do_not_open() {
    let world = world();
    let sealed = world.sealed(TEXT);
    for secrets in [
        vec![[1; 32]],
        vec![[2; 32], [1; 32]],
        vec![[1; 32], [3; 32]],
    ] {
        let key = PairKey::new(&secrets).unwrap();
        let result = key.open(&world.header(), &sealed, &world.public);
        assert_eq!(result, Err(CompareError::NotShared));
    }
}

#[test]
fn any_changed_byte_is_found_out() {
    let world = world();
    let sealed = world.sealed(TEXT);
    for place in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        let result = pair().open(&world.header(), &changed, &world.public);
        assert_eq!(result, Err(CompareError::NotShared));
    }
}

#[test]
fn a_holder_of_the_tokens_who_is_not_the_agency_cannot_sign_for_it() {
    let world = world();
    let result = pair().open(&world.header(), &world.sealed(TEXT), &[9; 32]);
    assert_eq!(result, Err(CompareError::Signature));
}

#[test]
fn sizes_and_numbers_have_limits() {
    let world = world();
    let open = |sealed: &[u8]| pair().open(&world.header(), sealed, &world.public);
    let damaged = |result| assert!(matches!(result, Err(CompareError::Damaged(_))));
    damaged(open(&vec![0; SEALED_BYTES_MAX + 1]));
    damaged(open(&[0; 23]));
    let sealed = pair().seal(
        &world.header(),
        &vec![0; SEALED_BYTES_MAX],
        &Seed::new([4; 32]),
        |_| [0; 64],
    );
    damaged(sealed);
    let none: [&[u8; 32]; 0] = [];
    assert!(matches!(PairKey::new(none), Err(CompareError::Secrets)));
    let many = vec![[1; 32]; 97];
    assert!(matches!(PairKey::new(&many), Err(CompareError::Secrets)));
    assert!(PairKey::new(&many[..96]).is_ok());
}
