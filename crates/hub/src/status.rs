//! `sanctuary-hub status`: what the running hub last wrote of itself.

use std::path::Path;

use sanctuary_health::{HubStatus, SilenceOf, StatusNote, show};
use sanctuary_rpc::now;
use sanctuary_types::{DAY_MS, Timestamp};

use crate::Config;

/// Shows the hub's status, as text or as JSON to `json` (`-` = standard output). Whether nothing needs a
/// person.
///
/// # Errors
/// One sentence that says what to do.
pub fn status(config: &Config, json: Option<&Path>) -> anyhow::Result<bool> {
    let key = StatusNote::key_beside(&config.root_key);
    show(StatusNote::find(&config.data_dir, &key), now(), json, text)
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
    at.map_or_else(|| "never".to_owned(), Timestamp::to_the_minute)
}
