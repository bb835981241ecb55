//! One module for each part of the console: reads what was sent, calls one use-case, says what to show.

pub mod administration;
pub mod dpo;
pub mod health;
mod filter;
pub mod account;
pub mod answer;
mod case_parts;
pub mod case_steps;
pub mod cases;
pub mod request;
pub mod home;
pub mod item;
pub mod queue;
pub mod ledger;
pub mod sign_in;
pub mod supervisor;
pub mod tour;
