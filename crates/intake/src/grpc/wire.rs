//! Generated protocol types.

#![allow(missing_docs, clippy::all, clippy::pedantic)]

tonic::include_proto!("sanctuary.intake.v1");
