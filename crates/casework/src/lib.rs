//! The use-cases of a disclosure at one node, over ports: a command line, a demo and a console call
//! these and decide nothing themselves.
//!
//! Owns: what a step of a case is at this node (who may take it, that it is logged first, what is stored
//! with it in one atomic change, what leaves sealed), the proof of match and the keys behind it, taking in
//! what the hub carries, the clocks, the released documents, and people's rights over all of it. Must
//! never: do I/O, read a clock, make its own randomness, be linked into the hub, or let anything take
//! effect that the log has not promised first.
//!
//! [`Casework`] holds the ports. Its use-cases take who acts ([`Actor`], from the staff register, never
//! from the caller's own word), the time and randomness. Calls that change something are made one at a time.
//! What is to leave lies in the outbox ([`Casework::outbox`]) in the same atomic change as the step that
//! made it; a parcel that came is acknowledged to the hub only after [`Casework::receive`] returned.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod alarm;
mod answering;
mod asking;
mod batch;
mod clocks;
mod codec;
mod confirming;
mod desk;
mod document;
mod drafts;
mod error;
mod evidence;
mod file;
mod keys;
mod letter;
mod memory;
mod outbox;
mod parcel;
mod ports;
mod proof;
mod receiving;
mod request;
pub mod rights;
mod sending;
mod shelf;
mod view;
mod waiting;

pub use alarm::Alarm;
pub use clocks::{Happening, Overdue, What};
pub use confirming::Confirmation;
pub use desk::Casework;
pub use document::{Copy, Document, Format};
pub use drafts::{ProposalDraft, ReportDraft, RequestDraft};
pub use error::CaseworkError;
pub use memory::MemoryCaseStore;
pub use parcel::{CaseTick, OutboxId, Outgoing, Parcel, ParcelContent, ParcelId};
pub use ports::{
    AlertFacts, Alerts, CaseStore, Directory, PortError, Ports, Records, Salts, SharedTokens, Value,
};
pub use receiving::Received;
pub use request::CaseRequest;
pub use sanctuary_disclosure::{Actor, PersonId};
pub use sending::Sent;
pub use shelf::{Change, Shelf};
pub use view::{CaseLine, CasePulse, CaseView, HistoryLine, NextStep};
pub use waiting::WaitingCase;
