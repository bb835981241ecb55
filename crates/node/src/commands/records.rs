//! The life of own records from the command line, as the person of a session.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sanctuary_node_core::HoldReason;
use sanctuary_policy::Day;
use sanctuary_types::Timestamp;
use serde_json::Value;

use super::{
    Failure,
    output::{print, write_json},
    session::{AsPerson, read_text},
};
use crate::{
    Config, DueLine, RecordProof, RecordShown, RecordsRequest,
    jobs::{Access, Answered, Job},
};

/// Characters of an agency's own reference.
const REFERENCE_BYTES_MAX: u64 = 4_096;

/// What to do with own records. A reference of `-` is read from standard input.
#[derive(Args, Clone, Debug)]
pub struct RecordsArgs {
    #[command(subcommand)]
    command: RecordsCommand,
    /// Whose session.
    #[command(flatten)]
    as_who: AsPerson,
}

#[derive(Subcommand, Clone, Debug)]
enum RecordsCommand {
    /// One record: how it is shared, consent, review date, hold. Never its address or identifiers
    #[command(after_help = "Example:\n  sanctuary-node records show CR-20417 --config node.toml")]
    Show {
        /// Your own reference
        reference: String,
    },
    /// References of records due for review, that expire soon or whose hold ends soon
    #[command(after_help = "Example:\n  sanctuary-node records due --config node.toml")]
    Due,
    /// References of records that are held
    #[command(after_help = "Example:\n  sanctuary-node records list --config node.toml")]
    List,
    /// Take a record out of sharing; nothing is kept of the person unless it is held
    #[command(
        after_help = "Example:\n  sanctuary-node records withdraw CR-20417 --config node.toml"
    )]
    Withdraw {
        /// Your own reference
        reference: String,
    },
    /// Put a record under a legal hold: it is not erased, whatever its expiry or a file says
    #[command(
        after_help = "Example:\n  sanctuary-node records hold CR-20417 --reason-code court_order --until 2027-06-30 --config node.toml\n\nCodes: criminal_proceedings, court_order, civil_claim, inquest, complaint, restriction."
    )]
    Hold {
        /// Your own reference
        reference: String,
        /// Why
        #[arg(long, value_name = "CODE")]
        reason_code: HoldReason,
        /// The hold's last day
        #[arg(long, value_name = "DATE")]
        until: Day,
    },
    /// End a legal hold; what it alone kept is erased
    #[command(
        after_help = "Example:\n  sanctuary-node records release CR-20417 --config node.toml"
    )]
    Release {
        /// Your own reference
        reference: String,
    },
    /// The log's proof that a record is gone, with receipts that anybody can check
    #[command(
        after_help = "Example:\n  sanctuary-node records proof CR-20417 --receipts receipts.json --config node.toml\n  sanctuary audit verify --dir pilot --as police --receipts receipts.json"
    )]
    Proof {
        /// The reference that the record had
        reference: String,
        /// Write the entries with their receipts to this file
        #[arg(long, value_name = "FILE")]
        receipts: Option<PathBuf>,
    },
}

/// Does it.
///
/// # Errors
/// [`Failure`].
pub async fn records(config: &Config, args: RecordsArgs) -> Result<(), Failure> {
    let (request, show, receipts) = errand(args.command)?;
    let session = args.as_who.session();
    let session = session.read(config)?;
    let mut access = Access::of(config).await?;
    let job = Job::Records { session, request };
    let value: Value = match access.perform(config, &job, |_| {}).await? {
        Answered::Done(value) => value,
        Answered::BadInput(problem) => return Err(Failure::BadInput(problem)),
    };
    if let Some(path) = receipts {
        let proof: RecordProof = parsed(value.clone())?;
        write_json(&Some(path), &proof.entries())?;
    }
    if write_json(&args.as_who.json, &value)? {
        return Ok(());
    }
    Ok(print(&show(value)?)?)
}

type Show = fn(Value) -> anyhow::Result<String>;
/// What is asked, how the answer is shown, and where receipts go.
type Errand = (RecordsRequest, Show, Option<PathBuf>);

fn errand(command: RecordsCommand) -> Result<Errand, Failure> {
    use RecordsRequest as Do;
    let errand: Errand = match command {
        RecordsCommand::Show { reference } => {
            let reference = named(reference)?;
            (Do::Show { reference }, shown, None)
        }
        RecordsCommand::Due => (Do::Due, due, None),
        RecordsCommand::List => (Do::Held, held, None),
        RecordsCommand::Withdraw { reference } => {
            let reference = named(reference)?;
            (Do::Withdraw { reference }, withdrawn, None)
        }
        RecordsCommand::Hold {
            reference,
            reason_code,
            until,
        } => {
            let request = Do::Hold {
                reference: named(reference)?,
                reason: reason_code,
                until,
            };
            (request, put_on_hold, None)
        }
        RecordsCommand::Release { reference } => {
            let reference = named(reference)?;
            (Do::Release { reference }, released, None)
        }
        RecordsCommand::Proof {
            reference,
            receipts,
        } => {
            let reference = named(reference)?;
            (Do::Proof { reference }, proof, receipts)
        }
    };
    Ok(errand)
}

fn put_on_hold(_: Value) -> anyhow::Result<String> {
    Ok("held\n".to_owned())
}

/// The reference, or the line of standard input.
fn named(reference: String) -> Result<String, Failure> {
    if reference != "-" {
        return Ok(reference);
    }
    let typed = read_text(reference.as_ref(), REFERENCE_BYTES_MAX)?;
    Ok(typed.trim().to_owned())
}

fn parsed<T: serde::de::DeserializeOwned>(value: Value) -> anyhow::Result<T> {
    Ok(serde_json::from_value(value)?)
}

fn shown(value: Value) -> anyhow::Result<String> {
    let record: RecordShown = parsed(value)?;
    let mut text = format!("{}  {}\n", record.reference, record.state.replace('_', " "));
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("  {label:<16} {value}\n"));
        }
    };
    line("names", &record.names);
    line("roles", &record.roles.join(", "));
    line("basis", &record.basis);
    line("visibility", &record.visibility);
    line("shared until", &record.expires);
    line("review", record.review.as_deref().unwrap_or_default());
    let nrm = record.consent.nrm.map_or("not recorded", |c| c.word());
    line(
        "NRM consent",
        if record.nrm_consent_needed {
            nrm
        } else {
            "not needed: a child is always referred"
        },
    );
    line(
        "support consent",
        record.consent.support.map_or("not recorded", |c| c.word()),
    );
    line(
        "views on sharing",
        record.consent.views.map_or("not recorded", |v| v.word()),
    );
    if let Some(hold) = record.hold {
        let until = day(hold.until);
        line("held", &format!("{} until {until}", hold.reason.word()));
    }
    line("tokens", &record.tokens.to_string());
    Ok(text)
}

fn due(value: Value) -> anyhow::Result<String> {
    let lines: Vec<DueLine> = parsed(value)?;
    if lines.is_empty() {
        return Ok("nothing is due within 30 days\n".to_owned());
    }
    let line = |line: &DueLine| {
        let held = if line.held { "  held" } else { "" };
        let what = line.what.replace('_', " ");
        format!("{:<10}  {what:<9}  {}{held}\n", line.on, line.reference)
    };
    Ok(lines.iter().map(line).collect())
}

fn held(value: Value) -> anyhow::Result<String> {
    let lines: Vec<Value> = parsed(value)?;
    if lines.is_empty() {
        return Ok("no record is held\n".to_owned());
    }
    let line = |line: &Value| {
        let part = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let withdrawn = if line["withdrawn"] == true {
            "  not shared"
        } else {
            ""
        };
        let (reference, reason, until) = (part("reference"), part("reason"), part("until"));
        format!("{reference}  {reason}  until {until}{withdrawn}\n")
    };
    Ok(lines.iter().map(line).collect())
}

fn withdrawn(value: Value) -> anyhow::Result<String> {
    let text = match (value["withdrawn"] == true, value["held"] == true) {
        (true, true) => "withdrawn from sharing; the record stays here while it is held\n",
        (true, false) => "withdrawn; what was shared leaves the hub with the next push\n",
        (false, _) => "it was withdrawn before\n",
    };
    Ok(text.to_owned())
}

fn released(value: Value) -> anyhow::Result<String> {
    let text = if value["ended"] == true {
        "released; its time was over, so nothing is kept of it\n"
    } else {
        "released\n"
    };
    Ok(text.to_owned())
}

fn proof(value: Value) -> anyhow::Result<String> {
    let proof: RecordProof = parsed(value)?;
    let (Some(how), Some(at)) = (proof.how, proof.at) else {
        return Ok("this record has not ended\n".to_owned());
    };
    let mut text = format!("record {}\n{} on {}\n", proof.record, how.word(), day(at));
    let steps = [
        ("logged", &proof.ended),
        ("withdrawn from the hub", &proof.withdrawn),
        ("out of this node's files", &proof.purged),
    ];
    for (label, act) in steps {
        let told = match act {
            Some(act) => {
                let proven = if act.receipt.is_some() {
                    "proven"
                } else {
                    "not yet proven"
                };
                format!("{}  {}  {proven}", day(act.time), act.id)
            }
            None if label.starts_with("withdrawn") && proof.acknowledged => {
                "nothing of it stood there".to_owned()
            }
            None => "not yet".to_owned(),
        };
        text.push_str(&format!("  {label:<26} {told}\n"));
    }
    if proof.withdrawn.is_some() {
        let held = if proof.acknowledged { "yes" } else { "not yet" };
        text.push_str(&format!("  {:<26} {held}\n", "acknowledged by the hub"));
        let hub = match proof.hub {
            Some(hub) if hub.covers => "yes, by its own word",
            Some(_) => "not yet",
            None => "it cannot be asked just now",
        };
        text.push_str(&format!("  {:<26} {hub}\n", "out of the hub's files"));
    }
    let all = if proof.is_complete() {
        "complete: gone everywhere, and proven\n"
    } else {
        "not complete yet: ask again later\n"
    };
    text.push_str(all);
    Ok(text)
}

fn day(at: Timestamp) -> String {
    let (year, month, day) = at.date();
    format!("{year:04}-{month:02}-{day:02}")
}
