//! What `review` prints.

use sanctuary_review::{
    Agreement, Answer, AssignOutcome, Figures, ItemView, Line, Page, Saved, State,
};
use sanctuary_types::{AlertKind, Band, Role};

use super::output::{moment, table};

const fn kind(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::SamePerson => "same person",
        AlertKind::SharedIdentifier => "shared identifier",
        AlertKind::VictimIsSuspect => "victim is suspect",
    }
}

const fn band(band: Band) -> &'static str {
    match band {
        Band::Strong => "strong",
        Band::Likely => "likely",
        Band::Possible => "possible",
    }
}

fn roles(roles: &[Role]) -> String {
    let words: Vec<String> = roles.iter().map(|r| r.word().replace('_', " ")).collect();
    words.join(", ")
}

fn state(line: &Line) -> String {
    match line.answer {
        Some(answer) => format!("{} ({})", line.state.text(), answer.text()),
        None => line.state.text().to_owned(),
    }
}

/// A page of the queue.
pub(super) fn page(page: &Page) -> String {
    if page.lines.is_empty() {
        return format!(
            "no possible match fits; {} in the queue altogether\n",
            page.all
        );
    }
    let rows: Vec<Vec<String>> = page.lines.iter().map(row).collect();
    let header = [
        "due",
        "id",
        "version",
        "kind",
        "strength",
        "agency",
        "state",
        "assigned to",
        "own record",
    ];
    let mut text = table(&header, &rows);
    let last = page.first + page.lines.len() - 1;
    text.push_str(&format!(
        "\n{} to {last} of {}; overdue {}, unassigned {}, children {}, yours {}\n",
        page.first,
        page.total,
        page.counts.overdue,
        page.counts.unassigned,
        page.counts.child,
        page.counts.mine
    ));
    if let Some(next) = page.next {
        text.push_str(&format!("next page: --page {next}\n"));
    }
    text
}

fn row(line: &Line) -> Vec<String> {
    let due = if line.overdue {
        format!("{} overdue", moment(line.due))
    } else {
        moment(line.due)
    };
    let own = line.own.as_ref();
    vec![
        due,
        line.alert.to_string(),
        line.version.to_string(),
        kind(line.kind).to_owned(),
        band(line.band).to_owned(),
        line.other.to_string(),
        state(line),
        line.assignee
            .as_ref()
            .map(|w| w.name.clone())
            .unwrap_or_default(),
        own.map_or_else(
            || "no longer here".to_owned(),
            |own| format!("{} {}", own.reference, own.short_name),
        ),
    ]
}

/// One possible match.
pub(super) fn item(view: &ItemView) -> String {
    let line = &view.line;
    let mut text = format!(
        "possible match {}, version {}: {} ({})\n",
        line.alert,
        line.version,
        kind(line.kind),
        band(line.band)
    );
    let mut add = |label: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("{label:<22}{value}\n"));
        }
    };
    if line.safeguarding_first {
        add("first", "safeguarding looks at it before anybody else");
    }
    if line.child {
        add("child", "under 18 at one of the two agencies");
    }
    add("state", &state(line));
    add("due", &moment(line.due));
    if line.two_reviewers {
        add("reviewers", "two people have to answer");
    }
    add("other agency", line.other.as_str());
    add("their view of them", &roles(&line.other_roles));
    if let Some(answer) = line.other_says {
        add("their answer", answer.text());
    }
    match &view.record {
        Some(record) => {
            add(
                "own record",
                &format!("{} {}", record.reference, record.names),
            );
            add("own view of them", &roles(&record.roles));
            for detail in &record.details {
                add(&detail.label.to_lowercase(), &detail.value);
            }
            if record.address_held {
                add(
                    "address",
                    "held; shown only to those who release, in a case",
                );
            }
        }
        None => add(
            "own record",
            "not shown: it is no longer here, or not for your role",
        ),
    }
    if view.blind {
        add(
            "hidden",
            "you answer without seeing what was answered before",
        );
    }
    text.push_str(&format!("\n{}\n", view.explanation.summary));
    for reason in &view.explanation.reasons {
        text.push_str(&format!("  - {reason}\n"));
    }
    text.push_str("\nhistory\n");
    for entry in &view.history {
        let who = entry.by.as_ref().map_or("the node", |w| w.name.as_str());
        let answer = entry.answer.map_or("", Answer::text);
        let to = entry.to.as_ref().map_or("", |w| w.name.as_str());
        let note = entry.note.as_deref().unwrap_or_default();
        let reason = entry.reason.map_or("", sanctuary_review::Reason::text);
        let parts: Vec<&str> = [entry.text.as_str(), to, answer, reason, note]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        text.push_str(&format!(
            "  {}  {who}: {}\n",
            moment(entry.at),
            parts.join("; ")
        ));
    }
    text.push_str("\nreasons\n");
    for choice in &view.reasons {
        text.push_str(&format!(
            "  {:<14}{:<18}{}\n",
            choice.answer.word(),
            choice.reason.word(),
            choice.text
        ));
    }
    text
}

/// What assigning did.
pub(super) fn assigned(outcome: &AssignOutcome) -> String {
    let mut text = format!("{} assigned\n", outcome.assigned.len());
    for alert in &outcome.skipped {
        text.push_str(&format!(
            "{alert} is left as it was: it has changed meanwhile or cannot be assigned\n"
        ));
    }
    text
}

/// What an answer did.
pub(super) fn saved(saved: &Saved) -> String {
    let mut text = format!(
        "{}: {}, version {}\n",
        saved.alert,
        saved.state.text().to_lowercase(),
        saved.version
    );
    if let Some(until) = saved.undo_until {
        text.push_str(&format!("can be undone until {}\n", moment(until)));
    }
    if saved.state == State::SecondReviewer {
        text.push_str("a colleague has to answer as well, without seeing this answer\n");
    }
    text
}

/// The supervisor's figures.
pub(super) fn figures(figures: &Figures) -> String {
    let mut text = format!(
        "open {}, overdue {}, unassigned {}, newer evidence {}\n",
        figures.open, figures.overdue, figures.unassigned, figures.newer_evidence
    );
    for (state, count) in figures.states.iter().filter(|(_, count)| **count > 0) {
        text.push_str(&format!("  {:<28}{count}\n", state.text()));
    }
    text.push_str("\ndecided by day\n");
    for day in figures
        .decided
        .iter()
        .filter(|d| d.answers.values().any(|n| *n > 0))
    {
        let of = |answer| day.answers.get(&answer).copied().unwrap_or_default();
        text.push_str(&format!(
            "  {}  confirmed {}, not the same {}, cannot tell {}\n",
            day.day,
            of(Answer::Confirmed),
            of(Answer::NotTheSame),
            of(Answer::CannotTell)
        ));
    }
    text.push_str(&format!(
        "decided late {}, half within {} minutes\n",
        figures.decided_late, figures.median_minutes
    ));
    text.push_str(&format!("two reviewers {}\n", agreement(figures.reviewers)));
    text.push_str(&format!(
        "re-review {}, {} waiting\n",
        agreement(figures.rechecks),
        figures.rechecks_waiting
    ));
    if let Some(refusals) = figures.refusals {
        text.push_str(&format!(
            "requests to this agency: {} answered, {} of them with nothing\n",
            refusals.answered, refusals.refused
        ));
    }
    for (who, count) in &figures.workload {
        text.push_str(&format!("  {:<28}{count} waiting\n", who.name));
    }
    text
}

fn agreement(agreement: Agreement) -> String {
    match agreement.percent() {
        Some(percent) => format!("agreed in {percent} % of {}", agreement.pairs),
        None => "have not met yet".to_owned(),
    }
}
