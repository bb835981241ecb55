//! A table of an export: as CSV that a spreadsheet takes for text, as JSON, as one JSON object a line.

use serde_json::{Map, Value};

use super::{ExportFile, ExportFormat, unwritable};
use crate::CaseFault;

/// One value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Text; empty for nothing.
    Text(String),
    /// Yes or no.
    Flag(bool),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl Cell {
    /// As text.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Flag(true) => "yes",
            Self::Flag(false) => "no",
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) if text.is_empty() => Value::Null,
            Self::Text(text) => Value::from(text.as_str()),
            Self::Flag(flag) => Value::from(*flag),
        }
    }
}

/// Named columns and their rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Rows {
    pub(crate) fn new(columns: &[&'static str]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn object(&self, row: &[Cell]) -> Map<String, Value> {
        let pairs = self.columns.iter().zip(row);
        pairs
            .map(|(name, cell)| ((*name).to_owned(), cell.json()))
            .collect()
    }

    pub(crate) fn objects(&self) -> Vec<Value> {
        let object = |row: &Vec<Cell>| Value::Object(self.object(row));
        self.rows.iter().map(object).collect()
    }

    pub(crate) fn file(
        &self,
        name: Option<&str>,
        format: ExportFormat,
    ) -> Result<ExportFile, CaseFault> {
        let text = match format {
            ExportFormat::Json => {
                serde_json::to_string_pretty(&self.objects()).map_err(|_| unwritable())? + "\n"
            }
            ExportFormat::Ndjson => lines(&self.objects()),
            _ => self.csv()?,
        };
        Ok(ExportFile {
            name: name.map(str::to_owned),
            text,
            rows: self.rows.len(),
        })
    }

    fn csv(&self) -> Result<String, CaseFault> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer
            .write_record(&self.columns)
            .map_err(|_| unwritable())?;
        for row in &self.rows {
            let cells = row.iter().map(|cell| as_text(cell.text()));
            writer.write_record(cells).map_err(|_| unwritable())?;
        }
        let bytes = writer.into_inner().map_err(|_| unwritable())?;
        String::from_utf8(bytes).map_err(|_| unwritable())
    }
}

/// One JSON object a line.
pub(crate) fn lines(objects: &[Value]) -> String {
    objects.iter().map(|object| format!("{object}\n")).collect()
}

/// A cell that a spreadsheet would take for a formula begins with an apostrophe, which it shows as text.
fn as_text(cell: &str) -> String {
    let first = cell.chars().find(|c| !c.is_whitespace() && !c.is_control());
    let formula = first.is_some_and(|c| "=+-@\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(c));
    if formula || cell.starts_with(['\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_in_a_spreadsheet() {
        for wrong in [
            "=1+1",
            "+44 191",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "  =1",
            "\n",
            "\u{ff1d}1",
            "\u{0}=1",
        ] {
            assert!(as_text(wrong).starts_with('\''), "{wrong:?}");
        }
        for right in ["Amal", "1990-03-02", "C-1042", "", "a=b"] {
            assert_eq!(as_text(right), right);
        }
    }

    #[test]
    fn the_three_forms_say_the_same() {
        let mut rows = Rows::new(&["name", "child"]);
        rows.rows
            .push(vec!["=HYPERLINK(\"x\"),\nb".into(), true.into()]);
        rows.rows.push(vec!["".into(), false.into()]);
        let csv = rows.file(None, ExportFormat::Csv).unwrap();
        assert_eq!(
            csv.text,
            "name,child\n\"'=HYPERLINK(\"\"x\"\"),\nb\",yes\n,no\n"
        );
        let json = rows.file(None, ExportFormat::Json).unwrap();
        let read: Vec<Value> = serde_json::from_str(&json.text).unwrap();
        assert_eq!(read[0]["name"], "=HYPERLINK(\"x\"),\nb");
        assert_eq!(read[1]["name"], Value::Null);
        let ndjson = rows.file(None, ExportFormat::Ndjson).unwrap();
        assert_eq!((ndjson.text.lines().count(), ndjson.rows), (2, 2));
    }
}
