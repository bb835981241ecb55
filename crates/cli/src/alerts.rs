mod decide;

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use sanctuary_rpc::{connect, endpoint_of};
use sanctuary_types::{AlertId, Evidence, Explanation, PartyId, Pseudonym, Timestamp};
use sanctuary_wire::alerts::{AlertEvent, WatchRequest, alerts_client::AlertsClient};
use serde::Serialize;
use tonic::transport::Channel;

use crate::{
    Failure, beside, block_on,
    output::{Output, table, utc},
    whoami::{Caller, Whoami},
};

/// Possible matches held on screen at once; a list beyond it is cut and says so.
const ALERTS_MAX: usize = 100_000;

#[derive(Subcommand)]
pub(crate) enum Alerts {
    /// List possible matches: own pseudonyms and the other agency, no names
    #[command(
        after_help = "Example:\n  sanctuary alerts list --dir pilot --as police --state open"
    )]
    List(ListArgs),
    /// Explain one possible match
    #[command(after_help = "Example:\n  sanctuary alerts show 5f0c9a... --dir pilot --as police")]
    Show {
        /// Its id, or the first characters of it
        id: String,
        #[command(flatten)]
        whoami: Whoami,
    },
    /// Send the agency's decision on one possible match
    #[command(
        after_help = "Example:\n  sanctuary alerts decide 5f0c9a... --version 1 --decision not_the_same --reason other_birth_date --dir pilot --as police"
    )]
    Decide(decide::DecideArgs),
    /// Possible matches joined to the own records (starts `sanctuary-node alerts` with the same words)
    #[command(after_help = "Example:\n  sanctuary alerts joined --config node.toml")]
    Joined(beside::Passed),
}

#[derive(Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    whoami: Whoami,
    /// Only those in this state: open, confirmed, not_the_same, lapsed
    #[arg(long, value_parser = ["open", "confirmed", "not_the_same", "lapsed"])]
    state: Option<String>,
    /// Only this kind: same_person, shared_identifier, victim_is_suspect
    #[arg(long, value_parser = ["same_person", "shared_identifier", "victim_is_suspect"])]
    kind: Option<String>,
}

/// A possible match as the hub last told it.
#[derive(Clone, Debug, Serialize)]
struct Row {
    alert_id: String,
    version: u32,
    kind: String,
    band: String,
    state: String,
    own_pseudonym: String,
    other_agency: String,
    other_roles: Vec<String>,
    other_is_child: bool,
    safeguarding_first: bool,
    raised_ms: u64,
    cluster_agencies: Vec<String>,
    evidence: Vec<[String; 3]>,
}

pub(crate) fn run(command: Alerts, output: &Output) -> Result<(), Failure> {
    match command {
        Alerts::List(args) => list(&args, output),
        Alerts::Show { id, whoami } => show(&id, &whoami, output),
        Alerts::Decide(args) => decide::run(&args, output),
        Alerts::Joined(passed) => beside::start_node("alerts", &passed),
    }
}

fn list(args: &ListArgs, output: &Output) -> Result<(), Failure> {
    let rows: Vec<Row> = fetch(&args.whoami)?
        .into_iter()
        .filter(|row| args.state.as_ref().is_none_or(|state| row.state == *state))
        .filter(|row| args.kind.as_ref().is_none_or(|kind| row.kind == *kind))
        .collect();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.alert_id[..12].to_owned(),
                row.kind.clone(),
                row.band.clone(),
                row.state.clone(),
                row.own_pseudonym[..12].to_owned(),
                row.other_agency.clone(),
                if row.safeguarding_first {
                    "safeguarding first"
                } else {
                    ""
                }
                .to_owned(),
            ]
        })
        .collect();
    let header = [
        "possible match",
        "kind",
        "strength",
        "state",
        "own record",
        "other agency",
        "",
    ];
    let text = if rows.is_empty() {
        "No possible matches.".to_owned()
    } else {
        table(&header, &cells)
    };
    output.result(&text, &rows)
}

fn show(id: &str, whoami: &Whoami, output: &Output) -> Result<(), Failure> {
    let rows = fetch(whoami)?;
    let row = the_one(&rows, id)?;
    let mut lines = vec![
        format!("Possible match {}", row.alert_id),
        format!("  kind          {}", row.kind),
        format!("  strength      {}", row.band),
        format!("  state         {} (version {})", row.state, row.version),
        format!("  raised        {}", utc(Timestamp(row.raised_ms))),
        format!("  own record    {}", row.own_pseudonym),
        format!("  other agency  {}", row.other_agency),
        format!(
            "  known there   as {}{}",
            row.other_roles.join(", "),
            if row.other_is_child { ", a child" } else { "" }
        ),
    ];
    if !row.cluster_agencies.is_empty() {
        lines.push(format!(
            "  known to      {}",
            row.cluster_agencies.join(", ")
        ));
    }
    if row.safeguarding_first {
        lines.push(
            "  Safeguarding first: speak with the safeguarding lead before any other step."
                .to_owned(),
        );
    }
    let why = explanation(row);
    lines.push(format!("  Why           {}", why.summary));
    lines.extend(why.reasons.iter().map(|reason| format!("    {reason}")));
    lines.push("This is a lead for a person to check, not a fact.".to_owned());
    output.result(&lines.join("\n"), row)
}

/// In plain English; words that this version does not know are left out.
fn explanation(row: &Row) -> Explanation {
    let lines = row.evidence.iter();
    let known =
        lines.filter_map(|[kind, outcome, strength]| Evidence::from_words(kind, outcome, strength));
    Explanation::of(&known.collect::<Vec<_>>())
}

/// The possible match whose id begins with `id`.
fn the_one<'a>(rows: &'a [Row], id: &str) -> Result<&'a Row, Failure> {
    let mut fitting = rows.iter().filter(|row| row.alert_id.starts_with(id));
    match (fitting.next(), fitting.next()) {
        (Some(row), None) => Ok(row),
        (Some(_), Some(_)) => Err(Failure::usage(
            "several possible matches begin with that id; give more of it",
        )),
        _ => Err(Failure::usage(
            "this agency has no possible match with that id; see `sanctuary alerts list`",
        )),
    }
}

/// The last state of every possible match of the caller, newest first.
fn fetch(whoami: &Whoami) -> Result<Vec<Row>, Failure> {
    let caller = whoami.load()?;
    let mut rows = block_on(watch_once(&caller))?;
    rows.sort_by(|a, b| (b.raised_ms, &a.alert_id).cmp(&(a.raised_ms, &b.alert_id)));
    Ok(rows)
}

async fn client(caller: &Caller) -> Result<(PartyId, AlertsClient<Channel>), Failure> {
    let hub = caller
        .roster
        .current()
        .hub()
        .map(|hub| hub.id.clone())
        .ok_or_else(|| Failure::failed("the roster names no hub; ask the officers"))?;
    let endpoint = endpoint_of(&caller.roster, &hub)?;
    let channel = connect(&endpoint, &hub, &caller.identity, &caller.roster).await?;
    Ok((hub, AlertsClient::new(channel)))
}

async fn watch_once(caller: &Caller) -> Result<Vec<Row>, Failure> {
    let (hub, mut client) = client(caller).await?;
    let refused = |status: tonic::Status| Failure::refused(&hub, &status);
    let mut events = client
        .watch(WatchRequest {
            cursor: 0,
            follow: false,
        })
        .await
        .map_err(refused)?
        .into_inner();
    let mut rows = BTreeMap::new();
    while let Some(event) = events.message().await.map_err(refused)? {
        let row = read(event)?;
        rows.insert(row.alert_id.clone(), row);
        if rows.len() > ALERTS_MAX {
            return Err(Failure::failed(
                "there are too many possible matches to list here; use the console",
            ));
        }
    }
    Ok(rows.into_values().collect())
}

fn read(event: AlertEvent) -> Result<Row, Failure> {
    let malformed = |_| {
        Failure::failed(
            "the hub sent a malformed possible match; check that both run the same version",
        )
    };
    Ok(Row {
        alert_id: AlertId::try_from(&event.alert_id[..])
            .map_err(malformed)?
            .to_string(),
        version: event.version,
        kind: printable(event.kind),
        band: printable(event.band),
        state: printable(event.state),
        own_pseudonym: Pseudonym::try_from(&event.own_pseudonym[..])
            .map_err(malformed)?
            .to_string(),
        other_agency: printable(event.other_agency),
        other_roles: event.other_roles.into_iter().map(printable).collect(),
        other_is_child: event.other_is_child,
        safeguarding_first: event.safeguarding_first,
        raised_ms: event.raised_ms,
        cluster_agencies: event.cluster_agencies.into_iter().map(printable).collect(),
        evidence: event
            .evidence
            .into_iter()
            .map(|line| {
                [
                    printable(line.kind),
                    printable(line.outcome),
                    printable(line.strength),
                ]
            })
            .collect(),
    })
}

/// The hub's words go to a terminal: no control characters, no length without end.
fn printable(text: String) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_hub_cannot_drive_the_terminal() {
        assert_eq!(printable("same\u{1b}[2J_person".into()), "same[2J_person");
        assert_eq!(printable("x".repeat(1000)).len(), 64);
    }

    #[test]
    fn malformed_events_are_refused() {
        let event = AlertEvent {
            alert_id: vec![1; 15].into(),
            own_pseudonym: vec![1; 16].into(),
            ..AlertEvent::default()
        };
        assert!(read(event.clone()).is_err());
        let event = AlertEvent {
            alert_id: vec![1; 16].into(),
            ..event
        };
        assert_eq!(read(event).unwrap().alert_id.len(), 32);
    }
}
