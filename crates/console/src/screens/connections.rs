//! How the agency's own systems reach the node, and what lapses when: for administrators.

use minijinja::{Value, context};

use super::health::lapse;
use crate::{FaultKind, FeedView, Page, Problem, Reply, Visit, frame::sentence, when};

/// Folders, keys of systems, keys and certificates.
///
/// # Errors
/// What the node gives.
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    page(visit, "").map(Into::into)
}

fn page(visit: &Visit<'_>, problem: &str) -> Result<Page, Problem> {
    let by = visit.actor()?;
    let connections = visit.office.running().connections(by)?;
    let health = visit.oversight()?.health(by)?;
    let moment = |at| when::moment(at, visit.now);
    let feed = |feed: &FeedView| -> Value {
        context! {
            name => feed.name.as_str(), is_full => feed.is_full,
            looked => feed.looked.map(moment), settled => feed.settled.map(moment),
            problem => if feed.problem.is_empty() { String::new() } else { sentence(&feed.problem) },
        }
    };
    let (live, revoked): (Vec<_>, Vec<_>) = connections
        .keys
        .iter()
        .partition(|key| key.revoked.is_none());
    let keys = live.iter().map(|key| {
        context! { name => key.name.as_str(), made => moment(key.made), used => key.used.map(moment) }
    });
    let values = context! {
        feeds => connections.feeds.iter().map(feed).collect::<Vec<_>>(),
        keys => keys.collect::<Vec<_>>(),
        revoked => revoked.len(),
        takes_calls => connections.takes_calls,
        since => moment(connections.since),
        lapses => health.lapses.iter().map(|l| lapse(l, visit.now)).collect::<Vec<_>>(),
        problem => problem,
        said => match visit.query.text("said") {
            "revoked" => "Revoked. That key opens nothing from now on.",
            _ => "",
        },
    };
    Ok(if problem.is_empty() {
        Page::new("connections.html", values)
    } else {
        Page::wrong("connections.html", values)
    })
}

/// Revokes the key of a system.
///
/// # Errors
/// What the node gives.
pub fn revoke(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let running = visit.office.running();
    match running.revoke_key(visit.actor()?, visit.form.text("key")) {
        Ok(()) => Ok(Reply::To("/connections?said=revoked".to_owned())),
        Err(fault) if fault.kind == FaultKind::Refused => {
            page(visit, &sentence(&fault.text)).map(Into::into)
        }
        Err(fault) => Err(fault.into()),
    }
}
