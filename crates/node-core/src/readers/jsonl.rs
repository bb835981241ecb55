use std::collections::HashSet;

use super::{
    Cell, Row, RowFault, Rows,
    lines::{Line, Lines},
    objects::{Columns, Object},
};
use crate::NodeError;

/// Lines read ahead to learn which keys the file has.
const SAMPLE_LINES: usize = 100;
/// Text read ahead at most.
const SAMPLE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Keys of a file.
const KEYS_MAX: usize = 4_096;

/// JSON Lines: one object a line. The header is every key of the first lines; a key that a line
/// lacks is an empty cell, a key that only later lines have is not seen.
pub struct JsonLines {
    lines: Lines,
    columns: Columns,
    row: u64,
}

impl JsonLines {
    /// Reads ahead for the header and gives the lines back.
    ///
    /// # Errors
    /// [`NodeError::EmptyFile`], [`NodeError::BadHeader`] when no line near the top is an object.
    pub fn new(mut lines: Lines) -> Result<Self, NodeError> {
        let mut seen: Vec<Line> = Vec::new();
        let mut header: Vec<String> = Vec::new();
        let mut known = HashSet::new();
        let mut bytes = 0;
        while seen.len() < SAMPLE_LINES && bytes < SAMPLE_BYTES_MAX {
            let Some(line) = lines.next()? else { break };
            bytes += line.text.len();
            if let Ok(object) = serde_json::from_str::<Object>(&line.text) {
                for key in object.keys() {
                    if header.len() < KEYS_MAX && known.insert(key.clone()) {
                        header.push(key.clone());
                    }
                }
            }
            seen.push(line);
        }
        if seen.iter().all(|line| line.text.trim().is_empty()) {
            return Err(NodeError::EmptyFile);
        }
        if header.is_empty() {
            return Err(NodeError::BadHeader);
        }
        lines.put_back(seen.into_iter());
        Ok(Self {
            lines,
            columns: Columns::new(header),
            row: 0,
        })
    }

    fn cells(&self, line: &Line) -> Result<Vec<Cell>, RowFault> {
        if line.too_long {
            return Err(RowFault::RowTooLong);
        }
        let object: Object = serde_json::from_str(&line.text).map_err(|_| RowFault::NotAnObject)?;
        self.columns.cells(object)
    }
}

impl Rows for JsonLines {
    fn header(&self) -> &[String] {
        &self.columns.header
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
            if line.text.trim().is_empty() && !line.too_long {
                continue;
            }
            return Ok(Some(Row {
                number: self.row,
                cells: self.cells(&line),
            }));
        }
    }
}
