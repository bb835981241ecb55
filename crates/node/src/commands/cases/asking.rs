//! Commands of the agency that asks.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use sanctuary_casework::{Format, RequestDraft};
use sanctuary_disclosure::{Call, Outcome, SafeguardingTalk, Text};
use sanctuary_rpc::now;
use sanctuary_types::{AlertId, CaseId};

use super::{
    Errand, Shown,
    errand::{text, word},
    files, shown, told,
};
use crate::{CaseRequest, commands::Failure};

/// Steps of the agency that asks.
#[derive(Subcommand, Clone, Debug)]
pub enum AskingCommand {
    /// Write a file to fill in: a request about a possible match
    #[command(
        after_help = "Example:\n  sanctuary-node cases template-request ALERT --out request.toml"
    )]
    TemplateRequest {
        /// The possible match
        alert: AlertId,
        /// A new file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write a request; or write one anew that is not sent yet
    #[command(
        after_help = "Examples:\n  sanctuary-node cases draft request.toml --config node.toml\n  sanctuary-node cases draft request.toml --change CASE --config node.toml"
    )]
    Draft {
        /// The request as TOML or JSON; `cases template-request` writes one to fill in
        #[arg(value_name = "FILE")]
        request: PathBuf,
        /// The case whose request this replaces; it must be authorised anew
        #[arg(long, value_name = "CASE")]
        change: Option<CaseId>,
    },
    /// What each side will and will not learn when the request is sent
    #[command(after_help = "Example:\n  sanctuary-node cases card CASE --config node.toml")]
    Card {
        /// The case
        case: CaseId,
    },
    /// Record a telephone call about the case; what came of it is read from standard input or a file
    #[command(
        after_help = "Example:\n  sanctuary-node cases call CASE --with \"Duty social worker\" --config node.toml"
    )]
    Call {
        /// The case
        case: CaseId,
        /// With whom, by function
        #[arg(long, value_name = "FUNCTION", value_parser = Text::new)]
        with: Text,
        /// What came of it
        #[arg(long = "text", value_name = "FILE", default_value = "-")]
        result: PathBuf,
    },
    /// Record the talk with the safeguarding lead, which comes first where a person may be victim and suspect
    #[command(
        after_help = "Example:\n  sanctuary-node cases safeguarding CASE talk.toml --config node.toml\n\ntalk.toml:\n  at = 2026-12-01T09:30:00Z\n  advice = \"What the lead advised\"\n  section_45 = \"What was considered under Modern Slavery Act 2015 section 45\""
    )]
    Safeguarding {
        /// The case
        case: CaseId,
        /// The talk as TOML or JSON
        #[arg(value_name = "FILE")]
        talk: PathBuf,
    },
    /// Have the node check whether the alleged perpetrator could be reached through your own people
    #[command(after_help = "Example:\n  sanctuary-node cases reach CASE --config node.toml")]
    Reach {
        /// The case
        case: CaseId,
    },
    /// Authorise a colleague's request
    #[command(after_help = "Example:\n  sanctuary-node cases authorise CASE --config node.toml")]
    Authorise {
        /// The case
        case: CaseId,
        /// Approve the counselling records in it by name
        #[arg(long)]
        counselling: bool,
    },
    /// Send an authorised request; it leaves when both nodes have proven the match
    #[command(after_help = "Example:\n  sanctuary-node cases send CASE --config node.toml")]
    Send {
        /// The case
        case: CaseId,
    },
    /// Answer the owner's question; the reply is read from standard input or a file
    #[command(
        after_help = "Example:\n  sanctuary-node cases clarify CASE --text reply.txt --config node.toml"
    )]
    Clarify {
        /// The case
        case: CaseId,
        /// The reply
        #[arg(long, value_name = "FILE", default_value = "-")]
        text: PathBuf,
    },
    /// Take a request back
    #[command(
        after_help = "Example:\n  sanctuary-node cases withdraw CASE --text why.txt --config node.toml"
    )]
    Withdraw {
        /// The case
        case: CaseId,
        /// Why
        #[arg(long, value_name = "FILE", default_value = "-")]
        text: PathBuf,
    },
    /// The released report as a file: a copy, counted, to be destroyed with the release
    #[command(
        after_help = "Example:\n  sanctuary-node cases release CASE --format pdf --out report.pdf --config node.toml\n\nTo read it without making a copy: sanctuary-node cases show CASE"
    )]
    Release {
        /// The case
        case: CaseId,
        /// html and pdf for printing, json on POLE names
        #[arg(long, value_enum)]
        format: FileFormat,
        /// A new file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Say what came of a release
    #[command(
        after_help = "Example:\n  sanctuary-node cases outcome CASE safeguarded --config node.toml\n\nOutcomes: safeguarded, investigation, joint_work, not_the_same_person, no_use."
    )]
    Outcome {
        /// The case
        case: CaseId,
        /// What came of it
        #[arg(value_parser = word::<Outcome>)]
        outcome: Outcome,
    },
    /// Confirm that every copy of a recalled or expired release is destroyed
    #[command(
        after_help = "Example:\n  sanctuary-node cases confirm-destruction CASE --copies 2 --config node.toml"
    )]
    ConfirmDestruction {
        /// The case
        case: CaseId,
        /// Copies on paper and in files that were destroyed
        #[arg(long, value_name = "N")]
        copies: u32,
    },
    /// Close a case
    #[command(after_help = "Example:\n  sanctuary-node cases close CASE --config node.toml")]
    Close {
        /// The case
        case: CaseId,
    },
}

/// In which form a copy is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// A page.
    Html,
    /// For printing.
    Pdf,
    /// Data on POLE names.
    Json,
}

impl From<FileFormat> for Format {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Html => Self::HtmlFile,
            FileFormat::Pdf => Self::Pdf,
            FileFormat::Json => Self::Pole,
        }
    }
}

impl AskingCommand {
    /// What it asks of the node.
    pub(super) fn errand(self) -> Result<Errand, Failure> {
        Ok(match self {
            // Needs no node; done before.
            Self::TemplateRequest { .. } => Errand::shows(CaseRequest::List, shown::list),
            Self::Draft { request, change } => {
                let draft: Box<RequestDraft> = Box::new(files::read(&request)?);
                match change {
                    None => Errand::shows(CaseRequest::Draft { draft }, told::drafted),
                    Some(case) => Errand::says(
                        CaseRequest::Change { case, draft },
                        "written anew; somebody else must authorise it",
                    ),
                }
            }
            Self::Card { case } => Errand::shows(CaseRequest::Card { case }, told::card),
            Self::Call { case, with, result } => {
                let (at, result) = (now(), text(&result)?);
                let call = Call { at, with, result };
                Errand::says(
                    CaseRequest::RecordCall { case, call },
                    "the call is recorded",
                )
            }
            Self::Safeguarding { case, talk } => {
                let talk: SafeguardingTalk = files::read(&talk)?;
                Errand::says(
                    CaseRequest::ConsultSafeguarding { case, talk },
                    "the talk with the safeguarding lead is recorded",
                )
            }
            Self::Reach { case } => Errand::shows(CaseRequest::AnswerReach { case }, told::reach),
            Self::Authorise { case, counselling } => Errand::says(
                CaseRequest::Authorise { case, counselling },
                "authorised; it may be sent now",
            ),
            Self::Send { case } => Errand::shows(CaseRequest::Send { case }, told::sent),
            Self::Clarify { case, text: file } => {
                let text = text(&file)?;
                Errand::says(
                    CaseRequest::Clarify { case, text },
                    "the reply is on its way",
                )
            }
            Self::Withdraw { case, text: file } => {
                let note = text(&file)?;
                Errand::says(CaseRequest::Withdraw { case, note }, "taken back")
            }
            Self::Release { case, format, out } => Errand {
                request: CaseRequest::Release {
                    case,
                    format: format.into(),
                },
                shown: Shown::Document(out),
            },
            Self::Outcome { case, outcome } => Errand::says(
                CaseRequest::RecordOutcome { case, outcome },
                "recorded, and told to the other agency",
            ),
            Self::ConfirmDestruction { case, copies } => Errand::says(
                CaseRequest::ConfirmDestruction { case, copies },
                "confirmed; the values are gone from this node as well",
            ),
            Self::Close { case } => Errand::says(CaseRequest::Close { case }, "closed"),
        })
    }
}
