//! The three stages against the comparison in clear, and what each side sees.

use std::collections::HashSet;

use proptest::prelude::*;
use sanctuary_compare::{Answer, CompareError, Opening, Seed, Version, answer, finish, open};
use sanctuary_linkage::Comparable;
use sanctuary_types::ComparedLevels;

const VERSION: Version = Version([9; 16]);

fn seed(byte: u8) -> Seed {
    Seed::new([byte; 32])
}

fn strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

fn record() -> impl Strategy<Value = Comparable> {
    let words = |most| prop::collection::vec("[a-f]{1,20}", 0..=most);
    let short = prop::collection::vec("[a-c]{1,4}", 0..3);
    (
        (words(3), short.clone(), any::<bool>()),
        (words(5), short),
        words(9),
        prop::option::of((1980_u16..1984, 1_u8..13, 1_u8..29)),
        prop::option::of(prop::sample::select(vec![b'F', b'M'])),
    )
        .prop_map(
            |((long, brief, pick), (middles, few), address, birth, sex)| {
                let (parts, middles) = if pick { (long, middles) } else { (brief, few) };
                Comparable::new(strs(&parts), strs(&middles), strs(&address), birth, sex)
            },
        )
}

fn through(a: &Comparable, b: &Comparable) -> Result<ComparedLevels, CompareError> {
    let opening = open(a, VERSION, &seed(1));
    let reply = answer(b, &Opening::decode(&opening)?, &seed(2));
    finish(a, &Answer::decode(&reply)?, &seed(1))
}

fn anna() -> Comparable {
    Comparable::new(
        ["anna", "kowalska"],
        ["maria"],
        ["12", "high", "street", "durham"],
        Some((1990, 3, 4)),
        Some(b'F'),
    )
}

fn points(message: &[u8], head: usize) -> Vec<[u8; 32]> {
    let (points, rest) = message[head..].as_chunks();
    assert!(rest.is_empty());
    points.to_vec()
}
const OPENING_HEAD: usize = 18;
const ANSWER_HEAD: usize = 27;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn levels_are_those_in_clear(a in record(), b in record()) {
        prop_assert_eq!(through(&a, &b), Ok(a.levels(&b)));
        prop_assert_eq!(through(&a, &a), Ok(a.levels(&a)));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail(bytes in prop::collection::vec(any::<u8>(), 0..4000), form in 0u8..4) {
        let mut bytes = bytes;
        bytes.splice(0..0, [1, form]);
        prop_assert!(Opening::decode(&bytes).is_err());
        prop_assert!(Answer::decode(&bytes).is_err());
    }
}

/// No point comes twice: not for the same element in two comparisons, not inside one, not from one
/// stage to the next. So no point is a function of the element alone.
#[test]
fn nothing_on_the_wire_is_a_function_of_the_elements() {
    let twice = Comparable::new(
        ["anna", "anna"],
        ["anna", "anna"],
        ["anna"],
        Some((1911, 11, 11)),
        Some(b'F'),
    );
    let mut seen = HashSet::new();
    let mut count = 0;
    for run in 0..4 {
        let opening = open(&twice, VERSION, &seed(10 + run));
        let reply = answer(&twice, &Opening::decode(&opening).unwrap(), &seed(20 + run));
        for point in points(&opening, OPENING_HEAD)
            .into_iter()
            .chain(points(&reply, ANSWER_HEAD))
        {
            seen.insert(point);
            count += 1;
        }
    }
    // Where two groups agree, the opener's points under the answerer's scalar alone are never sent.
    assert_eq!(seen.len(), count);
}

#[test]
fn sizes_say_only_the_form() {
    let nobody = Comparable::default();
    let opening = |record: &Comparable| open(record, VERSION, &seed(1)).len();
    assert_eq!(opening(&anna()), opening(&nobody));
    let to = |record: &Comparable| {
        let opening = Opening::decode(&open(record, VERSION, &seed(1))).unwrap();
        [&anna(), &nobody].map(|own| answer(own, &opening, &seed(2)).len())
    };
    let lengths = [to(&anna()), to(&nobody)].concat();
    assert!(lengths.iter().all(|length| *length == lengths[0]));
    let several = Comparable::new([], ["a", "b"], [], None, None);
    assert!(opening(&several) > opening(&anna()));
}

#[test]
fn the_same_step_gives_the_same_bytes_and_another_seed_others() {
    let opening = open(&anna(), VERSION, &seed(1));
    assert_eq!(opening, open(&anna(), VERSION, &seed(1)));
    let other = open(&anna(), VERSION, &seed(2));
    let points = |message: &[u8]| points(message, OPENING_HEAD);
    assert!(
        points(&opening)
            .iter()
            .all(|point| !points(&other).contains(point))
    );
}

#[test]
fn malformed_openings_are_refused() {
    let good = open(&anna(), VERSION, &seed(1));
    assert!(Opening::decode(&good).is_ok());
    refused(&good, OPENING_HEAD, |bytes| {
        Opening::decode(bytes).map(|_| ())
    });
}

#[test]
fn malformed_answers_are_refused() {
    let opening = Opening::decode(&open(&anna(), VERSION, &seed(1))).unwrap();
    let good = answer(&anna(), &opening, &seed(2));
    assert!(Answer::decode(&good).is_ok());
    refused(&good, ANSWER_HEAD, |bytes| {
        Answer::decode(bytes).map(|_| ())
    });
    // Sizes beyond a group: parts, a further name that the form lacks, half a date, two sexes.
    for (place, size) in [(0, 17), (3, 1), (5, 49), (6, 7), (7, 2)] {
        let mut bytes = good.clone();
        bytes[19 + place] = size;
        let error = Answer::decode(&bytes).unwrap_err();
        assert_eq!(error, CompareError::Damaged("a size beyond its group"));
    }
}

fn refused(good: &[u8], head: usize, decode: impl Fn(&[u8]) -> Result<(), CompareError>) {
    let damaged = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.to_vec();
        change(&mut bytes);
        assert!(matches!(decode(&bytes), Err(CompareError::Damaged(_))));
    };
    damaged(&|bytes| bytes[0] += 1);
    damaged(&|bytes| bytes[1] = 3);
    damaged(&|bytes| bytes[1] = 1);
    damaged(&|bytes| bytes.truncate(bytes.len() - 1));
    damaged(&|bytes| bytes.truncate(5));
    damaged(&|bytes| bytes.extend([0; 32]));
    // The identity stands first in the order, so only its being refused can be the reason.
    damaged(&|bytes| bytes[head..head + 32].fill(0));
    // Not canonical: the field's order and above, last in the order of the first group.
    damaged(&|bytes| bytes[head + 15 * 32..head + 16 * 32].fill(0xff));
    // Twice the same; out of order.
    damaged(&|bytes| bytes.copy_within(head..head + 32, head + 32));
    damaged(&|bytes| {
        let (one, two) = bytes[head..head + 64].split_at_mut(32);
        one.swap_with_slice(two);
    });
}

#[test]
fn an_answer_cannot_have_more_in_common_than_it_has() {
    let opening = Opening::decode(&open(&anna(), VERSION, &seed(1))).unwrap();
    let mut reply = answer(&anna(), &opening, &seed(2));
    reply[19] = 1;
    let result = finish(&anna(), &Answer::decode(&reply).unwrap(), &seed(1));
    let error = CompareError::Damaged("more in common than there is");
    assert_eq!(result, Err(error));
}

#[test]
fn another_form_of_the_record_is_a_change() {
    let opening = Opening::decode(&open(&anna(), VERSION, &seed(1))).unwrap();
    let reply = Answer::decode(&answer(&anna(), &opening, &seed(2))).unwrap();
    assert_eq!(reply.version, VERSION);
    let changed = Comparable::new([], ["maria", "luisa"], [], None, None);
    assert_eq!(
        finish(&changed, &reply, &seed(1)),
        Err(CompareError::Changed)
    );
}

/// A peer that sends the opener's own points back as its own finds nothing in common.
#[test]
fn echoed_points_match_nothing() {
    let opening = Opening::decode(&open(&anna(), VERSION, &seed(1))).unwrap();
    let mut reply = answer(&anna(), &opening, &seed(2));
    // The first pair of groups: 16 crossed points, then 16 of the answerer's.
    let crossed = ANSWER_HEAD..ANSWER_HEAD + 16 * 32;
    reply.copy_within(crossed.clone(), crossed.end);
    let levels = finish(&anna(), &Answer::decode(&reply).unwrap(), &seed(1)).unwrap();
    assert_ne!(levels.name, anna().levels(&anna()).name);
}
