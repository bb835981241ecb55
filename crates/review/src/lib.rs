//! The use-cases of reviewing possible matches at one node: the queue with its clocks and counts, who has
//! what, answers with reasons, second reviewers, undoing, what the hub is told, the re-review sample and
//! the supervisor's figures.
//!
//! Owns: where an item is and what may be done with it, who may do it, what is hidden from whom, the index
//! that answers every query, and that the log takes each act before it has effect. Must never: do I/O, read
//! a clock, send anything itself, decide several items at once, or show an answer to somebody who is to
//! answer without seeing it.
//!
//! [`Desk`] is the node's state (the index, one writer at a time); [`Review`] is the desk with its ports,
//! cheap to make for each call. Its use-cases take who acts ([`Actor`], from the staff register, never from
//! the caller's own word) and the time.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod arriving;
mod assigning;
mod counting;
mod deciding;
mod desk;
mod emptying;
mod error;
mod exporting;
mod facts;
mod fault;
mod figures;
mod filter;
mod index;
mod item;
mod listing;
mod memory;
mod ports;
mod pulse;
mod rechecking;
mod request;
mod rules;
mod sending;
mod showing;
#[cfg(any(test, feature = "suite"))]
pub mod suite;
mod undoing;
mod view;
mod views;
mod waiting;
mod words;

pub use arriving::Heard;
pub use assigning::{ASSIGN_MAX, Assign};
pub use deciding::Decide;
pub use desk::{Desk, Ports, Review};
pub use error::{ReviewError, Stale};
pub use exporting::Exported;
pub use facts::AlertFacts;
pub use fault::{ReviewFault, StaleView};
pub use figures::{Agreement, DayFigures, FIGURE_DAYS_MAX, Figures, Refusals};
pub use filter::{Cursor, Filter, ListRequest, PAGE_LINES, PAGE_LINES_MAX, SavedView, VIEWS_MAX};
pub use item::{Decision, Happening, Item, Recheck, Told, Undo, Verdict};
pub use memory::MemoryReviewStore;
pub use ports::{Change, People, PortError, Records, ReviewStore};
pub use pulse::Pulse;
pub use request::ReviewRequest;
pub use rules::Rules;
pub use sanctuary_disclosure::{Actor, PersonId, Text};
pub use sending::ToSend;
pub use view::{
    AssignOutcome, Counts, HistoryLine, ItemView, Line, OwnDetail, OwnLine, OwnRecord, Page,
    ReasonChoice, Saved, Who,
};
pub use waiting::Waiting;
pub use words::{Answer, Next, Reason, State, What};
