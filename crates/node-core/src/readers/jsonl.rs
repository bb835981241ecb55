use std::collections::HashMap;

use sanctuary_types::limits::CELL_BYTES_MAX;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{
    Cell, Row, RowFault, Rows,
    lines::{Line, Lines},
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
    header: Vec<String>,
    positions: HashMap<String, usize>,
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
        let mut positions = HashMap::new();
        let mut bytes = 0;
        while seen.len() < SAMPLE_LINES && bytes < SAMPLE_BYTES_MAX {
            let Some(line) = lines.next()? else { break };
            bytes += line.text.len();
            if let Ok(object) = serde_json::from_str::<Map<String, Value>>(&line.text) {
                for key in object.keys() {
                    if !positions.contains_key(key) && header.len() < KEYS_MAX {
                        positions.insert(key.clone(), header.len());
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
            header,
            positions,
            row: 0,
        })
    }

    fn cells(&self, line: &Line) -> Result<Vec<Cell>, RowFault> {
        if line.too_long {
            return Err(RowFault::RowTooLong);
        }
        let object: Map<String, Value> =
            serde_json::from_str(&line.text).map_err(|_| RowFault::NotAnObject)?;
        let mut cells = vec![Cell::default(); self.header.len()];
        for (key, value) in object {
            let text = Zeroizing::new(text_of(value)?);
            if text.len() > CELL_BYTES_MAX {
                return Err(RowFault::CellTooLong);
            }
            if let Some(cell) = self
                .positions
                .get(&key)
                .and_then(|position| cells.get_mut(*position))
            {
                *cell = text;
            }
        }
        Ok(cells)
    }
}

impl Rows for JsonLines {
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

/// A value as a cell: texts and numbers as written, lists joined with `;`.
fn text_of(value: Value) -> Result<String, RowFault> {
    match value {
        Value::Null => Ok(String::new()),
        Value::Bool(yes) => Ok(if yes { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) => Ok(text),
        Value::Array(list) => {
            let texts: Result<Vec<String>, RowFault> = list
                .into_iter()
                .map(|item| match item {
                    Value::Array(_) | Value::Object(_) => Err(RowFault::Nested),
                    scalar => text_of(scalar),
                })
                .collect();
            Ok(texts?.join(";"))
        }
        Value::Object(_) => Err(RowFault::Nested),
    }
}
