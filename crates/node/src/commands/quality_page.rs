//! The report on data quality as one page: no script, nothing fetched from anywhere.

use std::fmt::Write as _;

use sanctuary_node_core::quality::{QualityReport, SourceQuality};
use sanctuary_types::Timestamp;

use super::output::moment;

/// The colours and type of the console.
const STYLE: &str = "
:root{color-scheme:light dark;--ink:#0b0c0c;--quiet:#484949;--line:#cecece;--pale:#f3f5f6;--navy:#14303f;--ground:#fff;--bar:#1a65a6;--warn:#a8480a}
@media screen and (prefers-color-scheme:dark){:root{--ink:#f0f2f3;--quiet:#b4bdc3;--line:#4d575e;--pale:#1e262b;--navy:#0c222e;--ground:#14191d;--bar:#6db1ea;--warn:#f0985c}}
body{margin:0;background:var(--ground);color:var(--ink);font:1.0625rem/1.45 'Helvetica Neue',Helvetica,Arial,sans-serif}
header{background:var(--navy);color:#fff;padding:.8rem max(1rem,calc(50vw - 30rem))}
main{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.9rem;margin:1.5rem 0 .5rem}h2{font-size:1.35rem;margin:2.2rem 0 .4rem}
p{max-width:44rem}.quiet{color:var(--quiet)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:.6rem 0}
th,td{text-align:left;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
meter{width:9rem;height:.9rem}.warn{color:var(--warn);font-weight:700}
@media print{header{color:#000;background:none}}
";

/// The page.
pub(super) fn page(party: &str, report: &QualityReport) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <meta name=\"referrer\" content=\"no-referrer\"><title>Data quality</title><style>{STYLE}</style></head>\
         <body><header><strong>Sanctuary</strong> · {}</header><main><h1>Data quality</h1>\
         <p class=\"quiet\">Made {} from {} records. For this agency alone: it names own references.</p>",
        escaped(party),
        moment(Timestamp(report.made_ms)),
        report.all.records,
    );
    losses(&mut out, report);
    fills(&mut out, report);
    births(&mut out, report);
    shared(&mut out, report);
    left_out(&mut out, report);
    imports(&mut out, report);
    out.push_str("</main></body></html>\n");
    out
}

fn losses(out: &mut String, report: &QualityReport) {
    out.push_str("<h2>What missing fields cost</h2>");
    let rows = report.losses.iter().map(|loss| {
        vec![
            escaped(&words(&loss.field)),
            number(&format!("{:.0} %", 100.0 * loss.missing_share)),
            number(&format!("{:.0}", loss.lost_of_1000)),
        ]
    });
    let header = [
        "Field",
        "#Records without it",
        "#Lost of 1,000 true matches",
    ];
    table(out, &header, rows);
    let _ = write!(
        out,
        "<p class=\"quiet\">An estimate, not a measurement: from the weights that the model starts with, fields taken as \
         independent, the other agency's record as full as one's own would be, among {} records of the partnership. \
         What the second step and third records find is left out, so the true loss is smaller.</p>",
        report.universe_records
    );
}

fn fills(out: &mut String, report: &QualityReport) {
    out.push_str("<h2>How full the records are</h2>");
    let sources: Vec<&SourceQuality> = std::iter::once(&report.all).chain(&report.feeds).collect();
    let mut header = vec!["Field".to_owned()];
    header.extend(sources.iter().map(|source| match source.feed.as_str() {
        "" => format!("#All ({})", source.records),
        feed => format!("#Feed {} ({})", escaped(feed), source.records),
    }));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows = report
        .all
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.filled > 0);
    let rows = rows.map(|(at, field)| {
        let mut row = vec![escaped(&words(&field.field))];
        for source in &sources {
            let filled = source.fields.get(at).map_or(0, |field| field.filled);
            let share = 100.0 * filled as f64 / source.records.max(1) as f64;
            row.push(number(&format!(
                "<meter max=\"100\" value=\"{share:.0}\"></meter> {share:.0} %"
            )));
        }
        row
    });
    table(out, &header, rows);
}

fn births(out: &mut String, report: &QualityReport) {
    let births = &report.births;
    out.push_str("<h2>Dates of birth</h2>");
    let much = births.first_of_january > 3 * births.first_of_january_expected.max(1);
    let _ = write!(
        out,
        "<p>{} whole dates, {} with a part only, {} without any. <span class=\"{}\">{} fall on 1 January</span>; \
         {} would by chance. Such a date counts as the year alone. {} people would be older than 105.</p>",
        births.full,
        births.partial,
        births.none,
        if much { "warn" } else { "" },
        births.first_of_january,
        births.first_of_january_expected,
        births.too_old
    );
    if !births.common.is_empty() {
        out.push_str("<p>Other dates that far more records have than chance explains, most likely filled in:</p>");
        let rows = births.common.iter().map(|date| {
            vec![
                number(&date.records.to_string()),
                escaped(&date.references.join(", ")),
            ]
        });
        table(out, &["#Records with one date", "Such as"], rows);
    }
}

fn shared(out: &mut String, report: &QualityReport) {
    out.push_str("<h2>Values that many records share</h2>");
    if report.shared_kinds.is_empty() {
        out.push_str("<p>None that five records or more hold.</p>");
        return;
    }
    out.push_str(
        "<p>A refuge's address, a switchboard, a worker's own mobile, a placeholder. What more than 20 own records hold is \
         shared with nobody; what fewer hold is, and brings possible matches between people who only share a house.</p>",
    );
    let rows = report.shared_kinds.iter().map(|kind| {
        vec![
            escaped(&words(&kind.kind)),
            number(&kind.values.to_string()),
            number(&kind.records.to_string()),
            number(&kind.too_common.to_string()),
        ]
    });
    table(
        out,
        &[
            "Kind",
            "#Values",
            "#Records",
            "#Of these too common to be shared",
        ],
        rows,
    );
    let rows = report.shared.iter().map(|value| {
        vec![
            escaped(&words(&value.kind)),
            escaped(&value.masked),
            number(&value.records.to_string()),
            if value.too_common {
                "not shared"
            } else {
                "shared"
            }
            .to_owned(),
            escaped(&value.references.join(", ")),
        ]
    });
    table(
        out,
        &["Kind", "Ends in", "#Records", "With others", "Such as"],
        rows,
    );
}

fn left_out(out: &mut String, report: &QualityReport) {
    if report.left_out.is_empty() {
        return;
    }
    out.push_str("<h2>Combinations too common to be shared</h2><p>Names with dates or places that so many people have that they would say how common they are.</p>");
    let rows = report.left_out.iter().map(|kind| {
        vec![
            escaped(&kind.token),
            number(&kind.values.to_string()),
            number(&format!("{} of {}", kind.occurrences, kind.of)),
            if kind.whole_kind {
                "the whole kind"
            } else {
                "these values"
            }
            .to_owned(),
        ]
    });
    table(out, &["Kind", "#Values", "#Occurrences", "Left out"], rows);
}

fn imports(out: &mut String, report: &QualityReport) {
    out.push_str("<h2>Rows with problems in the last weeks</h2>");
    if report.imports.is_empty() {
        out.push_str("<p>None.</p>");
        return;
    }
    let rows = report.imports.iter().flat_map(|note| {
        let day = moment(Timestamp(note.day_ms));
        let day = day.split(' ').next().unwrap_or_default().to_owned();
        note.problems.iter().map(move |problem| {
            vec![
                escaped(&day),
                escaped(&note.source),
                escaped(&problem.column),
                escaped(&problem.rule),
                number(&problem.count.to_string()),
            ]
        })
    });
    table(
        out,
        &["Day", "Source", "Column", "What is wrong", "#Rows"],
        rows,
    );
}

/// A table; a heading that begins with `#` is of numbers. Cells are markup.
fn table(out: &mut String, header: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    out.push_str("<div class=\"scroll\"><table><thead><tr>");
    for name in header {
        let _ = match name.strip_prefix('#') {
            Some(name) => write!(out, "<th class=\"n\">{name}</th>"),
            None => write!(out, "<th>{name}</th>"),
        };
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let _ = match cell.strip_prefix('#') {
                Some(cell) => write!(out, "<td class=\"n\">{cell}</td>"),
                None => write!(out, "<td>{cell}</td>"),
            };
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
}

fn number(markup: &str) -> String {
    format!("#{markup}")
}

fn words(label: &str) -> String {
    label.replace('_', " ")
}

/// Text as markup; a leading `#` of a text is none of a number.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '#' => out.push_str("&#35;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use sanctuary_node_core::quality::{CommonDate, ImportNote, Problem};

    use super::*;

    #[test]
    fn nothing_of_a_reference_becomes_markup_and_there_is_no_script() {
        let mut report = QualityReport::default();
        let evil = "<script>alert(1)</script>\"'&#x27;";
        report.births.common.push(CommonDate {
            records: 9,
            references: vec![evil.to_owned()],
        });
        report.imports.push(ImportNote {
            source: evil.to_owned(),
            problems: vec![Problem {
                column: evil.to_owned(),
                rule: "a rule".to_owned(),
                count: 3,
            }],
            ..ImportNote::default()
        });
        let page = page("police", &report);
        assert!(!page.contains("<script"), "{page}");
        assert!(page.matches("&lt;script&gt;").count() == 3);
        for tag in ["src=", "href=", "http://", "https://", "@import", "url("] {
            assert!(!page.contains(tag), "{tag} fetches something");
        }
    }
}
