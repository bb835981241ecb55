use sanctuary_types::PartyId;

/// Why something is not trusted. Each text is one sentence that says what to do; none holds a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// A private key file does not hold a usable key.
    #[error("the {0} is not a valid Ed25519 private key in PKCS#8 form; restore it or enrol again")]
    Key(&'static str),
    /// A signature does not fit.
    #[error("a signature on the {0} does not fit; get the file again from the officers")]
    Signature(&'static str),
    /// Fewer officers signed than the anchors demand.
    #[error(
        "the {what} carries {have} officers' signatures and needs {need}; have more officers sign it"
    )]
    TooFewSignatures {
        /// The document.
        what: &'static str,
        /// Valid signatures found.
        have: usize,
        /// Signatures needed.
        need: usize,
    },
    /// Signed by somebody who is not an officer.
    #[error(
        "the {0} is signed by a key that is not an officer's; get the file again from the officers"
    )]
    UnknownOfficer(&'static str),
    /// One officer signed twice.
    #[error("the {0} carries two signatures of one officer; remove the second")]
    DuplicateOfficer(&'static str),
    /// A version below the highest seen.
    #[error("the {what} has version {found} but version {least} has been seen; get the newest one")]
    Outdated {
        /// The document.
        what: &'static str,
        /// Its version.
        found: u64,
        /// The lowest acceptable version.
        least: u64,
    },
    /// Two entries that must differ are the same.
    #[error("the {what} names {party} with a {field} that another entry already has")]
    Duplicate {
        /// The document.
        what: &'static str,
        /// The second entry.
        party: PartyId,
        /// What is the same.
        field: &'static str,
    },
    /// A limit is exceeded.
    #[error("the {what} holds more than {max} {items}, which is the limit")]
    TooMany {
        /// The document.
        what: &'static str,
        /// What there are too many of.
        items: &'static str,
        /// The limit.
        max: usize,
    },
    /// A document says something impossible.
    #[error("the {what} is not usable: {reason}")]
    Malformed {
        /// The document.
        what: &'static str,
        /// What is wrong, without values.
        reason: &'static str,
    },
    /// Bytes that are not the expected JSON.
    #[error("the {what} is not valid JSON of the expected form (line {line}, column {column})")]
    Json {
        /// The document.
        what: &'static str,
        /// Line of the fault.
        line: usize,
        /// Column of the fault.
        column: usize,
    },
    /// A party the document should name is missing.
    #[error("{party} is not on the roster as {kind}; ask the officers to add it")]
    NotOnRoster {
        /// The party.
        party: PartyId,
        /// The kind looked for.
        kind: &'static str,
    },
    /// A document is not valid at this time.
    #[error("the {what} is {state}; {advice}")]
    NotInForce {
        /// The document.
        what: &'static str,
        /// "not yet valid" or "no longer valid".
        state: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// The published share keys do not lie on one polynomial through the group key, or are not points.
    #[error(
        "the manifest's share keys do not fit its group key; do not use it, and tell the officers"
    )]
    InconsistentKeys,
    /// Something about a certificate or request for one.
    #[error("the certificate request or certificate is refused: {0}")]
    Certificate(&'static str),
    /// An enrolment step is refused.
    #[error("the enrolment is refused: {0}")]
    Enrolment(&'static str),
    /// A file cannot be used.
    #[error("{path}: {reason}")]
    File {
        /// The path.
        path: String,
        /// What is wrong and what to do.
        reason: String,
    },
}

impl TrustError {
    /// A JSON fault by position only, since the text of serde's errors repeats values.
    pub(crate) fn json(what: &'static str, error: &serde_json::Error) -> Self {
        Self::Json {
            what,
            line: error.line(),
            column: error.column(),
        }
    }
}
