/// Why a comparison cannot go on. Holds no value of any record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// The seal does not open: the pair was invented, the partner or comparison is another one, or
    /// the message was changed on its way.
    #[error(
        "the message does not open with the tokens that both records are said to share; the pair is refused"
    )]
    NotShared,
    /// The seal opens, but the other agency did not sign.
    #[error("the message is not signed by the other agency; check the roster, then report this")]
    Signature,
    /// What is inside does not follow the protocol.
    #[error("the message does not follow the protocol ({0}); see that both nodes are up to date")]
    Damaged(&'static str),
    /// The record is no longer the one that the opening was made of.
    #[error("the record has changed since the comparison began; it has to begin again")]
    Changed,
    /// No token, or more than a record can have.
    #[error("a comparison needs 1 to 96 tokens that both records share; this one is refused")]
    Secrets,
}
