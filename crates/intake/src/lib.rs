//! The ways by which an agency's own systems reach its node: watched folders, databases that are read, and an
//! API over HTTP/JSON and gRPC.
//!
//! Owns: when a file is whole, who has claimed it, and where it ends; how a database is read and what its types
//! are as text; paths, limits and problem details of the API. Everything about records is asked
//! of the node through ports. Must never: put a value of a record, or a file's name, into a log.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod api;
pub mod database;
pub mod folder;
pub mod grpc;
