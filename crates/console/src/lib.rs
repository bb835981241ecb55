//! The web console of one agency's node: pages, forms and sign-in.
//!
//! Owns: what people see and how they are asked, addresses and who may call them, cookies, headers. Must never:
//! decide anything about a possible match or a case, touch a store, log or show a value of a record in an address
//! or a title. It asks the node everything through the port [`Office`]; the node implements it.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod assets;
mod choices;
pub mod components;
mod cookies;
mod fault;
mod form;
mod frame;
mod headers;
mod limiter;
mod listen;
mod office;
mod oversight;
mod pages;
pub mod pictures;
mod reply;
mod routes;
mod screens;
mod serve;
mod settings;
mod visit;
mod when;
mod words;

pub use fault::{Fault, FaultKind};
pub use form::Form;
pub use limiter::Limiter;
pub use listen::{Peer, serve};
pub use office::{Asked, House, Office, Person};
pub use oversight::{CaseFigures, Health, LogAct, LogProof, LogState, Oversight, Progress};
pub use pages::Pages;
pub use reply::{Page, Problem, Reply};
pub use routes::{Access, Handler, ROUTES, Route, Verb, matrix};
pub use serve::{Console, router};
pub use settings::{BadUrl, PublicUrl, Settings};
pub use visit::{Visit, own_path};
