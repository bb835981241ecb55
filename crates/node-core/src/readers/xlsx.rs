use std::io::{Read, Seek, SeekFrom};

use calamine::{DataRef, Reader, Xlsx};
use sanctuary_types::limits::CELL_BYTES_MAX;
use zeroize::Zeroizing;

use super::{Cell, Row, RowFault, Rows};
use crate::NodeError;

/// Bytes of a workbook file: the sheet is held in memory while it is imported.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Columns read of a sheet.
const COLUMNS_MAX: usize = 4_096;

/// The first sheet of an Excel workbook; its first row with content is the header.
pub struct Workbook {
    header: Vec<String>,
    rows: std::vec::IntoIter<(u32, Result<Vec<Cell>, RowFault>)>,
    done: u64,
}

impl Workbook {
    /// Reads the first sheet. Only cells that exist are held: a lone cell far out costs nothing.
    ///
    /// # Errors
    /// [`NodeError::BadWorkbook`], [`NodeError::FileTooLarge`], [`NodeError::EmptyFile`].
    pub fn new<R: Read + Seek>(mut input: R) -> Result<Self, NodeError> {
        if input.seek(SeekFrom::End(0))? > FILE_BYTES_MAX {
            return Err(NodeError::FileTooLarge);
        }
        input.seek(SeekFrom::Start(0))?;
        let mut book = Xlsx::new(input).map_err(|_| NodeError::BadWorkbook)?;
        let sheet = book
            .sheet_names()
            .first()
            .cloned()
            .ok_or(NodeError::EmptyFile)?;
        let mut cells = book
            .worksheet_cells_reader(&sheet)
            .map_err(|_| NodeError::BadWorkbook)?;
        let mut header: Option<(u32, Vec<String>)> = None;
        let mut rows: Vec<(u32, Result<Vec<Cell>, RowFault>)> = Vec::new();
        while let Some(cell) = cells.next_cell().map_err(|_| NodeError::BadWorkbook)? {
            let (row, column) = cell.get_position();
            let column = column as usize;
            let Some(text) = text_of(cell.get_value()) else {
                continue;
            };
            let (header_row, names) = header.get_or_insert_with(|| (row, Vec::new()));
            if row == *header_row {
                if column >= COLUMNS_MAX {
                    return Err(NodeError::BadHeader);
                }
                names.resize(names.len().max(column + 1), String::new());
                if let Some(name) = names.get_mut(column) {
                    *name = text.trim().to_owned();
                }
                continue;
            }
            if rows.last().is_none_or(|(last, _)| *last != row) {
                rows.push((row, Ok(vec![Cell::default(); names.len()])));
            }
            let Some((_, target)) = rows.last_mut() else {
                continue;
            };
            if text.len() > CELL_BYTES_MAX {
                *target = Err(RowFault::CellTooLong);
            }
            match target.as_mut().map(|cells| cells.get_mut(column)) {
                Ok(Some(slot)) => *slot = Zeroizing::new(text),
                // A value beyond the header's columns belongs to no field.
                Ok(None) => *target = Err(RowFault::FieldCount),
                Err(_) => {}
            }
        }
        let (_, header) = header.ok_or(NodeError::EmptyFile)?;
        Ok(Self {
            header,
            rows: rows.into_iter(),
            done: 0,
        })
    }
}

impl Rows for Workbook {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn bytes_read(&self) -> u64 {
        self.done
    }

    fn next_row(&mut self) -> Result<Option<Row>, NodeError> {
        self.done += 1;
        Ok(self.rows.next().map(|(row, cells)| Row {
            number: u64::from(row) + 1,
            cells,
        }))
    }
}

/// A cell as text: whole numbers without a fraction, dates as `YYYY-MM-DD`; `None` when empty.
fn text_of(value: &DataRef<'_>) -> Option<String> {
    let text = match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        DataRef::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::Error(_) | DataRef::Empty => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}
