//! The web console of one agency's node: pages, forms and sign-in.
//!
//! Owns: what people see and how they are asked, addresses and who may call them, cookies, headers. Must never:
//! decide anything about a possible match or a case, touch a store, log or show a value of a record in an address
//! or a title. It asks the node everything through the port [`Office`]; the node implements it.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

pub mod assets;
mod choices;
pub mod components;
pub mod cookies;
mod fault;
mod form;
mod frame;
pub mod headers;
mod held;
mod keeping;
mod limiter;
mod listen;
mod live;
mod office;
pub mod oidc;
mod oversight;
mod pages;
pub mod pictures;
mod refusals;
mod reply;
mod routes;
mod running;
mod screens;
mod serve;
mod settings;
mod signing;
mod visit;
mod watch;
mod when;
mod words;

pub use fault::{Fault, FaultKind};
pub use form::Form;
pub use held::{Held, HeldForm};
pub use keeping::{
    CasePulse, Colleague, DRAFT_BYTES_MAX, DRAFT_DAYS, DRAFTS_MAX, Draft, DraftKind, DraftPlace,
    Keeping, MatchPulse, Pulse,
};
pub use limiter::{Limiter, TRIES};
pub use listen::{Peer, serve, serve_routes};
pub use office::{Asked, House, Office, Person};
pub use oversight::{CaseFigures, Health, LogAct, LogProof, LogState, Oversight, Progress};
pub use pages::Pages;
pub use refusals::{Refusals, RefusedAct, RefusedLine};
pub use reply::{Page, Problem, Reply};
pub use routes::{Access, Handler, ROUTES, Route, Verb, matrix};
pub use running::{ApiKeyView, Concern, Connections, FeedView, Running};
pub use serve::{Console, Unread, router};
pub use settings::{BadUrl, PublicUrl, Settings};
pub use signing::Signing;
pub use visit::{Visit, own_path};
pub use watch::{BURST, BURST_MINUTES, Refused, Watch, Why};
