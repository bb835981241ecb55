//! What an open page is told; see [`crate::live`].

use sanctuary_types::Timestamp;

use crate::{Problem, Reply, Visit};

/// Tells the page what is new after the moment at which it was made.
///
/// # Errors
/// A page that does not say when it was made.
pub fn listen(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let since = visit.query.parse("since").ok_or(Problem::BadRequest)?;
    Ok(Reply::Live(Timestamp(since)))
}
