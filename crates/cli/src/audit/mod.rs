//! `sanctuary audit`: the partnership's log checked from outside, by an officer with every entry or by
//! an agency with every hash and its own entries.

mod copy;
mod fetch;
mod proof;
mod report;
mod verify;
mod watch;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use sanctuary_ledger::{Promise, Quorum, Receipt};
use sanctuary_rpc::now;
use sanctuary_trust::{
    Roster,
    files::{Layout, load_anchors, load_roster, read_limited},
};
use sanctuary_types::PartyId;
use serde::Deserialize;

use crate::{Failure, block_on, output::Output, whoami::Whoami};

pub use report::AuditReport;

/// Bytes of a file of receipts.
const RECEIPTS_BYTES_MAX: u64 = 256 * 1024 * 1024;

#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Check the whole log against its checkpoints, cosignatures and promises; name the first bad entry
    #[command(
        after_help = "Examples:\n  sanctuary audit verify --dir pilot --as officer-1\n  \
            sanctuary audit verify --dir pilot --as police --receipts receipts.json\n  \
            sanctuary audit verify --dir pilot --as officer-1 --save copy\n  \
            sanctuary audit verify --dir pilot --offline copy\n  \
            sanctuary audit verify --dir pilot --proof entry-12.tlog-proof\n\n\
            An officer checks every entry. An agency checks every hash and its own entries; the others'\n\
            contents are not for it. Receipts come from `sanctuary-node receipts --json FILE`.\n\n\
            Exit code 0: nothing wrong; 1: tampering found, or the hub does not answer; 2: bad usage."
    )]
    Verify(VerifyArgs),
    /// Write the proof of one entry to a file that anybody can check offline (C2SP tlog-proof)
    #[command(
        after_help = "Example:\n  sanctuary audit prove --dir pilot --as police --entry 12 --out entry-12.tlog-proof"
    )]
    Prove(ProveArgs),
    /// Follow the log and speak up when it stands still, forks or breaks a promise
    #[command(
        after_help = "Example:\n  sanctuary audit watch --dir pilot --as officer-1 --state seen.note\n\n\
            Ends with exit code 1 at the first fork, rewritten past or broken promise. With --state the next\n\
            run goes on from what this one has seen."
    )]
    Watch(WatchArgs),
}

/// Who calls; not needed where nothing is asked of the hub.
#[derive(Args)]
pub(crate) struct Where {
    /// Directory with anchors.json and roster.json
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// The party that calls; its keys are in DIR/PARTY
    #[arg(long = "as", value_name = "PARTY")]
    party: Option<PartyId>,
    /// The party's identity directory, if it is not DIR/PARTY
    #[arg(long, value_name = "DIR")]
    identity: Option<PathBuf>,
    /// How many cosignatures make a checkpoint acceptable; usually more than half of the agencies
    #[arg(long, value_name = "N")]
    cosignatures: Option<usize>,
    /// An older roster, for the keys that parties had then; may be given several times
    #[arg(long, value_name = "FILE")]
    old_roster: Vec<PathBuf>,
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    place: Where,
    /// Receipts and promises of a node (JSON of `sanctuary-node receipts`); may be given several times
    #[arg(long, value_name = "FILE")]
    receipts: Vec<PathBuf>,
    /// A checkpoint that somebody else was given; may be given several times
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// Keep what was fetched in this new folder
    #[arg(long, value_name = "DIR", conflicts_with = "offline")]
    save: Option<PathBuf>,
    /// Check a folder that --save made, or the static files of the log, without asking the hub
    #[arg(long, value_name = "DIR")]
    offline: Option<PathBuf>,
    /// Check a proof file of one entry, without asking the hub
    #[arg(long, value_name = "FILE", conflicts_with_all = ["offline", "save"])]
    proof: Option<PathBuf>,
    /// Do not mind that the newest checkpoint is old: for a copy of the past
    #[arg(long)]
    past: bool,
}

#[derive(Args)]
pub(crate) struct ProveArgs {
    #[command(flatten)]
    place: Where,
    /// The entry's place in the log
    #[arg(long, value_name = "N")]
    entry: u64,
    /// Where the proof goes; never overwrites
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    place: Where,
    /// Promises of a node that must be kept (JSON of `sanctuary-node receipts`)
    #[arg(long, value_name = "FILE")]
    receipts: Vec<PathBuf>,
    /// Keep the last checkpoint accepted in this file
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    every: u64,
    /// End after so long, with exit code 1 if the log stands still then
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
}

pub(crate) fn run(command: Audit, output: &Output) -> Result<(), Failure> {
    match command {
        Audit::Verify(args) => verify::run(&args, output),
        Audit::Prove(args) => proof::write(&args, output),
        Audit::Watch(args) => block_on(watch::run(&args, output)),
    }
}

/// Checks the log of a running partnership as one of its parties: what `sanctuary audit verify` does.
///
/// # Errors
/// When the hub or the files cannot be used. A log that was tampered with is no error but a report.
pub async fn verify_as(dir: &Path, party: &PartyId) -> Result<AuditReport, Failure> {
    let place = Where {
        dir: dir.to_owned(),
        party: Some(party.clone()),
        identity: None,
        cosignatures: None,
        old_roster: Vec::new(),
    };
    let copy = fetch::whole(&place).await?;
    let trusted = place.trusted()?;
    Ok(verify::check(&copy, &trusted, &[], &[], now(), false))
}

/// What an audit goes by.
pub(crate) struct Trusted {
    quorum: Quorum,
    rosters: Vec<Roster>,
}

impl Trusted {
    /// The keys that a party has or had.
    fn keys(&self, party: &PartyId) -> Vec<[u8; 32]> {
        let known = self.rosters.iter().filter_map(|r| r.party(party));
        known.map(|p| p.signing_key).collect()
    }
}

impl Where {
    fn whoami(&self) -> Result<Whoami, Failure> {
        let party = self.party.clone().ok_or_else(|| {
            Failure::usage("say with --as which party asks the hub, such as --as officer-1")
        })?;
        Ok(Whoami {
            dir: self.dir.clone(),
            party,
            identity: self.identity.clone(),
        })
    }

    fn trusted(&self) -> Result<Trusted, Failure> {
        let layout = Layout(self.dir.clone());
        let anchors = load_anchors(&layout.anchors())?;
        let newest = load_roster(&layout.roster())?.verify(&anchors, 0)?;
        let quorum = Quorum::of_roster(&newest, self.cosignatures)
            .map_err(|error| Failure::usage(error.to_string()))?;
        let mut rosters = vec![newest];
        for path in &self.old_roster {
            rosters.push(load_roster(path)?.verify(&anchors, 0)?);
        }
        Ok(Trusted { quorum, rosters })
    }
}

/// One act as `sanctuary-node receipts --json` writes it; the rest of it is not needed here.
#[derive(Deserialize)]
struct Kept {
    promise: Option<Promise>,
    receipt: Option<Receipt>,
}

/// Promises and the notes of receipts, each checked under the keys.
fn read_receipts(
    files: &[PathBuf],
    trusted: &Trusted,
) -> Result<(Vec<Promise>, Vec<Vec<u8>>), Failure> {
    let (mut promises, mut notes) = (Vec::new(), Vec::new());
    for file in files {
        let wrong = |what: &str| Failure::usage(format!("{}: {what}", file.display()));
        let bytes = read_limited(file, RECEIPTS_BYTES_MAX)?;
        let acts: Vec<Kept> = serde_json::from_slice(&bytes).map_err(|_| {
            wrong("these are no receipts; make them with `sanctuary-node receipts --json FILE`")
        })?;
        for act in acts {
            if let Some(receipt) = &act.receipt {
                receipt
                    .verify(&trusted.quorum)
                    .map_err(|error| wrong(&error.to_string()))?;
                notes.push(receipt.note().to_vec());
            }
            let promise = act.promise.or(act.receipt.map(|receipt| receipt.promise));
            if let Some(promise) = promise {
                promise
                    .verify(trusted.quorum.log())
                    .map_err(|error| wrong(&error.to_string()))?;
                promises.push(promise);
            }
        }
    }
    Ok((promises, notes))
}
