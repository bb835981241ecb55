use clap::Subcommand;

use super::{Failure, output::print};
use crate::{Config, FeedSource, feeds::Allowance};

/// Feeds of the configuration.
#[derive(Subcommand)]
pub enum FeedsCommand {
    /// Let the next full snapshot of a feed withdraw more records than its brake does
    #[command(
        after_help = "Example:\n  sanctuary-node feeds allow cases --withdrawals 312 --config node.toml\n\nThen put the file from rejected/ back into the folder."
    )]
    Allow {
        /// The feed's name
        name: String,
        /// Records that may go, at most; the message of the brake has the number
        #[arg(long, value_name = "N")]
        withdrawals: u64,
    },
}

/// Does it.
///
/// # Errors
/// [`Failure::BadInput`] for a feed that the configuration does not have.
pub fn feeds(config: &Config, command: &FeedsCommand) -> Result<(), Failure> {
    let FeedsCommand::Allow { name, withdrawals } = command;
    let feed = config.feeds.iter().find(|f| f.name.as_str() == name);
    let feed = feed.ok_or_else(|| {
        Failure::BadInput(format!("the configuration has no feed named \"{name}\""))
    })?;
    Allowance::of(&config.data_dir, &feed.name)
        .grant(*withdrawals)
        .map_err(anyhow::Error::from)?;
    let next = match &feed.source {
        FeedSource::Folder(folder) => format!(
            "; put the file from rejected/ back into {}",
            folder.path.display()
        ),
        FeedSource::Database(_) => String::new(),
    };
    print(&format!(
        "the next full snapshot of {name} may withdraw up to {withdrawals} records{next}\n"
    ))?;
    Ok(())
}
