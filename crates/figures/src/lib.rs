//! Which figures of nature and scale the board may see, and when.
//!
//! Owns: the fixed list of statistics, the one window, the rules of disclosure control (gate, held
//! figures, `x`, rounding), the audit that tries to undo them by integer programming, and the chain of
//! editions with two officers' signatures. Must never: see who a person is (people are opaque tokens of
//! the hub), print an exact count, answer a question that is not on the list, or round anywhere else
//! than here: whoever draws a picture draws it from [`Figures`].
//!
//! All is pure: [`Editions`] is the whole state, appended to and never changed. [`Editions::preview`]
//! makes the next edition or says which [`Rule`] forbids it, [`Editions::release`] appends it with two
//! officers' signatures, [`Editions::verify`] makes every past edition anew and compares.
//!
//! What it does not stop: an agency that fed false records, and all agencies but one putting their
//! lists together. The `x` of a pair may be dropped from the product when that is feared.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod audit;
mod census;
mod count;
mod edition;
mod editions;
mod error;
mod estimate;
mod figures;
mod hexed;
mod own;
mod printing;
mod product;
mod program;
mod statistic;
mod traits;
mod universe;
mod verify;
mod window;
mod words;

pub use audit::{Attack, AuditReport, Knowledge, attack};
pub use census::{Alone, Census, Known, Requests};
pub use count::{Count, PersonToken};
pub use edition::{Edition, Printed, Reason, Signed, Text, release_message};
pub use editions::{Editions, Preview};
pub use error::{Fault, Refusal, Rule};
pub use estimate::{Doubt, Estimate, Range, Warning, Weight, two_figures};
pub use figures::{Figure, Figures};
pub use own::{OWN_COUNTS_BYTES_MAX, OwnCounts, Told};
pub use product::{LISTS_MAX, List, Product};
pub use statistic::{Outcome, Statistic, Urgency};
pub use traits::{Age, County, Exploitation, Family, Nationality, Place, Sex, Trait, Traits};
pub use window::Window;
