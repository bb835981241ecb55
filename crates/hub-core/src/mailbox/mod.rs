//! What two agencies' nodes say to each other about a possible match, as the hub carries it: sealed
//! parcels, kept until their recipient has them, and the few words about a case that figures need.
//!
//! The hub opens nothing here. It checks what it can know by itself: both are agencies on the roster
//! and parties of the agreement in force, the match is an alert that it raised itself and told both of,
//! sizes and times are those that a node makes, and nobody fills it up.
//!
//! A parcel is kept until its own expiry, whatever it says, so a recall waits as long as the release
//! that it recalls can live. A case that began under an agreement goes on being carried after the
//! agreement has ended: what takes information back must arrive, the hub cannot see which parcel does,
//! and both nodes refuse the rest.

mod cases;
mod keys;
mod post;
mod rows;
mod send;
mod shared;

use std::fmt;

use sanctuary_types::{AlertId, CaseId, Epoch, Handle, PartyId, Timestamp};

pub(crate) use post::Mailbox;

const DAY_MS: u64 = 86_400_000;
/// Bytes of a parcel's id.
pub const PARCEL_ID_BYTES: usize = 16;
/// Parcels given at once, and their bytes.
const TAKEN_MAX: usize = 64;
const TAKEN_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Undelivered parcels of one sender to one recipient, and their bytes.
const WAITING_MAX: usize = 4_096;
const WAITING_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Parcels of one sender in one UTC day: a hundred cases with every message they can have.
const SENT_PER_DAY_MAX: u32 = 5_000;
/// Cases one agency begins with another in one UTC day.
const CASES_PER_DAY_MAX: u32 = 200;
/// A proof of match that nobody took in this time is worth nothing.
const PROOF_KEPT_MS: u64 = 60 * DAY_MS;
/// The longest an envelope may live where no agreement says more.
const LIFE_MS: u64 = 400 * DAY_MS;
/// Beyond the agreement's longest time: destruction is confirmed after the release has expired.
const LIFE_MARGIN_MS: u64 = 90 * DAY_MS;
/// The id of a delivered parcel is remembered for so long, so that a late retry is no second parcel.
const DELIVERED_KEPT_MS: u64 = 60 * DAY_MS;
/// A sender's clock may be ahead by this.
const AHEAD_MS: u64 = 10 * 60_000;
/// Bytes of a parcel beside the encapsulated key and the sealed bytes.
const REST_BYTES_MAX: usize = 1_024;

/// A parcel as its sender hands it in.
#[derive(Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Chosen by the sender.
    pub id: [u8; PARCEL_ID_BYTES],
    /// To whom.
    pub to: PartyId,
    /// The alert it is about.
    pub match_id: AlertId,
    /// What the hub may know of its content.
    pub content: ParcelContent,
    /// The whole parcel, as the recipient gets it.
    pub body: Vec<u8>,
}

impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parcel")
            .field("to", &self.to)
            .field("content", &self.content)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What the hub may know of a parcel's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParcelContent {
    /// One of the three messages that prove a match.
    Proof,
    /// A sealed message of a case.
    Envelope {
        /// The case.
        case: CaseId,
        /// When it was sealed, by the sender's clock.
        created: Timestamp,
        /// The recipient refuses it afterwards.
        expires: Timestamp,
        /// Of the encapsulated key.
        encapsulated_bytes: usize,
        /// Of the sealed message.
        sealed_bytes: usize,
    },
}

/// A parcel that waits for its recipient.
#[derive(Clone, PartialEq, Eq)]
pub struct Waiting {
    /// As the sender chose it.
    pub id: [u8; PARCEL_ID_BYTES],
    /// The whole parcel.
    pub body: Vec<u8>,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiting({} bytes)", self.body.len())
    }
}

/// From what two nodes prove a match to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The caller's postings of the tokens that both records hold, at most 64.
    pub handles: Vec<Handle>,
    /// The epoch of those tokens.
    pub epoch: Epoch,
    /// Who holds the other record.
    pub other: PartyId,
}

/// The newest envelope key of an agency for one suite, as it announced it. Its signature is checked by
/// those who seal to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeKey {
    /// Number of the suite, 1 or 2.
    pub suite: u8,
    /// From when.
    pub not_before: Timestamp,
    /// The whole announcement.
    pub body: Vec<u8>,
}

/// How far a case is, for figures. The same words for a refusal and a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseTick {
    /// The case.
    pub case: CaseId,
    /// The agency on the other side.
    pub other: PartyId,
    /// 1 open, 2 answered, 3 closed.
    pub stage: u8,
    /// 1 to 4.
    pub urgency: u8,
    /// When the answer was promised.
    pub answer_due: Timestamp,
}

/// Cases between an agency and others: counts only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseCounts {
    /// Asked and not answered.
    pub open: u64,
    /// Answered and not closed.
    pub answered: u64,
    /// Closed.
    pub closed: u64,
    /// Open past the time that was promised.
    pub overdue: u64,
}
