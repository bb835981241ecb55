use clap::Subcommand;
use sanctuary_rpc::now;
use sanctuary_store::Sealer;

use super::{
    Failure,
    output::{print, table},
};
use crate::{Config, intake::ApiKeys};

/// API keys for the agency's own systems.
#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make a key for a system; it is shown now and never again
    #[command(after_help = "Example:\n  sanctuary-node keys add liquidlogic --config node.toml")]
    Add {
        /// The system: a to z, 0 to 9 and -
        name: String,
    },
    /// Revoke a system's key
    Revoke {
        /// The system
        name: String,
    },
    /// List the systems
    List,
}

/// Does it. A running daemon takes it up at the next request.
///
/// # Errors
/// [`Failure`].
pub fn keys(config: &Config, command: &KeysCommand) -> Result<(), Failure> {
    let sealer = Sealer::from_key_file(&config.root_key()).map_err(anyhow::Error::from)?;
    let keys = ApiKeys::of(&config.data_dir, sealer);
    let bad = |error: sanctuary_node_core::NodeError| Failure::BadInput(error.to_string());
    match command {
        KeysCommand::Add { name } => {
            let name = name.parse().map_err(|_| {
                Failure::BadInput(
                    "a system's name is 1 to 32 of a to z, 0 to 9 and -, and begins with a letter"
                        .to_owned(),
                )
            })?;
            let key = keys.add(&name, now()).map_err(bad)?;
            eprintln!("the key of {name}; give it to the system now, it is not shown again:");
            print(&format!("{}\n", *key))?;
        }
        KeysCommand::Revoke { name } => {
            keys.revoke(name, now()).map_err(bad)?;
            print(&format!("the key of {name} opens nothing any more\n"))?;
        }
        KeysCommand::List => {
            let rows: Vec<Vec<String>> = keys
                .list()
                .map_err(anyhow::Error::from)?
                .into_iter()
                .map(|key| {
                    let day = |at: sanctuary_types::Timestamp| {
                        let (year, month, day) = at.date();
                        format!("{year:04}-{month:02}-{day:02}")
                    };
                    let state = match key.revoked {
                        Some(at) => format!("revoked {}", day(at)),
                        None => "live".to_owned(),
                    };
                    vec![key.name.clone(), day(key.made), state]
                })
                .collect();
            print(&table(&["system", "made", "state"], &rows))?;
        }
    }
    Ok(())
}
