use sanctuary_policy::Day;
use sanctuary_types::{Role, Timestamp};

use crate::{Handling, Item, Report};

/// What stands on paper, before it is HTML or PDF. One source, so that no rendering forgets a mark.
pub(super) struct Paper {
    pub(super) title: &'static str,
    /// Case and release.
    pub(super) reference: String,
    /// Top and bottom of every page.
    pub(super) marking: &'static str,
    /// Grading box of every page.
    pub(super) grading: String,
    /// Conditions, on every page.
    pub(super) conditions: Vec<String>,
    /// Visible code, on every page.
    pub(super) watermark: String,
    pub(super) sections: Vec<Section>,
}

pub(super) struct Section {
    pub(super) heading: &'static str,
    pub(super) rows: Vec<(String, String)>,
}

pub(super) fn paper(report: &Report) -> Paper {
    Paper {
        title: "Intelligence report",
        reference: format!("{} / {}", report.case, report.number),
        marking: report.marking.code(),
        grading: format!(
            "Source {} ({}) | Information {} ({}) | Handling {}",
            report.source.code(),
            report.source.text(),
            report.information.code(),
            report.information.text(),
            report.handling.code(),
        ),
        conditions: conditions(report),
        watermark: report
            .watermark
            .as_ref()
            .map_or_else(|| "NOT RELEASED".to_owned(), ToString::to_string),
        sections: vec![about(report), details(report), text(report)],
    }
}

fn conditions(report: &Report) -> Vec<String> {
    let mut all = match &report.handling {
        Handling::Permitted => vec!["P: lawful sharing permitted.".to_owned()],
        Handling::Conditional { codes, text } => {
            let codes: Vec<String> = codes
                .iter()
                .map(|c| format!("{} ({})", c.code(), c.text()))
                .collect();
            vec![format!(
                "C: lawful sharing permitted with conditions. {}. {}",
                codes.join(", "),
                text.expose()
            )]
        }
    };
    all.push(report.onward.text().to_owned());
    all.push(format!(
        "Destroy every copy by {}, or at once when it is recalled.",
        Day::at(report.expires).long()
    ));
    all.push("Not to be used for immigration enforcement.".to_owned());
    all
}

fn about(report: &Report) -> Section {
    let roles: Vec<&str> = report.category.iter().map(role_text).collect();
    let mut category = roles.join(", ");
    if report.child {
        category.push_str(if category.is_empty() {
            "child"
        } else {
            "; child"
        });
    }
    let mut rows = vec![
        row("From", &report.owner_name),
        row("To", &report.recipient_name),
        row("Made", &moment(report.made)),
        row("Category of person", &category),
        row(
            "What this is",
            "Information released on a possible match. It is a lead for a person to judge, not proof that two records are of one person.",
        ),
    ];
    if let Some(earlier) = report.corrects {
        rows.push(row(
            "Correction",
            &format!("This replaces release {earlier}. Destroy every copy of that release."),
        ));
    }
    Section {
        heading: "About this report",
        rows,
    }
}

fn details(report: &Report) -> Section {
    Section {
        heading: "Details released",
        rows: report.items.iter().map(detail).collect(),
    }
}

fn detail(item: &Item) -> (String, String) {
    let mut label = capitalised(item.field.text());
    for (applies, mark) in [
        (item.opinion, " (opinion)"),
        (item.sanitised, " (sanitised)"),
        (
            item.field.is_shielded(),
            " (SHIELDED: must not reach the alleged perpetrator)",
        ),
    ] {
        if applies {
            label.push_str(mark);
        }
    }
    (label, item.value.expose().to_owned())
}

fn text(report: &Report) -> Section {
    Section {
        heading: "Sanitised text",
        rows: vec![(String::new(), report.text.expose().to_owned())],
    }
}

fn role_text(role: Role) -> &'static str {
    match role {
        Role::PotentialVictim => "potential victim",
        Role::ConfirmedVictim => "confirmed victim",
        Role::Suspect => "suspect (alleged)",
        Role::Convicted => "convicted",
        Role::Witness => "witness",
        Role::Associate => "associate",
    }
}

fn moment(at: Timestamp) -> String {
    let minutes = at.0 / 60_000 % 1_440;
    format!(
        "{} {:02}:{:02} UTC",
        Day::at(at).long(),
        minutes / 60,
        minutes % 60
    )
}

fn row(label: &str, value: &str) -> (String, String) {
    (label.to_owned(), value.to_owned())
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}
