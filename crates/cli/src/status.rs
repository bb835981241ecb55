use clap::Args;
use futures::future::join_all;
use sanctuary_rpc::{connect, endpoint_of};
use sanctuary_trust::{Party, PartyKind};
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

#[derive(Args)]
#[command(
    after_help = "Example:\n  sanctuary status --dir pilot --as police\n\nExit code 1 when the hub or a key holder does not answer."
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
    let text = format!(
        "{}\n\n{}Own certificate until {}; roster version {}.",
        hub.as_ref().map_or_else(ToString::to_string, hub_text),
        quota_text(&quotas),
        utc(validity.not_after),
        roster.version()
    );
    output.result(
        &text,
        &json!({
            "party": caller.party,
            "roster_version": roster.version(),
            "certificate_not_after_ms": validity.not_after,
            "hub": hub.as_ref().ok().map(hub_json),
            "key_holders": quotas.iter().map(quota_json).collect::<Vec<_>>(),
            "faults": down,
        }),
    )?;
    match down.first() {
        None => Ok(()),
        Some(first) => Err(Failure::failed(format!(
            "{} of the partnership's services did not answer, the first: {first}",
            down.len()
        ))),
    }
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
