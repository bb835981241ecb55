//! `sanctuary-keyholder status`: what the running key holder last wrote of itself.

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::Context;
use sanctuary_health::{HolderStatus, NOTE_AGE_MAX_MS, StatusNote};
use sanctuary_rpc::now;
use sanctuary_types::Timestamp;

use crate::Config;

const DAY_MS: u64 = 86_400_000;

/// Shows the status, as text or as JSON to `json` (`-` = standard output). Whether nothing needs a person.
///
/// # Errors
/// One sentence that says what to do.
pub fn status(config: &Config, json: Option<&Path>) -> anyhow::Result<bool> {
    let none = "the key holder has not written a status yet; start it";
    let note = StatusNote::find(&config.data_dir, &config.root_key()).context(none)?;
    let found: Option<HolderStatus> = note
        .read()
        .context("the status cannot be read; run this as the key holder's account")?;
    let mut status = found.context(none)?;
    let age_ms = now().0.saturating_sub(status.at.0);
    if age_ms > NOTE_AGE_MAX_MS {
        let text = format!(
            "the key holder wrote this {} minutes ago: it does not run, or hangs; see its log",
            age_ms / 60_000
        );
        status.attention.insert(0, text);
    }
    let text = match json {
        Some(_) => serde_json::to_string_pretty(&status)? + "\n",
        None => text(&status),
    };
    match json.filter(|path| path.as_os_str() != "-") {
        Some(path) => std::fs::write(path, text)
            .with_context(|| format!("cannot write {}", path.display()))?,
        None => match io::stdout().lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written.context("standard output cannot be written to")?,
        },
    }
    Ok(status.attention.is_empty())
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
