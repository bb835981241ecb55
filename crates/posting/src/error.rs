/// Why a posting or card is refused or does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PostingError {
    /// A share that is not a canonical scalar: no honest node makes one.
    #[error("a posting is malformed: refuse the batch and name its agency")]
    MalformedPosting,
    /// Two postings that cannot be opened together because they are of one agency.
    #[error("both postings are of one agency: open postings of two different agencies")]
    OneAgency,
    /// Two postings of different tokens.
    #[error("the postings are of different tokens: open postings of one tag")]
    DifferentTags,
    /// The key does not open it: a forged share or body, at this agency or the other of the pair.
    #[error("a posting does not open with this key: try its agency against a third, then name it")]
    DoesNotOpen,
    /// The card does not open with the card key of a posting.
    #[error("a card does not open with its posting's key: name its agency")]
    CardDoesNotOpen,
    /// It opened, but the content is not well-formed.
    #[error("a posting or card opened to something malformed: name its agency")]
    MalformedContent,
}
