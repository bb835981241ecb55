//! Agencies' files as rows of cells: CSV, TSV, JSON Lines, POLE documents and XLSX, in any usual
//! encoding.
//!
//! Text formats stream in flat memory. A bad row is a [`RowFault`] of its own and the next rows go
//! on; only a file that cannot be understood at all is an error.

mod decode;
mod delimited;
mod jsonl;
mod lines;
mod objects;
mod pole;
mod xlsx;

use std::{
    fs::File,
    io::{Read, Seek},
    path::Path,
};

use zeroize::Zeroizing;

use crate::NodeError;
pub use decode::TextEncoding;
pub use objects::{Object, Objects};

/// One cell, wiped when dropped.
pub type Cell = Zeroizing<String>;

/// One row of a file.
pub struct Row {
    /// As a person counts: the header is row 1 where there is one.
    pub number: u64,
    /// One cell for each header column, or why the row cannot be read.
    pub cells: Result<Vec<Cell>, RowFault>,
}

/// Why a row cannot be read. Says nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// More than `ROW_BYTES_MAX`.
    #[error("the row is longer than 1 MiB")]
    RowTooLong,
    /// More than `CELL_BYTES_MAX`.
    #[error("a cell is longer than 64 KiB")]
    CellTooLong,
    /// Not as many cells as the header.
    #[error("the row does not have as many fields as the header")]
    FieldCount,
    /// A quote opens and never closes.
    #[error("a quote is opened and not closed")]
    OpenQuote,
    /// Text between a closing quote and the next delimiter.
    #[error("a quote stands in the middle of a field")]
    StrayQuote,
    /// A JSON line that is no object.
    #[error("the line is not a JSON object")]
    NotAnObject,
    /// An object or list inside a value.
    #[error("a value holds another object; only texts, numbers and lists of them are read")]
    Nested,
}

/// The rows of one file, in order.
pub trait Rows {
    /// Column names.
    fn header(&self) -> &[String];
    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// [`NodeError::Read`] when the file itself can no longer be read.
    fn next_row(&mut self) -> Result<Option<Row>, NodeError>;
    /// How much has been read, for a progress bar.
    fn bytes_read(&self) -> u64;
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma or semicolon separated; the header line shows which.
    Csv,
    /// Tab separated.
    Tsv,
    /// One JSON object a line.
    JsonLines,
    /// A POLE document: people, objects, locations and events with links, in JSON.
    Pole,
    /// Excel workbook; its first sheet is read.
    Xlsx,
}

impl Format {
    /// The format that the file's name ends in.
    ///
    /// # Errors
    /// [`NodeError::UnknownFormat`].
    pub fn of_path(path: &Path) -> Result<Self, NodeError> {
        let ending = path
            .extension()
            .map(|e| e.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        match ending.as_str() {
            "csv" | "txt" => Ok(Self::Csv),
            "tsv" | "tab" => Ok(Self::Tsv),
            "jsonl" | "ndjson" => Ok(Self::JsonLines),
            "json" => Ok(Self::Pole),
            "xlsx" | "xlsm" => Ok(Self::Xlsx),
            _ => Err(NodeError::UnknownFormat),
        }
    }
}

/// Opens a file by its name's ending.
///
/// # Errors
/// [`NodeError::UnknownFormat`], [`NodeError::Read`], [`NodeError::EmptyFile`],
/// [`NodeError::NotText`], [`NodeError::BadHeader`], [`NodeError::BadWorkbook`],
/// [`NodeError::BadDocument`], [`NodeError::FileTooLarge`].
pub fn open(path: &Path) -> Result<Box<dyn Rows>, NodeError> {
    let format = Format::of_path(path)?;
    read(File::open(path)?, format)
}

/// Rows of any seekable input.
///
/// # Errors
/// As [`open`].
pub fn read<R: Read + Seek + 'static>(
    mut input: R,
    format: Format,
) -> Result<Box<dyn Rows>, NodeError> {
    match format {
        Format::Xlsx => return Ok(Box::new(xlsx::Workbook::new(input)?)),
        Format::Pole => return Ok(Box::new(pole::Pole::new(input)?)),
        _ => {}
    }
    let encoding = decode::detect(&mut input)?;
    let lines = lines::Lines::new(decode::utf8_reader(input, encoding)?)?;
    Ok(match format {
        Format::Tsv => Box::new(delimited::Delimited::new(lines, Some('\t'))?),
        Format::JsonLines => Box::new(jsonl::JsonLines::new(lines)?),
        _ => Box::new(delimited::Delimited::new(lines, None)?),
    })
}
