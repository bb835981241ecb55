use std::{io::Write, path::PathBuf};

use sanctuary_trust::files::write_public;
use serde::Serialize;

use crate::Failure;

/// Where results go: a plain text for people, JSON for programs.
pub(crate) struct Output {
    json: Option<PathBuf>,
}

impl Output {
    pub(crate) fn new(json: Option<PathBuf>) -> Self {
        Self { json }
    }

    /// `text` on standard output, and `value` where `--json` says.
    pub(crate) fn result(&self, text: &str, value: &impl Serialize) -> Result<(), Failure> {
        let Some(path) = &self.json else {
            return print(text);
        };
        let mut json = serde_json::to_string_pretty(value)
            .map_err(|_| Failure::failed("the result cannot be written as JSON"))?;
        json.push('\n');
        if path.as_os_str() == "-" {
            return print(json.trim_end());
        }
        write_public(path, json.as_bytes())?;
        print(text)
    }
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}") {
        // The reader has had enough (`| head`).
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(_) => Err(Failure::failed("standard output cannot be written to")),
        Ok(()) => Ok(()),
    }
}

/// Columns as wide as their widest cell, two spaces between.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|h| h.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(header.to_vec())];
    lines.extend(
        rows.iter()
            .map(|row| line(row.iter().map(String::as_str).collect())),
    );
    lines.join("\n")
}

/// A time as `2026-11-23 20:43 UTC`.
pub(crate) fn utc(time: sanctuary_types::Timestamp) -> String {
    let (year, month, day) = time.date();
    let minutes = time.0 / 60_000 % 1_440;
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02} UTC",
        minutes / 60,
        minutes % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let text = table(
            &["party", "kind"],
            &[vec!["durham-police".into(), "agency".into()]],
        );
        assert_eq!(text, "party          kind\ndurham-police  agency");
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(
            utc(sanctuary_types::Timestamp(1_795_392_000_000 + 3_660_000)),
            "2026-11-23 01:01 UTC"
        );
    }
}
