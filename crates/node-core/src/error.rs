use std::io;

use sanctuary_types::{Epoch, KeyClass, PartyId};

/// What can go wrong in a node. Each text says what to do and holds no value of any record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// A sharing agreement that cannot be taken in.
    #[error("{0}")]
    Agreement(String),
    /// Casework cannot go on for now.
    #[error("{0}")]
    Case(String),
    /// The mapping is not TOML.
    #[error("the mapping file is not valid TOML ({0}); correct that line")]
    MappingSyntax(String),
    /// A key that no mapping has.
    #[error(
        "the mapping file has an unknown key \"{key}\"; the nearest valid one is \"{nearest}\""
    )]
    MappingUnknownKey {
        /// The key as written.
        key: String,
        /// What was probably meant.
        nearest: String,
    },
    /// A key with a value that does not fit.
    #[error("in the mapping file, \"{key}\" {problem}")]
    MappingValue {
        /// The key.
        key: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// The file lacks a mapped column.
    #[error(
        "the file has no column \"{column}\", which the mapping names under \"{key}\"{near}; correct the mapping or the file's header"
    )]
    ColumnMissing {
        /// The column looked for.
        column: String,
        /// The mapping key that names it.
        key: String,
        /// Near matches, as the end of a clause; may be empty.
        near: String,
    },
    /// The header has a mapped column twice.
    #[error(
        "the file has the column \"{column}\" twice (columns {first} and {second}); rename or remove one"
    )]
    ColumnTwice {
        /// The column.
        column: String,
        /// Its first position, from 1.
        first: usize,
        /// Its second position.
        second: usize,
    },
    /// Nothing in the file.
    #[error("the file is empty; it needs a header line and at least the rows to import")]
    EmptyFile,
    /// The header cannot be read.
    #[error("the file's header line cannot be read; the first line must hold the column names")]
    BadHeader,
    /// Neither UTF-8, Windows-1252 nor marked UTF-16.
    #[error("the file is not text in UTF-8, Windows-1252 or marked UTF-16; save it as CSV UTF-8")]
    NotText,
    /// Not a workbook.
    #[error("the file is not an Excel workbook that can be read; save it again as .xlsx or as CSV")]
    BadWorkbook,
    /// Not a POLE document.
    #[error(
        "the file is not a POLE document that can be read; it needs people, objects, locations, events and links, or the Standard Data Model's data and included, as docs/formats.md shows"
    )]
    BadDocument,
    /// Above the limit of its format, packed or unpacked.
    #[error(
        "the file is larger than its format may be (a workbook 256 MiB, also unpacked; a POLE document 16 MiB); save it as CSV, which may be of any size, or as several files"
    )]
    FileTooLarge,
    /// An ending that says no format.
    #[error("the file's name must end in .csv, .tsv, .jsonl, .xlsx, or .json for a POLE document")]
    UnknownFormat,
    /// A full snapshot that lacks too many records.
    #[error(
        "nothing was changed: {missing} of the feed's {enrolled} records are missing in this full snapshot, and more than {share_percent} % are not withdrawn without a person; see that the export is complete, or let as many through once with `sanctuary-node feeds allow`"
    )]
    SnapshotBrake {
        /// Records that would be withdrawn.
        missing: u64,
        /// Records of the feed.
        enrolled: u64,
        /// Share that may go.
        share_percent: u8,
    },
    /// A feed cannot go on for now.
    #[error("{0}")]
    Feed(String),
    /// A file cannot be read or written.
    #[error(
        "a file cannot be read or written ({0}); check that it exists and that the disk is not full"
    )]
    Read(io::Error),
    /// The store failed.
    #[error("the node's own store failed: {0}")]
    Store(String),
    /// A stored value is not what was stored.
    #[error("the node's own store holds a damaged {0}; restore the data folder from its backup")]
    Damaged(&'static str),
    /// The key manifests do not fit each other or the holders.
    #[error("the key manifests cannot be used: {0}")]
    Keys(String),
    /// Not enough key holders answered rightly.
    #[error(
        "only {answered} of the {needed} key holders needed answered for the {} key ({faults}); nothing is lost, the records wait",
        .class.label()
    )]
    HoldersUnavailable {
        /// Which key.
        class: KeyClass,
        /// Holders that could still be asked.
        answered: usize,
        /// The threshold.
        needed: usize,
        /// Each holder's fault.
        faults: String,
    },
    /// The daily quota is used up.
    #[error(
        "today's quota at key holder {holder} is used up; the records wait and go on tomorrow, nothing is lost"
    )]
    QuotaExceeded {
        /// The holder that said so.
        holder: PartyId,
    },
    /// A key holder or the hub no longer accepts this agency.
    #[error(
        "{party} refuses this agency: {reason}; ask a governance officer whether the agency stands in the roster"
    )]
    Refused {
        /// Who refused.
        party: PartyId,
        /// Its own words.
        reason: String,
    },
    /// The hub does not answer.
    #[error("the hub cannot be reached ({reason}); the outbox waits and goes on by itself")]
    HubUnavailable {
        /// The hub.
        hub: PartyId,
        /// What is wrong.
        reason: String,
    },
    /// The hub does not take a batch or request.
    #[error("the hub refused: {reason}; the outbox waits until this is put right")]
    HubRefused {
        /// The hub.
        hub: PartyId,
        /// Its own words.
        reason: String,
    },
    /// An act that must not be done, because it is not in the partnership's log.
    #[error("nothing was done, because it could not be logged first: {0}")]
    NotLogged(String),
    /// More than a batch can hold.
    #[error("a batch for epoch {0} is larger than the hub accepts; report this as a defect")]
    BatchTooLarge(Epoch),
    /// An event that does not fit the protocol.
    #[error("the hub sent an alert that does not follow the protocol ({0}); report this")]
    BadAlert(&'static str),
    /// A task of a comparison that does not fit the protocol.
    #[error("the hub asked for a comparison that does not follow the protocol ({0}); report this")]
    BadComparison(&'static str),
}

// Not by `#[from]`: that would make it the error's source as well, and be told twice.
impl From<io::Error> for NodeError {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

impl NodeError {
    /// Whether the given file or mapping is at fault, so that the same input would fail again.
    #[must_use]
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::MappingSyntax(_)
            | Self::MappingUnknownKey { .. }
            | Self::MappingValue { .. }
            | Self::ColumnMissing { .. }
            | Self::ColumnTwice { .. }
            | Self::EmptyFile
            | Self::BadHeader
            | Self::NotText
            | Self::BadWorkbook
            | Self::BadDocument
            | Self::FileTooLarge
            | Self::SnapshotBrake { .. }
            | Self::UnknownFormat => true,
            Self::Read(error) => error.kind() == io::ErrorKind::NotFound,
            _ => false,
        }
    }
}
