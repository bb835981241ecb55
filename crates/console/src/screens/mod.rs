//! One module for each part of the console: reads what was sent, calls one use-case, says what to show.

pub mod account;
pub mod administration;
pub mod alarms;
pub mod answer;
mod case_parts;
pub mod case_steps;
pub mod cases;
pub mod connections;
pub mod dpo;
pub mod drafts;
pub mod editions;
mod filter;
pub mod health;
pub mod home;
pub mod item;
pub mod ledger;
pub mod live;
mod people;
pub mod prove;
pub mod provider;
pub mod queue;
mod refused;
pub mod request;
pub mod sign_in;
pub mod supervisor;
pub mod tour;
