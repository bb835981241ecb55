use super::{
    Failure, JsonTarget,
    output::{print, write_json},
};
use crate::{
    Config, NodeStatus,
    jobs::{Access, Answered, Job},
};

/// Shows what the node holds and what it waits for.
///
/// # Errors
/// [`Failure`].
pub async fn status(config: &Config, json: &JsonTarget) -> Result<(), Failure> {
    let mut access = Access::of(config).await?;
    let runs = matches!(access, Access::Daemon);
    let status: NodeStatus = match access.perform(config, &Job::Status, |_| {}).await? {
        Answered::Done(status) => status,
        Answered::BadInput(problem) => return Err(Failure::BadInput(problem)),
    };
    if write_json(json, &status)? {
        return Ok(());
    }
    let mut lines = vec![
        format!(
            "daemon                      {}",
            if runs { "running" } else { "not running" }
        ),
        format!("records                     {}", status.records),
        format!(
            "Duty to Notify only         {} (counted, never tokenised)",
            status.notify_only
        ),
        format!("waiting to be tokenised     {}", status.pending),
        format!("batches waiting for the hub {}", status.outbox),
        format!("alerts received             {}", status.alerts),
    ];
    if status.pending_new_rules > 0 {
        lines.push(format!(
            "of these, for new rules     {} (their old tokens go on matching until then)",
            status.pending_new_rules
        ));
    }
    let log = &status.ledger;
    lines.push(format!(
        "ledger                      {} entries seen; own acts: {} waiting, {} promised and not yet proven",
        log.entries, log.waiting, log.unproven
    ));
    if !status.last_problem.is_empty() {
        lines.push(format!(
            "problem                     {}",
            status.last_problem
        ));
    }
    lines.push(String::new());
    Ok(print(&lines.join("\n"))?)
}
