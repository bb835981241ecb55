//! Whole-system tests: the real programs as separate processes, set up as docs/operating.md says.
//!
//! Owns: starting, killing and asking a partnership of processes. The tests themselves are in
//! `tests/tests/`. Needs the programs built (`cargo xtask test` builds them first).

mod process;
mod town;

pub use process::Process;
pub use town::Town;
