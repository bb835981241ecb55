//! One module for each part of the console: reads what was sent, calls one use-case, says what to show.

pub mod account;
pub mod administration;
pub mod answer;
mod case_parts;
pub mod case_steps;
pub mod cases;
pub mod dpo;
mod filter;
pub mod health;
pub mod home;
pub mod item;
pub mod ledger;
pub mod queue;
pub mod request;
pub mod sign_in;
pub mod supervisor;
pub mod tour;
