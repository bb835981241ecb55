use super::{Failure, JsonTarget, output::write_json};
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
    println!(
        "daemon                      {}",
        if runs { "running" } else { "not running" }
    );
    println!("records                     {}", status.records);
    println!(
        "Duty to Notify only         {} (counted, never tokenised)",
        status.notify_only
    );
    println!("waiting to be tokenised     {}", status.pending);
    println!("batches waiting for the hub {}", status.outbox);
    println!("alerts received             {}", status.alerts);
    if !status.last_problem.is_empty() {
        println!("problem                     {}", status.last_problem);
    }
    Ok(())
}
