use proptest::prelude::*;

use super::*;

fn named(parts: &[&'static str]) -> Comparable {
    Comparable::new(parts.iter().copied(), [], [], None, None)
}

fn born(year: u16, month: u8, day: u8) -> Comparable {
    Comparable::new([], [], [], Some((year, month, day)), None)
}

#[test]
fn letter_pairs_are_counted_as_by_hand() {
    // _n ni ig gh ht t_ and _n na ac ch ht t_
    let (night, nacht) = (
        LetterPairs::of(["night"], 32),
        LetterPairs::of(["nacht"], 32),
    );
    assert_eq!((night.len(), nacht.len(), night.shared(&nacht)), (6, 6, 3));
    assert!((night.overlap(&nacht).dice() - 0.5).abs() < 1e-12);
    // aaaa has _a aa a_: each pair once.
    assert_eq!(LetterPairs::of(["aaaa"], 32).len(), 3);
    assert_eq!(LetterPairs::of(["", ""], 32).len(), 0);
}

#[test]
fn names_are_paired_the_better_way() {
    use Likeness::{Same, Unlike};
    let level = |a: &[&'static str], b: &[&'static str]| named(a).levels(&named(b)).name;
    let both = Some(NameLevel::Two(Same, Same));
    assert_eq!(level(&["anna", "kowalska"], &["kowalska", "anna"]), both);
    let one = Some(NameLevel::Two(Same, Unlike));
    assert_eq!(level(&["anna", "kowalska"], &["anna", "smith"]), one);
    let single = Some(NameLevel::One(Same));
    assert_eq!(level(&["anna", "kowalska"], &["kowalska"]), single);
    assert_eq!(level(&["kowalska"], &["anna", "kowalska"]), single);
    assert_eq!(level(&["anna"], &[]), None);
}

#[test]
fn dates_count_digits_and_forgive_a_swap() {
    let level = |a: Comparable, b: Comparable| a.levels(&b).birth;
    let of = |year, month, day| born(year, month, day);
    let is = |level: Option<BirthLevel>, expected| assert_eq!(level, Some(expected));
    is(level(of(1986, 2, 11), of(1986, 2, 11)), BirthLevel::Eight);
    is(level(of(1986, 2, 11), of(1986, 11, 2)), BirthLevel::Seven);
    is(level(of(1986, 2, 11), of(1987, 2, 11)), BirthLevel::Seven);
    is(level(of(1986, 2, 11), of(1987, 2, 12)), BirthLevel::Six);
    is(level(of(1986, 2, 11), of(1987, 3, 12)), BirthLevel::Five);
    is(level(of(1986, 2, 11), of(2003, 10, 29)), BirthLevel::Fewer);
    assert_eq!(level(of(1986, 2, 11), named(&["anna"])), None);
}

#[test]
fn addresses_middles_and_sex() {
    let record = |middles: &[&'static str], address: &'static str, sex| {
        let middles = middles.iter().copied();
        Comparable::new([], middles, address.split(' '), None, sex)
    };
    let a = record(&["maria", "luisa"], "12 high street leeds", Some(b'F'));
    let b = record(&["luiza"], "12 high street leeds", Some(b'M'));
    let levels = a.levels(&b);
    assert_eq!(levels.address, Some(AddressLevel::Same));
    // _l lu ui and a_ of six each.
    assert_eq!(levels.middle, Some(MiddleLevel::Loose));
    assert_eq!(levels.sex, Some(false));
    assert_eq!(levels.name, None);
    let none = a.levels(&Comparable::default());
    assert_eq!(none, ComparedLevels::default());
}

#[test]
fn limits_hold_and_nothing_is_printed() {
    let long: String = ('a'..='z').flat_map(|c| ['q', c, 'w']).collect();
    let words = [long.as_str(); 5];
    let all = Comparable::new(words, words, [long.as_str()], None, None);
    assert_eq!(all.parts.len(), Comparable::PARTS_MAX);
    assert_eq!(all.middles.len(), Comparable::MIDDLES_MAX);
    assert!(
        all.parts
            .iter()
            .all(|p| p.len() <= Comparable::NAME_PAIRS_MAX)
    );
    let mut address = String::new();
    for a in 'a'..='z' {
        for b in 'a'..='z' {
            address.extend([a, b, ' ']);
        }
    }
    let all = Comparable::new([], [], address.split(' '), None, None);
    assert_eq!(all.address.len(), Comparable::ADDRESS_PAIRS_MAX);
    assert_eq!(format!("{all:?}"), "Comparable(<redacted>)");
    assert_eq!(format!("{:?}", all.address), "LetterPairs(<redacted>)");
}

fn list(words: &[String]) -> impl Iterator<Item = &str> {
    words.iter().map(String::as_str)
}

fn record() -> impl Strategy<Value = Comparable> {
    let word = "[a-e]{1,6}";
    (
        prop::collection::vec(word, 0..4),
        prop::collection::vec(word, 0..4),
        prop::collection::vec(word, 0..6),
        prop::option::of((1980_u16..2000, 1_u8..13, 1_u8..29)),
        prop::option::of(0_u8..3),
    )
        .prop_map(|(parts, middles, address, birth, sex)| {
            Comparable::new(list(&parts), list(&middles), list(&address), birth, sex)
        })
}

proptest! {
    #[test]
    fn either_side_gives_the_same_levels(a in record(), b in record()) {
        prop_assert_eq!(a.levels(&b), b.levels(&a));
        let bytes = a.levels(&b).to_bytes();
        prop_assert_eq!(ComparedLevels::from_bytes(bytes), Some(a.levels(&b)));
    }

    #[test]
    fn a_record_is_like_itself(a in record()) {
        let levels = a.levels(&a);
        prop_assert_eq!(levels.birth, a.birth.map(|_| BirthLevel::Eight));
        prop_assert_eq!(levels.sex, a.sex.map(|_| true));
        let same = [Likeness::Same; 2];
        match a.parts.len() {
            0 => prop_assert_eq!(levels.name, None),
            1 => prop_assert_eq!(levels.name, Some(NameLevel::One(same[0]))),
            _ => prop_assert_eq!(levels.name, Some(NameLevel::Two(same[0], same[1]))),
        }
    }
}

#[test]
fn chains_of_fathers_names_may_be_cut_anywhere_but_brothers_stay_two() {
    let name = |parts: [&'static str; 2], middle: Option<&'static str>| {
        Comparable::new(parts, middle, [], None, None)
    };
    let levels = |a: &Comparable, b: &Comparable| {
        let (there, back) = (a.levels(b), b.levels(a));
        assert_eq!(there, back);
        (there.name, there.middle)
    };
    let two = |better, worse| Some(NameLevel::Two(better, worse));
    let ali = name(["ali", "warsame"], Some("yusuf"));
    // Ali Yusuf is Ali Yusuf Warsame; so is Yusuf Ali, written the other way round.
    for short in [["ali", "yusuf"], ["yusuf", "ali"]] {
        let short = name(short, None);
        let found = levels(&ali, &short);
        assert_eq!(found, (two(Likeness::Same, Likeness::Same), None));
    }
    // His brother has the two other names in common, which are no main ones together.
    let brother = name(["hamdi", "warsame"], Some("yusuf"));
    let found = levels(&ali, &brother);
    let middle = Some(MiddleLevel::Close);
    assert_eq!(found, (two(Likeness::Same, Likeness::Unlike), middle));
    // Two further names stay further names: a woman with another surname by marriage.
    let married = name(["ali", "brown"], Some("yusuf"));
    assert_eq!(levels(&ali, &married), found);
}
