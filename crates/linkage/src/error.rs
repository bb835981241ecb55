/// Why a population from another party is refused. Texts name fields, never values.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkageError {
    /// Not the agreed JSON.
    #[error("the population is not the agreed JSON; make it again with this version of the node")]
    Encoding(#[from] serde_json::Error),
    /// More bytes than any population needs.
    #[error(
        "the population is longer than {limit} bytes; make it again with this version of the node"
    )]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A version this program does not know.
    #[error(
        "the population has version {found}; this program reads version {known}: update the older one"
    )]
    Version {
        /// The version in the file.
        found: u16,
        /// The version this program writes.
        known: u16,
    },
    /// A number outside its range.
    #[error(
        "the population's {field} is out of range; estimate it again from the agency's own records"
    )]
    OutOfRange {
        /// Which number.
        field: &'static str,
    },
}
