use sanctuary_hub_core::HubError;
use sanctuary_rpc::ErrorCode;
use sanctuary_types::PartyId;
use tonic::Status;

/// Tells the caller why, and leaves a trace: ids only.
pub(super) fn refuse(party: &PartyId, call: &'static str, error: &HubError) -> Status {
    let code = code(error);
    match error {
        HubError::Port(_)
        | HubError::DamagedLog { .. }
        | HubError::DamagedState
        | HubError::LogStopped => {
            tracing::error!(%party, call, code = code.label(), %error, "a request failed");
        }
        _ => tracing::warn!(%party, call, code = code.label(), %error, "refused a request"),
    }
    code.status(error.to_string())
}

fn code(error: &HubError) -> ErrorCode {
    match error {
        HubError::NotAnAgency { .. } | HubError::Signature { .. } => ErrorCode::NotAllowed,
        HubError::MixedRules { .. } => ErrorCode::RulesMismatch,
        HubError::StaleEpoch { .. } => ErrorCode::StaleEpoch,
        HubError::TooLarge { .. } => ErrorCode::TooLarge,
        HubError::Malformed { .. }
        | HubError::Empty
        | HubError::Population { .. }
        | HubError::Decision { .. }
        | HubError::Step { .. } => ErrorCode::InvalidArgument,
        HubError::Replayed { .. }
        | HubError::BatchIdReused { .. }
        | HubError::ContentRepeated { .. } => ErrorCode::Replayed,
        // Not `NotAllowed`: the caller is in order, the agreement is not, and that will change.
        HubError::Denied(_) => ErrorCode::NotReady,
        HubError::Agreement(_) | HubError::Parcel { .. } | HubError::NoRecipient { .. } => {
            ErrorCode::InvalidArgument
        }
        HubError::Counts { .. } => ErrorCode::InvalidArgument,
        // A rule of disclosure control: in order now, perhaps not next quarter.
        HubError::Figures(_) => ErrorCode::NotReady,
        HubError::Editions(_) => ErrorCode::DataLoss,
        HubError::ParcelReused | HubError::OldEnvelopeKey => ErrorCode::Replayed,
        HubError::MailboxFull { .. } => ErrorCode::QuotaExceeded,
        HubError::NotLookedYet => ErrorCode::Unavailable,
        HubError::UnknownAlert | HubError::UnknownCase => ErrorCode::NotFound,
        HubError::StaleAlert { .. } => ErrorCode::Conflict,
        // The node's outbox keeps what was not acknowledged and tries again.
        HubError::Port(_) | HubError::LogStopped | HubError::LogExhausted => ErrorCode::Unavailable,
        HubError::DamagedLog { .. } | HubError::DamagedState => ErrorCode::DataLoss,
        _ => ErrorCode::Internal,
    }
}

/// Work that may block, off the async threads.
pub(super) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, Status> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a request was cut off");
        ErrorCode::Internal.status(
            "the hub failed on this request; try again, and tell its operator if it fails again",
        )
    })
}

/// What a caller hears while the hub stops.
pub(super) fn stopping() -> Status {
    ErrorCode::Unavailable.status("the hub is stopping; push again when it is back")
}
