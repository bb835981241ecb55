use sanctuary_figures::{Doubt, Estimate, Figures, Statistic, Warning, Weight};

use super::{cell, heads};
use crate::{
    pack::{Block, Section},
    range::{self, Shown},
    table::{Cell, Table, span, thousands},
};

/// The estimate with everything that belongs to it, or why there is none.
pub(super) fn estimate(figures: &Figures) -> Section {
    let section = Section::new("estimate", "How many there may be in all");
    match &figures.estimate {
        Estimate::NotMade { rule, reason } => section
            .text("There is no estimate for this period.")
            .with(Block::Notice {
                heading: "Why there is none".to_owned(),
                points: vec![(rule.clone(), reason.clone())],
            })
            .text("The counts above stand: they are people whom agencies know. How many are known to nobody cannot be said from these lists."),
        Estimate::Made {
            range,
            models,
            at_least,
            warnings,
            doubt,
            method: _,
        } => {
            let shown = Shown {
                range: *range,
                models: *models,
                at_least: *at_least,
                doubt: doubt.as_ref(),
            };
            let mut section = section
                .text(format!(
                    "{} potential victims, known and not known. The unknown part is worked out from how much the agencies' lists overlap: the less they overlap, the more people none of them knows.",
                    span(*range)
                ))
                .with(Block::Picture(range::drawing(figures, &shown)))
                .with(Block::Table(Table {
                    caption: "Estimate of potential victims, in two figures".to_owned(),
                    heads: heads(&["What", "People"]),
                    rows: rows(figures, &shown),
                    bars: None,
                }));
            if let Some(doubt) = doubt {
                section = section.text(of_doubt(doubt));
            }
            section.with(Block::Notice {
                heading: "Before you quote it".to_owned(),
                points: before_quoting(warnings),
            })
        }
    }
}

fn rows(figures: &Figures, shown: &Shown<'_>) -> Vec<Vec<Cell>> {
    let mut rows = vec![
        vec![
            Cell::words("Potential victims known"),
            cell(figures, Statistic::Victims),
        ],
        vec![
            Cell::words("Lower bound, if the lists are independent of each other"),
            Cell::number(thousands(shown.at_least)),
        ],
    ];
    let ranges = shown.ranges().into_iter();
    rows.extend(ranges.map(|(name, range)| vec![Cell::words(name), Cell::number(span(range))]));
    rows
}

fn of_doubt(doubt: &Doubt) -> String {
    let weight = match doubt.weight {
        Weight::Less => "clearly less than",
        Weight::Alike => "about as much as",
        Weight::More => "clearly more than",
    };
    format!(
        "Some matches are doubtful. Taking each as true as often as it is likely moves the people known by about {} to either side, and the estimate within \"Doubtful matches alone\". This counts {weight} the chance of who came to an agency's notice. The range to quote holds chance and the choice of calculation, not doubtful matches.",
        doubt.known_within
    )
}

fn before_quoting(warnings: &[Warning]) -> Vec<(String, String)> {
    let rules = [
        "Quote the range, never a number in the middle, and say \"known or estimated potential victims, not confirmed\".",
        "Do not compare it with another period as a trend, and do not split it by place, type or age.",
    ];
    let rules = rules.map(|text| (String::new(), text.to_owned()));
    let warnings = warnings.iter().map(|w| (w.code.clone(), w.text.clone()));
    rules.into_iter().chain(warnings).collect()
}
