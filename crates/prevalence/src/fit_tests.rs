use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::*;

/// Six lists of a few hundred people: tables on which many models have no estimate.
fn sparse(rng: &mut ChaCha8Rng) -> Table {
    let mut below = |n: u64| rng.next_u64() % n;
    let names: Vec<String> = (0..6).map(|i| format!("L{i}")).collect();
    let histories = (1..64_usize).map(|history| {
        let people = match history.count_ones() {
            1 => 1 + below(20),
            2 => below(12).saturating_sub(9),
            3 => below(24).saturating_sub(22),
            _ => 0,
        };
        (history, people)
    });
    Table::build(&names, histories.collect::<Vec<_>>()).unwrap()
}

#[test]
fn a_fit_never_certifies_what_the_linear_program_denies() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let (mut certified, mut denied, mut missed) = (0, 0, 0);
    for _ in 0..300 {
        let table = sparse(&mut rng);
        let pairs: Vec<Pair> = table.pairs().filter(|_| rng.next_u64() % 2 == 0).collect();
        let design = Design::new(&table, &pairs);
        let fitted = settle(&design, Patience::Certificate).unwrap().is_some();
        let decided = existence::decide(&design).unwrap();
        match (fitted, decided == Existence::Unique) {
            (true, true) => certified += 1,
            (false, false) => denied += 1,
            (false, true) => missed += 1,
            (true, false) => panic!("certified, but {decided}: {table:?} {pairs:?}"),
        }
    }
    assert!(
        certified > 100 && denied > 30,
        "{certified} {denied} {missed}"
    );
    assert!(
        missed * 20 < certified,
        "{missed} of {certified} went the slow way"
    );
}
