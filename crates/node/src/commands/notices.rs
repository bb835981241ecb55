//! Notices that have not arrived, from the command line.

use std::path::PathBuf;

use clap::Subcommand;
use sanctuary_notify::NoticeLine;
use serde::de::DeserializeOwned;

use super::{
    Failure, JsonTarget,
    output::{moment, print, table, write_json},
};
use crate::{
    Config, NoticeRequest,
    jobs::{Access, Answered, Job},
};

/// Notices that have not arrived.
#[derive(Subcommand, Clone, Debug)]
pub enum NoticesCommand {
    /// List them: what waits for its receiver, and what was given up
    #[command(after_help = "Example:\n  sanctuary-node notices list --config node.toml")]
    List {
        /// Write JSON to a file, or to standard output when none is named
        #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
        json: Option<PathBuf>,
    },
    /// Try again now: the named ones, or --all
    #[command(after_help = "Example:\n  sanctuary-node notices retry --all --config node.toml")]
    Retry {
        /// Numbers of the list
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        numbers: Vec<u64>,
        /// Everything
        #[arg(long)]
        all: bool,
    },
    /// Drop the named ones for good; later ones about the same go on then
    #[command(after_help = "Example:\n  sanctuary-node notices drop 4711 --config node.toml")]
    Drop {
        /// Numbers of the list
        #[arg(required = true)]
        numbers: Vec<u64>,
    },
}

/// Does it.
///
/// # Errors
/// [`Failure`].
pub async fn notices(config: &Config, command: NoticesCommand) -> Result<(), Failure> {
    match command {
        NoticesCommand::List { json } => {
            let lines: Vec<NoticeLine> = ask(config, NoticeRequest::List).await?;
            show(&lines, &json)
        }
        NoticesCommand::Retry { numbers, all } => {
            let numbers = (!all).then(|| numbers.into_iter().collect());
            let count: u64 = ask(config, NoticeRequest::Retry { numbers }).await?;
            Ok(print(&format!("{count} notices are tried again\n"))?)
        }
        NoticesCommand::Drop { numbers } => {
            let numbers = numbers.into_iter().collect();
            let count: u64 = ask(config, NoticeRequest::Drop { numbers }).await?;
            Ok(print(&format!("{count} notices were dropped\n"))?)
        }
    }
}

fn show(lines: &[NoticeLine], json: &JsonTarget) -> Result<(), Failure> {
    if write_json(json, &lines)? {
        return Ok(());
    }
    if lines.is_empty() {
        return Ok(print("every notice has arrived\n")?);
    }
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    let header = [
        "number", "channel", "since", "kind", "about", "tries", "state",
    ];
    Ok(print(&table(&header, &rows))?)
}

fn row(line: &NoticeLine) -> Vec<String> {
    let state = match (&line.dead, line.held, line.next) {
        (Some(reason), _, _) => format!("given up: {reason}"),
        (None, true, _) => "waits for an earlier one that was given up".to_owned(),
        (None, false, Some(next)) => format!("next try {}", moment(next)),
        (None, false, None) => String::new(),
    };
    vec![
        line.number.to_string(),
        line.channel.clone(),
        moment(line.at),
        line.kind.word().replace('_', " "),
        line.subject.clone(),
        line.tries.to_string(),
        state,
    ]
}

async fn ask<T: DeserializeOwned + Send + 'static>(
    config: &Config,
    request: NoticeRequest,
) -> Result<T, Failure> {
    let mut access = Access::of(config).await?;
    match access
        .perform(config, &Job::Notices { request }, |_| {})
        .await?
    {
        Answered::Done(value) => Ok(value),
        Answered::BadInput(problem) => Err(Failure::BadInput(problem)),
    }
}
