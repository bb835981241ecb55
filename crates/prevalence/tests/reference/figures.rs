//! PREVALENCE.md 3.2: totals within 1e-6, AIC and BIC within 1e-3, chosen pairs in order.

use sanctuary_prevalence::{
    Fit, ModelSummary, Table, acceleration, all_models, chao, full, main_effects, stepwise,
};

use crate::tables::*;

#[track_caller]
pub fn near(found: f64, expected: f64, within: f64) {
    assert!(
        (found - expected).abs() <= within,
        "{found} is not {expected} within {within}"
    );
}

/// Printed with four decimals at least: half of the last is allowed beside one in a million.
#[track_caller]
fn total_is(fit: &Fit, expected: f64) {
    near(fit.total(), expected, 1e-6 * expected);
}

struct Reference {
    table: Table,
    main: f64,
    stepwise: f64,
    pairs: &'static str,
    aic: f64,
    bic: f64,
    chao: f64,
}

#[test]
fn stepwise_main_effects_and_the_lower_bound() {
    let references = [
        Reference {
            table: uk_6(),
            main: 12213.9951,
            stepwise: 11417.9911,
            pairs: "PF:NCA LA:NG NG:GP LA:PF PF:GP GO:GP NG:GO",
            aic: 162.6591,
            bic: 245.4995,
            chao: 13431.968,
        },
        Reference {
            table: uk_5(),
            main: 13444.1312,
            stepwise: 11312.9903,
            pairs: "LA:NG NG:GP PFNCA:GP LA:PFNCA GO:GP NG:GO",
            aic: 127.5986,
            bic: 198.6047,
            chao: 14582.151,
        },
        Reference {
            table: uk_4(),
            main: 10694.2545,
            stepwise: 11015.2445,
            pairs: "LA:NG LA:PFNCA NG:GO",
            aic: 96.8299,
            bic: 143.1884,
            chao: 11961.273,
        },
        Reference {
            table: ned_6(),
            main: 52823.4640,
            stepwise: 111139.3712,
            pairs: "O:Z P:Z I:Z P:R O:P K:R(-inf) I:K(-inf) K:O",
            aic: 207.1849,
            bic: 312.4253,
            chao: 69341.833,
        },
        Reference {
            table: ned_5(),
            main: 52923.8943,
            stepwise: 121521.6137,
            pairs: "IO:Z P:Z P:R IO:P K:R(-inf) IO:K",
            aic: 143.7870,
            bic: 227.9793,
            chao: 66491.422,
        },
        Reference {
            table: new_orleans_185(),
            main: 996.6643,
            stepwise: 1183.6923,
            pairs: "D:E",
            aic: 113.0692,
            bic: 145.2727,
            chao: 1257.312,
        },
        Reference {
            table: new_orleans_5_185(),
            main: 1034.1511,
            stepwise: 1034.1511,
            pairs: "",
            aic: 77.5294,
            bic: 96.8515,
            chao: 1267.036,
        },
        Reference {
            table: new_orleans_186(),
            main: 949.4707,
            stepwise: 1110.4881,
            pairs: "D:E",
            aic: 112.8310,
            bic: 145.0885,
            chao: 1175.827,
        },
        Reference {
            table: kosovo(),
            main: 7394.5867,
            stepwise: 14341.6638,
            pairs: "ABA:OSCE OSCE:HRW EXH:OSCE EXH:ABA EXH:HRW",
            aic: 161.3176,
            bic: 225.2112,
            chao: 8796.506,
        },
    ];
    for reference in references {
        let table = &reference.table;
        total_is(&main_effects(table).unwrap(), reference.main);
        let fit = stepwise(table, 0.02).unwrap();
        assert_eq!(in_words(table, &fit), reference.pairs);
        total_is(&fit, reference.stepwise);
        near(fit.aic(), reference.aic, 1e-3);
        near(fit.bic(), reference.bic, 1e-3);
        near(chao(table), reference.chao, 1e-3);
    }
}

#[test]
fn the_tables_of_which_only_some_values_are_known() {
    let table = new_orleans_5_186();
    let fit = stepwise(&table, 0.02).unwrap();
    total_is(&fit, 981.4314);
    assert!(fit.pairs().is_empty());
    near(fit.aic(), 76.9158, 1e-3);
    near(fit.bic(), 96.2703, 1e-3);
    let table = australia();
    let fit = stepwise(&table, 0.02).unwrap();
    total_is(&main_effects(&table).unwrap(), 827.1672);
    total_is(&fit, 6496.0087);
    assert_eq!(in_words(&table, &fit), "B:C B:D A:B");
    near(chao(&table), 1360.915, 1e-3);
}

#[test]
fn best_of_all_models() {
    for (table, bic, aic) in [
        (uk_5(), 22991.33, 11174.83),
        (uk_4(), 11987.09, 11015.24),
        (ned_5(), 48012.73, 46330.88),
        (new_orleans_5_185(), 1034.15, 2750.20),
        (new_orleans_5_186(), 981.43, 1389.00),
        (kosovo(), 14341.66, 14341.66),
    ] {
        let all = all_models(&table).unwrap().expect("five lists at most");
        // The reference has two decimals.
        near(all.best_bic().unwrap().total(), bic, 0.006);
        near(all.best_aic().unwrap().total(), aic, 0.006);
    }
    assert!(all_models(&uk_6()).unwrap().is_none());
}

#[test]
fn every_pair_in_the_model() {
    for (table, total) in [
        (uk_6(), 10568.7067),
        (uk_5(), 11232.5314),
        (ned_5(), 45135.4383),
        (new_orleans_185(), 2393.2028),
    ] {
        total_is(&full(&table).unwrap(), total);
    }
    let table = new_orleans_185();
    let summary = ModelSummary::of(&table, &full(&table).unwrap());
    assert_eq!(
        summary
            .pairs
            .iter()
            .filter(|pair| pair.minus_infinity)
            .count(),
        18
    );
    assert_eq!(summary.pairs.len(), 28);
}

#[test]
fn the_acceleration() {
    for (table, expected) in [
        (uk_6(), -0.0128711648),
        (uk_5(), -0.0121810814),
        (uk_4(), -0.0125021818),
        (ned_5(), -0.0165999775),
        (new_orleans_185(), -0.0293324194),
        (new_orleans_5_185(), -0.0551614725),
        (new_orleans_186(), -0.0282270715),
        (kosovo(), -0.0041601994),
    ] {
        near(acceleration(&table).unwrap().unwrap(), expected, 2e-8);
    }
}

fn in_words(table: &Table, fit: &Fit) -> String {
    let pairs = ModelSummary::of(table, fit).pairs;
    pairs
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}
