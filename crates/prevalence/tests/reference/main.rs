//! The reference values of the published tables.

mod exact;
mod existence;
mod figures;
mod intervals;
mod judgement;
mod linkage;
mod published;
mod tables;
