//! Who can open what.

use proptest::prelude::*;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use sanctuary_posting::{
    AgencyPoint, PairPoints, Posting, PostingError, TokenSecrets, agency_point, derive, open_pair,
    seal,
};
use sanctuary_toprf::OprfOutput;
use sanctuary_types::{
    Epoch, Handle, IdentifierKind, KeyClass, Month, PartyId, PostingBody, Slots, TokenType,
};

const EPOCH: Epoch = Epoch(3);
const EXPIRY: Month = Month(321);

struct Agency {
    id: PartyId,
    point: AgencyPoint,
}

fn agency(name: u16) -> Agency {
    let id: PartyId = format!("agency-{name}").parse().unwrap();
    let point = agency_point(&id, EPOCH);
    Agency { id, point }
}

fn secrets(token: u64) -> TokenSecrets {
    let mut output = [0; 64];
    ChaCha20Rng::seed_from_u64(token).fill_bytes(&mut output);
    derive(&OprfOutput::from_bytes(output), KeyClass::Identifier, EPOCH)
}

fn body(record: u8) -> PostingBody {
    PostingBody {
        card_key: [record; 16],
        token: TokenType::Id(IdentifierKind::Phone),
        slots: Slots::parts(&[0]),
    }
}

impl Agency {
    fn post(&self, token: u64, handle: u64, record: u8) -> Posting {
        let handle = Handle(handle.to_be_bytes());
        seal(
            &secrets(token),
            &self.point,
            &self.id,
            handle,
            EXPIRY,
            &body(record),
        )
    }
    fn side<'a>(&'a self, posting: &'a Posting) -> (&'a PartyId, &'a AgencyPoint, &'a Posting) {
        (&self.id, &self.point, posting)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_two_agencies_open_each_others_postings(
        a in 0u16..500, b in 0u16..500, c in 0u16..500, token: u64, handles: [u64; 3],
    ) {
        prop_assume!(a != b && a != c && b != c);
        let (a, b, c) = (agency(a), agency(b), agency(c));
        let of_a = a.post(token, handles[0], 1);
        let of_b = b.post(token, handles[1], 2);
        let of_c = c.post(token, handles[2], 3);
        let key = open_pair(a.side(&of_a), b.side(&of_b)).unwrap();
        prop_assert_eq!(key.open(&a.id, &of_a), Ok(body(1)));
        prop_assert_eq!(key.open(&b.id, &of_b), Ok(body(2)));
        prop_assert_eq!(key.open(&c.id, &of_c), Ok(body(3)), "a third agency's opens too");
        for (agency, posting) in [(&a, &of_a), (&b, &of_b), (&c, &of_c)] {
            prop_assert_eq!(key.expects(&agency.point), posting.share);
        }
        let other_way = open_pair(b.side(&of_b), a.side(&of_a)).unwrap();
        prop_assert_eq!(other_way.open(&a.id, &of_a), Ok(body(1)));
    }

    #[test]
    fn a_share_of_another_token_gives_a_wrong_key(token: u64, other: u64) {
        prop_assume!(token != other);
        let (a, b) = (agency(1), agency(2));
        let of_a = a.post(token, 1, 1);
        let mut of_b = b.post(token, 2, 2);
        prop_assert_eq!(
            open_pair(a.side(&of_a), b.side(&b.post(other, 2, 2))).unwrap_err(),
            PostingError::DifferentTags
        );
        of_b.share = b.post(other, 2, 2).share;
        let key = open_pair(a.side(&of_a), b.side(&of_b)).unwrap();
        prop_assert_eq!(key.open(&a.id, &of_a), Err(PostingError::DoesNotOpen));
        prop_assert_eq!(key.open(&b.id, &of_b), Err(PostingError::DoesNotOpen));
    }

    #[test]
    fn a_forged_share_is_named_once_two_others_agree(forger in 0usize..3, forged: u64) {
        let agencies = [agency(1), agency(2), agency(3)];
        let mut postings: Vec<Posting> =
            agencies.iter().map(|a| a.post(9, 7, 1)).collect();
        let mut rng = ChaCha20Rng::seed_from_u64(forged);
        postings[forger].share = Posting::dummy(EXPIRY, &mut rng).share;
        let mut opened = Vec::new();
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            let key = open_pair(agencies[i].side(&postings[i]), agencies[j].side(&postings[j]));
            let key = key.unwrap();
            let opens = |n: usize| key.open(&agencies[n].id, &postings[n]).is_ok();
            prop_assert_eq!(opens(i) && opens(j), i != forger && j != forger);
            if opens(i) && opens(j) {
                opened.push(key);
            }
        }
        prop_assert_eq!(opened.len(), 1);
        for (n, posting) in postings.iter().enumerate() {
            let honest = opened[0].expects(&agencies[n].point) == posting.share;
            prop_assert_eq!(honest, n != forger);
        }
    }

    #[test]
    fn any_bytes_that_decode_encode_to_themselves(bytes in proptest::collection::vec(any::<u8>(), 94)) {
        let mut bytes: [u8; 94] = bytes.try_into().unwrap();
        for top in [bytes[47], bytes[47] & 0x0f] {
            bytes[47] = top;
            match Posting::from_bytes(&bytes) {
                Ok(posting) => prop_assert_eq!(posting.to_bytes(), bytes),
                Err(error) => {
                    prop_assert_eq!(error, PostingError::MalformedPosting);
                    prop_assert!(top >= 0x10, "below 2^252 is always canonical");
                }
            }
        }
    }
}

#[test]
fn one_agencys_postings_open_nothing() {
    let (a, b) = (agency(1), agency(2));
    let (first, second) = (a.post(5, 1, 1), a.post(5, 2, 2));
    assert_eq!(first.share, second.share, "the same point twice");
    assert_eq!(
        open_pair(a.side(&first), a.side(&second)).unwrap_err(),
        PostingError::OneAgency
    );
    assert_eq!(
        PairPoints::new(&a.point, &a.point).unwrap_err(),
        PostingError::OneAgency
    );
    // Passing the second posting off as another agency's gives a line, but not the right one.
    let key = open_pair(a.side(&first), b.side(&second)).unwrap();
    assert_eq!(key.open(&a.id, &first), Err(PostingError::DoesNotOpen));
    assert_eq!(key.open(&a.id, &second), Err(PostingError::DoesNotOpen));
}

#[test]
fn nothing_but_the_expiry_links_two_postings_of_one_record() {
    let a = agency(1);
    let (one, two) = (
        a.post(1, 0xA1B2_C3D4_E5F6_0718, 1),
        a.post(2, 0x1827_3645_5463_7281, 1),
    );
    assert_ne!(one.tag, two.tag);
    assert_ne!(one.share, two.share);
    assert_ne!(one.sealed, two.sealed);
    // Beyond chance no place holds the same byte: 92 places, 1/256 each; 6 or more is below 1e-5.
    let equal = one.to_bytes().into_iter().zip(two.to_bytes());
    let places: Vec<usize> = equal
        .enumerate()
        .filter(|(_, (x, y))| x == y)
        .map(|(i, _)| i)
        .collect();
    assert!(
        places.contains(&56) && places.contains(&57),
        "expiry is readable"
    );
    assert!(places.len() < 2 + 6, "{places:?}");
}

#[test]
fn the_readable_parts_cannot_be_changed_unseen() {
    let (a, b) = (agency(1), agency(2));
    let (of_a, of_b) = (a.post(5, 1, 1), b.post(5, 2, 2));
    let key = open_pair(a.side(&of_a), b.side(&of_b)).unwrap();
    type Change = fn(&mut Posting);
    let changes: [Change; 4] = [
        |p| p.expiry = p.expiry.plus(1),
        |p| p.handle.0[0] ^= 1,
        |p| p.share[0] ^= 1,
        |p| p.sealed[35] ^= 1,
    ];
    for change in changes {
        let mut changed = of_a;
        change(&mut changed);
        assert_eq!(key.open(&a.id, &changed), Err(PostingError::DoesNotOpen));
    }
    assert_eq!(
        key.open(&b.id, &of_a),
        Err(PostingError::DoesNotOpen),
        "another agency's name"
    );
    assert_eq!(key.open(&a.id, &of_a), Ok(body(1)));
}

#[test]
fn the_same_body_gets_another_ciphertext_under_every_handle_and_expiry() {
    let a = agency(1);
    let one = a.post(5, 1, 1);
    assert_eq!(one, a.post(5, 1, 1), "a retry is a retry");
    assert_ne!(one.sealed, a.post(5, 2, 1).sealed);
    let later = seal(
        &secrets(5),
        &a.point,
        &a.id,
        one.handle,
        EXPIRY.plus(1),
        &body(1),
    );
    assert_ne!(one.sealed[..20], later.sealed[..20]);
}

#[test]
fn points_differ_between_agencies_and_epochs() {
    let mut points = std::collections::HashSet::new();
    for name in 0..200 {
        for epoch in 1..4 {
            let point = agency_point(&agency(name).id, Epoch(epoch));
            assert!(points.insert(format!("{point:?}")));
        }
    }
}

#[test]
fn dummies_are_well_formed_and_keep_the_given_month() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (one, two) = (
        Posting::dummy(EXPIRY, &mut rng),
        Posting::dummy(EXPIRY, &mut rng),
    );
    assert_ne!(one, two);
    for dummy in [one, two] {
        assert_eq!(dummy.expiry, EXPIRY);
        assert_eq!(Posting::from_bytes(&dummy.to_bytes()), Ok(dummy));
        assert!(dummy.tag.0 != [0; 16] && dummy.handle.0 != [0; 8] && dummy.sealed != [0; 36]);
    }
    // A dummy forged to a real tag opens nothing and harms nobody.
    let (a, b) = (agency(1), agency(2));
    let of_a = a.post(5, 1, 1);
    let key = open_pair(
        a.side(&of_a),
        b.side(&Posting {
            tag: of_a.tag,
            ..one
        }),
    )
    .unwrap();
    assert_eq!(key.open(&a.id, &of_a), Err(PostingError::DoesNotOpen));
}

#[test]
fn keys_do_not_print() {
    let (a, b) = (agency(1), agency(2));
    let key = open_pair(a.side(&a.post(5, 1, 1)), b.side(&b.post(5, 2, 2))).unwrap();
    assert_eq!(format!("{key:?}"), "TokenKey(<redacted>)");
}
