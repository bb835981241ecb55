//! POLE documents: people, objects, locations, events, and links between them, as JSON.
//!
//! Names follow the NPCC's POLE standard as the policing Standard Data Model writes it. Each person is
//! a row; what is linked to them stands in columns called `telephone.telephoneNumber` and the like. What
//! is linked to another person of the document, and what people wrote about an event, is in no column.

mod graph;
mod person;

use std::{
    collections::BTreeMap,
    io::{Read, Seek, SeekFrom},
};

use sanctuary_types::limits::CELL_BYTES_MAX;
use zeroize::Zeroizing;

use super::{Cell, Row, RowFault, Rows, decode};
use crate::NodeError;
use graph::Graph;

/// Bytes of a document: it is held in memory, where JSON takes up to sixteen times the room.
const DOCUMENT_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Columns that a document may add to [`COLUMNS`].
const FOUND_COLUMNS_MAX: usize = 512;

/// Columns that every document has, so that one mapping serves them all; docs/formats.md says what
/// each is for.
const COLUMNS: &[&str] = &[
    "id",
    "role",
    "givenName",
    "middleName",
    "surname",
    "alias",
    "dateOfBirth",
    "gender",
    "nationalityDetails",
    "nationalInsuranceNumber",
    "location.buildingNumber",
    "location.buildingName",
    "location.street",
    "location.cityOrTown",
    "location.postcode",
    "location.locationUPRN",
    "telephone.telephoneNumber",
    "email.emailAddress",
    "socialMedia.socialMediaTag",
    "vehicle.vehicleVRM",
    "passport.passportNumber",
    "mobile.imeiNumber",
    "bankCard.accountNumber",
];

/// The people of a document.
pub struct Pole {
    header: Vec<String>,
    people: std::vec::IntoIter<BTreeMap<String, Zeroizing<String>>>,
    done: u64,
}

impl Pole {
    /// Reads a whole document, or a list of documents.
    ///
    /// # Errors
    /// [`NodeError::FileTooLarge`], [`NodeError::NotText`], [`NodeError::BadDocument`],
    /// [`NodeError::EmptyFile`] without people.
    pub fn new<R: Read + Seek + 'static>(mut input: R) -> Result<Self, NodeError> {
        if input.seek(SeekFrom::End(0))? > DOCUMENT_BYTES_MAX {
            return Err(NodeError::FileTooLarge);
        }
        let encoding = decode::detect(&mut input)?;
        let mut text = Zeroizing::new(String::new());
        decode::utf8_reader(input, encoding)?
            .take(2 * DOCUMENT_BYTES_MAX)
            .read_to_string(&mut text)
            .map_err(|_| NodeError::BadDocument)?;
        let people = Graph::of_text(&text)?.people();
        if people.is_empty() {
            return Err(NodeError::EmptyFile);
        }
        let mut header: Vec<String> = COLUMNS.iter().map(|name| (*name).to_owned()).collect();
        let mut found: Vec<&String> = people.iter().flat_map(BTreeMap::keys).collect();
        found.sort_unstable();
        found.dedup();
        let new = found
            .iter()
            .filter(|name| !COLUMNS.contains(&name.as_str()));
        header.extend(new.take(FOUND_COLUMNS_MAX).map(|name| (*name).clone()));
        Ok(Self {
            header,
            people: people.into_iter(),
            done: 0,
        })
    }
}

impl Rows for Pole {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn bytes_read(&self) -> u64 {
        self.done
    }

    fn next_row(&mut self) -> Result<Option<Row>, NodeError> {
        let Some(mut person) = self.people.next() else {
            return Ok(None);
        };
        self.done += 1;
        let too_long = person.values().any(|cell| cell.len() > CELL_BYTES_MAX);
        let cell = |name: &String| person.remove(name).unwrap_or_default();
        let cells: Vec<Cell> = self.header.iter().map(cell).collect();
        Ok(Some(Row {
            number: self.done,
            cells: if too_long {
                Err(RowFault::CellTooLong)
            } else {
                Ok(cells)
            },
        }))
    }
}
