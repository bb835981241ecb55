//! The sharing agreement as code: who may ask whom for what, under which law, by when, and who may
//! do which act.
//!
//! Owns: the words of the agreement (purposes, gateways, fields, urgencies), the signed agreement
//! document, the answer to "may this be asked?" (default deny), the staff roles and the one table
//! of acts and who may do them, and the row of every RPC in that table. Must never: read a file or
//! a clock, hold anything about a person, or know a purpose of immigration enforcement.
//!
//! ```
//! use sanctuary_policy::{Action, Purpose, StaffRole};
//! assert!(Action::ApproveDecision.permits_role(StaffRole::SecondApprover));
//! assert!(!Action::ReadRecord.permits_role(StaffRole::Administrator));
//! assert!("immigration_enforcement".parse::<Purpose>().is_err());
//! ```

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod action;
mod agreement;
mod agreements;
mod canonical;
mod clocks;
mod day;
mod error;
mod field;
mod file;
mod firewall;
mod gateway;
mod own_rpc;
mod permits;
mod purpose;
mod role;
mod rpc;
mod signed;
mod words;

pub use action::{Action, Operation, Row, TABLE, matrix};
pub use agreement::{Agreement, Member, Retention, Rule};
pub use agreements::{Agreements, Learnt};
pub use clocks::{Clock, Clocks, Urgency};
pub use day::Day;
pub use error::PolicyError;
pub use field::{Field, FieldGroup};
pub use firewall::asks_for_immigration_enforcement;
pub use gateway::Gateway;
pub use own_rpc::{OwnAccess, OwnRpc};
pub use permits::{Denial, Permission, Question};
pub use purpose::Purpose;
pub use role::{ContactRole, Sector, StaffRole};
pub use rpc::Rpc;
pub use signed::SignedAgreement;
