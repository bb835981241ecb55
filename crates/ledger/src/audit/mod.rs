//! Checking a whole log from its public parts: `audit verify`, `audit prove`; [`crate::Watch`] is the
//! third. Needs tiles, bundles and a checkpoint; trusts nobody who stored them.

mod entries;
mod fault;
mod frontier;
mod locate;
mod prove;
mod verify;

pub use fault::{Fault, Finding};
pub use prove::prove;
pub use verify::{Bodies, Known, Report, verify};
