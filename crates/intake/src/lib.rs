//! The ways by which an agency's own systems reach its node: watched folders, and an HTTP/JSON API.
//!
//! Owns: when a file is whole, who has claimed it, and where it ends; paths, limits and problem details
//! of the API. Everything about records is asked
//! of the node through ports. Must never: put a value of a record, or a file's name, into a log.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod api;
pub mod folder;
