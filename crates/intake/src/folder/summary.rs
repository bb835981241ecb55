use sanctuary_node_core::FeedName;
use serde::Serialize;

use super::Taken;

/// What became of one file: counts, never a value.
#[derive(Serialize)]
pub(super) struct FileSummary<'a> {
    feed: &'a str,
    file: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
    rows: u64,
    accepted: u64,
    new: u64,
    changed: u64,
    unchanged: u64,
    withdrawn: u64,
    /// Missing in a full snapshot, and kept because a row's reference cannot be read.
    missing_kept: u64,
    rejected: u64,
    not_imported: u64,
    notify_only: u64,
}

impl<'a> FileSummary<'a> {
    pub fn of(feed: &'a FeedName, file: &'a str, taken: &'a Taken) -> Self {
        let (outcome, problem, counts) = match taken {
            Taken::Imported(counts) => ("imported", None, counts.as_ref().clone()),
            Taken::Refused(problem) => ("rejected", Some(problem.as_str()), Default::default()),
        };
        Self {
            feed: feed.as_str(),
            file,
            outcome,
            problem,
            rows: counts.rows,
            accepted: counts.accepted,
            new: counts.new,
            changed: counts.changed,
            unchanged: counts.unchanged,
            withdrawn: counts.withdrawn,
            missing_kept: counts.missing_kept,
            rejected: counts.rejected,
            not_imported: counts.not_imported,
            notify_only: counts.notify_only,
        }
    }
}
