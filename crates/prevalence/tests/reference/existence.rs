//! Existence codes against exact linear programs: one for each empty history, whether it could have
//! had people with all sums of the model the same. All could have: the estimate exists.

use num_rational::BigRational as Fraction;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use sanctuary_prevalence::{JudgedModel, Pair, PrevalenceError, Table, all_models, fit_pairs};

use crate::{
    exact::{fraction, maximum, rank},
    tables::{artificial_3, uk_5},
};

/// 0, 1, 2 or 3, from the definition.
fn brute_force(table: &Table, pairs: &[Pair]) -> u8 {
    let lists = table.lists().len();
    let infinite: Vec<&Pair> = pairs
        .iter()
        .filter(|pair| table.on_both(**pair) == 0)
        .collect();
    let gone = |history: usize| infinite.iter().any(|p| history & p.mask() == p.mask());
    let histories: Vec<usize> = (1..1 << lists).filter(|history| !gone(*history)).collect();
    let mut sets = vec![0];
    sets.extend((0..lists).map(|list| 1 << list));
    sets.extend(
        pairs
            .iter()
            .filter(|pair| table.on_both(**pair) > 0)
            .map(|pair| pair.mask()),
    );
    let people = |history: usize| {
        table
            .histories()
            .find(|(other, _)| *other == history)
            .map_or(0, |(_, people)| people)
    };
    // One row a parameter, one column a history.
    let within = |set: usize| {
        histories
            .iter()
            .map(move |h| fraction(i64::from(h & set == set)))
    };
    let rows: Vec<Vec<Fraction>> = sets.iter().map(|set| within(*set).collect()).collect();
    let sum = |set: usize| {
        let of_set = histories.iter().filter(|history| **history & set == set);
        fraction(of_set.map(|history| people(*history) as i64).sum())
    };
    let right: Vec<Fraction> = sets.iter().map(|set| sum(*set)).collect();
    let exists = histories
        .iter()
        .enumerate()
        .filter(|(_, h)| people(**h) == 0)
        .all(|(i, _)| {
            let objective: Vec<Fraction> = (0..histories.len())
                .map(|k| fraction(i64::from(k == i)))
                .collect();
            maximum(&rows, &right, &objective) > fraction(0)
        });
    u8::from(!exists) + 2 * u8::from(rank(&rows) < sets.len())
}

fn code(table: &Table, pairs: &[Pair]) -> u8 {
    match fit_pairs(table, pairs) {
        Ok(_) => 0,
        Err(PrevalenceError::NoEstimate(existence)) => existence.code(),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_made_up_table_has_the_codes_of_the_literature() {
    let table = artificial_3();
    let [ab, ac, bc] = [(0, 1), (0, 2), (1, 2)].map(|(a, b)| Pair::new(a, b).unwrap());
    for (pairs, expected) in [
        (vec![], 0),
        (vec![ab], 1),
        (vec![ac, bc], 0),
        (vec![ab, ac, bc], 2),
    ] {
        assert_eq!(
            (code(&table, &pairs), brute_force(&table, &pairs)),
            (expected, expected)
        );
    }
    for model in all_models(&table).unwrap().unwrap().models() {
        assert_eq!(
            model.existence.code(),
            brute_force(&table, &model.pairs),
            "{:?}",
            model.pairs
        );
        assert_eq!(model.fit.is_some(), model.existence.code() == 0);
    }
}

#[test]
fn codes_of_a_thousand_sparse_tables_equal_the_exact_ones() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut below = |n: u64| rng.next_u64() % n;
    let mut seen = [0; 4];
    let mut tables = 0;
    while tables < 1_000 {
        let lists = [3, 3, 4, 5][below(4) as usize];
        let empty_of_8 = 3 + below(5);
        let names: Vec<String> = (0..lists).map(|i| format!("L{i}")).collect();
        let histories: Vec<(usize, u64)> = (1..1_usize << lists)
            .map(|history| {
                let few = 1 + 30 / (1 << (2 * (history.count_ones() - 1))).max(1);
                (
                    history,
                    if below(8) < empty_of_8 {
                        0
                    } else {
                        1 + below(few)
                    },
                )
            })
            .collect();
        let table = Table::build(&names, histories).unwrap();
        if table.lists().len() < 3 {
            continue;
        }
        tables += 1;
        // Up to every pair: models that the table does not determine are the large ones.
        let of_4 = [1, 2, 3, 4, 4, 4][below(6) as usize];
        let pairs: Vec<Pair> = table.pairs().filter(|_| below(4) < of_4).collect();
        let (found, expected) = (code(&table, &pairs), brute_force(&table, &pairs));
        assert_eq!(found, expected, "{table:?} with {pairs:?}");
        seen[usize::from(expected)] += 1;
    }
    println!("tables with code 0, 1, 2, 3: {seen:?}");
    assert!(
        seen.iter().all(|tables| *tables >= 10),
        "the tables are all alike: {seen:?}"
    );
}

#[test]
fn the_largest_totals_of_the_uk_table_are_of_models_that_exist() {
    let table = uk_5();
    let all = all_models(&table).unwrap().unwrap();
    let mut with_fit: Vec<_> = all
        .models()
        .iter()
        .filter(|model| model.fit.is_some())
        .collect();
    with_fit.sort_by(|a, b| {
        let total = |model: &JudgedModel| model.fit.as_ref().map_or(0.0, |fit| fit.total());
        total(b).total_cmp(&total(a))
    });
    for model in &with_fit[..3] {
        assert_eq!(brute_force(&table, &model.pairs), 0, "{:?}", model.pairs);
    }
}
