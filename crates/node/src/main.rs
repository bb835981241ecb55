//! `sanctuary-node --config FILE`

use std::{future::Future, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use sanctuary_health::{start_log, stopped};
use sanctuary_node::{
    Config,
    commands::{self, Failure, ImportCommand},
    run,
};

/// The agency's node: reads the agency's files, sends sealed postings to the hub, shows possible
/// matches beside the agency's own records. Without a command it runs as the daemon.
#[derive(Parser)]
#[command(
    name = "sanctuary-node",
    version,
    after_help = "Examples:\n  sanctuary-node --config /etc/sanctuary/node.toml\n  \
        sanctuary-node import --config node.toml --mapping people.toml people.csv"
)]
struct Arguments {
    /// The configuration file (TOML)
    #[arg(long, value_name = "FILE", global = true, required = false)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run as the daemon (the same as no command)
    #[command(after_help = "Example:\n  sanctuary-node run --config node.toml")]
    Run,
    /// Import files; rows with errors go to FILE.rejects.csv
    #[command(
        after_help = "Example:\n  sanctuary-node import --config node.toml --mapping people.toml people.csv"
    )]
    Import(Import),
    /// Feeds: folders into which the agency's systems put files by themselves
    #[command(
        subcommand,
        after_help = "Example:\n  sanctuary-node feeds allow cases --withdrawals 312 --config node.toml"
    )]
    Feeds(commands::FeedsCommand),
    /// API keys for the agency's own systems
    #[command(
        subcommand,
        after_help = "Examples:\n  sanctuary-node keys add liquidlogic --config node.toml\n  \
            sanctuary-node keys revoke liquidlogic --config node.toml"
    )]
    Keys(commands::KeysCommand),
    /// Propose a mapping for a file, or show how one would be read; needs no configuration
    #[command(
        subcommand,
        after_help = "Examples:\n  sanctuary-node mapping suggest people.csv > people.toml\n  \
            sanctuary-node mapping check --mapping people.toml people.csv"
    )]
    Mapping(MappingCommand),
    /// Show possible matches beside the own records
    #[command(after_help = "Example:\n  sanctuary-node alerts --config node.toml --json")]
    Alerts(Json),
    /// Show the encrypted comparisons with other agencies' nodes, and the day's counts
    #[command(after_help = "Example:\n  sanctuary-node comparisons --config node.toml")]
    Comparisons(Json),
    /// Show what this node did as the partnership's ledger has it, with receipts
    #[command(
        after_help = "Examples:\n  sanctuary-node receipts --config node.toml\n  \
            sanctuary-node receipts --config node.toml 5f0c9a...\n  \
            sanctuary-node receipts --config node.toml --json receipts.json"
    )]
    Receipts(Receipts),
    /// Sign in; later commands act as this person
    #[command(
        after_help = "Example:\n  sanctuary-node sign-in --as jd1042 --config node.toml\n\nFrom a script the lines of standard input are: password, code or an empty line."
    )]
    SignIn(commands::SignInArgs),
    /// Sign out
    #[command(after_help = "Example:\n  sanctuary-node sign-out --config node.toml")]
    SignOut(commands::SessionFile),
    /// The agency's people: add, roles, passwords, sessions
    #[command(subcommand)]
    Staff(commands::StaffCommand),
    /// Requests to other agencies and theirs to this one: ask, answer, release, recall
    Cases(commands::CasesArgs),
    /// People's rights, the evidence pack and the figures, for the data protection officer
    Rights(commands::RightsArgs),
    /// The life of own records: due for review, held, withdrawn, gone, with the proof
    Records(commands::RecordsArgs),
    /// Review possible matches: the queue, answers with reasons, second reviewers, figures
    #[command(
        subcommand,
        after_help = "Examples:\n  sanctuary-node review list --config node.toml\n  \
            sanctuary-node review figures --config node.toml"
    )]
    Review(commands::ReviewCommand),
    /// Show how good the own records are for being matched: for this agency alone
    #[command(
        after_help = "Examples:\n  sanctuary-node quality --config node.toml\n  \
            sanctuary-node quality --html quality.html --config node.toml"
    )]
    Quality(commands::QualityArgs),
    /// Notices that have not arrived: list, retry, drop
    #[command(
        subcommand,
        after_help = "Examples:\n  sanctuary-node notices list --config node.toml\n  \
            sanctuary-node notices retry --all --config node.toml"
    )]
    Notices(commands::NoticesCommand),
    /// Write possible matches, releases or the link chart to a file for other programs
    #[command(
        after_help = "Examples:\n  sanctuary-node export alerts --format csv --out alerts.csv --config node.toml\n  \
            sanctuary-node export chart --format graphml --out chart.graphml --config node.toml\n  \
            sanctuary-node export chart --format i2 --out chart-folder --config node.toml"
    )]
    Export(commands::ExportArgs),
    /// Show what the node holds and what it waits for
    #[command(
        after_help = "Example:\n  sanctuary-node status --config node.toml --json\n\nExit code 0: nothing needs a person; 1: something does, it says what; 2: bad usage."
    )]
    Status(Json),
}

#[derive(Args)]
struct Import {
    /// The mapping file (TOML); without it the one of the configuration
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// CSV, TSV, JSON Lines, XLSX or a POLE document
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write the summaries as JSON to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Args)]
struct Receipts {
    /// One act's id: shows what it was about and its receipt
    #[arg(value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    json: Json,
}

#[derive(Subcommand)]
enum MappingCommand {
    /// Read column names and first rows, and propose a mapping with reasons
    #[command(after_help = "Example:\n  sanctuary-node mapping suggest people.csv > people.toml")]
    Suggest {
        /// CSV, TSV, JSON Lines, XLSX or a POLE document
        file: PathBuf,
        #[command(flatten)]
        json: Json,
    },
    /// Show on this screen how the first rows would be read; stores and sends nothing
    #[command(
        after_help = "Example:\n  sanctuary-node mapping check --mapping people.toml people.csv"
    )]
    Check {
        /// The mapping file (TOML)
        #[arg(long, value_name = "FILE")]
        mapping: PathBuf,
        /// Rows to show
        #[arg(long, value_name = "N", default_value_t = 5)]
        rows: usize,
        /// CSV, TSV, JSON Lines, XLSX or a POLE document
        file: PathBuf,
    },
}

#[derive(Args)]
struct Json {
    /// Write JSON to a file, or to standard output when none is named
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let command = match arguments.command.unwrap_or(Command::Run) {
        Command::Mapping(command) => return ended(mapping(command)),
        other => other,
    };
    let Some(path) = arguments.config else {
        return fail("name the configuration file with --config FILE", 2);
    };
    let config = match Config::load(&path) {
        Ok(config) => config,
        Err(error) => return fail(&error.to_string(), 2),
    };
    let usual = match command {
        Command::Run => "info",
        _ => "error",
    };
    start_log(config.log, usual);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}"), 1),
    };
    let outcome = runtime.block_on(perform(config, command));
    // An import that was interrupted is cut between two of its atomic steps.
    runtime.shutdown_background();
    ended(outcome)
}

fn mapping(command: MappingCommand) -> Result<(), Failure> {
    match command {
        MappingCommand::Suggest { file, json } => commands::suggest_mapping(&file, &json.json),
        MappingCommand::Check {
            mapping,
            rows,
            file,
        } => commands::check_mapping(&mapping, &file, rows),
    }
}

fn ended(outcome: Result<(), Failure>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::BadInput(problem)) => fail(&problem, 2),
        Err(Failure::Failed(error)) => fail(&format!("{error:#}"), 1),
    }
}

async fn perform(config: Config, command: Command) -> Result<(), Failure> {
    let stop = stopped().map_err(anyhow::Error::from)?;
    match command {
        Command::Run => Ok(run(config, stop).await?),
        Command::Import(import) => {
            let command = ImportCommand {
                mapping: import.mapping,
                files: import.files,
                json: import.json,
            };
            unless(stop, commands::import(&config, command)).await
        }
        // Needs no configuration: done before one is read.
        Command::Mapping(_) => Ok(()),
        Command::Feeds(command) => commands::feeds(&config, &command),
        Command::Keys(command) => commands::keys(&config, &command),
        Command::Alerts(args) => unless(stop, commands::alerts(&config, &args.json)).await,
        Command::Comparisons(args) => {
            unless(stop, commands::comparisons(&config, &args.json)).await
        }
        Command::Receipts(args) => {
            unless(stop, commands::receipts(&config, args.id, &args.json.json)).await
        }
        Command::SignIn(args) => unless(stop, commands::sign_in(&config, &args)).await,
        Command::SignOut(session) => unless(stop, commands::sign_out(&config, &session)).await,
        Command::Staff(command) => unless(stop, commands::staff(&config, command)).await,
        Command::Cases(args) => unless(stop, commands::cases(&config, args)).await,
        Command::Rights(args) => unless(stop, commands::rights(&config, args)).await,
        Command::Records(args) => unless(stop, commands::records(&config, args)).await,
        Command::Review(command) => unless(stop, commands::review(&config, command)).await,
        Command::Quality(args) => unless(stop, commands::quality(&config, &args)).await,
        Command::Notices(command) => unless(stop, commands::notices(&config, command)).await,
        Command::Export(args) => unless(stop, commands::export(&config, &args)).await,
        Command::Status(args) => unless(stop, commands::status(&config, &args.json)).await,
    }
}

async fn unless(
    stop: impl Future<Output = ()>,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    tokio::select! {
        ended = work => ended,
        () = stop => Err(Failure::Failed(anyhow::anyhow!(
            "interrupted; what was done stays, and the same command does the rest"
        ))),
    }
}

fn fail(problem: &str, code: u8) -> ExitCode {
    eprintln!("sanctuary-node: {problem}");
    ExitCode::from(code)
}
