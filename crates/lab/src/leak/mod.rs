//! Looks for raw identifiers where none may be: in the bytes a party received and the files it wrote.
//!
//! A search that can only say "nothing" proves nothing, so the same search is pointed at a node's own
//! export in the tests, where it must find them.

mod patterns;
mod search;

pub use patterns::{Identifiers, LONG_BYTES_MIN, SHORT_BYTES_MIN};
pub use search::{Finding, Searcher};
