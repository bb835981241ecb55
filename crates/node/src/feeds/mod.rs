//! Feeds: what an agency's systems deliver by themselves, as files or in a database, is imported as it comes.

mod allowance;
mod arrivals;
mod database;
mod folder;
mod import;
mod running;
mod settings;
mod written;

use std::io;

pub use allowance::Allowance;
pub(crate) use arrivals::{Arrivals, Arriving};
pub use database::DatabaseConfig;
pub(crate) use database::Databases;
pub use folder::FolderConfig;
pub(crate) use folder::Folders;
use import::FeedImport;
pub(crate) use settings::problem_of;
pub use settings::{FeedConfig, FeedMode, FeedSource};

fn unusable(error: &io::Error) -> String {
    format!("its folder cannot be used ({error}); check that it is there and writable")
}
