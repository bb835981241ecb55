/// What the table itself does not say, and whoever made it must.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circumstances {
    /// How well the records behind the table were linked.
    pub linkage: Linkage,
    /// The counts are exact: not rounded, suppressed or perturbed.
    pub exact_counts: bool,
    /// One list is known to be fed by another agency's referrals.
    pub referral_path: bool,
    /// Length of the window in which people were counted, if known.
    pub window_months: Option<u32>,
    /// The agencies' periods, ages or areas differ.
    pub scopes_differ: bool,
    /// Some lists cannot meet by design, such as a children's and an adults' service.
    pub lists_apart: bool,
}

/// How well the records behind a table were linked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Linkage {
    /// Nobody measured it. There is no estimate then.
    NotMeasured,
    /// The table is somebody else's, published or made up, and is taken as it is.
    AsGiven,
    /// From an evaluation with known truth or from clerical review; both from 0 to 1.
    Measured {
        /// Share of the true links that were found.
        recall: f64,
        /// Share of the links found that are true.
        precision: f64,
    },
}

impl Default for Circumstances {
    /// Exact counts, linkage not measured, nothing else known.
    fn default() -> Self {
        Self {
            linkage: Linkage::NotMeasured,
            exact_counts: true,
            referral_path: false,
            window_months: None,
            scopes_differ: false,
            lists_apart: false,
        }
    }
}
