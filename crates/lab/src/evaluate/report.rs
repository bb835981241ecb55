//! What an evaluation found: JSON for programs (docs: the contract's section 3), a table for people.

use std::fmt;

use serde::Serialize;

/// The whole result. Fields serialise in the order and with the names other programs rely on.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// One entry a file.
    pub agencies: Vec<AgencyCounts>,
    /// Pairs of records that are one person.
    pub true_pairs: usize,
    /// Pairs that share at least one token.
    pub candidate_pairs: usize,
    /// Share of true pairs among the candidates.
    pub candidate_recall: f64,
    /// At the threshold asked for.
    pub at_threshold: At,
    /// At the strong band.
    pub at_strong: At,
    /// At the best F1.
    pub at_best: At,
    /// Stated probability against truth.
    pub calibration: Vec<Bin>,
    /// Wall time of each step, seconds.
    pub timing_s: Timing,
    /// Records a second.
    pub records_per_s: Speed,
    /// Expected calibration error of pairs at 0.2 and more; in the table only.
    #[serde(skip)]
    pub calibration_error: f64,
    /// Broken down by a column; in the table only.
    #[serde(skip)]
    pub groups: Vec<Group>,
}

/// One file's counts.
#[derive(Clone, Debug, Serialize)]
pub struct AgencyCounts {
    /// Agency.
    pub name: String,
    /// Rows read.
    pub records: u64,
    /// Rows with an error, whether they take part without the value or not at all.
    pub rejected: u64,
    /// Postings, without dummies.
    pub tokens: u64,
    /// Of an imported record, on average.
    pub tokens_per_record: f64,
    /// Rows imported without a value that broke a rule; in the table only.
    #[serde(skip)]
    pub incomplete: u64,
    /// Known only from Duty to Notify reports, never tokenised; in the table only.
    #[serde(skip)]
    pub notify_only: u64,
}

/// Quality at one threshold.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct At {
    /// Probability from which on pairs count.
    pub threshold: f64,
    /// Share of them that are true.
    pub precision: f64,
    /// Share of the true ones among them.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
    /// How many they are.
    pub pairs: usize,
}

/// Pairs of about one probability.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Bin {
    /// Mean stated probability.
    pub p_mean: f64,
    /// Share that is true.
    pub true_rate: f64,
    /// How many.
    pub pairs: usize,
}

/// Wall time, seconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Timing {
    /// Reading and normalising the files.
    pub normalise: f64,
    /// Token inputs, threshold OPRF and sealing.
    pub tokenise: f64,
    /// The hub's checks and storing.
    pub push: f64,
    /// Opening, fitting and scoring.
    #[serde(rename = "match")]
    pub matching: f64,
}

/// Records a second of wall time, all agencies together.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Speed {
    /// Through the tokeniser.
    pub tokenise: f64,
    /// Through the hub.
    pub ingest_and_match: f64,
}

/// One value of the column broken down by.
#[derive(Clone, Debug)]
pub struct Group {
    /// The value.
    pub name: String,
    /// True pairs with a record of the group.
    pub true_pairs: usize,
    /// Share of these among the candidates.
    pub candidate_recall: f64,
    /// Share of these at the threshold.
    pub recall: f64,
    /// Share of the group's pairs at the threshold that are true.
    pub precision: f64,
}

/// Rows of a breakdown that are shown.
const GROUPS_SHOWN: usize = 40;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<18}{:>9}{:>10}{:>12}{:>13}{:>10}{:>12}",
            "agency", "records", "rejected", "incomplete", "notify only", "tokens", "per record"
        )?;
        for a in &self.agencies {
            writeln!(
                f,
                "{:<18}{:>9}{:>10}{:>12}{:>13}{:>10}{:>12.1}",
                a.name,
                a.records,
                a.rejected,
                a.incomplete,
                a.notify_only,
                a.tokens,
                a.tokens_per_record
            )?;
        }
        writeln!(
            f,
            "\ntrue pairs {}   candidate pairs {}   candidate recall {:.4}\n",
            self.true_pairs, self.candidate_pairs, self.candidate_recall
        )?;
        writeln!(
            f,
            "{:<11}{:>9}{:>11}{:>9}{:>9}{:>9}",
            "possible", "from p", "precision", "recall", "F1", "pairs"
        )?;
        for (name, at) in [
            ("threshold", self.at_threshold),
            ("strong", self.at_strong),
            ("best F1", self.at_best),
        ] {
            writeln!(
                f,
                "{name:<11}{:>9.4}{:>11.4}{:>9.4}{:>9.4}{:>9}",
                at.threshold, at.precision, at.recall, at.f1, at.pairs
            )?;
        }
        writeln!(
            f,
            "\n{:<11}{:>9}{:>9}   calibration error {:.4}",
            "mean p", "true", "pairs", self.calibration_error
        )?;
        for bin in &self.calibration {
            writeln!(
                f,
                "{:<11.4}{:>9.4}{:>9}",
                bin.p_mean, bin.true_rate, bin.pairs
            )?;
        }
        self.write_groups(f)?;
        let Timing {
            normalise,
            tokenise,
            push,
            matching,
        } = self.timing_s;
        writeln!(
            f,
            "\nseconds: normalise {normalise:.2}, tokenise {tokenise:.2}, push {push:.2}, match {matching:.2}"
        )?;
        write!(
            f,
            "records a second: tokenise {:.0}, ingest and match {:.0}",
            self.records_per_s.tokenise, self.records_per_s.ingest_and_match
        )
    }
}

impl Report {
    fn write_groups(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.groups.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n{:<18}{:>11}{:>12}{:>9}{:>11}",
            "group", "true pairs", "candidates", "recall", "precision"
        )?;
        for group in self.groups.iter().take(GROUPS_SHOWN) {
            let name = if group.name.is_empty() {
                "(empty)"
            } else {
                &group.name
            };
            writeln!(
                f,
                "{name:<18}{:>11}{:>12.4}{:>9.4}{:>11.4}",
                group.true_pairs, group.candidate_recall, group.recall, group.precision
            )?;
        }
        match self.groups.len().saturating_sub(GROUPS_SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "and {more} more values with fewer pairs"),
        }
    }
}
