//! An agency's database, read by one query of the agency's own: everything at once, or what changed since the
//! last reading. The port is [`CaseDatabase`]; PostgreSQL is the first behind it.

mod fault;
mod mark;
mod postgres;

use sanctuary_node_core::{NodeError, readers::Rows};

pub use fault::DatabaseFault;
pub use mark::Mark;
pub use postgres::{Postgres, PostgresSettings};

/// A database of the agency's behind one query that only reads.
pub trait CaseDatabase: Send {
    /// Opens the database as it is at this moment, for rows from `since` on; all of them without. Blocks.
    ///
    /// # Errors
    /// One sentence, without a value of any record; the same may work later.
    fn view(&mut self, since: Option<&Mark>) -> Result<Box<dyn View>, DatabaseFault>;
}

/// A database at one moment, whatever is changed in it meanwhile.
pub trait View {
    /// The rows of the query; the same each time it is called. Blocks, as the rows do.
    ///
    /// # Errors
    /// As [`CaseDatabase::view`].
    fn rows(&mut self) -> Result<Box<dyn Rows>, NodeError>;

    /// Where the next reading begins, once all rows were read: the highest watermark among them, and no later
    /// than the database's own clock. `None` when no row has one.
    fn mark(&self) -> Option<Mark>;
}
