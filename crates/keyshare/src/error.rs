use sanctuary_toprf::{HolderIndex, ToprfError};

/// Why a share cannot be used, or a ceremony cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyshareError {
    /// Bytes that are not a share, or a zero share.
    #[error("the stored key share is damaged: restore it or repeat the key ceremony")]
    MalformedShare,
    /// A quorum that is not exactly the threshold of ascending holders.
    #[error(transparent)]
    Quorum(#[from] ToprfError),
    /// This holder was asked on behalf of others.
    #[error("holder {holder} is not in the quorum of this request: choose a quorum with it")]
    NotInQuorum {
        /// The holder that was asked.
        holder: HolderIndex,
    },
    /// No elements, or too many.
    #[error("a request carries 1 to {limit} elements: split it")]
    BatchSize {
        /// Elements allowed.
        limit: usize,
    },
    /// A length that is no multiple of 32, a non-canonical element, or the identity.
    #[error("the request has malformed elements: blind the batch again")]
    MalformedElements,
    /// Terms that no ceremony can have.
    #[error("{0}")]
    Terms(&'static str),
    /// A step out of order.
    #[error("this ceremony now expects \"{expected}\": send that, or start a new ceremony")]
    WrongStep {
        /// The step that may come now.
        expected: &'static str,
    },
    /// A message of another ceremony, for instance of an earlier attempt.
    #[error("holder {holder}'s message belongs to another ceremony: start a new one")]
    OtherCeremony {
        /// Whose message.
        holder: HolderIndex,
    },
    /// Not exactly one message from this holder.
    #[error("there must be exactly one message from holder {holder}: collect them again")]
    MessageCount {
        /// Whose message.
        holder: HolderIndex,
    },
    /// A signature that does not hold.
    #[error(
        "holder {holder}'s message is not signed by holder {holder}: it was altered on the way or \
         comes from somebody else; collect the messages again"
    )]
    BadSignature {
        /// Whose message.
        holder: HolderIndex,
    },
    /// What we sent came back changed.
    #[error(
        "holder {holder}, which is this one, did not send the package that was passed on in its \
         name: start a new ceremony"
    )]
    NotOurPackage {
        /// This holder.
        holder: HolderIndex,
    },
    /// Holders were shown different packages.
    #[error(
        "holder {holder} was shown other packages than this one: somebody sent different packages \
         to different holders; start a new ceremony and find out who"
    )]
    EchoDiffers {
        /// Whose echo differs from ours.
        holder: HolderIndex,
    },
    /// A package signed by its holder whose content is wrong.
    #[error("holder {holder} made a false package: start a new ceremony without that holder")]
    BadPackage {
        /// Who made it.
        holder: HolderIndex,
    },
    /// A sealed package that does not open here.
    #[error("holder {holder}'s sealed package does not open here: have it passed on again")]
    DamagedPackage {
        /// Whose package.
        holder: HolderIndex,
    },
    /// The ceremony's arithmetic failed with nobody to name.
    #[error("the key ceremony failed: start a new one")]
    CeremonyFailed,
}
