use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use sanctuary_rpc::now;
use sanctuary_trust::{
    Anchors, Roster, SignedRoster, TrustError,
    files::{Layout, load_roster, load_signing_key, write_public},
};
use sanctuary_types::PartyId;
use serde_json::json;

use crate::{
    Failure,
    output::{Output, table, utc},
    whoami::load_trusted,
};

#[derive(Subcommand)]
pub(crate) enum RosterCommand {
    /// Check the roster and show its members
    #[command(after_help = "Example:\n  sanctuary roster show --dir pilot")]
    Show {
        /// Directory of the partnership
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
    /// Take a member off the roster: from then on everybody refuses it
    #[command(
        after_help = "Example:\n  sanctuary roster remove council --dir pilot\n\nCopy the new roster.json to every member; each takes it up within a second."
    )]
    Remove {
        /// The member
        party: PartyId,
        /// Directory of the partnership
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The officers who sign; their keys must be in DIR
        #[arg(long = "as", value_name = "OFFICERS", value_delimiter = ',')]
        officers: Vec<PartyId>,
    },
    /// Agree or end the second step: encrypted comparisons between nodes where the tokens leave doubt
    #[command(
        after_help = "Example:\n  sanctuary roster second-step on --dir pilot\n\nCopy the new roster.json to every member; each takes it up within a second.\nEach agency can also refuse by itself: second_step = \"off\" in its node's configuration."
    )]
    SecondStep {
        /// on or off
        switch: Switch,
        /// Directory of the partnership
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The officers who sign; their keys must be in DIR
        #[arg(long = "as", value_name = "OFFICERS", value_delimiter = ',')]
        officers: Vec<PartyId>,
    },
    /// Add an officer's signature to a proposed roster
    #[command(
        after_help = "Example:\n  sanctuary roster sign --dir pilot --as officer-2\n\nWhen enough officers have signed DIR/roster-next.json it becomes DIR/roster.json."
    )]
    Sign {
        /// Directory of the partnership
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The officers who sign
        #[arg(
            long = "as",
            value_name = "OFFICERS",
            value_delimiter = ',',
            required = true
        )]
        officers: Vec<PartyId>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

pub(crate) fn run(command: RosterCommand, output: &Output) -> Result<(), Failure> {
    match command {
        RosterCommand::Show { dir } => show(&Layout(dir), output),
        RosterCommand::Remove {
            party,
            dir,
            officers,
        } => {
            let layout = Layout(dir);
            let (anchors, roster) = load_trusted(&layout)?;
            let next = roster.without(&party, now())?;
            propose(&layout, &anchors, next, &officers, output)
        }
        RosterCommand::SecondStep {
            switch,
            dir,
            officers,
        } => {
            let layout = Layout(dir);
            let (anchors, roster) = load_trusted(&layout)?;
            let next = roster.with_second_step(switch == Switch::On, now())?;
            propose(&layout, &anchors, next, &officers, output)
        }
        RosterCommand::Sign { dir, officers } => {
            let layout = Layout(dir);
            let (anchors, roster) = load_trusted(&layout)?;
            let proposed = load_roster(&next_path(&layout))?;
            if proposed.proposal().version() <= roster.version() {
                return Err(Failure::usage(
                    "the proposed roster is not newer than the one in force; propose the change again",
                ));
            }
            sign_and_store(&layout, &anchors, proposed, &officers, output)
        }
    }
}

/// Signs `next` with the officers' keys that are at hand and puts it in force, or leaves it as a
/// proposal for the others.
pub(crate) fn propose(
    layout: &Layout,
    anchors: &Anchors,
    next: Roster,
    officers: &[PartyId],
    output: &Output,
) -> Result<(), Failure> {
    let at_hand: Vec<PartyId>;
    let officers = if officers.is_empty() {
        at_hand = (1..=anchors.officers.len())
            .filter_map(|n| format!("officer-{n}").parse::<PartyId>().ok())
            .filter(|id| layout.party(id.as_str()).join("signing.key").exists())
            .take(usize::from(anchors.k))
            .collect();
        &at_hand
    } else {
        officers
    };
    sign_and_store(
        layout,
        anchors,
        SignedRoster::unsigned(next),
        officers,
        output,
    )
}

fn sign_and_store(
    layout: &Layout,
    anchors: &Anchors,
    mut signed: SignedRoster,
    officers: &[PartyId],
    output: &Output,
) -> Result<(), Failure> {
    for officer in officers {
        let key = load_signing_key(&layout.party(officer.as_str()).join("signing.key"))?;
        signed.sign(anchors, &key)?;
    }
    let version = signed.proposal().version();
    let (text, in_force) = match signed.verify(anchors, 0) {
        Ok(_) => {
            write_public(&layout.roster(), &signed.to_json())?;
            let _ = std::fs::remove_file(next_path(layout));
            (
                format!(
                    "{}: version {version} is in force; copy it to every member",
                    layout.roster().display()
                ),
                true,
            )
        }
        Err(TrustError::TooFewSignatures { have, need, .. }) => {
            let path = next_path(layout);
            write_public(&path, &signed.to_json())?;
            (
                format!(
                    "{}: {} more officers must sign; each runs: sanctuary roster sign",
                    path.display(),
                    need - have
                ),
                false,
            )
        }
        Err(error) => return Err(error.into()),
    };
    output.result(
        &text,
        &json!({"version": version, "in_force": in_force, "signatures": signed.signatures().len()}),
    )
}

fn show(layout: &Layout, output: &Output) -> Result<(), Failure> {
    let (anchors, roster) = load_trusted(layout)?;
    let rows: Vec<Vec<String>> = roster
        .parties()
        .iter()
        .map(|p| {
            vec![
                p.id.to_string(),
                p.kind.label().to_owned(),
                p.name.clone(),
                p.endpoint.clone().unwrap_or_default(),
                hex::encode(&p.spki_sha256[..8]),
            ]
        })
        .collect();
    let text = format!(
        "Version {}, issued {}, anchors {}, second step {}\n{}",
        roster.version(),
        utc(roster.issued()),
        anchors.fingerprint(),
        if roster.second_step() { "on" } else { "off" },
        table(&["party", "kind", "name", "address", "key"], &rows)
    );
    output.result(
        &text,
        &json!({
            "version": roster.version(),
            "issued_ms": roster.issued(),
            "anchors_fingerprint": anchors.fingerprint().to_string(),
            "second_step": roster.second_step(),
            "parties": roster.parties(),
        }),
    )
}

fn next_path(layout: &Layout) -> PathBuf {
    layout.0.join("roster-next.json")
}
