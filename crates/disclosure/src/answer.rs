use sanctuary_policy::Field;
use sanctuary_types::CaseId;
use serde::{Deserialize, Serialize};

use crate::{ContactCard, RefusalReason, Report};

/// What the requester is told. Of a detail that is not released it says nothing but its name, unless
/// the owner chose to give the reason: not held and withheld are the same bytes. It holds no time,
/// no name of who decided and no kind of decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The case.
    pub case: CaseId,
    /// What is released, if anything.
    pub released: Option<Release>,
    /// The details that are not, in the order of their codes.
    pub not_released: Vec<NotReleased>,
}

/// What is released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Whom to phone.
    pub contact: Option<ContactCard>,
    /// The intelligence report.
    pub report: Option<Report>,
}

/// A detail that is not released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotReleased {
    /// The detail.
    pub field: Field,
    /// The reason, where the owner chose to give it.
    pub reason: Option<RefusalReason>,
}
