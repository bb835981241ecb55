//! From what the pipeline gave to the report.

use super::{
    Options,
    measure::{self, ratio},
    node::Node,
    report::{AgencyCounts, Compared, Report, Speed, Timing},
    scores::Scores,
    truth::Truth,
};

/// What a run gave.
pub struct Found {
    /// Of each file.
    pub tokens: Vec<u64>,
    pub scores: Scores,
    /// Pairs that nodes compared; none when the second step was off.
    pub compared: Option<usize>,
    pub timing: Timing,
}

impl Found {
    /// Measures it against the truth.
    pub fn report(&self, options: &Options, nodes: &[Node], truth: &Truth) -> Report {
        let records: u64 = nodes.iter().map(|node| node.summary.accepted).sum();
        let (candidates, last) = (&self.scores.tokens, self.scores.last());
        let answer = measure::stage(options.threshold, last, &truth.pairs);
        let by_group = |groups| measure::by_group(options.threshold, last, &truth.pairs, groups);
        let timing_s = self.timing;
        Report {
            agencies: nodes
                .iter()
                .zip(&self.tokens)
                .map(|(node, tokens)| counts(node, *tokens))
                .collect(),
            true_pairs: truth.pairs.len(),
            candidate_pairs: candidates.len(),
            candidates_per_record: candidates.len() as f64 / records.max(1) as f64,
            candidate_recall: measure::candidate_recall(candidates, &truth.pairs),
            at_threshold: answer.at_threshold,
            at_strong: answer.at_strong,
            at_best: answer.at_best,
            stages: self.scores.stages(options.threshold, &truth.pairs),
            compared: self.compared.map(|pairs| Compared {
                pairs,
                share_of_candidates: ratio(pairs, candidates.len()),
            }),
            calibration: measure::calibration(last, &truth.pairs),
            calibration_error: answer.calibration_error,
            stated_85_to_95: measure::stated(0.85, 0.95, last, &truth.pairs),
            groups: truth.groups.as_deref().map(by_group).unwrap_or_default(),
            records_per_s: Speed {
                tokenise: per_second(records, timing_s.tokenise),
                ingest_and_match: per_second(records, timing_s.push + timing_s.matching),
            },
            timing_s,
        }
    }
}

fn per_second(records: u64, time: f64) -> f64 {
    if time > 0.0 {
        records as f64 / time
    } else {
        0.0
    }
}

fn counts(node: &Node, tokens: u64) -> AgencyCounts {
    let summary = &node.summary;
    AgencyCounts {
        name: node.agency.to_string(),
        records: summary.rows,
        rejected: summary.rejected,
        tokens,
        tokens_per_record: tokens as f64 / summary.accepted.max(1) as f64,
        incomplete: summary.rejected - summary.not_imported,
        notify_only: summary.notify_only,
    }
}
