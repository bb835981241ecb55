//! Whole-system tests: the real programs as separate processes, set up as docs/operating.md says.
//!
//! Owns: starting, killing and asking a partnership of processes, and reading what they left on
//! disk. The tests themselves are in `tests/tests/`. Needs the programs built (`cargo xtask test`
//! builds them first).

mod audit;
mod caller;
mod disk;
mod files;
mod folder;
mod ledger;
mod ports;
mod postgres;
mod process;
mod python;
mod town;

pub use audit::{Alert, Audit, HubLog, Stored};
pub use caller::Caller;
pub use disk::SmallDisk;
pub use files::Files;
pub use folder::copy_folder;
pub use ledger::{Forger, HubStore};
pub use ports::free_ports;
pub use postgres::{OWNER, PASSWORD, Postgres};
pub use process::{Process, Said, built};
pub use python::python;
pub use town::{HOLDERS, Plan, Town};
