use std::io::{self, Read, Seek, SeekFrom};

use calamine::{DataRef, Reader, Xlsx};
use sanctuary_types::limits::CELL_BYTES_MAX;
use zeroize::Zeroizing;
use zip::ZipArchive;

use super::{Cell, Row, RowFault, Rows};
use crate::NodeError;

/// Bytes of a workbook file: the sheet is held in memory while it is imported.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Bytes of everything packed in a workbook: texts are held in memory, and a file of a few kilobytes can
/// unpack to any number of them.
const UNPACKED_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Files packed in a workbook.
const ENTRIES_MAX: usize = 4_096;
/// Columns read of a sheet.
const COLUMNS_MAX: usize = 4_096;

/// The cells that a row has, by column: a row costs what is in it, however wide the header.
type Sparse = Vec<(usize, Cell)>;

/// The first sheet of an Excel workbook; its first row with content is the header.
pub struct Workbook {
    header: Vec<String>,
    rows: std::vec::IntoIter<(u32, Result<Sparse, RowFault>)>,
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
        check_unpacked(&mut input)?;
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
        let mut rows: Vec<(u32, Result<Sparse, RowFault>)> = Vec::new();
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
                rows.push((row, Ok(Sparse::new())));
            }
            let Some((_, target)) = rows.last_mut() else {
                continue;
            };
            if text.len() > CELL_BYTES_MAX {
                *target = Err(RowFault::CellTooLong);
            }
            match target {
                Ok(cells) if column < names.len() => cells.push((column, Zeroizing::new(text))),
                // A value beyond the header's columns belongs to no field.
                Ok(_) => *target = Err(RowFault::FieldCount),
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
        let wide = |sparse: Sparse| {
            let mut cells = vec![Cell::default(); self.header.len()];
            for (column, cell) in sparse {
                if let Some(slot) = cells.get_mut(column) {
                    *slot = cell;
                }
            }
            cells
        };
        Ok(self.rows.next().map(|(row, cells)| Row {
            number: u64::from(row) + 1,
            cells: cells.map(wide),
        }))
    }
}

/// Unpacks everything once into nothing, because the sizes that a packed file states of itself may lie.
fn check_unpacked<R: Read + Seek>(input: &mut R) -> Result<(), NodeError> {
    let mut archive = ZipArchive::new(input).map_err(|_| NodeError::BadWorkbook)?;
    if archive.len() > ENTRIES_MAX {
        return Err(NodeError::FileTooLarge);
    }
    let mut left = UNPACKED_BYTES_MAX;
    for entry in 0..archive.len() {
        let packed = archive
            .by_index(entry)
            .map_err(|_| NodeError::BadWorkbook)?;
        let unpacked = io::copy(&mut packed.take(left + 1), &mut io::sink());
        let unpacked = unpacked.map_err(|_| NodeError::BadWorkbook)?;
        left = left.checked_sub(unpacked).ok_or(NodeError::FileTooLarge)?;
    }
    Ok(())
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
