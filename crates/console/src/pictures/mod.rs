//! Pictures drawn on the server as inline SVG, each a pure function of a typed struct. There is a wide and a narrow
//! drawing, of which the style sheet shows one, and a table that says the same. They hold no value that the struct
//! did not hold: levels and words, never weights.

mod clock;
mod cluster;
mod svg;
mod table;
#[cfg(test)]
mod tests;
mod timeline;
mod waterfall;

use minijinja::Value;
use serde::Serialize;

pub use clock::Clock;
pub use cluster::{Cluster, Link, Member};
pub use table::Table;
pub use timeline::{Mark, MarkKind, Timeline};
pub use waterfall::{Row, Waterfall};

/// A picture as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// SVG for screens of 769 pixels and more, and for paper.
    pub wide: String,
    /// SVG for narrower ones.
    pub narrow: String,
    /// The same in words.
    pub table: Table,
}

impl Picture {
    /// Both drawings as markup that a template puts in as it is. Every text in it is escaped already.
    #[must_use]
    pub fn markup(&self) -> Value {
        Value::from_safe_string(format!(
            "<div class=\"app-wide\">{}</div><div class=\"app-narrow\">{}</div>",
            self.wide, self.narrow
        ))
    }
}
