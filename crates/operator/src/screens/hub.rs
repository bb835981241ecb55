//! How the hub is, as it last wrote of itself.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use minijinja::{Value, context};
use sanctuary_health::{AgencyStatus, HubStatus, NOTE_AGE_MAX_MS, SilenceOf};
use sanctuary_types::{DAY_MS, Timestamp};

use crate::serve::{Answer, Visit, problem};

const MINUTE_MS: u64 = 60_000;
/// Days before which a date is marked.
const CERTIFICATE_DAYS: u64 = 4;
const MANIFEST_DAYS: u64 = 30;

/// Rounds, rows, disk, memory, last errors, and what needs a person.
pub(crate) fn overview(visit: &Visit<'_>) -> Answer {
    shown(visit, "operator-overview.html", |hub, now| {
        let mib = |bytes: u64| bytes / 1_048_576;
        let errors: Vec<Value> = hub
            .errors
            .iter()
            .map(|e| context! { at => e.at.0, text => &e.text })
            .collect();
        context! {
            attention => &hub.attention,
            version => &hub.version,
            since => hub.since.0,
            epoch => hub.epoch,
            rules => hub.rules_version,
            roster => hub.roster_version,
            agreement => hub.agreement_version,
            rounds => hub.rounds.finished,
            failed => hub.rounds.failed,
            last_round => hub.rounds.last.map(|at| ago(at, now)),
            last_ms => hub.rounds.last_ms,
            stored => hub.stored_postings,
            index_mib => mib(hub.index_bytes),
            memory_mib => hub.memory_bytes.map(mib),
            data_mib => mib(hub.data_bytes),
            free_mib => hub.free_bytes.map(mib),
            certificate => until(hub.certificate_until, now, CERTIFICATE_DAYS),
            silent => hub.silent(),
            agencies => hub.agencies.len(),
            errors,
        }
    })
}

/// When each agency was last met, and since when it is silent.
pub(crate) fn agencies(visit: &Visit<'_>) -> Answer {
    shown(visit, "operator-agencies.html", |hub, now| {
        let agencies: Vec<Value> = hub.agencies.iter().map(|a| agency(a, now)).collect();
        context! { agencies, silent => hub.silent() }
    })
}

fn agency(met: &AgencyStatus, now: Timestamp) -> Value {
    let time = |at: Option<Timestamp>| at.map(|at| ago(at, now));
    context! {
        name => &met.agency,
        called => time(met.last_call),
        pushed => time(met.last_push),
        followed => time(met.last_followed),
        batches => met.batches,
        refused => met.refusals.values().sum::<u64>(),
        certificate => met.certificate_until.map(|at| until(at, now, CERTIFICATE_DAYS)),
        silent => met.silence.map(|s| ago(s.since, now)),
        still_calls => met.silence.is_some_and(|s| s.of == SilenceOf::Pushes),
    }
}

/// Key holders, manifests and the roster, with the days that are left.
pub(crate) fn keys(visit: &Visit<'_>) -> Answer {
    shown(visit, "operator-keys.html", |hub, now| {
        let manifests: Vec<Value> = hub
            .manifests
            .iter()
            .map(|(key, at)| context! { key, until => until(*at, now, MANIFEST_DAYS) })
            .collect();
        let holders: Vec<String> = hub.key_holders.iter().map(ToString::to_string).collect();
        context! {
            manifests,
            holders,
            epoch => hub.epoch,
            rules => hub.rules_version,
            roster => hub.roster_version,
            issued => hub.roster_issued.0,
            certificate => until(hub.certificate_until, now, CERTIFICATE_DAYS),
        }
    })
}

/// The ledger.
pub(crate) fn ledger(visit: &Visit<'_>) -> Answer {
    shown(visit, "operator-ledger.html", |hub, now| {
        let log = &hub.log;
        context! {
            entries => log.entries,
            checkpoint => log.checkpoint.map(|at| ago(at, now)),
            witnessed => log.witnessed,
            witnesses => &log.witnesses,
            needed => log.witnesses_needed,
            alarm => &log.alarm,
        }
    })
}

/// The board pack, state only.
pub(crate) fn editions(visit: &Visit<'_>) -> Answer {
    shown(visit, "operator-editions.html", |hub, _| {
        context! { editions => &hub.editions, agreement => hub.agreement_version }
    })
}

/// What was refused today, by code.
pub(crate) fn refusals(visit: &Visit<'_>) -> Answer {
    shown(visit, "operator-refusals.html", |hub, _| {
        let mut codes: BTreeMap<&str, (u64, Vec<String>)> = BTreeMap::new();
        for agency in &hub.agencies {
            for (code, count) in &agency.refusals {
                let of_code = codes.entry(code).or_default();
                of_code.0 += count;
                of_code.1.push(format!("{} {count}", agency.agency));
            }
        }
        let lines: Vec<Value> = codes
            .into_iter()
            .map(|(code, (count, of))| context! { code, count, of => of.join(", "), means => means(code) })
            .collect();
        context! { lines }
    })
}

/// What an operator can do about a code.
fn means(code: &str) -> &'static str {
    match code {
        "invalid_argument" | "too_large" => {
            "The node sends what cannot be read: it may be of another release."
        }
        "not_enrolled" => "Its key is not on the roster: compare roster versions.",
        "not_allowed" => "A call that is not for it: ask the agency what it tried.",
        "quota_exceeded" => "A limit of the day: it goes on at 00:00 UTC.",
        "stale_epoch" => "It has manifests of another epoch: send it the newest.",
        "rules_mismatch" => "Node and hub are of different releases: update the older one.",
        "replayed" => {
            "A batch came again with other content: a node restored from a backup, or worse. Ask."
        }
        "busy" | "unavailable" | "deadline_exceeded" => "Passing: the node tries again by itself.",
        "data_loss" | "internal" => "A fault of the hub: see its log.",
        _ => "See the hub's log, which says why.",
    }
}

/// A page about the hub; one that says so while the hub has written nothing.
fn shown(
    visit: &Visit<'_>,
    template: &'static str,
    values: impl FnOnce(&HubStatus, Timestamp) -> Value,
) -> Answer {
    let hub = match visit.desk.note.read::<HubStatus>() {
        Ok(Some(hub)) => hub,
        Ok(None) => {
            return problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "The hub has not written anything yet",
                "Start the hub, and check hub_data_dir in this console’s configuration.",
            );
        }
        Err(error) => {
            tracing::warn!(%error, "the hub's note cannot be read");
            return problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "What the hub wrote cannot be read",
                "Check that this console runs under the hub’s account and that status_key is the right file.",
            );
        }
    };
    let age_ms = visit.now.0.saturating_sub(hub.at.0);
    let stale = (age_ms > NOTE_AGE_MAX_MS).then(|| ago(hub.at, visit.now));
    let own = values(&hub, visit.now);
    let values = context! { party => &hub.party, at => hub.at.0, stale, ..own };
    Answer::Page(StatusCode::OK, template, values)
}

/// A moment and how long ago that was.
fn ago(at: Timestamp, now: Timestamp) -> Value {
    let passed_ms = now.0.saturating_sub(at.0);
    let text = match passed_ms / MINUTE_MS {
        0 => "less than a minute ago".to_owned(),
        1 => "a minute ago".to_owned(),
        n @ 2..=119 => format!("{n} minutes ago"),
        n if n < 2 * 1_440 => format!("{} hours ago", n / 60),
        n => format!("{} days ago", n / 1_440),
    };
    context! { at => at.0, text }
}

/// The days left until a moment, marked when they are few.
fn until(at: Timestamp, now: Timestamp, few: u64) -> Value {
    let days = at.0.saturating_sub(now.0) / DAY_MS;
    context! { at => at.0, days, soon => days < few }
}
