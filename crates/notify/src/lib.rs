//! Telling people that something waits for them: what is told, to whom, over which channel, when, and in
//! which order it leaves.
//!
//! Owns: kinds of notices and their words, who is told, quiet hours and digests, the outbox with its
//! back-off and its dead letters, and the forms in which a notice leaves (CloudEvents with a signature, a mail,
//! a line of syslog). Must never: do I/O, read a clock, or hold anything of a record: a notice is a kind, an
//! urgency and an opaque id.
//!
//! Notices follow from what lies in the node's stores ([`Occasion`]); [`Desk::tell`] compares that with what
//! was told before and keeps the difference in one atomic change. So a crash loses nothing, and an occasion
//! seen twice has the same id.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod backoff;
mod cloud_event;
mod deliver;
mod desk;
mod hours;
mod kind;
mod mail;
mod memory;
mod occasion;
mod ports;
mod settings;
mod signature;
mod slip;
mod syslog;

pub use cloud_event::{CONTENT_TYPE, body};
pub use deliver::{NoticeLine, Outcome};
pub use desk::{Desk, Told};
pub use hours::{BadHours, Digest, Quiet, TimeOfDay, Zone};
pub use kind::Kind;
pub use mail::Mail;
pub use memory::MemoryNotices;
pub use occasion::{Event, EventId, Occasion, Subject};
pub use ports::{Change, NoticeStore, People, PortError, Stored};
pub use settings::{MAIL, MailRules, SYSLOG, Settings, WebhookRules};
pub use signature::{BadSecret, SigningSecret};
pub use slip::{Recipient, Slip, SlipState};
pub use syslog::{framed, line};
