//! The life of own records: what is due, holds, withdrawals, ends, and the proof that a record is gone.

mod ending;
mod proof;
mod purging;
mod request;
mod shown;

pub use proof::{HubWord, RecordProof};
pub use request::RecordsRequest;
pub use shown::{DueLine, RecordShown};
