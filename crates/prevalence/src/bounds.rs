use serde::Serialize;

use crate::{model::Pair, table::Table};

/// Chao's lower bound from the people on exactly one and exactly two lists, bias corrected. A bound
/// only if the lists are independent for each person.
#[must_use]
pub fn chao(table: &Table) -> f64 {
    let lists = table.lists().len() as f64;
    let (one, two) = (table.on_exactly(1) as f64, table.on_exactly(2) as f64);
    let share = if lists > 0.0 {
        (lists - 1.0) / lists
    } else {
        0.0
    };
    table.people() as f64 + share * one * (one - 1.0) / (2.0 * (two + 1.0))
}

/// Chapman's figure for two lists. Assumes that the two meet people independently, which two lists
/// cannot check.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Chapman {
    /// Known and hidden people.
    pub total: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// 95 % interval, log-normal in the hidden people.
    pub interval_95: [f64; 2],
}

/// As the formula is usually given, with two decimals.
const Z_95: f64 = 1.96;

/// Chapman's figure of people on the first list, on the second, and on both (no more than on either).
#[must_use]
pub fn chapman(first: u64, second: u64, both: u64) -> Chapman {
    let (n1, n2, m) = (first as f64, second as f64, both as f64);
    let total = (n1 + 1.0) * (n2 + 1.0) / (m + 1.0) - 1.0;
    let above = (n1 + 1.0) * (n2 + 1.0) * (n1 - m).max(0.0) * (n2 - m).max(0.0);
    let variance = above / ((m + 1.0).powi(2) * (m + 2.0));
    let known = n1 + n2 - m;
    let hidden = total - known;
    let factor = (Z_95 * (variance / (hidden * hidden)).ln_1p().sqrt()).exp();
    let interval_95 = if hidden > 0.0 {
        [known + hidden / factor, known + hidden * factor]
    } else {
        [total; 2]
    };
    Chapman {
        total,
        standard_error: variance.sqrt(),
        interval_95,
    }
}

/// Chapman's figure of a table with exactly two lists.
#[must_use]
pub fn chapman_of(table: &Table) -> Option<Chapman> {
    let both = Pair::new(0, 1).map(|pair| table.on_both(pair))?;
    (table.lists().len() == 2).then(|| chapman(table.on(0), table.on(1), both))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PREVALENCE.md 3.2.
    #[test]
    fn chapman_gives_the_reference_values() {
        let near = |a: f64, b: f64, within: f64| assert!((a - b).abs() <= within, "{a} is not {b}");
        for (given, total, error, low, high) in [
            ((100, 80, 20), 388.5714, 63.6199, 293.81, 550.43),
            ((54, 463, 15), 1594.0, 320.0864, 1124.07, 2418.94),
            ((12, 9, 4), 25.0, 5.8878, 19.20, 46.05),
        ] {
            let found = chapman(given.0, given.1, given.2);
            near(found.total, total, 1e-4);
            near(found.standard_error, error, 1e-4);
            near(found.interval_95[0], low, 0.01);
            near(found.interval_95[1], high, 0.01);
        }
        near(chapman(30, 25, 0).total, 805.0, 1e-9);
        near(chapman(1102, 807, 75).total, 11725.63, 0.005);
    }

    #[test]
    fn nobody_hidden_is_no_interval() {
        assert_eq!(chapman(5, 5, 5).interval_95, [5.0, 5.0]);
    }
}
