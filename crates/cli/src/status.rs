use std::path::Path;

use clap::Args;
use futures::future::join_all;
use sanctuary_rpc::{connect, endpoint_of, now};
use sanctuary_trust::{
    Party, PartyKind,
    files::{Layout, load_manifest},
};
use sanctuary_types::{KeyClass, PartyId, Timestamp};
use sanctuary_wire::{
    directory::{StatusRequest, StatusResponse, directory_client::DirectoryClient},
    keyholder::{QuotaRequest, key_holder_client::KeyHolderClient},
};
use serde_json::{Value, json};

use crate::{
    Failure, block_on,
    output::{Output, table, utc},
    whoami::{Caller, Whoami},
};

const DAY_MS: u64 = 86_400_000;
/// As the daemons tell of themselves.
const CERTIFICATE_DAYS_MIN: u64 = 4;
const MANIFEST_DAYS_MIN: u64 = 30;

#[derive(Args)]
#[command(
    after_help = "Example:\n  sanctuary status --dir pilot --as police\n\nExit code 0: nothing needs a person; 1: something does: the hub or a key holder does not answer, an agency has gone silent (told to officers), a certificate or manifest soon lapses."
)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    whoami: Whoami,
}

/// What one key holder answered for one class.
struct Quota {
    holder: PartyId,
    class: KeyClass,
    answer: Result<(u64, u64), Failure>,
}

pub(crate) fn run(args: &StatusArgs, output: &Output) -> Result<(), Failure> {
    let caller = args.whoami.load()?;
    let roster = caller.roster.current();
    let own = roster.party(&caller.party).ok_or_else(|| {
        Failure::usage(format!("{} is not on the roster; check --as", caller.party))
    })?;
    let (hub, quotas) = block_on(async {
        let hub = ask_hub(&caller).await;
        // Only agencies have quotas.
        let quotas = match own.kind {
            PartyKind::Agency => {
                ask_holders(&caller, roster.key_holders().cloned().collect()).await
            }
            _ => Vec::new(),
        };
        Ok((hub, quotas))
    })?;
    let down: Vec<String> = hub
        .as_ref()
        .err()
        .into_iter()
        .chain(quotas.iter().filter_map(|q| q.answer.as_ref().err()))
        .map(ToString::to_string)
        .collect();
    let validity = caller.identity.validity();
    let manifests = manifests(&args.whoami.dir, &caller);
    let mut attention = down.clone();
    attention.extend(lapsing(validity.not_after, &manifests, now()));
    if let Ok(hub) = &hub {
        attention.extend(silences(hub, &caller.party, now()));
    }
    let text = format!(
        "{}\n\n{}Own certificate until {}, {} days left; roster version {} of {}.\n{}{}",
        hub.as_ref().map_or_else(ToString::to_string, hub_text),
        quota_text(&quotas),
        utc(validity.not_after),
        days_left(validity.not_after, now()),
        roster.version(),
        utc(roster.issued()),
        manifest_text(&manifests, now()),
        attention
            .iter()
            .map(|text| format!("Needs a person: {text}\n"))
            .collect::<String>()
    );
    output.result(
        &text,
        &json!({
            "party": caller.party,
            "roster_version": roster.version(),
            "certificate_not_after_ms": validity.not_after,
            "hub": hub.as_ref().ok().map(hub_json),
            "key_holders": quotas.iter().map(quota_json).collect::<Vec<_>>(),
            "manifests": manifests.iter().map(|(key, until)| json!({ "key": key, "not_after_ms": until })).collect::<Vec<_>>(),
            "faults": down,
            "attention": attention,
        }),
    )?;
    match (down.first(), attention.len()) {
        (None, 0) => Ok(()),
        (None, n) => Err(Failure::failed(format!(
            "{n} thing{} a person, see above",
            if n == 1 { " needs" } else { "s need" }
        ))),
        (Some(first), _) => Err(Failure::failed(format!(
            "{} of the partnership's services did not answer, the first: {first}",
            down.len()
        ))),
    }
}

/// The manifests beside the roster that enough officers signed: key, and until when.
fn manifests(dir: &Path, caller: &Caller) -> Vec<(String, Timestamp)> {
    let roster = caller.roster.current();
    let layout = Layout(dir.to_owned());
    let read = KeyClass::ALL.into_iter().filter_map(|class| {
        let signed = load_manifest(&layout.manifest(class)).ok()?;
        let manifest = signed
            .verify(caller.roster.anchors(), &roster, now())
            .ok()?;
        let key = format!("{}, epoch {}", class.label(), manifest.epoch);
        Some((key, manifest.not_after))
    });
    read.collect()
}

fn days_left(until: Timestamp, now: Timestamp) -> u64 {
    until.0.saturating_sub(now.0) / DAY_MS
}

fn manifest_text(manifests: &[(String, Timestamp)], now: Timestamp) -> String {
    let line = |(key, until): &(String, Timestamp)| {
        format!(
            "Manifest of the key {key}: {} days left.\n",
            days_left(*until, now)
        )
    };
    manifests.iter().map(line).collect()
}

/// What soon lapses. A certificate is renewed weekly, a ceremony takes officers of several organisations.
fn lapsing(
    certificate: Timestamp,
    manifests: &[(String, Timestamp)],
    now: Timestamp,
) -> Vec<String> {
    let mut found = Vec::new();
    let left = days_left(certificate, now);
    if left < CERTIFICATE_DAYS_MIN {
        found.push(format!(
            "the certificate holds {left} more days; ask the registrar to renew it"
        ));
    }
    for (key, until) in manifests {
        let left = days_left(*until, now);
        if left < MANIFEST_DAYS_MIN {
            found.push(format!(
                "the manifest of the key {key} holds {left} more days; hold the next key ceremony"
            ));
        }
    }
    found
}

/// Who has gone silent, as far as the caller is told: officers of all, an agency of itself.
fn silences(hub: &StatusResponse, own: &PartyId, now: Timestamp) -> Vec<String> {
    let told = hub.silent.iter().map(|silent| {
        let hours = now.0.saturating_sub(silent.since_ms) / 3_600_000;
        let whose = if silent.agency == own.as_str() {
            "your own node".to_owned()
        } else {
            format!("the node of {}", silent.agency)
        };
        let what = if silent.still_calls {
            "pushed anything"
        } else {
            "called the hub"
        };
        format!(
            "{whose} has not {what} for {hours} hours, since {}; see that it runs and is connected",
            utc(Timestamp(silent.since_ms))
        )
    });
    told.collect()
}

async fn ask_hub(caller: &Caller) -> Result<StatusResponse, Failure> {
    let hub = caller
        .roster
        .current()
        .hub()
        .map(|hub| hub.id.clone())
        .ok_or_else(|| Failure::failed("the roster names no hub; ask the officers"))?;
    let endpoint = endpoint_of(&caller.roster, &hub)?;
    let channel = connect(&endpoint, &hub, &caller.identity, &caller.roster).await?;
    DirectoryClient::new(channel)
        .status(StatusRequest {})
        .await
        .map(tonic::Response::into_inner)
        .map_err(|status| Failure::refused(&hub, &status))
}

async fn ask_holders(caller: &Caller, holders: Vec<Party>) -> Vec<Quota> {
    let asked = holders
        .iter()
        .flat_map(|holder| KeyClass::ALL.map(|class| (holder.id.clone(), class)))
        .map(|(holder, class)| async move {
            Quota {
                answer: ask_quota(caller, &holder, class).await,
                holder,
                class,
            }
        });
    join_all(asked).await
}

async fn ask_quota(
    caller: &Caller,
    holder: &PartyId,
    class: KeyClass,
) -> Result<(u64, u64), Failure> {
    let endpoint = endpoint_of(&caller.roster, holder)?;
    let channel = connect(&endpoint, holder, &caller.identity, &caller.roster).await?;
    let request = QuotaRequest {
        key_class: class.code().into(),
    };
    let answer = KeyHolderClient::new(channel)
        .quota(request)
        .await
        .map_err(|status| Failure::refused(holder, &status))?
        .into_inner();
    Ok((answer.used_today, answer.limit_per_day))
}

fn hub_text(hub: &StatusResponse) -> String {
    let time = |ms: u64| match ms {
        0 => "never".to_owned(),
        ms => utc(Timestamp(ms)),
    };
    format!(
        "Hub {}: epoch {}, rules {}, roster version {}, a round every {} ms, the last {}\n\
         Own postings {} in {} batches, the last {}; {} refused; {} open possible matches\n\
         Comparisons of own records with other agencies: {} waiting, {} done, {} refused or given up",
        hub.version,
        hub.epoch,
        hub.rules_version,
        hub.roster_version,
        hub.round_interval_ms,
        time(hub.last_round_ms),
        hub.postings,
        hub.batches,
        time(hub.last_push_ms),
        hub.refused_postings,
        hub.open_alerts,
        hub.comparisons_waiting,
        hub.comparisons_done,
        hub.comparisons_refused
    )
}

fn hub_json(hub: &StatusResponse) -> Value {
    json!({
        "version": hub.version,
        "epoch": hub.epoch,
        "rules_version": hub.rules_version,
        "roster_version": hub.roster_version,
        "postings": hub.postings,
        "batches": hub.batches,
        "last_push_ms": hub.last_push_ms,
        "open_alerts": hub.open_alerts,
        "last_call_ms": hub.last_call_ms,
        "silent": hub.silent.iter().map(|s| json!({ "agency": s.agency, "since_ms": s.since_ms, "still_calls": s.still_calls })).collect::<Vec<_>>(),
        "round_interval_ms": hub.round_interval_ms,
        "last_round_ms": hub.last_round_ms,
        "stored_postings": hub.stored_postings,
        "refused_postings": hub.refused_postings,
        "comparisons_waiting": hub.comparisons_waiting,
        "comparisons_done": hub.comparisons_done,
        "comparisons_refused": hub.comparisons_refused,
    })
}

/// Empty for a party that has no quotas, such as an officer.
fn quota_text(quotas: &[Quota]) -> String {
    if quotas.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = quotas
        .iter()
        .map(|quota| {
            let said = match &quota.answer {
                Ok((used, limit)) => format!("{used} of {limit} used today"),
                Err(failure) => failure.to_string(),
            };
            vec![
                quota.holder.to_string(),
                quota.class.label().to_owned(),
                said,
            ]
        })
        .collect();
    table(&["key holder", "class", "quota"], &rows) + "\n\n"
}

fn quota_json(quota: &Quota) -> Value {
    let (used, limit) = quota
        .answer
        .as_ref()
        .map_or((None, None), |(u, l)| (Some(u), Some(l)));
    json!({
        "key_holder": quota.holder,
        "class": quota.class,
        "used_today": used,
        "limit_per_day": limit,
    })
}
