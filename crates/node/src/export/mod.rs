//! Ways out: possible matches, releases and the link chart as files for the agency's other programs. Nothing
//! is given before the log has promised the entry; names stand on this agency's own records only.

mod alerts;
mod case_url;
mod chart;
mod disclosures;
mod graphml;
mod rows;

use sanctuary_disclosure::Actor;
use sanctuary_rpc::now;
use serde::{Deserialize, Serialize};

use crate::{CaseFault, Node};

pub use case_url::CaseUrl;
pub(crate) use rows::{Cell, Rows};

/// On everything about a person.
pub(crate) const MARKING: &str = "OFFICIAL-SENSITIVE";

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum ExportWhat {
    /// Possible matches beside own records
    Alerts,
    /// What other agencies released to this one and may still be used
    Disclosures,
    /// Own records and possible matches as a chart of nodes and links
    Chart,
}

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A table; a chart becomes a folder with nodes.csv and edges.csv
    Csv,
    /// One JSON document
    Json,
    /// One JSON object a line
    Ndjson,
    /// A chart for Gephi, yEd, networkx
    Graphml,
    /// A chart for the import of i2 Analyst's Notebook: a folder with nodes.csv and edges.csv
    I2,
}

/// What a person asks to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// What.
    pub what: ExportWhat,
    /// In which form.
    pub format: ExportFormat,
}

/// One file of an export. Not printed: it holds names.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportFile {
    /// Its name in a folder; none for the only file.
    pub name: Option<String>,
    /// Its content.
    pub text: String,
    /// Rows in it.
    pub rows: usize,
}

impl Node {
    /// The files of an export, after the log has promised the entry. Blocks.
    ///
    /// # Errors
    /// [`CaseFault`] with the first rule that stands against it.
    pub fn export(
        &self,
        by: &Actor,
        request: &ExportRequest,
    ) -> Result<Vec<ExportFile>, CaseFault> {
        use ExportFormat::{Csv, Graphml, I2, Json, Ndjson};
        match (request.what, request.format) {
            (ExportWhat::Alerts, Csv | Json | Ndjson) => {
                let rows = self.alert_rows(by, request.format.word())?;
                Ok(vec![rows.file(None, request.format)?])
            }
            (ExportWhat::Disclosures, Csv | Json | Ndjson) => {
                let rows = self.disclosure_rows(by)?;
                Ok(vec![rows.file(None, request.format)?])
            }
            (ExportWhat::Chart, format) => {
                let exported = self.review().export(format.word(), by, now())?;
                let chart = self.chart(&exported);
                match format {
                    Csv | I2 => Ok(vec![
                        chart.nodes.file(Some("nodes.csv"), Csv)?,
                        chart.edges.file(Some("edges.csv"), Csv)?,
                    ]),
                    Json => Ok(vec![chart.json()?]),
                    Ndjson => Ok(vec![chart.ndjson()?]),
                    Graphml => Ok(vec![graphml::file(&chart)?]),
                }
            }
            (ExportWhat::Alerts | ExportWhat::Disclosures, Graphml | I2) => Err(CaseFault {
                rule: "export_format",
                text: "graphml and i2 are forms of the chart; take csv, json or ndjson".to_owned(),
                is_passing: false,
            }),
        }
    }
}

impl ExportFormat {
    /// The word in the log.
    const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Graphml => "graphml",
            Self::I2 => "i2",
        }
    }
}

/// What could not be written in memory: never a value.
pub(crate) fn unwritable() -> CaseFault {
    CaseFault {
        rule: "export",
        text: "the export cannot be written; report this".to_owned(),
        is_passing: false,
    }
}
