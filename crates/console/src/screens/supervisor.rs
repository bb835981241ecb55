//! How the work goes: for supervisors and the data protection officer. Counts, never a record.

use minijinja::{Value, context, value::Serde};
use sanctuary_disclosure::DecisionKind;
use sanctuary_policy::Action;
use sanctuary_review::{Agreement, Answer, Figures};
use serde::Serialize;

use crate::{Page, Problem, Reply, Visit, when};

/// Days that the page looks back.
const DAYS: u32 = 28;

#[derive(Serialize)]
struct Tile {
    label: &'static str,
    value: String,
    note: String,
    over: bool,
    href: Option<&'static str>,
}

/// The dashboard.
///
/// # Errors
/// [`Problem`].
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let by = visit.actor()?;
    let review = visit.oversight()?.figures(by, DAYS)?;
    let may_see_cases = Action::ReadFigures.permits_any(&by.roles);
    let cases = if may_see_cases {
        Some(visit.oversight()?.case_figures(by, DAYS)?)
    } else {
        None
    };
    let workload: Vec<Value> = review
        .workload
        .iter()
        .map(|(who, count)| context! { name => &who.name, count => *count })
        .collect();
    let days: Vec<Value> = review
        .decided
        .iter()
        .rev()
        .take(7)
        .map(|day| {
            let counts: Vec<usize> = Answer::ALL
                .iter()
                .map(|a| day.answers.get(a).copied().unwrap_or_default())
                .collect();
            context! { day => day.day.long(), counts => Serde(counts) }
        })
        .collect();
    let answers: Vec<&str> = Answer::ALL.iter().map(|a| a.text()).collect();
    Ok(Page::new(
        "supervisor.html",
        context! {
            refused => super::refused::values(visit)?,
            refused_acts => super::refused::acts(visit),
            tiles => Serde(tiles(&review, visit)),
            workload => Value::from_iter(workload),
            days => Value::from_iter(days),
            answers => Serde(answers),
            decided_late => review.decided_late,
            median => when::span(review.median_minutes * 60_000),
            has_decisions => review.decided.iter().any(|d| d.answers.values().any(|n| *n > 0)),
            looked_back => DAYS,
            sample => format!("{}", f32::from(review.recheck_per_mille) / 10.0),
            cases => cases.map(|c| Serde(requests(&c))),
        },
    )
    .into())
}

fn tiles(review: &Figures, visit: &Visit<'_>) -> Vec<Tile> {
    let reads = visit.may(Action::ReadAlerts);
    let tile = |label, value: String, note: String| Tile {
        label,
        value,
        note,
        over: false,
        href: None,
    };
    let longest = review.oldest_due.filter(|due| *due < visit.now);
    let longest = longest.map_or_else(
        || "Nothing is late".to_owned(),
        |due| format!("The longest by {}", when::span(visit.now.0 - due.0)),
    );
    vec![
        Tile {
            href: reads.then_some("/matches"),
            ..tile("Waiting", review.open.to_string(), String::new())
        },
        Tile {
            over: review.overdue > 0,
            href: reads.then_some("/matches?overdue=1"),
            ..tile("Overdue", review.overdue.to_string(), longest)
        },
        Tile {
            href: reads.then_some("/matches?who=nobody"),
            ..tile(
                "Given to nobody",
                review.unassigned.to_string(),
                String::new(),
            )
        },
        tile(
            "Newer evidence",
            review.newer_evidence.to_string(),
            "Decided before it came".to_owned(),
        ),
        tile(
            "Two reviewers agreed",
            share(review.reviewers),
            pairs(review.reviewers, "answered twice"),
        ),
        tile(
            "Re-review agreed",
            share(review.rechecks),
            format!(
                "{}, {} waiting",
                pairs(review.rechecks, "looked at again"),
                review.rechecks_waiting
            ),
        ),
    ]
}

/// Half took no longer; nothing when there was none.
fn median(cases: u32, minutes: u64) -> String {
    if cases == 0 {
        "\u{2013}".to_owned()
    } else {
        when::span(minutes * 60_000)
    }
}

fn share(agreement: Agreement) -> String {
    agreement
        .percent()
        .map_or_else(|| "\u{2013}".to_owned(), |p| format!("{p}%"))
}

fn pairs(agreement: Agreement, what: &str) -> String {
    format!("{} of {} {what}", agreement.agreed, agreement.pairs)
}

#[derive(Serialize)]
struct Requests {
    rows: Vec<(String, String)>,
    refused: String,
}

fn requests(cases: &crate::CaseFigures) -> Requests {
    let refused = cases.decisions.get(&DecisionKind::Refused).copied();
    let answered: u32 = cases.decisions.values().sum();
    let refused = refused.unwrap_or_default();
    let rows = [
        ("Requests made", cases.asked.to_string()),
        ("Requests received", cases.received.to_string()),
        ("Answers that left", answered.to_string()),
        ("Of these, late", cases.answered_late.to_string()),
        (
            "Half were answered within",
            median(cases.to_answer.cases, cases.to_answer.median_minutes),
        ),
        ("Cases with something overdue", cases.overdue.to_string()),
        ("Recalled", cases.recalled.to_string()),
        (
            "Destruction not confirmed yet",
            cases.not_destroyed.to_string(),
        ),
    ];
    let percent = (refused * 100 + answered / 2).checked_div(answered);
    Requests {
        rows: rows.map(|(what, n)| (what.to_owned(), n)).to_vec(),
        refused: percent.map_or_else(
            || "No answer has left yet.".to_owned(),
            |p| format!("{refused} of {answered} answers refused everything ({p}%)."),
        ),
    }
}
