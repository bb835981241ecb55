use sanctuary_types::PartyId;

/// Why a proof, key or envelope is refused. Each text is one sentence; none holds a key or content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The other side does not know the match secret: the hub invented or mixed up a match.
    #[error(
        "{peer} could not prove that it holds the same identifiers; do not disclose anything on this alert, and tell the partnership's officers"
    )]
    InventedMatch {
        /// The agency named by the hub.
        peer: PartyId,
    },
    /// A proof message for another match or other parties.
    #[error("the proof message is about another match or another agency; ask the hub again")]
    ProofMismatch,
    /// No match secrets to prove with.
    #[error(
        "none of the identifiers that the hub names is held here; do not disclose anything on this alert"
    )]
    NothingShared,
    /// A recipient key not signed by its owner.
    #[error(
        "the envelope key announced for {party} is not signed by it; the hub may have swapped it, tell the officers"
    )]
    SwappedKey {
        /// The party.
        party: PartyId,
    },
    /// A key older than one already seen.
    #[error(
        "the envelope key announced for {party} is older than the one in use; ask the hub again"
    )]
    OldKey {
        /// The party.
        party: PartyId,
    },
    /// No key to seal to, or none that is fresh.
    #[error("there is no current envelope key of {party}; wait until its node has announced one")]
    NoKey {
        /// The party.
        party: PartyId,
    },
    /// A key of ours that has been destroyed, or never was.
    #[error(
        "the envelope is sealed to a key this node no longer has; ask the sender to send it again"
    )]
    DestroyedKey,
    /// A key announcement with impossible content.
    #[error("the key announcement is malformed; ask the other node to announce again")]
    BadAnnouncement,
    /// Header fields that are not what this node expects.
    #[error("the envelope says {0}, which is not what this node expects; it is refused")]
    Header(&'static str),
    /// The outer signature is not the sender's.
    #[error("the envelope is not signed by {from}; somebody re-signed or altered it")]
    OuterSignature {
        /// The sender it claims.
        from: PartyId,
    },
    /// It does not open: altered, sealed to another key, or under another match secret.
    #[error("the envelope does not open; it was altered, or sealed for another match or recipient")]
    DoesNotOpen,
    /// The signature inside is not the sender's.
    #[error(
        "the message inside the envelope is not signed by {from}; keep it as evidence and tell the officers"
    )]
    InnerSignature {
        /// The sender.
        from: PartyId,
    },
    /// The padding is not as it must be.
    #[error("the envelope's size or padding is not one of the agreed classes; it is refused")]
    Size,
    /// Past its time.
    #[error("the envelope has expired; ask the sender to send it again")]
    Expired,
    /// Dated in the future.
    #[error("the envelope is dated in the future; check the clocks of both nodes")]
    FromTheFuture,
    /// Seen before.
    #[error("the envelope has been taken in before; a second copy is refused")]
    Replayed,
    /// A suite this program does not know or does not accept.
    #[error("the envelope uses a cipher suite that is not accepted here; update the older node")]
    Suite,
    /// Bytes that are no envelope, proof or key.
    #[error("the bytes are not a well-formed {0}")]
    Malformed(&'static str),
    /// A message too long to seal.
    #[error("the message is longer than {max} bytes and cannot be sent; shorten it")]
    TooLong {
        /// The limit.
        max: usize,
    },
    /// The store behind the once-only check failed; nothing is accepted without it.
    #[error(
        "the record of envelopes already taken in cannot be written; nothing is accepted until it can"
    )]
    OnceStore,
}
