//! What needs a person, each with the next step.

use minijinja::{Value, context};

use crate::{Concern, Page, Problem, Reply, Visit, frame::sentence, when};

/// The page.
///
/// # Errors
/// What the node gives.
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let concerns = visit.office.running().concerns(visit.actor()?)?;
    let line = |concern: &Concern| -> Value {
        context! {
            what => sentence(&concern.what),
            next => sentence(&concern.next),
            urgent => concern.urgent,
            at => concern.at.map(|at| when::moment(at, visit.now)),
            href => concern.href,
        }
    };
    let values = context! {
        urgent => concerns.iter().filter(|c| c.urgent).map(line).collect::<Vec<_>>(),
        others => concerns.iter().filter(|c| !c.urgent).map(line).collect::<Vec<_>>(),
        now => when::moment(visit.now, visit.now),
    };
    Ok(Page::new("alarms.html", values).into())
}
