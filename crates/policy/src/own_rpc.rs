//! Calls for an agency's own systems, on its own network. They are no acts of the partnership: no party and no
//! roster comes into them, and the partnership's listeners know none of them. As in `rpc.rs`, a call without a
//! row does not compile.

include!(concat!(env!("OUT_DIR"), "/own_rpc.rs"));

/// What a caller on the agency's own network must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnAccess {
    /// A live API key of the agency, or the client certificate that stands for one.
    LiveKey,
}

impl OwnRpc {
    /// What this call asks of its caller.
    #[must_use]
    pub const fn access(self) -> OwnAccess {
        match self {
            Self::RecordsPutRecord
            | Self::RecordsPutRecords
            | Self::RecordsDeleteRecord
            | Self::RecordsStatus => OwnAccess::LiveKey,
        }
    }

    /// The call of a path on the wire.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|call| call.path() == path)
    }
}
