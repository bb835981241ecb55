//! Comma, semicolon and tab separated text (RFC 4180, read leniently row by row).
//!
//! Written here and not taken from the `csv` crate because a row must be refusable alone: a cell
//! of any length, or a quote that never closes, costs its own row and bounded memory, and reading
//! goes on at the next line.

use sanctuary_types::limits::{CELL_BYTES_MAX, ROW_BYTES_MAX};
use zeroize::Zeroizing;

use super::{
    Cell, Row, RowFault, Rows,
    lines::{Line, Lines},
};
use crate::NodeError;

/// Lines that one quoted cell may span before its quote counts as never closed.
const QUOTED_LINES_MAX: usize = 64;
/// Columns of a file.
const COLUMNS_MAX: usize = 4_096;

/// A delimited file, its header already read.
pub struct Delimited {
    lines: Lines,
    delimiter: char,
    header: Vec<String>,
    row: u64,
}

impl Delimited {
    /// Reads the header. Without `delimiter` it is the one of `,` `;` tab that the header line
    /// holds most of.
    ///
    /// # Errors
    /// [`NodeError::EmptyFile`], [`NodeError::BadHeader`], [`NodeError::Read`].
    pub fn new(mut lines: Lines, delimiter: Option<char>) -> Result<Self, NodeError> {
        loop {
            let line = lines.next()?.ok_or(NodeError::EmptyFile)?;
            if line.text.trim().is_empty() && !line.too_long {
                continue;
            }
            let delimiter = delimiter.unwrap_or_else(|| detect_delimiter(&line.text));
            let header = match read_record(&mut lines, line, delimiter)? {
                Ok(cells) if cells.len() <= COLUMNS_MAX => cells,
                _ => return Err(NodeError::BadHeader),
            };
            return Ok(Self {
                lines,
                delimiter,
                header: header.iter().map(|cell| cell.trim().to_owned()).collect(),
                row: 1,
            });
        }
    }
}

impl Rows for Delimited {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn bytes_read(&self) -> u64 {
        self.lines.bytes_read()
    }

    fn next_row(&mut self) -> Result<Option<Row>, NodeError> {
        loop {
            let Some(line) = self.lines.next()? else {
                return Ok(None);
            };
            self.row += 1;
            if line.text.is_empty() && !line.too_long {
                continue;
            }
            let cells = read_record(&mut self.lines, line, self.delimiter)?.and_then(|cells| {
                if cells.len() == self.header.len() {
                    Ok(cells)
                } else {
                    Err(RowFault::FieldCount)
                }
            });
            return Ok(Some(Row {
                number: self.row,
                cells,
            }));
        }
    }
}

/// Splits `first`, with as many further lines as an open quote asks for.
fn read_record(
    lines: &mut Lines,
    first: Line,
    delimiter: char,
) -> Result<Result<Vec<Cell>, RowFault>, NodeError> {
    if first.too_long {
        return Ok(Err(RowFault::RowTooLong));
    }
    let mut text = first.text.clone();
    let mut more: Vec<Line> = Vec::new();
    loop {
        match split(&text, delimiter) {
            Split::Cells(cells) => return Ok(check(cells)),
            Split::StrayQuote => {
                // Only the first line is to blame; the others are read again by themselves.
                lines.put_back(more.into_iter());
                return Ok(Err(RowFault::StrayQuote));
            }
            Split::Open => {
                let next = if more.len() < QUOTED_LINES_MAX && text.len() < ROW_BYTES_MAX {
                    lines.next()?
                } else {
                    None
                };
                let Some(next) = next else {
                    lines.put_back(more.into_iter());
                    return Ok(Err(RowFault::OpenQuote));
                };
                let too_long = next.too_long;
                text.push('\n');
                text.push_str(&next.text);
                more.push(next);
                if too_long {
                    lines.put_back(more.into_iter());
                    return Ok(Err(RowFault::OpenQuote));
                }
            }
        }
    }
}

fn check(cells: Vec<Cell>) -> Result<Vec<Cell>, RowFault> {
    if cells.iter().any(|cell| cell.len() > CELL_BYTES_MAX) {
        Err(RowFault::CellTooLong)
    } else {
        Ok(cells)
    }
}

enum Split {
    Cells(Vec<Cell>),
    Open,
    StrayQuote,
}

fn split(text: &str, delimiter: char) -> Split {
    let mut cells = Vec::new();
    let mut rest = text;
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => match quoted_cell(quoted) {
                Some(found) => found,
                None => return Split::Open,
            },
            None => {
                let end = rest.find(delimiter).unwrap_or(rest.len());
                let (cell, after) = rest.split_at(end);
                (Zeroizing::new(cell.to_owned()), after)
            }
        };
        cells.push(cell);
        if after.is_empty() {
            return Split::Cells(cells);
        }
        match after.strip_prefix(delimiter) {
            Some(next) => rest = next,
            None => return Split::StrayQuote,
        }
    }
}

/// The cell up to its closing quote and what follows; `None` when the quote stays open.
fn quoted_cell(text: &str) -> Option<(Cell, &str)> {
    let mut cell = Zeroizing::new(String::new());
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('"')?;
        cell.push_str(part);
        match after.strip_prefix('"') {
            Some(next) => {
                cell.push('"');
                rest = next;
            }
            // Spaces between the closing quote and the delimiter are harmless.
            None => return Some((cell, after.trim_start_matches(' '))),
        }
    }
}

fn detect_delimiter(header: &str) -> char {
    let mut quoted = false;
    let mut counts = [(',', 0usize), (';', 0), ('\t', 0)];
    for c in header.chars() {
        quoted ^= c == '"';
        if let Some((_, count)) = counts.iter_mut().find(|(d, _)| *d == c && !quoted) {
            *count += 1;
        }
    }
    // The first of equals wins, so a single-column file counts as comma separated.
    let mut best = (',', 0);
    for (delimiter, count) in counts {
        if count > best.1 {
            best = (delimiter, count);
        }
    }
    best.0
}
