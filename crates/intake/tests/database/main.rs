//! The port for databases against a real PostgreSQL server.

// The whole-system tests have the same server.
#[allow(dead_code)]
#[path = "../../../../tests/src/postgres.rs"]
mod postgres;
mod types;
mod views;
mod way;
