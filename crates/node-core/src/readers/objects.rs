use std::collections::HashMap;

use sanctuary_types::limits::CELL_BYTES_MAX;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{Cell, Row, RowFault, Rows};
use crate::NodeError;

/// A flat JSON object.
pub type Object = Map<String, Value>;

/// JSON objects that come one by one, not from a file: the header is what the mapping asks for, and a
/// key that an object lacks is an empty cell.
pub struct Objects<I> {
    objects: I,
    columns: Columns,
    row: u64,
}

impl<I: Iterator<Item = Result<Object, RowFault>>> Objects<I> {
    /// Rows of `objects` under the columns of [`crate::Mapping::column_names`].
    pub fn new(objects: I, header: Vec<String>) -> Self {
        Self {
            objects,
            columns: Columns::new(header),
            row: 0,
        }
    }
}

impl<I: Iterator<Item = Result<Object, RowFault>>> Rows for Objects<I> {
    fn header(&self) -> &[String] {
        &self.columns.header
    }

    fn bytes_read(&self) -> u64 {
        self.row
    }

    fn next_row(&mut self) -> Result<Option<Row>, NodeError> {
        let Some(object) = self.objects.next() else {
            return Ok(None);
        };
        self.row += 1;
        Ok(Some(Row {
            number: self.row,
            cells: object.and_then(|object| self.columns.cells(object)),
        }))
    }
}

/// Which key goes into which cell.
pub(super) struct Columns {
    pub header: Vec<String>,
    positions: HashMap<String, usize>,
}

impl Columns {
    pub fn new(header: Vec<String>) -> Self {
        let positions = header.iter().cloned().enumerate();
        Self {
            positions: positions.map(|(place, name)| (name, place)).collect(),
            header,
        }
    }

    pub fn cells(&self, object: Object) -> Result<Vec<Cell>, RowFault> {
        let mut cells = vec![Cell::default(); self.header.len()];
        for (key, value) in object {
            let text = Zeroizing::new(text_of(value)?);
            if text.len() > CELL_BYTES_MAX {
                return Err(RowFault::CellTooLong);
            }
            let position = self.positions.get(&key);
            if let Some(cell) = position.and_then(|place| cells.get_mut(*place)) {
                *cell = text;
            }
        }
        Ok(cells)
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
