use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::NodeError;

/// One problem of one row: where and which rule, never the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// Row as a person counts it; the header is row 1.
    pub row: u64,
    /// Column as the mapping names it; empty when the whole row is unreadable.
    pub column: String,
    /// The rule it breaks and what to do.
    pub rule: String,
    /// What became of the row.
    pub outcome: Outcome,
}

/// What became of a rejected row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// The record does not take part.
    #[serde(rename = "row not imported")]
    NotImported,
    /// The record takes part without the bad value (or with it as written, where the rule says
    /// so): losing a child over a mistyped date is worse.
    #[serde(rename = "imported without this value")]
    ImportedWithoutValue,
}

/// `<input>.rejects.csv`, begun with the first reject.
pub struct RejectsFile {
    path: PathBuf,
    writer: Option<csv::Writer<BufWriter<File>>>,
}

impl RejectsFile {
    /// The rejects file of an input file.
    #[must_use]
    pub fn beside(input: &Path) -> Self {
        let mut name = input.as_os_str().to_owned();
        name.push(".rejects.csv");
        Self {
            path: PathBuf::from(name),
            writer: None,
        }
    }

    /// Adds a line: row, column, rule, outcome.
    ///
    /// # Errors
    /// [`NodeError::Read`] when the file cannot be written.
    pub fn write(&mut self, reject: &Reject) -> Result<(), NodeError> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self
                .writer
                .insert(csv::Writer::from_writer(BufWriter::new(create_anew(
                    &self.path,
                )?))),
        };
        writer.serialize(reject).map_err(csv_fault)
    }

    /// Ends the file and gives its path; without rejects an older file of the same name is
    /// removed, because it would speak of another import.
    ///
    /// # Errors
    /// [`NodeError::Read`] when the file cannot be written.
    pub fn finish(self) -> Result<Option<PathBuf>, NodeError> {
        match self.writer {
            Some(mut writer) => {
                writer.flush()?;
                Ok(Some(self.path))
            }
            None => match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(None),
            },
        }
    }
}

/// A file of our own in place of what is there: never through a link that somebody put there.
fn create_anew(path: &Path) -> std::io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    File::create_new(path)
}

fn csv_fault(error: csv::Error) -> NodeError {
    match error.into_kind() {
        csv::ErrorKind::Io(io) => NodeError::Read(io),
        _ => NodeError::Read(std::io::Error::other("the rejects file cannot be written")),
    }
}
