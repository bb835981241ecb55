//! Commands of the data protection officer.

use std::path::PathBuf;

use clap::Subcommand;
use sanctuary_policy::Day;
use sanctuary_types::{CaseId, Timestamp};

use super::{Errand, Shown, errand::text, rights_shown as shown};
use crate::{
    CaseRequest,
    commands::{Failure, session::read_text},
};

/// Characters of an agency's own reference.
const REFERENCE_BYTES_MAX: u64 = 4_096;

/// What can be done about people's rights.
#[derive(Subcommand, Clone, Debug)]
pub enum RightsCommand {
    /// Begin a person's request for access: who asked about them, on what basis, what was released
    #[command(
        after_help = "Example:\n  sanctuary-node rights access CR-20417 --config node.toml\n\nA reference of - is read from standard input."
    )]
    Access {
        /// Your own reference of their record
        reference: String,
    },
    /// Which agencies have answered
    #[command(
        after_help = "Example:\n  sanctuary-node rights access-state MATTER --config node.toml"
    )]
    AccessState {
        /// The matter
        matter: CaseId,
    },
    /// What the person is told, as a file
    #[command(
        after_help = "Example:\n  sanctuary-node rights access-report MATTER --out access.json --config node.toml\n  sanctuary-node rights access-report MATTER --hold CASE --text why.txt --out access.json --config node.toml"
    )]
    AccessReport {
        /// The matter
        matter: CaseId,
        /// Cases held back for somebody's safety; it reads as if there were none
        #[arg(long, value_name = "CASES", value_delimiter = ',', requires = "text")]
        hold: Vec<CaseId>,
        /// Why they are held back; stays here
        #[arg(long, value_name = "FILE")]
        text: Option<PathBuf>,
        /// A new file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Other agencies' questions for people's requests for access
    #[command(after_help = "Example:\n  sanctuary-node rights questions --config node.toml")]
    Questions,
    /// Answer one
    #[command(
        after_help = "Example:\n  sanctuary-node rights answer MATTER --config node.toml\n  sanctuary-node rights answer MATTER --hold CASE --text why.txt --config node.toml"
    )]
    Answer {
        /// The matter, as `rights questions` shows it
        matter: CaseId,
        /// Cases held back for somebody's safety; it reads as if there were none
        #[arg(long, value_name = "CASES", value_delimiter = ',', requires = "text")]
        hold: Vec<CaseId>,
        /// Why they are held back; stays here
        #[arg(long, value_name = "FILE")]
        text: Option<PathBuf>,
    },
    /// Erase a record and recall every released copy of it
    #[command(after_help = "Example:\n  sanctuary-node rights erase CR-20417 --config node.toml")]
    Erase {
        /// Your own reference of the record
        reference: String,
    },
    /// Have every released copy of a record corrected; what was wrong is read from standard input or a file
    #[command(
        after_help = "Example:\n  sanctuary-node rights correct CR-20417 --text wrong.txt --config node.toml\n\nCorrect the record itself by importing it anew."
    )]
    Correct {
        /// Your own reference of the record
        reference: String,
        /// What was wrong
        #[arg(long, value_name = "FILE", default_value = "-")]
        text: PathBuf,
    },
    /// How far an erasure or a correction has reached, with the recipients' signed words
    #[command(
        after_help = "Example:\n  sanctuary-node rights matter MATTER --json proof.json --config node.toml"
    )]
    Matter {
        /// The matter
        matter: CaseId,
    },
    /// The evidence pack, one file: the live state of each control, the signed agreement, figures, and the
    /// log's receipts, which anybody can check
    #[command(
        after_help = "Example:\n  sanctuary-node rights evidence --out evidence.json --config node.toml"
    )]
    Evidence {
        /// A new file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Refusals, times to answer, what is still owed
    #[command(
        after_help = "Example:\n  sanctuary-node rights figures --from 2026-10-01 --to 2026-12-31 --config node.toml"
    )]
    Figures {
        /// First day of cases opened
        #[arg(long, value_name = "DAY")]
        from: Day,
        /// Last day
        #[arg(long, value_name = "DAY")]
        to: Day,
    },
}

impl RightsCommand {
    /// What it asks of the node.
    pub(super) fn errand(self) -> Result<Errand, Failure> {
        let why = |file: Option<PathBuf>| file.map(|file| text(&file)).transpose();
        Ok(match self {
            Self::Access { reference } => {
                let reference = named(reference)?;
                Errand::shows(CaseRequest::OpenAccess { reference }, shown::access_opened)
            }
            Self::AccessState { matter } => {
                Errand::shows(CaseRequest::AccessState { matter }, shown::access_state)
            }
            Self::AccessReport {
                matter,
                hold,
                text,
                out,
            } => Errand {
                request: CaseRequest::AccessReport {
                    matter,
                    held_back: hold,
                    reason: why(text)?,
                },
                shown: Shown::Kept(out, shown::access_report),
            },
            Self::Questions => Errand::shows(CaseRequest::AccessQuestions, shown::questions),
            Self::Answer { matter, hold, text } => Errand::says(
                CaseRequest::AnswerAccess {
                    matter,
                    held_back: hold,
                    reason: why(text)?,
                },
                "answered",
            ),
            Self::Erase { reference } => {
                let reference = named(reference)?;
                Errand::shows(CaseRequest::Erase { reference }, shown::matter_opened)
            }
            Self::Correct {
                reference,
                text: file,
            } => {
                if reference == "-" && file.as_os_str() == "-" {
                    let both = "standard input cannot be both; name a file with --text FILE";
                    return Err(Failure::BadInput(both.to_owned()));
                }
                let (reference, note) = (named(reference)?, text(&file)?);
                Errand::shows(
                    CaseRequest::Correct { reference, note },
                    shown::matter_opened,
                )
            }
            Self::Matter { matter } => Errand::shows(CaseRequest::Matter { matter }, shown::matter),
            Self::Evidence { out } => Errand {
                request: CaseRequest::Evidence,
                shown: Shown::Kept(out, shown::evidence),
            },
            Self::Figures { from, to } => {
                let (from, to): (Timestamp, Timestamp) = (from.start(), to.end());
                Errand::shows(CaseRequest::Figures { from, to }, shown::figures)
            }
        })
    }
}

/// The reference, or the line of standard input.
fn named(reference: String) -> Result<String, Failure> {
    if reference != "-" {
        return Ok(reference);
    }
    let typed = read_text(reference.as_ref(), REFERENCE_BYTES_MAX)?;
    Ok(typed.trim().to_owned())
}
