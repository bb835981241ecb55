use minijinja::{Value, value::Serde};
use serde::Serialize;

/// What a picture shows, as rows of words. The first cell of a row is its heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    /// What it lists.
    pub caption: String,
    /// Headings of the columns.
    pub head: Vec<String>,
    /// As many cells in each as there are headings.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new<const N: usize>(caption: &str, head: [&str; N]) -> Self {
        Self {
            caption: caption.to_owned(),
            head: head.map(str::to_owned).to_vec(),
            rows: Vec::new(),
        }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.rows.push(cells.map(str::to_owned).to_vec());
    }
}

impl From<Table> for Value {
    fn from(table: Table) -> Self {
        Self::from(Serde(table))
    }
}
