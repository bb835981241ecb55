use std::collections::BTreeMap;

use super::{Mapping, nearest::near};
use crate::NodeError;

/// A mapping bound to one file's header: where each column stands.
#[derive(Clone, Debug)]
pub struct Bound {
    positions: BTreeMap<String, usize>,
}

impl Mapping {
    /// Finds every mapped column in `header`.
    ///
    /// # Errors
    /// [`NodeError::ColumnMissing`] with near matches, [`NodeError::ColumnTwice`] when a mapped
    /// name stands twice in the header.
    pub fn bind(&self, header: &[String]) -> Result<Bound, NodeError> {
        let mut positions = BTreeMap::new();
        for (key, column) in self.columns() {
            let mut found = header
                .iter()
                .enumerate()
                .filter(|(_, name)| name.trim() == column.trim());
            let Some((position, _)) = found.next() else {
                return Err(NodeError::ColumnMissing {
                    column: column.to_owned(),
                    key,
                    near: near_text(&near(column, header.iter().map(String::as_str))),
                });
            };
            if let Some((second, _)) = found.next() {
                return Err(NodeError::ColumnTwice {
                    column: column.to_owned(),
                    first: position + 1,
                    second: second + 1,
                });
            }
            positions.insert(column.to_owned(), position);
        }
        Ok(Bound { positions })
    }
}

impl Bound {
    /// The cell of `column` in a row; empty when the row is shorter.
    #[must_use]
    pub fn cell<'a, S: AsRef<str>>(&self, row: &'a [S], column: &str) -> &'a str {
        self.positions
            .get(column)
            .and_then(|position| row.get(*position))
            .map_or("", |cell| cell.as_ref().trim())
    }
}

fn near_text(near: &[&str]) -> String {
    if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean \"{}\"?", near.join("\" or \""))
    }
}
