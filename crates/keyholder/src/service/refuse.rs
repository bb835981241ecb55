use sanctuary_holder_core::{HolderError, Refusal, RefusalLog};
use sanctuary_keyshare::KeyshareError;
use sanctuary_rpc::ErrorCode;
use sanctuary_types::{PartyId, Timestamp};
use tonic::Status;

use crate::Journal;

/// Tells the caller why, and leaves a trace.
pub(crate) fn refuse(
    journal: &Journal,
    party: &PartyId,
    at: Timestamp,
    error: &HolderError,
) -> Status {
    let code = error.code();
    match error {
        HolderError::Port(_) | HolderError::Evaluation => {
            tracing::error!(%party, code, %error, "a request failed");
        }
        _ => {
            tracing::warn!(%party, code, "refused a request");
            journal.record(&Refusal {
                at,
                party: party.clone(),
                code,
            });
        }
    }
    wire_code(error).status(error.to_string())
}

fn wire_code(error: &HolderError) -> ErrorCode {
    match error {
        HolderError::WrongKind { .. } => ErrorCode::NotAllowed,
        HolderError::Stale { .. } => ErrorCode::StaleEpoch,
        HolderError::BatchSize { .. } => ErrorCode::TooLarge,
        HolderError::OverQuota { .. } => ErrorCode::QuotaExceeded,
        HolderError::ChangedBatch | HolderError::OtherAgency => ErrorCode::Replayed,
        HolderError::Quorum { .. }
        | HolderError::Elements
        | HolderError::Field(_)
        | HolderError::NotOnRoster { .. } => ErrorCode::InvalidArgument,
        HolderError::NoKey { .. }
        | HolderError::NoShare { .. }
        | HolderError::NotAHolder { .. }
        | HolderError::ShareMismatch { .. }
        | HolderError::NoCeremony
        | HolderError::Ceremony(KeyshareError::WrongStep { .. }) => ErrorCode::NotReady,
        HolderError::Ceremony(_) => ErrorCode::InvalidArgument,
        HolderError::KeyExists { .. } => ErrorCode::Conflict,
        HolderError::TooManyCeremonies { .. } => ErrorCode::Busy,
        // Another quorum can answer instead.
        HolderError::Port(_) => ErrorCode::Unavailable,
        _ => ErrorCode::Internal,
    }
}
