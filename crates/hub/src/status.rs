//! `sanctuary-hub status`: what the running hub last wrote of itself.

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::Context;
use sanctuary_health::{HubStatus, NOTE_AGE_MAX_MS, SilenceOf, StatusNote};
use sanctuary_rpc::now;
use sanctuary_types::Timestamp;

use crate::Config;

const DAY_MS: u64 = 86_400_000;

/// Shows the hub's status, as text or as JSON to `json` (`-` = standard output). Whether nothing needs a
/// person.
///
/// # Errors
/// One sentence that says what to do.
pub fn status(config: &Config, json: Option<&Path>) -> anyhow::Result<bool> {
    let note = StatusNote::find(&config.data_dir, &config.root_key)
        .context("the hub has not written a status yet; start it")?;
    let found: Option<HubStatus> = note
        .read()
        .context("the hub's status cannot be read; run this as the hub's account")?;
    let mut status = found.context("the hub has not written a status yet; start it")?;
    let age_ms = now().0.saturating_sub(status.at.0);
    if age_ms > NOTE_AGE_MAX_MS {
        let text = format!(
            "the hub wrote this {} minutes ago: it does not run, or hangs; see its log",
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

fn text(status: &HubStatus) -> String {
    let now = status.at;
    let days = |until: Timestamp| until.0.saturating_sub(now.0) / DAY_MS;
    let mib = |bytes: u64| bytes / 1_048_576;
    let mut lines = vec![
        format!(
            "hub                {} {}, up since {}",
            status.party,
            status.version,
            moment(Some(status.since))
        ),
        format!(
            "epoch and rules    {}, {}",
            status.epoch, status.rules_version
        ),
        format!(
            "roster             version {}, issued {}",
            status.roster_version,
            moment(Some(status.roster_issued))
        ),
        format!(
            "certificate        {} days left",
            days(status.certificate_until)
        ),
        format!(
            "rounds             {} ended, {} failed, the last {} in {} ms",
            status.rounds.finished,
            status.rounds.failed,
            moment(status.rounds.last),
            status.rounds.last_ms
        ),
        format!("postings           {}", status.stored_postings),
        format!(
            "memory and disk    {} MiB, {} MiB of data, {} MiB free",
            mib(status.memory_bytes.unwrap_or_default()),
            mib(status.data_bytes),
            mib(status.free_bytes.unwrap_or_default())
        ),
        format!(
            "ledger             {} entries, checkpoint {}, cosigned by {} of {} needed",
            status.log.entries,
            moment(status.log.checkpoint),
            status.log.witnesses.len(),
            status.log.witnesses_needed
        ),
        format!(
            "agreement          version {}; editions of the board pack: {}",
            status.agreement_version,
            status.editions.len()
        ),
    ];
    for (key, until) in &status.manifests {
        lines.push(format!(
            "manifest           {key}: {} days left",
            days(*until)
        ));
    }
    for agency in &status.agencies {
        let refused: u64 = agency.refusals.values().sum();
        let silent = match agency.silence {
            None => String::new(),
            Some(silence) if silence.of == SilenceOf::Calls => {
                format!("; SILENT since {}", moment(Some(silence.since)))
            }
            Some(silence) => format!("; PUSHES NOTHING since {}", moment(Some(silence.since))),
        };
        lines.push(format!(
            "agency             {}: last call {}, last push {}, today {} batches, {refused} refusals{silent}",
            agency.agency,
            moment(agency.last_call),
            moment(agency.last_push),
            agency.batches
        ));
    }
    if let Some(error) = status.errors.first() {
        lines.push(format!(
            "last error         {}: {}",
            moment(Some(error.at)),
            error.text
        ));
    }
    lines.extend(
        status
            .attention
            .iter()
            .map(|text| format!("needs a person     {text}")),
    );
    lines.join("\n") + "\n"
}

fn moment(at: Option<Timestamp>) -> String {
    let Some(at) = at else {
        return "never".to_owned();
    };
    let ((year, month, day), minutes) = (at.date(), at.0 / 60_000 % 1_440);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02} UTC",
        minutes / 60,
        minutes % 60
    )
}
