use std::collections::BTreeMap;

use sanctuary_node_core::{
    ComparisonEntry, ComparisonTotals, NodeError,
    ports::{ComparisonLog, NodeStore},
};
use sanctuary_types::{PartyId, Timestamp};
use serde::{Deserialize, Serialize};

use super::Comparing;
use crate::store::SledStore;

/// Entries of the log that are shown.
const SHOWN_MAX: usize = 200;

/// The log of comparisons as people are shown it. No values, no counts, no levels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ComparisonsView {
    /// Whether the partnership has agreed on the second step.
    pub agreed: bool,
    /// Whether this agency takes part where it is agreed.
    pub switched_on: bool,
    /// Comparisons with one other agency that may be begun or answered in a day.
    pub per_peer_and_day: u32,
    /// Counts of this UTC day by other agency.
    pub today: BTreeMap<PartyId, ComparisonTotals>,
    /// Newest entries first.
    pub newest: Vec<ComparisonLine>,
}

/// One entry with the agency's own reference beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ComparisonLine {
    /// When, which comparison and step, with whom, of which own record.
    #[serde(flatten)]
    pub entry: ComparisonEntry,
    /// The own record's reference, while the record is here.
    pub record: Option<String>,
}

impl ComparisonsView {
    pub(crate) fn of(
        store: &SledStore,
        terms: &Comparing,
        agreed: bool,
        now: Timestamp,
    ) -> Result<Self, NodeError> {
        let line = |entry: ComparisonEntry| {
            let record = store.record_of(&entry.own)?;
            let details = record.as_ref().and_then(|record| record.details.as_ref());
            let record = details.map(|details| details.reference.clone());
            Ok(ComparisonLine { entry, record })
        };
        Ok(Self {
            agreed,
            switched_on: terms.switched_on,
            per_peer_and_day: terms.limits.per_peer,
            today: store.comparison_totals(now.day())?,
            newest: store
                .comparisons(SHOWN_MAX)?
                .into_iter()
                .map(line)
                .collect::<Result<_, NodeError>>()?,
        })
    }
}
