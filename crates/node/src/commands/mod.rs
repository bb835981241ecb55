//! The local commands beside the daemon.

mod alerts;
mod cases;
mod comparisons;
mod export;
mod feeds;
mod import;
mod keys;
mod mapping;
mod notices;
mod output;
mod quality;
mod quality_page;
mod receipts;
mod records;
mod review;
mod review_text;
mod session;
mod staff;
mod status;

use std::path::PathBuf;

pub use alerts::alerts;
pub use cases::{CasesArgs, RightsArgs, cases, rights};
pub use comparisons::comparisons;
pub use export::{ExportArgs, export};
pub use feeds::{FeedsCommand, feeds};
pub use import::{ImportCommand, import};
pub use keys::{KeysCommand, keys};
pub use mapping::{check_mapping, suggest_mapping};
pub use notices::{NoticesCommand, notices};
pub use quality::{QualityArgs, quality};
pub use receipts::receipts;
pub use records::{RecordsArgs, records};
pub use review::{ReviewCommand, review};
pub use session::SessionFile;
pub use staff::{SignInArgs, StaffCommand, sign_in, sign_out, staff};
pub use status::status;

/// How a command ended badly.
#[derive(Debug)]
pub enum Failure {
    /// Bad usage or bad input: exit code 2.
    BadInput(String),
    /// Everything else: exit code 1.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// Where JSON goes: a file, or standard output for `-`.
pub type JsonTarget = Option<PathBuf>;
