use std::path::PathBuf;

use clap::Args;
use sanctuary_node_core::quality::QualityReport;

use super::{
    Failure,
    output::{print, table, write_json},
    quality_page::page,
};
use crate::{
    Config,
    jobs::{Access, Answered, Job},
};

/// Where the report on data quality goes.
#[derive(Args)]
pub struct QualityArgs {
    /// Write a page for a browser to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write JSON to a file, or to standard output when none is named
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
}

/// Shows how good the own records are for being matched.
///
/// # Errors
/// [`Failure`].
pub async fn quality(config: &Config, args: &QualityArgs) -> Result<(), Failure> {
    let mut access = Access::of(config).await?;
    let feeds = config
        .feeds
        .iter()
        .map(|feed| feed.name.as_str().to_owned());
    let job = Job::Quality {
        feeds: feeds.collect(),
    };
    let report: QualityReport = match access.perform(config, &job, |_| {}).await? {
        Answered::Done(report) => report,
        Answered::BadInput(problem) => return Err(Failure::BadInput(problem)),
    };
    let mut written = write_json(&args.json, &report)?;
    if let Some(path) = &args.html {
        std::fs::write(path, page(config.party.as_str(), &report)).map_err(|error| {
            Failure::Failed(anyhow::anyhow!("cannot write {}: {error}", path.display()))
        })?;
        written = true;
    }
    if !written {
        print(&text(&report))?;
    }
    Ok(())
}

/// The main points; the page has the rest.
fn text(report: &QualityReport) -> String {
    let records = report.all.records;
    let mut out = format!("{records} records take part\n\n");
    let fill = |n: u64| format!("{:.0} %", 100.0 * n as f64 / records.max(1) as f64);
    let rows: Vec<Vec<String>> = report
        .all
        .fields
        .iter()
        .filter(|field| field.filled > 0)
        .map(|field| {
            vec![
                field.field.clone(),
                field.filled.to_string(),
                fill(field.filled),
            ]
        })
        .collect();
    out.push_str(&table(&["field", "records", "filled"], &rows));
    out.push_str("\nexpected loss, of 1,000 true matches:\n");
    let rows: Vec<Vec<String>> = report
        .losses
        .iter()
        .map(|loss| vec![loss.field.clone(), format!("{:.0}", loss.lost_of_1000)])
        .collect();
    out.push_str(&table(&["missing field", "lost"], &rows));
    let births = &report.births;
    out.push_str(&format!(
        "\ndates of birth on 1 January: {} ({} expected by chance); older than 105: {}; other dates that far too many have: {}\n",
        births.first_of_january, births.first_of_january_expected, births.too_old, births.common.len()
    ));
    for kind in &report.shared_kinds {
        out.push_str(&format!(
            "{}: {} values held by 5 records or more, {} records; too common to be shared with anybody: {} records\n",
            kind.kind, kind.values, kind.records, kind.too_common
        ));
    }
    for note in &report.imports {
        out.push_str(&format!(
            "{}: {} of {} rows had problems, {} were not imported\n",
            note.source, note.rejected, note.rows, note.not_imported
        ));
    }
    out.push_str("\n`--html FILE` writes the whole report as a page\n");
    out
}
