//! The queue of possible matches: filters, views, counts, clocks, giving to colleagues.

use minijinja::{Value, context, value::Serde};
use sanctuary_policy::Action;
use sanctuary_review::{Assign, Counts, Filter, Line, ListRequest, Next, Page as QueuePage, State};
use sanctuary_types::{AlertId, AlertKind};
use serde::Serialize;

use super::{drafts, filter};
use crate::{
    FaultKind, House, Page, Problem, Reply, Visit,
    pictures::Clock,
    when,
    words::{self, counted},
};

/// One row as it is shown.
#[derive(Serialize)]
struct Row {
    id: String,
    version: u32,
    name: String,
    reference: String,
    kind: &'static str,
    kind_tag: &'static str,
    band: &'static str,
    band_tag: &'static str,
    other: String,
    other_roles: String,
    due: String,
    due_class: &'static str,
    clock: Value,
    age: String,
    state: &'static str,
    waits: bool,
    assignee: String,
    child: bool,
    newer_evidence: bool,
    recheck: bool,
    to_recheck: bool,
    two_reviewers: bool,
}

/// A choice of a filter with its count.
#[derive(Serialize)]
struct Choice {
    name: &'static str,
    value: String,
    text: String,
    count: usize,
    on: bool,
}

/// A view as a link.
#[derive(Serialize)]
struct View {
    text: String,
    href: String,
    count: Option<usize>,
    current: bool,
    /// The name of a saved one, to forget it.
    saved: Option<String>,
}

/// The list.
///
/// # Errors
/// What the node gives.
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let by = visit.actor()?;
    let filter = filter::read(&visit.query);
    let request = ListRequest {
        filter: filter.clone(),
        cursor: visit.query.parse("page"),
        ..ListRequest::default()
    };
    let page = visit.office.queue(by, &request)?;
    // Counts beside the views are those of what waits, whatever is filtered now.
    let to_do = Filter::to_do();
    let waiting = if filter == to_do {
        None
    } else {
        let request = ListRequest {
            filter: to_do.clone(),
            limit: 1,
            ..ListRequest::default()
        };
        Some(visit.office.queue(by, &request)?)
    };
    let waiting = waiting.as_ref().unwrap_or(&page);
    let own_views = visit.office.views(by)?;
    let assigns = visit.may(Action::AssignAlert);
    let mut reviewers = if assigns {
        visit.office.reviewers(by)?
    } else {
        Vec::new()
    };
    // The person's own name comes first.
    reviewers.sort_by_key(|w| w.person != by.person);
    let mut views = standard_views(&filter, waiting);
    views.extend(own_views.into_iter().map(|view| View {
        href: href(&filter::write(&view.filter)),
        count: None,
        current: view.filter == filter && !views_has(&filter),
        text: view.name.clone(),
        saved: Some(view.name),
    }));
    let query = filter::write(&filter);
    let link = |cursor: Option<sanctuary_review::Cursor>| {
        cursor.map(|c| {
            let sign = if query.is_empty() { "" } else { "&" };
            format!("/matches?{query}{sign}page={c}")
        })
    };
    let me = &by.person;
    let shortcuts = visit.office.keeping().shortcuts(by)?;
    let last = page.first + page.lines.len().saturating_sub(1);
    let values = context! {
        summary => summary(waiting),
        rows => page.lines.iter().map(|l| Value::from(Serde(row(l, &visit.house, visit)))).collect::<Vec<_>>(),
        groups => groups(&page.counts, &filter, &visit.house),
        who => if filter.mine { "me" } else if filter.unassigned { "nobody" } else { "" },
        mine => page.counts.mine,
        unassigned => page.counts.unassigned,
        every => filter.states.is_empty() && !filter.recheck,
        total => counted(page.total, "possible match", "possible matches"),
        is_empty => page.total == 0,
        is_first_use => page.all == 0,
        all => words::thousands(page.all),
        shown => format!("{} to {}", words::thousands(page.first), words::thousands(last)),
        next => link(page.next),
        previous => link(page.previous),
        views => Serde(&views),
        query => query.clone(),
        here => href(&query),
        assigns,
        shortcuts,
        unfinished => drafts::unfinished(visit),
        since => visit.now.0,
        reviewers => reviewers.iter().map(|w| context! {
            value => w.person.as_str(),
            text => if w.person == *me { format!("Me ({})", w.name) } else { w.name.clone() },
        }).collect::<Vec<_>>(),
        said => said(visit),
    };
    let sent = Page::new("queue.html", values).that_talks();
    // The one word of an address that is not from a list of ours.
    let known = |agency| page.counts.agencies.iter().any(|(one, _)| one == agency);
    if filter.agencies.iter().all(known) {
        return Ok(sent.that_echoes_nothing().into());
    }
    Ok(sent.into())
}

/// Gives the ticked ones to somebody.
///
/// # Errors
/// What the node gives.
pub fn assign(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let form = &visit.form;
    let back = crate::own_path(form.text("back"));
    let with = |said: &str| {
        let sign = if back.contains('?') { '&' } else { '?' };
        Reply::To(format!("{back}{sign}said={said}"))
    };
    let alerts: Option<Vec<(AlertId, u32)>> = form
        .all("alert")
        .map(|pair| {
            let (id, version) = pair.split_once(':')?;
            Some((id.parse().ok()?, version.parse().ok()?))
        })
        .collect();
    let alerts = alerts.ok_or(Problem::BadRequest)?;
    if alerts.is_empty() {
        return Ok(with("none"));
    }
    let to = match form.text("to") {
        "" => None,
        person => Some(person.parse().map_err(|_| Problem::BadRequest)?),
    };
    let outcome = visit
        .office
        .assign(visit.actor()?, &Assign { alerts, to })?;
    let said = if outcome.skipped.is_empty() {
        "assigned"
    } else if outcome.assigned.is_empty() {
        "skipped"
    } else {
        "partly"
    };
    Ok(with(said))
}

/// Keeps the filter under a name.
///
/// # Errors
/// What the node gives.
pub fn save_view(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let query = crate::Form::read(visit.form.text("query").as_bytes());
    let kept = filter::read(&query.ok_or(Problem::BadRequest)?);
    let by = visit.actor()?;
    let query = filter::write(&kept);
    let said = match visit.office.save_view(by, visit.form.text("name"), &kept) {
        Ok(()) => "view",
        Err(fault) if fault.kind == FaultKind::Refused => "view-name",
        Err(fault) => return Err(fault.into()),
    };
    let sign = if query.is_empty() { "" } else { "&" };
    Ok(Reply::To(format!("/matches?{query}{sign}said={said}")))
}

/// Forgets a saved view.
///
/// # Errors
/// What the node gives.
pub fn delete_view(visit: &Visit<'_>) -> Result<Reply, Problem> {
    visit
        .office
        .delete_view(visit.actor()?, visit.form.text("name"))?;
    Ok(Reply::To("/matches?said=view-gone".to_owned()))
}

fn said(visit: &Visit<'_>) -> &'static str {
    match visit.query.text("said") {
        "assigned" => "Assigned.",
        "partly" => {
            "Some were assigned. The others have changed meanwhile or are decided already, and were left as they are."
        }
        "skipped" => "None was assigned: they have changed meanwhile or are decided already.",
        "none" => "Select at least one possible match first.",
        "view" => "View saved.",
        "view-name" => {
            "The view was not saved. Give it a name of 1 to 60 characters; 20 views can be kept."
        }
        "view-gone" => "View deleted.",
        "sent" => "Sent to the hub.",
        _ => "",
    }
}

fn href(query: &str) -> String {
    if query.is_empty() {
        "/matches".to_owned()
    } else {
        format!("/matches?{query}")
    }
}

fn summary(page: &QueuePage) -> String {
    let waiting = counted(page.total, "waits for a decision", "wait for a decision");
    match page.counts.overdue {
        0 => format!("{waiting}. None is overdue."),
        n => format!("{waiting}, {n} overdue."),
    }
}

/// How many a view shows, by the counts of what waits.
type Count = fn(&QueuePage) -> Option<usize>;

/// The filters of the standard views, in order.
fn standard() -> Vec<(&'static str, Filter, Count)> {
    let to_do = Filter::to_do;
    vec![
        ("To do", to_do(), |p| Some(p.total)),
        (
            "Mine",
            Filter {
                mine: true,
                ..to_do()
            },
            |p| Some(p.counts.mine),
        ),
        (
            "Unassigned",
            Filter {
                unassigned: true,
                ..to_do()
            },
            |p| Some(p.counts.unassigned),
        ),
        (
            "Overdue",
            Filter {
                overdue: true,
                ..to_do()
            },
            |p| Some(p.counts.overdue),
        ),
        (
            "Children",
            Filter {
                child: true,
                ..to_do()
            },
            |p| Some(p.counts.child),
        ),
        (
            "Victim is suspect",
            Filter {
                kinds: vec![AlertKind::VictimIsSuspect],
                ..to_do()
            },
            |p| count_of(&p.counts.kinds, &AlertKind::VictimIsSuspect),
        ),
        (
            "Re-review",
            Filter {
                recheck: true,
                ..Filter::default()
            },
            |_| None,
        ),
        ("Everything", Filter::default(), |p| Some(p.all)),
    ]
}

fn views_has(filter: &Filter) -> bool {
    standard().iter().any(|(_, standard, _)| standard == filter)
}

fn standard_views(filter: &Filter, waiting: &QueuePage) -> Vec<View> {
    let views = standard().into_iter();
    views
        .map(|(text, standard, count)| View {
            text: text.to_owned(),
            href: href(&filter::write(&standard)),
            count: count(waiting),
            current: standard == *filter,
            saved: None,
        })
        .collect()
}

fn count_of<T: PartialEq>(counts: &[(T, usize)], of: &T) -> Option<usize> {
    counts.iter().find(|(v, _)| v == of).map(|(_, n)| *n)
}

/// The groups of check boxes.
fn groups(counts: &Counts, filter: &Filter, house: &House) -> Vec<Value> {
    let choice = |name, value: &str, text: &str, count, on| Choice {
        name,
        value: value.to_owned(),
        text: text.to_owned(),
        count,
        on,
    };
    let bands = counts.bands.iter().map(|(band, n)| {
        let on = filter.bands.contains(band);
        choice(
            "band",
            words::band_word(*band),
            words::band_text(*band),
            *n,
            on,
        )
    });
    let bands: Vec<Choice> = bands
        .filter(|c| c.count > 0 || c.on || c.value != "possible")
        .collect();
    let kinds: Vec<Choice> = counts
        .kinds
        .iter()
        .map(|(kind, n)| {
            let on = filter.kinds.contains(kind);
            choice(
                "kind",
                words::kind_word(*kind),
                words::kind_text(*kind),
                *n,
                on,
            )
        })
        .collect();
    let agencies: Vec<Choice> = counts
        .agencies
        .iter()
        .map(|(agency, n)| {
            let on = filter.agencies.contains(agency);
            choice("agency", agency.as_str(), house.name_of(agency), *n, on)
        })
        .collect();
    let states: Vec<Choice> = counts
        .states
        .iter()
        .map(|(state, n)| {
            let on = filter.states.contains(state) && filter.states != Filter::to_do().states;
            choice("state", state.word(), state.text(), *n, on)
        })
        .filter(|c| c.count > 0 || c.on)
        .collect();
    let flags = vec![
        choice("child", "1", "Under 18", counts.child, filter.child),
        choice("overdue", "1", "Overdue", counts.overdue, filter.overdue),
        choice(
            "newer",
            "1",
            "Newer evidence",
            counts.newer_evidence,
            filter.newer_evidence,
        ),
    ];
    [
        ("Strength", bands),
        ("Kind", kinds),
        ("Held by", agencies),
        ("Attention", flags),
        ("Where it is", states),
    ]
    .into_iter()
    .filter(|(_, choices)| !choices.is_empty())
    .map(|(title, choices)| context! { title, choices => Serde(&choices) })
    .collect()
}

fn row(line: &Line, house: &House, visit: &Visit<'_>) -> Row {
    let clock = Clock {
        started: line.since,
        due: line.due,
        now: visit.now,
    };
    let own = line.own.as_ref();
    Row {
        id: line.alert.to_string(),
        version: line.version,
        name: own.map_or("Record no longer here".to_owned(), |o| o.short_name.clone()),
        reference: own.map_or(String::new(), |o| o.reference.clone()),
        kind: words::kind_text(line.kind),
        kind_tag: words::kind_tag(line.kind),
        band: words::band_text(line.band),
        band_tag: words::band_tag(line.band),
        other: house.name_of(&line.other).to_owned(),
        other_roles: words::roles_text(&line.other_roles, "Role not told"),
        due: when::due(line.due, visit.now),
        due_class: clock.word(),
        clock: Value::from_safe_string(clock.draw()),
        age: format!(
            "{} old",
            when::span(visit.now.0.saturating_sub(line.since.0))
        ),
        state: line.answer.map_or(line.state.text(), |a| a.text()),
        waits: line.state.is_open(),
        assignee: line
            .assignee
            .as_ref()
            .map_or(String::new(), |w| w.name.clone()),
        child: line.child,
        newer_evidence: line.newer_evidence,
        recheck: line.recheck,
        to_recheck: line.next.contains(&Next::Recheck) && visit.query.ticked("recheck"),
        two_reviewers: line.state == State::SecondReviewer
            && line.next.contains(&Next::DecideSecond),
    }
}
