use sanctuary_types::{BatchId, Epoch, PartyId, RulesVersion};

/// What a store behind a port reports. Its text comes from the adapter and names no personal value.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct PortError(#[from] pub Box<dyn std::error::Error + Send + Sync>);

/// Why the hub refuses. Every text says what to do; none holds a value of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The caller is in the roster, but not as an agency.
    #[error(
        "{party} is not an agency in the roster; only agencies push records and hear of possible matches"
    )]
    NotAnAgency {
        /// The caller.
        party: PartyId,
    },
    /// The batch was made by other normalisation rules.
    #[error(
        "this batch was made by rules version {batch}, the hub compares version {hub}; mixed versions cannot be compared: update {} and push again",
        if batch < hub { "the node" } else { "the hub" }
    )]
    MixedRules {
        /// Version in the batch.
        batch: RulesVersion,
        /// Version of the hub.
        hub: RulesVersion,
    },
    /// The batch belongs to another epoch.
    #[error(
        "this batch belongs to epoch {batch}, the hub is in epoch {hub}; {}",
        if batch < hub { "fetch the current key manifest, tokenise again and push" } else { "ask the hub's operator to move to the new epoch" }
    )]
    StaleEpoch {
        /// Epoch in the batch.
        batch: Epoch,
        /// Epoch of the hub.
        hub: Epoch,
    },
    /// A part's length is not a whole number of items.
    #[error(
        "the {part} of this batch are not a whole number of {item_bytes}-byte items; update the node and push again"
    )]
    Malformed {
        /// Part of the batch.
        part: &'static str,
        /// Bytes of one item.
        item_bytes: usize,
    },
    /// Too many items.
    #[error("this batch has more than {limit} {part}; push smaller batches")]
    TooLarge {
        /// Part of the batch.
        part: &'static str,
        /// Items allowed.
        limit: usize,
    },
    /// There is nothing in the batch.
    #[error("this batch is empty; push at least one posting, card, withdrawal or population")]
    Empty,
    /// The signature is not the caller's over this content.
    #[error(
        "the signature of batch {batch} is not {agency}'s over this content: it was made by another party or changed on the way; nothing of it was stored"
    )]
    Signature {
        /// Caller.
        agency: PartyId,
        /// Batch.
        batch: BatchId,
    },
    /// The postings were pushed before by another agency.
    #[error(
        "the postings of batch {batch} were stored before for another agency; the replay is refused and recorded"
    )]
    Replayed {
        /// Batch.
        batch: BatchId,
    },
    /// A batch id with two contents.
    #[error(
        "batch {batch} was stored before with other content; use a new batch id for new content"
    )]
    BatchIdReused {
        /// Batch.
        batch: BatchId,
    },
    /// The agency pushed the same postings under two ids.
    #[error(
        "the postings of batch {batch} were stored before under another batch id; a retry keeps its batch id"
    )]
    ContentRepeated {
        /// Batch.
        batch: BatchId,
    },
    /// The population does not validate.
    #[error("the population of this batch is refused: {reason}; update the node and push again")]
    Population {
        /// The validation's words; counts and names of fields only.
        reason: String,
    },
    /// An earlier write failed.
    #[error(
        "the hub stopped storing after a failure of its disk; its operator must free space or repair it and restart the hub, then push again: nothing acknowledged is lost"
    )]
    LogStopped,
    /// Ordinals are exhausted.
    #[error("the hub's log has no sequence numbers left; move to a new epoch and start a new log")]
    LogExhausted,
    /// The log does not make sense.
    #[error(
        "the hub's log is damaged at row {row}: {problem}; restore the data directory from its last backup"
    )]
    DamagedLog {
        /// Row.
        row: u64,
        /// What was found.
        problem: &'static str,
    },
    /// A stored alert does not read.
    #[error("the hub's stored alerts are damaged; restore the data directory from its last backup")]
    DamagedState,
    /// No such alert for this caller.
    #[error("there is no such alert for this agency; list the alerts again")]
    UnknownAlert,
    /// The alert has moved on.
    #[error(
        "this alert has changed since it was read (now version {current}); read it again before deciding"
    )]
    StaleAlert {
        /// The caller's version now.
        current: u32,
    },
    /// A decision that does not fit the alert.
    #[error("this decision does not fit the alert: {problem}")]
    Decision {
        /// Why, and what would fit.
        problem: &'static str,
    },
    /// An answer of the second step that does not fit its task.
    #[error("this answer of a comparison is refused: {problem}; update the node")]
    Step {
        /// What does not fit.
        problem: &'static str,
    },
    /// The sharing agreement does not let it be carried.
    #[error(transparent)]
    Denied(#[from] sanctuary_policy::Denial),
    /// A sharing agreement that cannot be taken in.
    #[error(transparent)]
    Agreement(#[from] sanctuary_policy::PolicyError),
    /// The recipient is no agency on the roster.
    #[error("{to} is not an agency on the roster; nothing can be sent to it")]
    NoRecipient {
        /// To whom.
        to: PartyId,
    },
    /// A parcel of a form that does not exist, or about something that is not the caller's.
    #[error("the hub does not take this: {problem}")]
    Parcel {
        /// What is wrong and what to do.
        problem: &'static str,
    },
    /// The parcel id was used for another parcel.
    #[error(
        "this parcel was sent before with other content; a retry keeps its bytes, and new content takes a new id"
    )]
    ParcelReused,
    /// A key that goes back.
    #[error("a newer envelope key of this agency is known; restore the node's newest data")]
    OldEnvelopeKey,
    /// Too much for one sender and recipient, or for one day.
    #[error("{what}; the node tries again later")]
    MailboxFull {
        /// The limit.
        what: &'static str,
    },
    /// Right after a start.
    #[error("the hub has just started and not looked at its records yet; the node tries again")]
    NotLookedYet,
    /// No such case for this caller.
    #[error("there is no such case between this agency and that one")]
    UnknownCase,
    /// An agency's counts for the board pack cannot be taken in.
    #[error("the counts of {agency} {problem}; its node must count again")]
    Counts {
        /// Whose.
        agency: PartyId,
        /// What is wrong.
        problem: &'static str,
    },
    /// A rule of disclosure control forbids an edition of the board pack.
    #[error(transparent)]
    Figures(#[from] sanctuary_figures::Refusal),
    /// The chain of editions does not verify.
    #[error(transparent)]
    Editions(#[from] sanctuary_figures::Fault),
    /// The store behind a port failed.
    #[error(transparent)]
    Port(#[from] PortError),
}
