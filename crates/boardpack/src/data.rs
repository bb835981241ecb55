use sanctuary_figures::{Doubt, Estimate, Figures, Range, Statistic, Weight};
use serde::Serialize;

use crate::{
    Pack, PackError,
    words::{KEY, NOT_CONFIRMED, label},
};

/// Every figure as CSV: code, what it is, the printed text, the edition it is held from. Fields that a
/// spreadsheet would run as a formula are prefixed.
///
/// # Errors
/// [`PackError::Writer`], which writing to memory gives no reason for.
pub fn csv(pack: &Pack) -> Result<String, PackError> {
    let bad = |_| PackError::Writer("CSV");
    let figures = &pack.figures;
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut write = |fields: [&str; 4]| out.write_record(fields.map(harmless)).map_err(bad);
    write(["code", "what", "figure", "held since edition"])?;
    let own = [
        ("area", "Area", figures.area.clone()),
        ("from", "First day", figures.window.from.to_string()),
        ("to", "Last day", figures.window.to.to_string()),
        ("edition", "Edition", figures.number.to_string()),
        (
            "signatures",
            "Officers who signed",
            figures.signatures.to_string(),
        ),
        (
            "hash",
            "Fingerprint of the edition",
            hex::encode(figures.hash),
        ),
        ("note", "Note", NOT_CONFIRMED.to_owned()),
    ];
    for (code, what, text) in &own {
        write([code, what, text, ""])?;
    }
    for key in KEY {
        write(["key", "How to read", key, ""])?;
    }
    for figure in &figures.figures {
        let held = figure.held_since.map(|n| n.to_string()).unwrap_or_default();
        let what = label(figure.statistic, figures);
        let code = figure.statistic.to_string();
        write([&code, &what, &figure.text.to_string(), &held])?;
    }
    for (code, what, text) in estimate(figures) {
        write([&code, &what, &text, ""])?;
    }
    let bytes = out.into_inner().map_err(|_| PackError::Writer("CSV"))?;
    String::from_utf8(bytes).map_err(|_| PackError::Writer("CSV"))
}

fn estimate(figures: &Figures) -> Vec<(String, String, String)> {
    let row = |code: &str, what: &str, text: String| (code.to_owned(), what.to_owned(), text);
    match &figures.estimate {
        Estimate::NotMade { rule, reason } => vec![
            row("estimate.not_made.rule", "No estimate, rule", rule.clone()),
            row(
                "estimate.not_made.reason",
                "No estimate, reason",
                reason.clone(),
            ),
        ],
        Estimate::Made {
            range,
            models,
            at_least,
            warnings,
            doubt,
            method,
        } => {
            let mut rows = vec![
                row(
                    "estimate.low",
                    "Estimate of all potential victims, low end",
                    range.low.to_string(),
                ),
                row(
                    "estimate.high",
                    "Estimate of all potential victims, high end",
                    high(*range),
                ),
                row(
                    "estimate.models.low",
                    "Lowest over models",
                    models.low.to_string(),
                ),
                row("estimate.models.high", "Highest over models", high(*models)),
                row("estimate.at_least", "Lower bound", at_least.to_string()),
                row("estimate.method", "Method", method.clone()),
            ];
            for (code, what, text) in doubt.iter().flat_map(of_doubt) {
                rows.push(row(code, what, text));
            }
            rows.extend(
                warnings
                    .iter()
                    .map(|w| row("estimate.warning", &w.code, w.text.clone())),
            );
            rows
        }
    }
}

fn of_doubt(doubt: &Doubt) -> [(&'static str, &'static str, String); 6] {
    let weight = match doubt.weight {
        Weight::Less => "less",
        Weight::Alike => "alike",
        Weight::More => "more",
    };
    let (alone, together) = (doubt.alone, doubt.together);
    [
        (
            "estimate.doubt.known_within",
            "Doubtful matches move the people known by, to either side",
            doubt.known_within.to_string(),
        ),
        (
            "estimate.doubt.alone.low",
            "Doubtful matches alone, low end",
            alone.low.to_string(),
        ),
        (
            "estimate.doubt.alone.high",
            "Doubtful matches alone, high end",
            high(alone),
        ),
        (
            "estimate.doubt.together.low",
            "Doubtful matches and chance, low end",
            together.low.to_string(),
        ),
        (
            "estimate.doubt.together.high",
            "Doubtful matches and chance, high end",
            high(together),
        ),
        (
            "estimate.doubt.weight",
            "Doubtful matches count beside chance",
            weight.to_owned(),
        ),
    ]
}

fn high(range: Range) -> String {
    range
        .high
        .map_or_else(|| "no upper end".to_owned(), |n| n.to_string())
}

/// A cell that begins like a formula gets an apostrophe.
fn harmless(field: &str) -> String {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{field}")
    } else {
        field.to_owned()
    }
}

#[derive(Serialize)]
struct Data<'a> {
    title: &'a str,
    note: &'a str,
    key: [&'a str; 4],
    labels: Vec<(Statistic, String)>,
    #[serde(flatten)]
    figures: &'a Figures,
}

/// Every figure as JSON, with the key and the words.
///
/// # Errors
/// [`PackError::Writer`], which plain data gives no reason for.
pub fn json(pack: &Pack) -> Result<String, PackError> {
    let figures = &pack.figures;
    let data = Data {
        title: &pack.title,
        note: NOT_CONFIRMED,
        key: KEY,
        labels: figures
            .figures
            .iter()
            .map(|f| (f.statistic, label(f.statistic, figures)))
            .collect(),
        figures,
    };
    serde_json::to_string_pretty(&data).map_err(|_| PackError::Writer("JSON"))
}
