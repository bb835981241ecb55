//! From a confirmed possible match to released intelligence: what may be asked, who must agree, what
//! leaves, in which words, and what the other side is told.
//!
//! Owns: the request and its rules, the life of a case at both agencies, the decision and its guards
//! (contact first, children, shielded details, reach, victim and suspect), the messages between the
//! two nodes, and the released report with its renderings. Must never: do I/O, read a clock, decide
//! anything without two people, or let a refusal show whether something is held.
//!
//! A case is its steps: [`Case::open`] and [`Case::act`] take them under the agreement, and
//! [`Case::replay`] rebuilds the case from the stored file. [`Case::act`] returns the [`Message`] that
//! the node seals for the other agency; there is no other way to make an answer.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod answer;
mod card;
mod case;
mod case_view;
mod decision;
mod emptied;
mod error;
mod fishing;
mod message;
mod owner;
mod person;
mod pole;
mod print;
mod reach;
mod report;
mod request;
mod requester;
mod stage;
mod step;
mod text;
mod victim;
mod watermark;

pub use answer::{Answer, NotReleased, Release};
pub use card::{CardBeforeSending, WillAndWillNotLearn, card_before_sending};
pub use case::{CASE_STEPS_MAX, Case, CaseFile, Live, Setting};
pub use decision::{Circumstances, DecisionKind, Proposal, RefusalReason, ShieldGround, Verdict};
pub use error::{DecisionFault, Fishing, LawRule, Missing, Refused, Separation, TimeRule};
pub use fishing::REASON_WORDS_MIN;
pub use message::{Body, MESSAGE_BYTES_MAX, Message};
pub use person::{Actor, PersonId};
pub use pole::{PoleAttribute, PoleDocument, PoleEntity, PoleGrading, PoleLink, pole};
pub use print::{html, pdf};
pub use reach::{IdentifierPrint, REACH_MAX_AGE_MS, Reach, ReachAnswer, ReachFacts, reach};
pub use report::{
    Condition, ContactCard, Handling, InformationGrade, Item, Marking, Onward, Report, SourceGrade,
};
pub use request::{About, Call, ConfirmedAlert, ContactFirst, ReasonPrint, Request, Wanted};
pub use stage::{HubStage, Side, Stage};
pub use step::{Event, Outcome, RecallReason, Step, StepKind, Terms};
pub use text::{TEXT_CHARS_MAX, TEXT_LINES_MAX, Text};
pub use victim::{Counselling, NoticeTo, SafeguardingTalk, VictimNotice, Views, WithholdingGround};
pub use watermark::Watermark;
