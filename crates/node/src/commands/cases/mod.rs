//! `sanctuary-node cases` and `sanctuary-node rights`: the whole of disclosure from a terminal. A command
//! says what somebody asks; the node decides, as the person of the session.

mod answering;
mod asking;
mod errand;
mod files;
mod perform;
mod rights;
mod rights_shown;
mod shown;
mod template;
mod told;

use clap::{Args, Subcommand};
use sanctuary_types::{AlertId, CaseId};

use super::{Failure, session::AsPerson};
use crate::{CaseRequest, Config};

use answering::AnsweringCommand;
use asking::AskingCommand;
use errand::{Errand, Shown};
use perform::Desk;
pub use rights::RightsCommand;

/// Work on cases: requests to other agencies, and theirs to this one.
#[derive(Args, Clone, Debug)]
pub struct CasesArgs {
    #[command(subcommand)]
    command: CasesCommand,
    #[command(flatten)]
    common: AsPerson,
}

/// People's rights, the evidence and the figures: for the data protection officer.
#[derive(Args, Clone, Debug)]
pub struct RightsArgs {
    #[command(subcommand)]
    command: RightsCommand,
    #[command(flatten)]
    common: AsPerson,
}

/// What can be done with cases.
#[derive(Subcommand, Clone, Debug)]
pub enum CasesCommand {
    /// Every case that you may see, the most urgent first
    #[command(after_help = "Example:\n  sanctuary-node cases list --config node.toml")]
    List,
    /// One case: the request, how far it is, what you may do next
    #[command(
        after_help = "Example:\n  sanctuary-node cases show 5f0c9a7d11e20b435f0c9a7d11e20b43 --config node.toml"
    )]
    Show {
        /// The case
        case: CaseId,
    },
    /// What was refused on arrival: forged, replayed, altered or outside the agreement
    #[command(after_help = "Example:\n  sanctuary-node cases alarms --config node.toml")]
    Alarms,
    /// Say that a possible match is one person; needed before a request
    #[command(
        after_help = "Example:\n  sanctuary-node alerts --config node.toml                  (shows the ids)\n  sanctuary-node cases confirm 5f0c9a7d11e20b435f0c9a7d11e20b43 --config node.toml"
    )]
    Confirm {
        /// The possible match, as `sanctuary-node alerts` shows it
        alert: AlertId,
    },
    /// Steps of the agency that asks.
    #[command(flatten)]
    Asking(AskingCommand),
    /// Steps of the agency that is asked.
    #[command(flatten)]
    Answering(AnsweringCommand),
}

/// Does what a `cases` command asks.
///
/// # Errors
/// [`Failure`].
pub async fn cases(config: &Config, args: CasesArgs) -> Result<(), Failure> {
    let mut desk = Desk::of(&args.common, config);
    let errand = match args.command {
        CasesCommand::List => Errand::shows(CaseRequest::List, shown::list),
        CasesCommand::Show { case } => Errand::shows(CaseRequest::Show { case }, shown::case),
        CasesCommand::Alarms => Errand::shows(CaseRequest::Alarms, told::alarms),
        CasesCommand::Confirm { alert } => Errand::says(
            CaseRequest::Confirm { alert },
            "confirmed as one person; a request may be written now",
        ),
        CasesCommand::Asking(AskingCommand::TemplateRequest { alert, out }) => {
            return template::request(&alert, &out);
        }
        CasesCommand::Answering(AnsweringCommand::TemplateAnswer { case, out }) => {
            return template::answer(&mut desk, case, &out).await;
        }
        CasesCommand::Asking(command) => command.errand()?,
        CasesCommand::Answering(command) => command.errand()?,
    };
    desk.run(errand).await
}

/// Does what a `rights` command asks.
///
/// # Errors
/// [`Failure`].
pub async fn rights(config: &Config, args: RightsArgs) -> Result<(), Failure> {
    let mut desk = Desk::of(&args.common, config);
    desk.run(args.command.errand()?).await
}
