use std::{fmt::Write as _, path::Path};

use sanctuary_node_core::{
    Mapping, RowPreview, preview_rows,
    readers::{self, Cell, Format},
    suggest::{SAMPLE_ROWS, Suggestion, suggest},
};

use super::{
    Failure, JsonTarget,
    output::{print, write_json},
};

/// Proposes a mapping for a file. Reads its header and first rows; stores and sends nothing.
///
/// # Errors
/// [`Failure::BadInput`] for a file that cannot be read or has no rows.
pub fn suggest_mapping(file: &Path, json: &JsonTarget) -> Result<(), Failure> {
    let suggestion = suggestion_for(file)?;
    if !write_json(json, &suggestion.columns)? {
        print(&suggestion.to_toml())?;
    }
    Ok(())
}

/// Shows how the first rows of a file would be read, on this screen only.
///
/// # Errors
/// [`Failure::BadInput`] for a mapping or file that cannot be read.
pub fn check_mapping(mapping: &Path, file: &Path, limit: usize) -> Result<(), Failure> {
    let text =
        std::fs::read_to_string(mapping).map_err(|error| bad(mapping, &error.to_string()))?;
    let parsed = Mapping::parse(&text).map_err(|error| bad(mapping, &error.to_string()))?;
    let is_workbook = Format::of_path(file).is_ok_and(|format| format == Format::Xlsx);
    let previews = readers::open(file)
        .and_then(|mut rows| {
            preview_rows(
                rows.as_mut(),
                &parsed,
                is_workbook,
                sanctuary_rpc::now(),
                limit,
            )
        })
        .map_err(|error| bad(file, &error.to_string()))?;
    print(&page(&previews))?;
    Ok(())
}

fn suggestion_for(file: &Path) -> Result<Suggestion, Failure> {
    let unreadable = |error: sanctuary_node_core::NodeError| bad(file, &error.to_string());
    let mut rows = readers::open(file).map_err(unreadable)?;
    let mut sample: Vec<Vec<Cell>> = Vec::new();
    while sample.len() < SAMPLE_ROWS {
        match rows.next_row().map_err(unreadable)? {
            Some(row) => sample.extend(row.cells.ok()),
            None => break,
        }
    }
    if sample.is_empty() {
        return Err(bad(file, "has no rows to look at"));
    }
    Ok(suggest(rows.header(), &sample, sanctuary_rpc::now()))
}

fn page(previews: &[RowPreview]) -> String {
    let mut out = String::new();
    for preview in previews {
        let fate = if preview.is_imported {
            "would be imported"
        } else {
            "would NOT be imported"
        };
        let _ = writeln!(out, "row {}: {fate}", preview.row);
        for (name, value) in &preview.values {
            let _ = writeln!(out, "  {name:<20} {value}");
        }
        for (column, rule) in &preview.problems {
            let place = if column.is_empty() { "row" } else { column };
            let _ = writeln!(out, "  ! {place}: {rule}");
        }
    }
    let count = previews.iter().filter(|p| p.is_imported).count();
    let _ = writeln!(
        out,
        "{count} of the first {} rows would be imported; nothing was stored or sent",
        previews.len()
    );
    out
}

fn bad(path: &Path, problem: &str) -> Failure {
    Failure::BadInput(format!("{}: {problem}", path.display()))
}
