/// Why an agreement or a word of it is not usable. Each text says what to do.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// A word outside a closed list. Does not repeat it: it may come from anywhere.
    #[error("not a known {what}; use a word of the list in docs/disclosure.md")]
    UnknownWord {
        /// The list.
        what: &'static str,
    },
    /// A purpose that does not exist. The agreement is a public document, so the word is repeated.
    #[error("there is no purpose \"{purpose}\" in Sanctuary; use one of: {allowed}")]
    UnknownPurpose {
        /// The word in the agreement.
        purpose: String,
        /// The words that exist.
        allowed: String,
    },
    /// Immigration enforcement, in whatever words.
    #[error(
        "\"{text}\" reads as immigration enforcement: Sanctuary has no such purpose, party or use, and none can be configured; remove it"
    )]
    ImmigrationEnforcement {
        /// The text in the agreement.
        text: String,
    },
    /// The file is not TOML of the expected form.
    #[error("the sharing agreement is not valid: {0}")]
    Toml(String),
    /// A date that is none.
    #[error("{0} must be a date written year-month-day, such as 2026-11-30")]
    Date(&'static str),
    /// The document contradicts itself or a limit.
    #[error("the sharing agreement is not usable: {0}")]
    Malformed(String),
    /// A party that the roster does not know as an agency.
    #[error(
        "the sharing agreement names {0}, which is not an agency on the roster; correct one of the two"
    )]
    NotOnRoster(String),
    /// An agreement that does not follow the ones known.
    #[error("this sharing agreement is refused: {0}")]
    DoesNotFollow(&'static str),
    /// Signatures or version do not hold.
    #[error("{0}")]
    Trust(String),
}
