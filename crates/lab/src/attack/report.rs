//! What the attacks found, as a table and as JSON.

use std::fmt;

use serde::Serialize;

use super::{claims::Score, kinds::KindLine};

/// Everything the attacks found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Rows of the attacker's plaintext that give tokens.
    pub records: usize,
    /// Postings in the store, dummies among them.
    pub postings: usize,
    /// Postings that the hub can open.
    pub opened: usize,
    /// Records whose card the hub can open.
    pub records_opened: usize,
    /// Alignments of store and plaintext.
    pub alignments: Vec<Alignment>,
    /// The frequency attacks on the hub's store, by kind of token.
    pub kinds: Vec<KindLine>,
    /// Dictionary attacks.
    pub dictionary: Vec<Guessing>,
    /// What the admission tests left out: agency, kind, counts.
    pub left_out: Vec<String>,
}

/// One alignment.
#[derive(Clone, Debug, Serialize)]
pub struct Alignment {
    /// What is attacked.
    pub target: &'static str,
    /// How.
    pub attack: &'static str,
    /// Counts.
    #[serde(flatten)]
    pub score: Score,
    /// Share of occurrences named rightly.
    pub rate: f64,
    /// Of those that the hub cannot open.
    pub sealed_rate: f64,
    /// Of those that it opens.
    pub open_rate: f64,
}

/// One dictionary attack.
#[derive(Clone, Debug, Serialize)]
pub struct Guessing {
    /// What is attacked.
    pub target: &'static str,
    /// What the attacker has.
    pub with: String,
    /// Guesses looked up.
    pub tried: usize,
    /// Occurrences found.
    pub found: usize,
    /// Occurrences there are.
    pub of: usize,
}

impl Report {
    /// The alignment of that name.
    #[must_use]
    pub fn alignment(&self, target: &str, attack: &str) -> Option<&Alignment> {
        self.alignments
            .iter()
            .find(|a| a.target == target && a.attack == attack)
    }
}

impl Alignment {
    pub(super) fn new(target: &'static str, attack: &'static str, score: Score) -> Self {
        Self {
            target,
            attack,
            rate: score.rate(),
            sealed_rate: score.sealed_rate(),
            open_rate: score.open_rate(),
            score,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} records in the attacker's hands; {} postings stored, {} open, of {} records",
            self.records, self.postings, self.opened, self.records_opened
        )?;
        for line in &self.left_out {
            writeln!(f, "admission test: {line}")?;
        }
        writeln!(
            f,
            "\n{:<22} {:<43} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
            "aligned with plaintext", "by", "named", "of", "rate", "sealed", "open", "chance"
        )?;
        for line in &self.alignments {
            let Score {
                named,
                occurrences: of,
                sealed,
                chance,
                ..
            } = line.score;
            let part = |there: bool, rate| if there { percent(rate) } else { "-".to_owned() };
            writeln!(
                f,
                "{:<22} {:<43} {named:>8} {of:>8} {:>8} {:>8} {:>8} {:>8}",
                line.target,
                line.attack,
                percent(line.rate),
                part(sealed > 0, line.sealed_rate),
                part(sealed < of, line.open_rate),
                percent(chance / of.max(1) as f64),
            )?;
        }
        self.by_kind(f)?;
        writeln!(
            f,
            "\n{:<22} {:<43} {:>8} {:>8} {:>8}",
            "dictionary of values", "with", "found", "of", "rate"
        )?;
        for line in &self.dictionary {
            let rate = percent(line.found as f64 / line.of.max(1) as f64);
            let Guessing {
                target,
                with,
                found,
                of,
                ..
            } = line;
            writeln!(f, "{target:<22} {with:<43} {found:>8} {of:>8} {rate:>8}")?;
        }
        Ok(())
    }
}

impl Report {
    fn by_kind(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{:<22} {:>9} {:>9} {:>8} {:>6} {:>9} {:>9} {:>9}",
            "hub's store, by kind",
            "values",
            "of",
            "open",
            "most",
            "common",
            "by rank",
            "by agency"
        )?;
        for line in &self.kinds {
            let part = |n: usize| percent(n as f64 / line.occurrences.max(1) as f64);
            writeln!(
                f,
                "{:<22} {:>9} {:>9} {:>8} {:>6} {:>9} {:>9} {:>9}",
                line.kind,
                line.values,
                line.occurrences,
                part(line.open),
                line.most,
                part(line.on_common),
                part(line.ranked),
                part(line.by_agency)
            )?;
        }
        Ok(())
    }
}

fn percent(share: f64) -> String {
    format!("{:.3}%", share * 100.0)
}
