//! How the node and its data are: what takes part, what waits, how full records are, what lapses when.

use minijinja::{Value, context};

use crate::{Page, Problem, Reply, Visit, when};

const DAY_MS: u64 = 86_400_000;
/// Days before which somebody should renew what lapses.
const RENEW_DAYS: u64 = 30;

/// Data quality and push health.
///
/// # Errors
/// [`Problem`].
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let health = visit.oversight()?.health(visit.actor()?)?;
    let filled = health.filled.iter().map(|(what, count)| {
        let percent = (count * 100)
            .checked_div(health.records)
            .unwrap_or_default();
        context! { what => what, count => *count, percent => percent.min(100) }
    });
    let lapses = health.lapses.iter().map(|(what, at)| {
        let left = at.0.saturating_sub(visit.now.0);
        context! {
            what => what,
            at => at.0,
            left => if left == 0 { "Lapsed".to_owned() } else { format!("{} left", when::span(left)) },
            soon => left < RENEW_DAYS * DAY_MS,
        }
    });
    Ok(Page::new(
        "health.html",
        context! {
            records => health.records,
            notify_only => health.notify_only,
            pending => health.pending,
            outbox => health.outbox,
            alerts => health.alerts,
            problem => health.problem,
            filled => Value::from_iter(filled.collect::<Vec<_>>()),
            lapses => Value::from_iter(lapses.collect::<Vec<_>>()),
            hub_away => visit.house.hub_away,
            hub_heard => visit.house.hub_heard.map(|at| at.0),
            heard_ago => visit.house.hub_heard.map(|at| when::span(visit.now.0.saturating_sub(at.0))),
        },
    )
    .into())
}
