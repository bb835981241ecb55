//! The review of possible matches from the command line, as the person of a session.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use sanctuary_review::{
    Answer, Assign, AssignOutcome, Cursor, Decide, Figures, Filter, ItemView, ListRequest,
    PAGE_LINES, Page, PersonId, Reason, ReviewRequest, Saved, State, Text,
};
use sanctuary_types::{AlertId, AlertKind, Band, PartyId};
use serde::de::{
    DeserializeOwned,
    value::{Error as ValueError, StrDeserializer},
};
use serde_json::Value;

use super::{
    Failure,
    output::{print, write_json},
    review_text as text,
    session::{SessionFile, read_text},
};
use crate::{
    Config,
    jobs::{Access, Answered, Job},
};

/// A note at its longest is a part of it.
const NOTE_BYTES_MAX: u64 = 64 * 1024;

/// Whose session, and where the answer goes.
#[derive(Args, Clone, Debug)]
pub struct ReviewAs {
    #[command(flatten)]
    session: SessionFile,
    /// Write JSON to a file, or to standard output when none is named
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
}

/// What to do with possible matches.
#[derive(Subcommand, Clone, Debug)]
pub enum ReviewCommand {
    /// A page of the queue, soonest due first, with counts
    #[command(
        after_help = "Examples:\n  sanctuary-node review list --config node.toml\n  \
            sanctuary-node review list --child --overdue --config node.toml\n  \
            sanctuary-node review list --state sent --agency council --json --config node.toml\n\n\
            States: new, assigned, second_reviewer, supervisor, decided, waiting_to_send, sent, disputed,\n\
            withdrawn. Kinds: same_person, shared_identifier, victim_is_suspect. Strengths: strong, likely,\n\
            possible."
    )]
    List(ListArgs),
    /// One possible match: own record, what agreed and what did not, history, reasons to choose from
    #[command(
        after_help = "Example:\n  sanctuary-node review show 00112233445566778899aabbccddeeff --config node.toml"
    )]
    Show {
        /// Its id
        alert: AlertId,
        /// For the re-review sample: without what was decided
        #[arg(long)]
        recheck: bool,
        /// Whose session.
        #[command(flatten)]
        as_who: ReviewAs,
    },
    /// Give possible matches to a colleague, or take them back with --to-nobody
    #[command(
        after_help = "Examples:\n  sanctuary-node review assign 0011...eeff 1122...ff00 --to jd1042 --config node.toml\n  \
            sanctuary-node review assign 0011...eeff --to-nobody --config node.toml"
    )]
    Assign {
        /// Their ids
        #[arg(required = true)]
        alerts: Vec<AlertId>,
        /// The colleague's staff number
        #[arg(
            long,
            value_name = "PERSON",
            required_unless_present = "to_nobody",
            conflicts_with = "to_nobody"
        )]
        to: Option<PersonId>,
        /// Take them from whoever has them
        #[arg(long)]
        to_nobody: bool,
        /// Whose session.
        #[command(flatten)]
        as_who: ReviewAs,
    },
    /// Answer one possible match
    #[command(
        after_help = "Examples:\n  sanctuary-node review decide 0011...eeff --version 3 --answer confirmed --reason record_fits --config node.toml\n  \
            sanctuary-node review decide 0011...eeff --version 3 --answer not_the_same --reason other --note why.txt --config node.toml\n\n\
            Answers: confirmed, not_the_same, cannot_tell. The reasons of each stand under `review show`."
    )]
    Decide {
        /// Its id
        alert: AlertId,
        /// The version that you saw (`review show` says it); refused when it has changed since
        #[arg(long, value_name = "N")]
        version: u32,
        /// What you answer
        #[arg(long, value_name = "ANSWER")]
        answer: Answer,
        /// Why
        #[arg(long, value_name = "REASON")]
        reason: Reason,
        /// A file that says more about why (- is standard input); stays at this agency
        #[arg(long, value_name = "FILE")]
        note: Option<PathBuf>,
        /// As a re-review: changes nothing of the decision
        #[arg(long)]
        recheck: bool,
        /// Whose session.
        #[command(flatten)]
        as_who: ReviewAs,
    },
    /// Take an answer back before it is sent
    #[command(
        after_help = "Example:\n  sanctuary-node review undo 0011...eeff --version 4 --config node.toml"
    )]
    Undo {
        /// Its id
        alert: AlertId,
        /// The version that you saw
        #[arg(long, value_name = "N")]
        version: u32,
        /// Whose session.
        #[command(flatten)]
        as_who: ReviewAs,
    },
    /// Send a decision without waiting for the end of the time for undoing
    #[command(
        after_help = "Example:\n  sanctuary-node review send 0011...eeff --version 4 --config node.toml"
    )]
    Send {
        /// Its id
        alert: AlertId,
        /// The version that you saw
        #[arg(long, value_name = "N")]
        version: u32,
        /// Whose session.
        #[command(flatten)]
        as_who: ReviewAs,
    },
    /// How the review goes: overdue, unassigned, decided by day, agreement between reviewers
    #[command(
        after_help = "Example:\n  sanctuary-node review figures --days 30 --config node.toml"
    )]
    Figures {
        /// Decisions of so many days, today included
        #[arg(long, value_name = "N", default_value_t = 14)]
        days: u32,
        /// Whose session.
        #[command(flatten)]
        as_who: ReviewAs,
    },
}

/// Which items.
#[derive(Args, Clone, Debug)]
pub struct ListArgs {
    /// In these states; without it everything that waits for a person
    #[arg(long = "state", value_delimiter = ',', value_name = "STATES")]
    states: Vec<State>,
    /// In every state
    #[arg(long, conflicts_with = "states")]
    all: bool,
    /// Of these kinds
    #[arg(long = "kind", value_delimiter = ',', value_name = "KINDS", value_parser = word::<AlertKind>)]
    kinds: Vec<AlertKind>,
    /// With these agencies
    #[arg(long = "agency", value_delimiter = ',', value_name = "AGENCIES")]
    agencies: Vec<PartyId>,
    /// Of these strengths
    #[arg(long = "strength", value_delimiter = ',', value_name = "STRENGTHS", value_parser = word::<Band>)]
    bands: Vec<Band>,
    /// Given to this person
    #[arg(long, value_name = "PERSON")]
    assignee: Option<PersonId>,
    /// Given to you
    #[arg(long)]
    mine: bool,
    /// Given to nobody
    #[arg(long)]
    unassigned: bool,
    /// About a child
    #[arg(long)]
    child: bool,
    /// Past their time
    #[arg(long)]
    overdue: bool,
    /// With evidence that the decision did not know
    #[arg(long)]
    newer_evidence: bool,
    /// In the re-review sample, not looked at yet
    #[arg(long)]
    recheck: bool,
    /// Lines
    #[arg(long, value_name = "N", default_value_t = PAGE_LINES)]
    limit: usize,
    /// Another page, as the page before named it
    #[arg(long, value_name = "PAGE")]
    page: Option<Cursor>,
    /// Whose session.
    #[command(flatten)]
    as_who: ReviewAs,
}

impl ListArgs {
    fn request(self) -> ListRequest {
        let decided = self.recheck || self.newer_evidence;
        let states = if self.states.is_empty() && !self.all && !decided {
            Filter::to_do().states
        } else {
            self.states
        };
        ListRequest {
            filter: Filter {
                states,
                kinds: self.kinds,
                agencies: self.agencies,
                bands: self.bands,
                assignee: self.assignee,
                mine: self.mine,
                unassigned: self.unassigned,
                child: self.child,
                overdue: self.overdue,
                newer_evidence: self.newer_evidence,
                recheck: self.recheck,
            },
            cursor: self.page,
            limit: self.limit,
        }
    }
}

/// Reviews possible matches.
///
/// # Errors
/// [`Failure`].
pub async fn review(config: &Config, command: ReviewCommand) -> Result<(), Failure> {
    match command {
        ReviewCommand::List(args) => {
            let as_who = args.as_who.clone();
            let list = args.request();
            show::<Page>(config, &as_who, ReviewRequest::List { list }, text::page).await
        }
        ReviewCommand::Show {
            alert,
            recheck,
            as_who,
        } => {
            let request = if recheck {
                ReviewRequest::ShowForRecheck { alert }
            } else {
                ReviewRequest::Show { alert }
            };
            show::<ItemView>(config, &as_who, request, text::item).await
        }
        ReviewCommand::Assign {
            alerts, to, as_who, ..
        } => {
            let mut seen = Vec::with_capacity(alerts.len());
            for alert in alerts {
                let shown = ask(config, &as_who, ReviewRequest::Show { alert }).await?;
                let view: ItemView = read(&shown)?;
                seen.push((alert, view.line.version));
            }
            let assign = Assign { alerts: seen, to };
            let request = ReviewRequest::Assign { assign };
            show::<AssignOutcome>(config, &as_who, request, text::assigned).await
        }
        ReviewCommand::Decide {
            alert,
            version,
            answer,
            reason,
            note,
            recheck,
            as_who,
        } => {
            let note = note.as_deref().map(read_note).transpose()?;
            let decide = Decide {
                alert,
                version,
                answer,
                reason,
                note,
            };
            let request = if recheck {
                ReviewRequest::Recheck { decide }
            } else {
                ReviewRequest::Decide { decide }
            };
            show::<Saved>(config, &as_who, request, text::saved).await
        }
        ReviewCommand::Undo {
            alert,
            version,
            as_who,
        } => {
            let request = ReviewRequest::Undo { alert, version };
            show::<Saved>(config, &as_who, request, text::saved).await
        }
        ReviewCommand::Send {
            alert,
            version,
            as_who,
        } => {
            let request = ReviewRequest::SendNow { alert, version };
            show::<Saved>(config, &as_who, request, text::saved).await
        }
        ReviewCommand::Figures { days, as_who } => {
            let request = ReviewRequest::Figures { days };
            show::<Figures>(config, &as_who, request, text::figures).await
        }
    }
}

async fn show<T: DeserializeOwned>(
    config: &Config,
    as_who: &ReviewAs,
    request: ReviewRequest,
    words: fn(&T) -> String,
) -> Result<(), Failure> {
    let answer = ask(config, as_who, request).await?;
    if write_json(&as_who.json, &answer)? {
        return Ok(());
    }
    Ok(print(&words(&read(&answer)?))?)
}

async fn ask(config: &Config, as_who: &ReviewAs, request: ReviewRequest) -> Result<Value, Failure> {
    let session = as_who.session.read(config)?;
    let mut access = Access::of(config).await?;
    let job = Job::Review { session, request };
    match access.perform(config, &job, |_| {}).await? {
        Answered::Done(value) => Ok(value),
        Answered::BadInput(problem) => Err(Failure::BadInput(problem)),
    }
}

/// From a file: what is typed on a command line is seen by others at this machine.
fn read_note(path: &Path) -> Result<Text, Failure> {
    let text = read_text(path, NOTE_BYTES_MAX)?;
    Text::new(&text).map_err(|error| Failure::BadInput(error.to_string()))
}

fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, Failure> {
    T::deserialize(answer).map_err(|error| Failure::Failed(error.into()))
}

/// A value of a word list by its word.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    T::deserialize(StrDeserializer::<ValueError>::new(text)).map_err(|error| error.to_string())
}
