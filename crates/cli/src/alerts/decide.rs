use clap::Args;
use sanctuary_types::AlertId;
use sanctuary_wire::alerts::DecideRequest;
use serde::Serialize;

use super::{client, fetch, the_one};
use crate::{
    Failure, block_on,
    output::Output,
    whoami::{Caller, Whoami},
};

#[derive(Args)]
pub(crate) struct DecideArgs {
    /// Its id, or the first characters of it
    id: String,
    /// The version that was read (`alerts show` says it); refused when it has changed since
    #[arg(long, value_name = "N")]
    version: u32,
    /// What the agency decides; release_to_other lets the other agency know of an owner-first record
    #[arg(long, value_parser = ["confirmed", "not_the_same", "reopen", "release_to_other"])]
    decision: String,
    /// A code of the partnership's list: up to 40 of a-z, 0-9, _ and -; no free text
    #[arg(
        long,
        value_name = "CODE",
        default_value = "",
        hide_default_value = true
    )]
    reason: String,
    #[command(flatten)]
    whoami: Whoami,
}

#[derive(Serialize)]
struct Decided {
    alert_id: String,
    decision: String,
    version: u32,
}

pub(super) fn run(args: &DecideArgs, output: &Output) -> Result<(), Failure> {
    let caller = args.whoami.load()?;
    // A whole id needs no list.
    let alert_id: AlertId = match args.id.parse() {
        Ok(id) => id,
        Err(_) => the_one(&fetch(&args.whoami)?, &args.id)?
            .alert_id
            .parse()
            .map_err(|_| Failure::failed("the hub sent a malformed possible match"))?,
    };
    let version = block_on(send(&caller, &alert_id, args))?;
    let text = format!(
        "Possible match {alert_id}: decided {}; it is now at version {version}.",
        args.decision
    );
    output.result(
        &text,
        &Decided {
            alert_id: alert_id.to_string(),
            decision: args.decision.clone(),
            version,
        },
    )
}

async fn send(caller: &Caller, alert_id: &AlertId, args: &DecideArgs) -> Result<u32, Failure> {
    let (hub, mut client) = client(caller).await?;
    let decided = client
        .decide(DecideRequest {
            alert_id: alert_id.0.to_vec().into(),
            version: args.version,
            decision: args.decision.clone(),
            reason: args.reason.clone(),
        })
        .await
        .map_err(|status| Failure::refused(&hub, &status))?;
    Ok(decided.into_inner().version)
}
