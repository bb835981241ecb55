//! The supervisor's panel of sign-ins that were refused. Addresses of networks and colleagues who are paused, never
//! what somebody typed.

use minijinja::{Value, context};

use crate::{Problem, Visit, Why, when};

/// What was refused to people who were signed in.
pub(crate) fn acts(visit: &Visit<'_>) -> Vec<Value> {
    let lines = visit.refusals.lines(visit.now).into_iter();
    lines
        .map(|line| {
            context! {
                person => line.person.as_str(),
                what => line.act.text(),
                count => line.count,
                last => when::moment(line.last, visit.now),
            }
        })
        .collect()
}

/// Its values.
///
/// # Errors
/// What the node gives.
pub(crate) fn values(visit: &Visit<'_>) -> Result<Value, Problem> {
    let refused = visit.signing.watch.refused(visit.now);
    let paused = visit.oversight()?.paused(visit.actor()?)?;
    let reasons = Why::ALL.iter().filter_map(|why| {
        let count = refused.day.get(why).copied().unwrap_or_default();
        (count > 0).then(|| context! { text => why.text(), count })
    });
    let paused = paused.iter().map(|p| {
        context! {
            name => p.name.as_str(),
            person => p.person.as_str(),
            failures => p.failures,
            until => when::moment(p.until, visit.now),
        }
    });
    let networks = refused.networks.iter();
    Ok(context! {
        burst => refused.is_burst(),
        lately => refused.lately,
        minutes => crate::BURST_MINUTES,
        reasons => reasons.collect::<Vec<Value>>(),
        networks => networks
            .map(|(network, count)| context! { network => network.to_string(), count })
            .collect::<Vec<Value>>(),
        paused => paused.collect::<Vec<Value>>(),
    })
}
