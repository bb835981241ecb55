use anyhow::anyhow;
use sanctuary_rpc::now;
use sanctuary_types::{DAY_MS, KeyClass, Timestamp};

use super::{
    Failure, JsonTarget,
    output::{moment, print, write_json},
};
use crate::{
    Config, NodeStatus,
    jobs::{Access, Answered, Job},
};

/// Shows what the node holds, what it waits for and what of it needs a person. Fails when something does,
/// after it has shown what, so that a watching program sees it by the exit code.
///
/// # Errors
/// [`Failure`].
pub async fn status(config: &Config, json: &JsonTarget) -> Result<(), Failure> {
    let mut access = Access::of(config).await?;
    let runs = matches!(access, Access::Daemon);
    let mut status: NodeStatus = match access.perform(config, &Job::Status, |_| {}).await? {
        Answered::Done(status) => status,
        Answered::BadInput(problem) => return Err(Failure::BadInput(problem)),
    };
    if !runs {
        let text = "the daemon does not run: nothing is pushed and no alert is heard; start it";
        status.attention.insert(0, text.to_owned());
    }
    if !write_json(json, &status)? {
        print(&text(&status, runs))?;
    }
    match status.attention.len() {
        0 => Ok(()),
        n => Err(Failure::Failed(anyhow!(
            "{n} thing{} a person, see above",
            if n == 1 { " needs" } else { "s need" }
        ))),
    }
}

fn text(status: &NodeStatus, runs: bool) -> String {
    let now = now();
    let at = |time: Option<Timestamp>| time.map_or_else(|| "never".to_owned(), moment);
    let days = |until: Timestamp| until.0.saturating_sub(now.0) / DAY_MS;
    let log = &status.ledger;
    let mut lines = vec![
        line("daemon", if runs { "running" } else { "not running" }),
        line("records", &status.records.to_string()),
        line(
            "Duty to Notify only",
            &format!("{} (counted, never tokenised)", status.notify_only),
        ),
        line("waiting to be tokenised", &status.pending.to_string()),
        line(
            "of these, for new rules",
            &format!(
                "{} (their old tokens go on matching until then)",
                status.pending_new_rules
            ),
        ),
        line("batches waiting for the hub", &status.outbox.to_string()),
        line(
            "waiting since",
            &status
                .waiting_since
                .map_or_else(|| "nothing waits".to_owned(), moment),
        ),
        line("last push", &at(status.last_push)),
        line("hub last heard", &at(status.hub_heard)),
        line("alerts received", &status.alerts.to_string()),
        line(
            "rules and roster",
            &format!(
                "{}, version {}",
                status.rules_version, status.roster_version
            ),
        ),
        line(
            "certificate",
            &format!("{} days left", days(status.certificate_until)),
        ),
    ];
    for key in &status.manifests {
        let what = format!("{} key, epoch {}", key.class.label(), key.epoch);
        lines.push(line(&what, &format!("{} days left", days(key.until))));
    }
    for class in KeyClass::ALL {
        let what = format!("{} quota left today", class.label());
        let left = status.quota_left(class, now).map_or_else(
            || "not known; the daemon asks the key holders".to_owned(),
            |left| format!("{left} (at the key holder with least)"),
        );
        lines.push(line(&what, &left));
    }
    lines.push(line(
        "ledger",
        &format!(
            "{} entries seen; own acts: {} waiting, {} promised and not yet proven",
            log.entries, log.waiting, log.unproven
        ),
    ));
    if !status.last_problem.is_empty() {
        lines.push(line("problem", &status.last_problem));
    }
    lines.extend(status.attention.iter().map(|t| line("needs a person", t)));
    lines.join("\n") + "\n"
}

fn line(what: &str, told: &str) -> String {
    format!("{what:<27} {told}")
}
