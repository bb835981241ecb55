//! Short answers to single acts as text.

use std::{collections::BTreeMap, fmt::Write as _};

use sanctuary_casework::Alarm;
use sanctuary_disclosure::{Reach, Text};
use sanctuary_policy::Field;
use sanctuary_types::{CaseId, PartyId};
use serde::Deserialize;
use serde_json::Value;

use crate::commands::output::moment;

/// What was refused on arrival.
pub(super) fn alarms(value: Value) -> anyhow::Result<String> {
    let alarms: Vec<Alarm> = serde_json::from_value(value)?;
    if alarms.is_empty() {
        return Ok("nothing was refused on arrival\n".to_owned());
    }
    let mut out = String::new();
    for alarm in &alarms {
        let at = moment(alarm.at);
        let _ = writeln!(
            out,
            "{at}  from {}  {}: {}",
            alarm.from, alarm.rule, alarm.text
        );
    }
    Ok(out)
}

/// The number of a new case.
pub(super) fn drafted(value: Value) -> anyhow::Result<String> {
    let case = value.get("case").and_then(Value::as_str).unwrap_or("");
    Ok(format!(
        "case {case} is written. Somebody else authorises it:\n  sanctuary-node cases authorise {case} --config node.toml\n"
    ))
}

/// What each side will and will not learn.
pub(super) fn card(value: Value) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct Learns {
        will: Vec<String>,
        will_not: Vec<String>,
    }
    #[derive(Deserialize)]
    struct Card {
        you: Learns,
        they: Learns,
        hub: Learns,
    }
    let card: Card = serde_json::from_value(value)?;
    let mut out = String::new();
    for (who, side) in [
        ("you", card.you),
        ("they", card.they),
        ("the hub", card.hub),
    ] {
        for (what, lines) in [("will learn", side.will), ("will not learn", side.will_not)] {
            let _ = writeln!(out, "{who} {what}");
            for line in lines {
                let _ = writeln!(out, "  - {line}");
            }
        }
    }
    Ok(out)
}

/// The word on reach.
pub(super) fn reach(value: Value) -> anyhow::Result<String> {
    let found = value.get("reach").cloned().unwrap_or_default();
    Ok(match serde_json::from_value(found)? {
        Reach::No => "no link was found; the answer is signed and goes with the request\n",
        Reach::Yes => "there is a link: where the person can be found will not be released\n",
        Reach::Unknown => {
            "it could not be checked in full, which counts as a link: the perpetrator is not known here, or a colleague has declared nothing\n"
        }
    }
    .to_owned())
}

/// Whether it has left.
pub(super) fn sent(value: Value) -> anyhow::Result<String> {
    let proving = value.get("proving").and_then(Value::as_bool) == Some(true);
    Ok(if proving {
        "it leaves by itself when both nodes have proven the match\n"
    } else {
        "sent\n"
    }
    .to_owned())
}

/// What the own record holds.
pub(super) fn suggested(value: Value) -> anyhow::Result<String> {
    let held: BTreeMap<Field, Text> = serde_json::from_value(value)?;
    if held.is_empty() {
        return Ok("your own record holds none of the details asked for\n".to_owned());
    }
    let mut out = String::from("your own record holds (nothing of it is released by this):\n");
    for (field, text) in &held {
        let _ = writeln!(out, "  {:<16} {}", field.word(), text.expose());
    }
    Ok(out)
}

/// The digest of a proposal.
pub(super) fn proposed(value: Value) -> anyhow::Result<String> {
    let digest = value.get("digest").and_then(Value::as_str).unwrap_or("");
    Ok(format!(
        "proposed. A colleague reads it with `cases show` and approves exactly this one:\n  digest {digest}\n"
    ))
}

/// Whose copy it is.
pub(super) fn traced(value: Value) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct Found {
        recipient: PartyId,
        case: CaseId,
        release: u32,
    }
    Ok(match serde_json::from_value::<Option<Found>>(value)? {
        Some(found) => format!(
            "it was released to {}: case {}, release {}\n",
            found.recipient, found.case, found.release
        ),
        None => "no release of this agency has this code; check how it is written\n".to_owned(),
    })
}
