//! The first page after signing in: where this person's work is.

use sanctuary_policy::Action;

use crate::{Problem, Reply, Visit};

/// Sends everybody to where their work is.
///
/// # Errors
/// None.
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let to = if visit.may(Action::DecideAlert) {
        "/matches"
    } else if visit.may(Action::ReadRequest) || visit.may(Action::ReadRelease) {
        "/requests"
    } else {
        "/account"
    };
    Ok(Reply::To(to.to_owned()))
}
