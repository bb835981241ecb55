use crate::HolderIndex;

/// Why an evaluation cannot be made or trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToprfError {
    /// Threshold zero, above the number of holders, or too many holders.
    #[error(
        "the key set asks for {threshold} of {holders} holders, which is not possible: use a corrected key manifest"
    )]
    Threshold {
        /// Holders needed.
        threshold: u16,
        /// Holders listed.
        holders: usize,
    },
    /// A public key that is not a canonical, non-identity element.
    #[error("a public key in the key set is malformed: use a corrected key manifest")]
    MalformedKey,
    /// The share keys do not all belong to the group key.
    #[error("the holders' keys do not belong to one shared key: use a corrected key manifest")]
    InconsistentKeys,
    /// No inputs, or more than one evaluation may carry.
    #[error("an evaluation takes 1 to {limit} inputs, not {given}: split the batch")]
    BatchSize {
        /// Inputs given.
        given: usize,
        /// Inputs allowed.
        limit: usize,
    },
    /// An input longer than RFC 9497 can express.
    #[error("input number {position} is longer than 65535 bytes: shorten it")]
    InputTooLong {
        /// Place in the batch, from 0.
        position: usize,
    },
    /// An input whose hash is the identity (RFC 9497 InvalidInputError); has never been found.
    #[error("input number {position} cannot be evaluated: leave it out")]
    UnusableInput {
        /// Place in the batch, from 0.
        position: usize,
    },
    /// Not exactly the threshold of distinct ascending share indices.
    #[error("a quorum is exactly {threshold} different holders in ascending order: choose again")]
    Quorum {
        /// Holders needed.
        threshold: u16,
    },
    /// A holder index that the key set does not have.
    #[error("there is no holder {holder} in this key set: choose another quorum")]
    UnknownHolder {
        /// The index.
        holder: HolderIndex,
    },
    /// A member of the quorum that did not answer, or an answer too many.
    #[error("the answers are not one from each holder of the quorum: ask holder {holder} again")]
    AnswerCount {
        /// The holder without exactly one answer, or outside the quorum.
        holder: HolderIndex,
    },
    /// Undecodable elements, the wrong number of them, or a proof that does not hold.
    #[error("holder {holder} gave a wrong answer: report it, and ask a quorum without that holder")]
    BadAnswer {
        /// Who gave it.
        holder: HolderIndex,
    },
    /// The answers are to be checked against another key than the batch was blinded for.
    #[error("the batch was blinded for another key: blind it again under the current manifest")]
    OtherKey,
}
