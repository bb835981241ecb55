//! Commands of the agency that is asked.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use sanctuary_casework::ProposalDraft;
use sanctuary_disclosure::RecallReason;
use sanctuary_policy::Field;
use sanctuary_types::CaseId;

use super::{
    Errand,
    errand::{text, word},
    files, told,
};
use crate::{CaseRequest, commands::Failure};

/// Steps of the agency that is asked.
#[derive(Subcommand, Clone, Debug)]
pub enum AnsweringCommand {
    /// Acknowledge a request
    #[command(after_help = "Example:\n  sanctuary-node cases acknowledge CASE --config node.toml")]
    Acknowledge {
        /// The case
        case: CaseId,
    },
    /// Ask the requester a question; it is read from standard input or a file
    #[command(
        after_help = "Example:\n  sanctuary-node cases ask CASE --text question.txt --config node.toml"
    )]
    Ask {
        /// The case
        case: CaseId,
        /// The question
        #[arg(long, value_name = "FILE", default_value = "-")]
        text: PathBuf,
    },
    /// What your own record holds of the details asked for
    #[command(after_help = "Example:\n  sanctuary-node cases suggest CASE --config node.toml")]
    Suggest {
        /// The case
        case: CaseId,
    },
    /// Write a file to fill in: an answer, with what your own record holds and nothing ticked
    #[command(
        after_help = "Example:\n  sanctuary-node cases template-answer CASE --out answer.toml --config node.toml"
    )]
    TemplateAnswer {
        /// The case
        case: CaseId,
        /// A new file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Propose an answer, or the correction of what was released
    #[command(
        after_help = "Example:\n  sanctuary-node cases propose CASE answer.toml --config node.toml\n\nDelete the file afterwards: the node keeps what was proposed."
    )]
    Propose {
        /// The case
        case: CaseId,
        /// The answer as TOML or JSON; `cases template-answer` writes one to fill in
        #[arg(value_name = "FILE")]
        answer: PathBuf,
    },
    /// Approve a colleague's answer: exactly the one that you have read
    #[command(
        after_help = "Example:\n  sanctuary-node cases show CASE --config node.toml              (shows the answer and its digest)\n  sanctuary-node cases approve CASE --digest DIGEST --config node.toml"
    )]
    Approve {
        /// The case
        case: CaseId,
        /// The digest that stands beside what you have read
        #[arg(long, value_name = "DIGEST")]
        digest: String,
    },
    /// Give a proposed answer back to its author; why is read from standard input or a file
    #[command(
        after_help = "Example:\n  sanctuary-node cases give-back CASE --strike incident,phone --text why.txt --config node.toml"
    )]
    GiveBack {
        /// The case
        case: CaseId,
        /// Details that must not be released
        #[arg(long, value_delimiter = ',', value_name = "DETAILS")]
        strike: Vec<Field>,
        /// Why
        #[arg(long, value_name = "FILE", default_value = "-")]
        text: PathBuf,
    },
    /// Stop an answer before it leaves (data protection officer)
    #[command(
        after_help = "Example:\n  sanctuary-node cases stop CASE --text why.txt --config node.toml"
    )]
    Stop {
        /// The case
        case: CaseId,
        /// Why
        #[arg(long, value_name = "FILE", default_value = "-")]
        text: PathBuf,
    },
    /// Recall what was released
    #[command(
        after_help = "Example:\n  sanctuary-node cases recall CASE inaccurate --config node.toml\n\nReasons: released_in_error, inaccurate, basis_ended, safety_of_person, erased."
    )]
    Recall {
        /// The case
        case: CaseId,
        /// Why
        #[arg(value_parser = word::<RecallReason>)]
        reason: RecallReason,
    },
    /// Look again at a refused urgent request, or at the use of urgency 1; why is read from a file
    #[command(
        after_help = "Examples:\n  sanctuary-node cases review CASE upheld --text why.txt --config node.toml          (a refusal stands)\n  sanctuary-node cases review CASE justified --text why.txt --config node.toml       (urgency 1 was right)"
    )]
    Review {
        /// The case
        case: CaseId,
        /// What you find
        #[arg(value_enum)]
        finding: Finding,
        /// Why
        #[arg(long, value_name = "FILE", default_value = "-")]
        text: PathBuf,
    },
    /// Whose copy a code found on paper is: recipient, case and release
    #[command(
        after_help = "Example:\n  sanctuary-node cases trace K7QM-2XZP-9TRA --config node.toml"
    )]
    Trace {
        /// The code, as it stands on every page
        code: String,
    },
}

/// What a review finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Finding {
    /// The refusal of an urgent request stands.
    Upheld,
    /// It does not: a new answer is made.
    Overturned,
    /// The use of urgency 1 was right.
    Justified,
    /// It was not.
    NotJustified,
}

impl AnsweringCommand {
    /// What it asks of the node.
    pub(super) fn errand(self) -> Result<Errand, Failure> {
        Ok(match self {
            Self::Acknowledge { case } => Errand::says(
                CaseRequest::Acknowledge { case },
                "acknowledged, and told to the requester",
            ),
            Self::Ask { case, text: file } => {
                let text = text(&file)?;
                Errand::says(
                    CaseRequest::Ask { case, text },
                    "the question is on its way",
                )
            }
            // The answer's template looks at the case first; done before.
            Self::Suggest { case } | Self::TemplateAnswer { case, .. } => {
                Errand::shows(CaseRequest::Suggest { case }, told::suggested)
            }
            Self::Propose { case, answer } => {
                let proposal: Box<ProposalDraft> = Box::new(files::read(&answer)?);
                Errand::shows(CaseRequest::Propose { case, proposal }, told::proposed)
            }
            Self::Approve { case, digest } => Errand::says(
                CaseRequest::Approve { case, digest },
                "approved; it leaves at its tick, or when it is due if it releases nothing",
            ),
            Self::GiveBack {
                case,
                strike,
                text: file,
            } => {
                let (struck, note) = (strike, text(&file)?);
                Errand::says(
                    CaseRequest::GiveBack { case, struck, note },
                    "given back to its author",
                )
            }
            Self::Stop { case, text: file } => {
                let note = text(&file)?;
                Errand::says(
                    CaseRequest::Stop { case, note },
                    "stopped; nothing leaves until a new answer is proposed and approved",
                )
            }
            Self::Recall { case, reason } => Errand::says(
                CaseRequest::Recall { case, reason },
                "recalled; the recipient confirms when every copy is destroyed",
            ),
            Self::Review {
                case,
                finding,
                text: file,
            } => {
                let note = text(&file)?;
                let request = match finding {
                    Finding::Upheld | Finding::Overturned => CaseRequest::ReviewRefusal {
                        case,
                        upheld: finding == Finding::Upheld,
                        note,
                    },
                    Finding::Justified | Finding::NotJustified => CaseRequest::ReviewUrgency {
                        case,
                        justified: finding == Finding::Justified,
                        note,
                    },
                };
                Errand::says(request, "the review is recorded")
            }
            Self::Trace { code } => Errand::shows(CaseRequest::Trace { code }, told::traced),
        })
    }
}
