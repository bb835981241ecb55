use sanctuary_types::PartyId;

use crate::PortError;

/// Why the ledger, a proof or a document of it is not usable. One sentence each; no personal value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// Bytes or text that are not what they should be.
    #[error("the {what} is malformed: {reason}; get it again from its source")]
    Malformed {
        /// What was read.
        what: &'static str,
        /// What is wrong, without values.
        reason: &'static str,
    },
    /// A limit is exceeded.
    #[error("the {what} has {found} {items} and may have {max}; split it")]
    TooMany {
        /// What was offered.
        what: &'static str,
        /// What there are too many of.
        items: &'static str,
        /// How many there are.
        found: u64,
        /// The limit.
        max: u64,
    },
    /// A signature does not fit.
    #[error("the signature of {0} does not fit; ask its owner to send it again")]
    Signature(String),
    /// A proof does not lead to the root.
    #[error("the {0} proof does not fit the checkpoint; report it to the auditor")]
    Proof(&'static str),
    /// An index or size the tree does not have.
    #[error("the log has {size} entries in this checkpoint, so there is no entry {index} in it")]
    OutOfRange {
        /// What was asked for.
        index: u64,
        /// What there is.
        size: u64,
    },
    /// An entry id that was used for another entry.
    #[error("the entry id {0} was used for a different entry; make a new id for a new act")]
    IdReused(String),
    /// An entry from the future.
    #[error(
        "the entry is dated {ahead_ms} ms ahead of the log's clock; set the clock right and try again"
    )]
    FutureEntry {
        /// How far.
        ahead_ms: u64,
    },
    /// The stored log contradicts itself or its last checkpoint.
    #[error(
        "the stored log does not fit its last checkpoint ({0}); nothing is accepted until it is restored: run the audit"
    )]
    Damaged(&'static str),
    /// The store failed.
    #[error("the log's store failed: {0}")]
    Store(#[from] PortError),
}

/// Why a checkpoint is refused. The text says which rule it broke.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Not a checkpoint at all.
    #[error(transparent)]
    Malformed(#[from] LedgerError),
    /// Of another log.
    #[error("the checkpoint is of another log than the one agreed; check the hub's address")]
    OtherLog,
    /// Without the hub's signatures.
    #[error(
        "the checkpoint does not carry the hub's signature; do not use it and tell the auditor"
    )]
    NotSignedByHub,
    /// A known signer's line that does not verify.
    #[error("the checkpoint carries a wrong signature under the name {0}; tell the auditor")]
    WrongSignature(String),
    /// Too few witnesses.
    #[error(
        "the checkpoint carries {have} valid cosignatures and needs {need}; wait for the witnesses"
    )]
    TooFewCosignatures {
        /// Fresh and valid ones.
        have: usize,
        /// Needed.
        need: usize,
    },
    /// Too old: the log may be frozen.
    #[error(
        "the checkpoint is {age_ms} ms old and may be {max_ms}: the log stands still; ask the hub's operator and the auditor"
    )]
    Stale {
        /// Its age.
        age_ms: u64,
        /// The limit.
        max_ms: u64,
    },
    /// Dated in the future.
    #[error(
        "the checkpoint is dated {ahead_ms} ms ahead; check this machine's clock and the hub's"
    )]
    FromTheFuture {
        /// How far.
        ahead_ms: u64,
    },
    /// Smaller than what was seen.
    #[error(
        "the checkpoint has {offered} entries but {seen} were seen: entries from {offered} on are gone; tell the auditor"
    )]
    Smaller {
        /// Entries seen before.
        seen: u64,
        /// Entries offered.
        offered: u64,
    },
    /// Same size, another root, or a proof that shows another past.
    #[error(
        "the log was forked: two signed checkpoints disagree about its first {size} entries; send both to the auditor"
    )]
    Forked {
        /// The size at which the two differ.
        size: u64,
        /// What proves it.
        evidence: Box<crate::ForkEvidence>,
    },
    /// Grown, but without proof.
    #[error(
        "a proof that the log of {size} entries grew from the {seen} seen before is missing; ask for it"
    )]
    ProofMissing {
        /// Entries seen before.
        seen: u64,
        /// Entries offered.
        size: u64,
    },
    /// The proof does not hold.
    #[error(
        "the log of {size} entries does not contain the {seen} seen before as they were; tell the auditor"
    )]
    Inconsistent {
        /// Entries seen before.
        seen: u64,
        /// Entries offered.
        size: u64,
    },
    /// A witness was asked from another size than its own (C2SP: 409, with the size).
    #[error("the witness has seen {known} entries; send the proof from there")]
    Conflict {
        /// What the witness has.
        known: u64,
    },
    /// A hub time before one that was cosigned.
    #[error(
        "the checkpoint is dated before one that was accepted earlier; the hub's clock went back"
    )]
    ClockBack,
}

pub(crate) fn signature_of(party: &PartyId) -> LedgerError {
    LedgerError::Signature(format!("{party}'s entry"))
}
