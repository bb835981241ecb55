//! The words every party shares.
//!
//! Owns: ids, epochs, token types, the governance of a record, cards, alerts, limits and the one
//! byte encoding under every signature. Must never: hold a raw identifier, do I/O, read a clock.
//!
//! ```
//! use sanctuary_types::{PartyId, lp};
//! let agency: PartyId = "durham-police".parse().unwrap();
//! assert_eq!(lp(&[b"sanctuary/v1/example", agency.as_bytes()]).len(), 4 + 20 + 4 + 13);
//! ```

mod alert;
mod card;
mod comparison;
mod encoding;
mod explanation;
mod ids;
pub mod limits;
mod record;
mod time;
mod token;
mod upload;

pub use alert::{AlertKind, AlertState, Band, Evidence, EvidenceKind, Outcome, Strength};
pub use card::{Card, CardError, PostingBody};
pub use comparison::{AddressLevel, BirthLevel, ComparedLevels, Likeness, MiddleLevel, NameLevel};
pub use encoding::lp;
pub use explanation::Explanation;
pub use ids::{
    AlertId, BatchId, CardId, CaseId, Epoch, Generation, Handle, IdError, PartyId, Pseudonym,
    RulesVersion, Tag,
};
pub use record::{Basis, BirthClass, Presence, Role, Roles, UnknownWord, Visibility};
pub use time::{DAY_MS, MONTH_NAMES, Month, Timestamp};
pub use token::{IdentifierKind, KeyClass, Slots, TokenType};
pub use upload::upload_message;
