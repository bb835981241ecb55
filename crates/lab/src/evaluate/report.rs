//! What an evaluation found, as JSON for programs (docs/linkage-quality.md); the table for people is
//! in `table.rs`.

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
    /// Candidates divided by records.
    pub candidates_per_record: f64,
    /// Share of true pairs among the candidates.
    pub candidate_recall: f64,
    /// At the threshold asked for.
    pub at_threshold: At,
    /// At the strong band.
    pub at_strong: At,
    /// At the best F1.
    pub at_best: At,
    /// What each part of the scoring contributes.
    pub stages: Stages,
    /// Of the second step; none when it was off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
    /// Stated probability against truth.
    pub calibration: Vec<Bin>,
    /// Expected calibration error of pairs stated 0.2 and more.
    pub calibration_error: f64,
    /// The pairs stated 0.85 to 0.95, of which about 9 in 10 should be true.
    pub stated_85_to_95: Bin,
    /// Broken down by a column.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Wall time of each step, seconds.
    pub timing_s: Timing,
    /// Records a second.
    pub records_per_s: Speed,
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

/// Quality of the scoring with some of its parts.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Stage {
    /// At the threshold asked for.
    pub at_threshold: At,
    /// At the strong band.
    pub at_strong: At,
    /// At the best F1.
    pub at_best: At,
    /// Expected calibration error of pairs stated 0.2 and more.
    pub calibration_error: f64,
}

/// The same candidates, scored with more and more.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Stages {
    /// By the tokens each pair shares, and nothing else.
    pub tokens: Stage,
    /// And by the other pairs its records are in.
    pub cluster: Stage,
    /// And by the second step: everything there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_step: Option<Stage>,
    /// By tokens and the second step, each pair on its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs_only: Option<Stage>,
}

/// What the second step did.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Compared {
    /// Pairs that two nodes compared.
    pub pairs: usize,
    /// They as a share of the candidates.
    pub share_of_candidates: f64,
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
#[derive(Clone, Copy, Debug, Default, Serialize)]
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
    /// The second step between the nodes.
    pub compare: f64,
}

/// Records a second of wall time, all agencies together.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Speed {
    /// Through the tokeniser.
    pub tokenise: f64,
    /// Through the hub.
    pub ingest_and_match: f64,
}

/// One value of the column broken down by.
#[derive(Clone, Debug, Serialize)]
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
