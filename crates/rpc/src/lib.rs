//! Calls between the parties: mutual TLS 1.3, the roster on every request, limits, deadlines.
//!
//! Owns: who is calling, over which connection, whether the authorisation matrix (`policy`) lets that
//! kind of party make this call, and how a failure is told. Must never: decide what a caller may do
//! with what (the cores do), log a body, fall back to TLS 1.2 or to an unauthenticated peer.
//!
//! A server: [`serve`] with an [`Identity`], a [`RosterWatch`] and tonic routes; in each method
//! [`caller`] says who it is. A client: [`connect`], which speaks only to the party it means.

mod authorise;
mod backoff;
mod caller;
mod client;
mod error;
mod identity;
mod roster_watch;
mod serve;
mod status;
mod stream;
mod tls;

pub use authorise::CallWatch;
pub use backoff::Backoff;
pub use caller::{Peer, caller};
pub use client::{ConnectOptions, connect, connect_lazy, connect_with, endpoint_of};
pub use error::{RpcError, WrongServer, explain};
pub use identity::Identity;
pub use roster_watch::RosterWatch;
pub use serve::{ServeOptions, serve, serve_with};
pub use status::{CODE_HEADER, ErrorCode};
pub use stream::Tap;
pub use tls::{client_config, server_config};

/// The clock of this machine, for programs; cores are given it.
#[must_use]
pub fn now() -> sanctuary_types::Timestamp {
    let elapsed = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    sanctuary_types::Timestamp(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}
