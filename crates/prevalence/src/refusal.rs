use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::{
    circumstances::{Circumstances, Linkage},
    error::PrevalenceError,
    existence::Existence,
    fit::examine,
    table::Table,
};

/// Why there is no estimate. The people known and their overlaps may still be shown.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// R1: fewer than two lists that say anything.
    TooFewLists,
    /// R2: two lists that hardly meet.
    TwoListsHardlyMeet,
    /// R3: three lists or more that hardly meet.
    ListsHardlyMeet,
    /// R4: not even the model without pairs has an estimate.
    NoEstimate(Existence),
    /// R5: nobody measured how well the records are linked.
    LinkageNotMeasured,
    /// R5: too many true links are missed; holds the recall.
    LinkageTooPoor(f64),
    /// R6: the counts are not exact.
    NotExact,
}

/// R2.
const ON_BOTH_MIN: u64 = 5;
/// R3.
const ON_TWO_OR_MORE_MIN: u64 = 10;
/// R5.
const RECALL_MIN: f64 = 0.8;

impl Refusal {
    /// The rule's number.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooFewLists => "R1",
            Self::TwoListsHardlyMeet => "R2",
            Self::ListsHardlyMeet => "R3",
            Self::NoEstimate(_) => "R4",
            Self::LinkageNotMeasured | Self::LinkageTooPoor(_) => "R5",
            Self::NotExact => "R6",
        }
    }

    /// Every reason against an estimate from this table; none if there is one to be had.
    pub(crate) fn all(
        table: &Table,
        circumstances: &Circumstances,
    ) -> Result<Vec<Self>, PrevalenceError> {
        let mut refusals = Vec::new();
        match table.lists().len() {
            0 | 1 => refusals.push(Self::TooFewLists),
            2 if table.on_two_or_more() < ON_BOTH_MIN => refusals.push(Self::TwoListsHardlyMeet),
            2 => {}
            _ => {
                if table.on_two_or_more() < ON_TWO_OR_MORE_MIN {
                    refusals.push(Self::ListsHardlyMeet);
                }
                let (existence, _) = examine(table, &[])?;
                if existence != Existence::Unique {
                    refusals.push(Self::NoEstimate(existence));
                }
            }
        }
        match circumstances.linkage {
            Linkage::NotMeasured => refusals.push(Self::LinkageNotMeasured),
            Linkage::Measured { recall, .. } if recall.is_nan() || recall < RECALL_MIN => {
                refusals.push(Self::LinkageTooPoor(recall));
            }
            Linkage::Measured { .. } | Linkage::AsGiven => {}
        }
        if !circumstances.exact_counts {
            refusals.push(Self::NotExact);
        }
        Ok(refusals)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewLists => f.write_str(
                "An estimate needs at least two lists that share some people but not all.",
            ),
            Self::TwoListsHardlyMeet => write!(
                f,
                "Fewer than {ON_BOTH_MIN} people are on both lists: too few to say how many are on neither."
            ),
            Self::ListsHardlyMeet => write!(
                f,
                "Fewer than {ON_TWO_OR_MORE_MIN} people are on two lists or more: too few to say how many are on none."
            ),
            Self::NoEstimate(existence) => {
                write!(f, "Even with all lists taken as independent there is no estimate: {existence}.")
            }
            Self::LinkageNotMeasured => f.write_str(
                "It was not measured how many of the links between records were found: each one missed makes the estimate too high.",
            ),
            Self::LinkageTooPoor(recall) => write!(
                f,
                "Only {:.0} % of the links between records were found, below {:.0} %: the estimate would be far too high.",
                100.0 * recall,
                100.0 * RECALL_MIN
            ),
            Self::NotExact => f.write_str(
                "The counts were rounded or suppressed: an estimate needs the exact counts.",
            ),
        }
    }
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Refusal", 2)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("reason", &self.to_string())?;
        fields.end()
    }
}
