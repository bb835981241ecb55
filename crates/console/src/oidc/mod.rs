//! Signing in by the agency's own identity provider: OpenID Connect, the authorization code flow with PKCE.
//!
//! Owns: the way to the provider and back, and the check of what it says. What is refused, and what the page then
//! says, is in [`Refusal`]. Must never: admit anybody (the register does), keep a token of the provider, follow a
//! redirect, log a claim.

mod claims;
mod courier;
mod flow;
mod metadata;
mod pending;
mod refusal;
mod settings;

pub use courier::Trust;
pub(crate) use flow::RETURN;
pub use flow::{Back, Provider, Start};
pub(crate) use pending::PATIENCE_S;
pub use pending::Purpose;
pub use refusal::Refusal;
pub use settings::{BadSettings, ProviderSettings, SecondFactor};
