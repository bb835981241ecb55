use super::*;
use crate::{
    Levels,
    level::{LevelSet, LevelTables},
};

fn by_chance(universe: u64) -> Tables {
    Tables {
        levels: priors::chance(universe),
        details: priors::CHANCE_DETAILS,
    }
}

fn fit_once(
    patterns: &[(Pattern, f64)],
    setting: &Setting<'_>,
    start: &Parameters,
) -> (Parameters, u32) {
    fit(patterns, setting, start, start)
}

/// Febrl-like truth, far from the priors: noisier names and dates, other prevalence.
fn truth() -> LevelTables {
    LevelTables {
        name: [
            0.02, 0.30, 0.15, 0.20, 0.03, 0.08, 0.06, 0.06, 0.05, 0.01, 0.02, 0.015, 0.005,
        ],
        birth: [0.75, 0.10, 0.02, 0.04, 0.05, 0.03, 0.01],
        place: [0.50, 0.02, 0.08, 0.40],
        ..priors::SAME_PERSON
    }
}

/// Every combination of levels with exactly the expected number of pairs, `matches` of them one
/// person and `associates` relatives: no sampling noise.
fn planted(matches: f64, associates: f64, pairs: f64, u: &LevelTables) -> Vec<(Pattern, f64)> {
    let m = truth();
    let mut patterns = Vec::new();
    for n in 0..13 {
        for b in 0..7 {
            for p in 0..4 {
                let chance = |t: &LevelTables| t.name[n] * t.birth[b] * t.place[p];
                let h = priors::ASSOCIATE;
                let birth = if b == 0 {
                    0.004
                } else {
                    u.birth[b] * 0.996 / (1.0 - u.birth[0])
                };
                let count = matches * chance(&m)
                    + associates * h.name[n] * birth * h.place[p]
                    + (pairs - matches - associates) * chance(u);
                let missing = LevelSet::MISSING;
                let one = LevelSet::one;
                let levels =
                    Levels::planted([one(n), missing, one(b), missing, one(p), missing, missing]);
                patterns.push((Pattern::planted(levels), count));
            }
        }
    }
    patterns
}

#[test]
fn a_fit_recovers_what_was_planted() {
    let (records, pairs, matches) = (10_000.0, 25e6, 3_000.0);
    let u = by_chance(10_000);
    let setting = Setting {
        records,
        cross_pairs: pairs,
        chance: &u,
        matches_max: SHARE_MAX,
    };
    let patterns = planted(matches, 2_000.0, pairs, &u.levels);
    let (found, rounds) = fit_once(&patterns, &setting, &start(records, pairs));
    assert!(rounds < ROUNDS_MAX, "{rounds}");
    let share = found.matches * pairs / matches;
    assert!((0.95..1.05).contains(&share), "matches {share}");
    let associates = found.associates * pairs / 2_000.0;
    assert!((0.9..1.1).contains(&associates), "associates {associates}");
    for field in [Field::Name, Field::Birth, Field::Place] {
        let truth = truth();
        for (level, (m, t)) in found
            .same_person
            .levels
            .row(field)
            .iter()
            .zip(truth.row(field))
            .enumerate()
        {
            let near = (m - t).abs() < 0.01 + 0.05 * t;
            assert!(near, "{field:?} {level}: {m} for {t}");
        }
    }
}

#[test]
fn unlike_dates_never_become_ordinary() {
    let mut m = truth();
    m.birth = [0.5, 0.1, 0.0, 0.0, 0.0, 0.0, 0.4];
    cap(&mut m.birth, priors::BIRTH_NONE_MAX);
    assert!((m.birth[6] - 0.03).abs() < 1e-12);
    assert!((m.birth[0] - 0.87).abs() < 1e-12);
    assert!((m.birth.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn without_patterns_the_priors_stay() {
    let u = by_chance(60);
    let setting = Setting {
        records: 60.0,
        cross_pairs: 900.0,
        chance: &u,
        matches_max: SHARE_MAX,
    };
    let (found, _) = fit_once(&[], &setting, &start(60.0, 900.0));
    assert!((found.matches - 0.5 / 900.0).abs() < 1e-9);
    for (m, prior) in found
        .same_person
        .levels
        .birth
        .iter()
        .zip(priors::SAME_PERSON.birth)
    {
        assert!((m - prior).abs() < 0.05, "{m} {prior}");
    }
}

#[test]
fn coarse_sets_do_not_move_m() {
    let u = by_chance(10_000);
    let setting = Setting {
        records: 1e4,
        cross_pairs: 25e6,
        chance: &u,
        matches_max: SHARE_MAX,
    };
    let missing = LevelSet::MISSING;
    let coarse = (1..7).map(LevelSet::one).fold(missing, LevelSet::or);
    let levels = Levels::planted([
        LevelSet::one(1),
        missing,
        coarse,
        missing,
        LevelSet::one(0),
        missing,
        missing,
    ]);
    let patterns = [(Pattern::planted(levels), 1_000.0)];
    let (found, _) = fit_once(&patterns, &setting, &start(1e4, 25e6));
    let alone = fit_once(&[], &setting, &start(1e4, 25e6)).0;
    assert_eq!(
        found.same_person.levels.birth,
        alone.same_person.levels.birth
    );
    assert!(
        found.same_person.levels.name[1] > 0.9,
        "the observed level does count"
    );
}
