//! The gRPC services: wire messages to `holder-core` and back, refusals to statuses.

mod ceremony;
mod convert;
mod key_holder;
mod refuse;

pub(crate) use ceremony::CeremonyService;
pub(crate) use key_holder::KeyHolderService;
