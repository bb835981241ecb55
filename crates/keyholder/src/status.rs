//! `sanctuary-keyholder status`: what the running key holder last wrote of itself.

use std::path::Path;

use sanctuary_health::{HolderStatus, StatusNote, show};
use sanctuary_rpc::now;
use sanctuary_types::{DAY_MS, Timestamp};

use crate::Config;

/// Shows the status, as text or as JSON to `json` (`-` = standard output). Whether nothing needs a person.
///
/// # Errors
/// One sentence that says what to do.
pub fn status(config: &Config, json: Option<&Path>) -> anyhow::Result<bool> {
    let key = StatusNote::key_beside(&config.root_key());
    show(StatusNote::find(&config.data_dir, &key), now(), json, text)
}

fn text(status: &HolderStatus) -> String {
    let days = |until: Timestamp| until.0.saturating_sub(status.at.0) / DAY_MS;
    let refused: u64 = status.refusals.values().sum();
    let mut lines = vec![
        format!("key holder      {} {}", status.party, status.version),
        format!("roster          version {}", status.roster_version),
        format!(
            "certificate     {} days left",
            days(status.certificate_until)
        ),
        format!(
            "since the start {} evaluations of {} elements, {refused} refusals",
            status.evaluations, status.elements
        ),
    ];
    for (key, until) in &status.keys {
        lines.push(format!("key             {key}: {} days left", days(*until)));
    }
    for (code, count) in &status.refusals {
        lines.push(format!("refused         {code}: {count}"));
    }
    lines.extend(
        status
            .attention
            .iter()
            .map(|text| format!("needs a person  {text}")),
    );
    lines.join("\n") + "\n"
}
