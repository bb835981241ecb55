use sanctuary_normalize::Birth;
use sanctuary_types::Timestamp;

use super::row::RowReader;
use crate::{Details, Mapping, NodeError, readers::Rows};

/// How one row would be read. Holds the person's values: for the screen of the agency that has the
/// file, and for nothing else.
pub struct RowPreview {
    /// As a person counts: the header is row 1 where there is one.
    pub row: u64,
    /// Whether the row would take part.
    pub is_imported: bool,
    /// What is read, by name, in the order of the mapping's documentation.
    pub values: Vec<(&'static str, String)>,
    /// Column and rule of what is wrong.
    pub problems: Vec<(String, String)>,
}

/// Reads the first `limit` rows by `mapping` and stores nothing.
///
/// # Errors
/// [`NodeError`] for what makes the whole file unusable.
pub fn preview_rows(
    rows: &mut dyn Rows,
    mapping: &Mapping,
    dates_are_iso: bool,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<RowPreview>, NodeError> {
    let bound = mapping.bind(rows.header())?;
    let reader = RowReader::new(mapping, &bound, dates_are_iso, now);
    let mut out = Vec::new();
    while out.len() < limit {
        let Some(row) = rows.next_row()? else { break };
        let preview = match row.cells {
            Err(fault) => RowPreview {
                row: row.number,
                is_imported: false,
                values: Vec::new(),
                problems: vec![(String::new(), fault.to_string())],
            },
            Ok(cells) => {
                let read = reader.read(&cells);
                RowPreview {
                    row: row.number,
                    is_imported: read.record.is_some(),
                    values: read
                        .record
                        .map_or_else(Vec::new, |record| match &record.details {
                            Some(details) => values(details),
                            None => {
                                vec![("duty to notify only", "counted, never tokenised".to_owned())]
                            }
                        }),
                    problems: read.problems,
                }
            }
        };
        out.push(preview);
    }
    Ok(out)
}

fn values(details: &Details) -> Vec<(&'static str, String)> {
    let record = &details.canonical;
    let parts: Vec<&str> = record
        .parts
        .iter()
        .map(|part| part.canon.as_str())
        .collect();
    let mut out = vec![
        ("reference", details.reference.clone()),
        ("names", details.names.clone()),
        ("name parts compared", parts.join(", ")),
        ("date of birth", birth(record.birth)),
        ("sex", record.sex.map(String::from).unwrap_or_default()),
        (
            "nationality",
            record.nationality.clone().unwrap_or_default(),
        ),
        ("place", record.address_words.join(" ")),
    ];
    out.extend(
        record
            .identifiers
            .iter()
            .map(|(kind, value)| (kind.label(), value.clone())),
    );
    let roles: Vec<&str> = details.roles.iter().map(|role| role.word()).collect();
    out.push(("role", roles.join(", ")));
    out.push(("basis", details.basis.word().to_owned()));
    out.push(("visibility", details.visibility.word().to_owned()));
    out.push((
        "exploitation",
        details.exploitation.clone().unwrap_or_default(),
    ));
    out.retain(|(_, value)| !value.is_empty());
    out
}

fn birth(birth: Birth) -> String {
    match (birth.year, birth.month, birth.day) {
        (None, None, None) => String::new(),
        _ if birth.day_is_default() => birth.year.map_or_else(String::new, |year| {
            format!("{year}, day and month not known (1 January)")
        }),
        (year, month, day) => {
            let part = |number: Option<u16>, width: usize| {
                number.map_or_else(|| "?".repeat(width), |n| format!("{n:0width$}"))
            };
            format!(
                "{}-{}-{}",
                part(year, 4),
                part(month.map(u16::from), 2),
                part(day.map(u16::from), 2)
            )
        }
    }
}
