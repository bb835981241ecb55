//! How the node and its data are: what takes part, what waits, how full records are, what lapses when.

use minijinja::{Value, context};

use sanctuary_types::{DAY_MS, Timestamp};

use crate::{
    Page, Problem, Reply, Visit, when,
    words::{counted, thousands},
};

/// Days before which somebody should renew what lapses.
const RENEW_DAYS: u64 = 30;

/// Data quality and push health.
///
/// # Errors
/// [`Problem`].
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let health = visit.oversight()?.health(visit.actor()?)?;
    let filled = health.filled.iter().map(|(what, count)| {
        let percent = percent_of(*count, health.records);
        context! { what => what, count => thousands(count), percent => percent }
    });
    let lapses = health.lapses.iter().map(|l| lapse(l, visit.now));
    let quotas = health.quotas.iter().map(|(what, left, limit)| {
        context! { what => what, left => thousands(left), limit => thousands(limit), spent => *left == 0 }
    });
    Ok(Page::new(
        "health.html",
        context! {
            records => thousands(health.records),
            notify_only => thousands(health.notify_only),
            has_notify_only => health.notify_only > 0,
            pending => thousands(health.pending),
            is_pending => health.pending > 0,
            outbox => thousands(health.outbox),
            is_outbox => health.outbox > 0,
            alerts => thousands(health.alerts),
            has_records => health.records > 0,
            problem => health.problem,
            filled => Value::from_iter(filled.collect::<Vec<_>>()),
            year_only => counted(usize::try_from(health.year_only).unwrap_or(usize::MAX), "record", "records"),
            year_only_percent => percent_of(health.year_only, health.records),
            last_push => health.last_push.map(|at| when::moment(at, visit.now)),
            quotas => Value::from_iter(quotas.collect::<Vec<_>>()),
            rules => health.rules,
            lapses => Value::from_iter(lapses.collect::<Vec<_>>()),
            hub_away => visit.house.hub_away,
            hub_stale => visit.house.is_stale(visit.now),
            hub_heard => visit.house.hub_heard.map(|at| at.0),
            heard_ago => visit.house.hub_heard.map(|at| when::span(visit.now.0.saturating_sub(at.0))),
        },
    )
    .into())
}

/// What lapses, and how long it still holds.
pub(crate) fn lapse((what, at): &(String, Timestamp), now: Timestamp) -> Value {
    let left = at.0.saturating_sub(now.0);
    context! {
        what => what,
        at => at.0,
        left => if left == 0 { "Lapsed".to_owned() } else { format!("{} left", when::span(left)) },
        soon => left < RENEW_DAYS * DAY_MS,
    }
}

/// Whole per cent, never above 100.
fn percent_of(count: u64, all: u64) -> u64 {
    (count * 100).checked_div(all).unwrap_or_default().min(100)
}
