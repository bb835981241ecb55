//! The web console of one agency's node: pages, forms and sign-in. It asks the node everything through the port
//! `Office` and never touches a store.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

pub mod components;
pub mod pictures;
