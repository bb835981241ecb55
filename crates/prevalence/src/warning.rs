use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::{
    circumstances::{Circumstances, Linkage},
    headline::grouped,
    study::Study,
    table::Table,
};

/// What must stand beside an estimate, always. The texts hold no exact count of people, and no ratio of
/// totals, from which counts could be worked out.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// R2 allows two lists, with these words.
    TwoLists,
    /// W1: few people on two lists or more.
    FewOnTwoLists,
    /// W2: so many pairs of lists share nobody. Which ones is not said: it would tell what a small
    /// list does not hold.
    EmptyOverlaps(usize),
    /// W3: three lists.
    ThreeLists,
    /// W4: highest over lowest total of reasonable models.
    ModelsDisagree(f64),
    /// W5: a limit of the interval is an extreme resample.
    IntervalSaturated,
    /// W5: this share of the resamples exceeds twice the estimate.
    ResamplesFarAbove(f64),
    /// W6: below the lower bound.
    BelowLowerBound,
    /// W6: the chosen model over independence.
    FarFromIndependence(f64),
    /// W7: a list is fed by another agency's referrals.
    Referrals,
    /// W8: people come and go.
    OpenPopulation,
    /// W9: lists that cannot meet.
    ListsApart,
    /// W10: nobody knows how well a given table was linked.
    LinkageUnknown,
    /// W10: how well the records are linked, and the total if only links are missed.
    Linkage {
        /// Share of the true links found.
        recall: f64,
        /// Share of the links found that are true.
        precision: f64,
        /// Two significant figures.
        total_if_missed: u64,
    },
    /// W11, always.
    Visibility,
    /// W12, always.
    OutOfReach,
}

/// W1.
const ON_TWO_OR_MORE_FEW: u64 = 50;
/// W4.
pub(crate) const FACTOR_MAX: f64 = 1.5;
/// W5.
const OVER_TWICE_MAX: f64 = 0.05;
/// W6.
const RATIO: std::ops::RangeInclusive<f64> = 0.67..=1.5;
/// W8.
const WINDOW_MONTHS_MAX: u32 = 12;

impl Warning {
    /// The rule's number.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TwoLists => "R2",
            Self::FewOnTwoLists => "W1",
            Self::EmptyOverlaps(_) => "W2",
            Self::ThreeLists => "W3",
            Self::ModelsDisagree(_) => "W4",
            Self::IntervalSaturated | Self::ResamplesFarAbove(_) => "W5",
            Self::BelowLowerBound | Self::FarFromIndependence(_) => "W6",
            Self::Referrals => "W7",
            Self::OpenPopulation => "W8",
            Self::ListsApart => "W9",
            Self::LinkageUnknown | Self::Linkage { .. } => "W10",
            Self::Visibility => "W11",
            Self::OutOfReach => "W12",
        }
    }

    /// All that apply, in order of their numbers. `study` is there for three lists or more; `total`
    /// is the estimate.
    pub(crate) fn all(
        table: &Table,
        circumstances: &Circumstances,
        study: Option<&Study>,
        total: f64,
    ) -> Vec<Self> {
        let mut warnings = Vec::new();
        let mut when = |applies: bool, warning: Self| {
            if applies {
                warnings.push(warning);
            }
        };
        when(table.lists().len() == 2, Self::TwoLists);
        when(
            table.on_two_or_more() < ON_TWO_OR_MORE_FEW,
            Self::FewOnTwoLists,
        );
        let empty = table
            .pairs()
            .filter(|pair| table.on_both(*pair) == 0)
            .count();
        when(empty > 0, Self::EmptyOverlaps(empty));
        when(table.lists().len() == 3, Self::ThreeLists);
        if let Some(study) = study {
            let factor = study.factor();
            when(factor > FACTOR_MAX, Self::ModelsDisagree(factor));
            when(study.interval.interval_saturated, Self::IntervalSaturated);
            let over_twice = study.interval.last().over_twice;
            when(
                over_twice > OVER_TWICE_MAX,
                Self::ResamplesFarAbove(over_twice),
            );
            when(total < study.chao, Self::BelowLowerBound);
            let ratio = total / study.main_effects.total;
            when(!RATIO.contains(&ratio), Self::FarFromIndependence(ratio));
        }
        when(circumstances.referral_path, Self::Referrals);
        let long = circumstances
            .window_months
            .is_some_and(|months| months > WINDOW_MONTHS_MAX);
        when(long || circumstances.scopes_differ, Self::OpenPopulation);
        when(circumstances.lists_apart, Self::ListsApart);
        when(true, of_linkage(circumstances.linkage, total));
        when(true, Self::Visibility);
        when(true, Self::OutOfReach);
        warnings
    }
}

impl Study {
    /// Highest over lowest total of reasonable models.
    pub(crate) fn factor(&self) -> f64 {
        self.model_range[1] / self.model_range[0]
    }
}

fn of_linkage(linkage: Linkage, total: f64) -> Warning {
    match linkage {
        Linkage::NotMeasured | Linkage::AsGiven => Warning::LinkageUnknown,
        Linkage::Measured { recall, precision } => Warning::Linkage {
            recall,
            precision,
            total_if_missed: crate::headline::two_figures(total * recall),
        },
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TwoLists => f.write_str(
                "This assumes the two agencies meet people independently; it cannot be checked.",
            ),
            Self::FewOnTwoLists => f.write_str(
                "Few people are on two lists or more: the figure is indicative and could be out by a factor of 1.5 or more.",
            ),
            Self::EmptyOverlaps(1) => f.write_str("One pair of lists shares nobody."),
            Self::EmptyOverlaps(pairs) => write!(f, "{pairs} pairs of lists share nobody."),
            Self::ThreeLists => f.write_str(
                "With three lists it cannot be fully tested whether they depend on each other.",
            ),
            Self::ModelsDisagree(_) => write!(
                f,
                "Reasonable ways to calculate differ by a factor of more than {FACTOR_MAX}, so the range covers all of them."
            ),
            Self::IntervalSaturated => f.write_str(
                "An end of the sampling interval rests on a handful of resamples: it is a rough guide only.",
            ),
            Self::ResamplesFarAbove(_) => write!(
                f,
                "In more than {:.0} % of the resamples the total is more than twice the estimate: the calculation is unstable.",
                100.0 * OVER_TWICE_MAX
            ),
            Self::BelowLowerBound => f.write_str(
                "The estimate is below Chao's figure, which would be a lower bound if the lists were independent.",
            ),
            Self::FarFromIndependence(ratio) => write!(
                f,
                "The estimate is {} what independent lists would give: it rests on which lists are taken to depend on each other.",
                if *ratio < *RATIO.start() { "less than two thirds of" } else { "more than one and a half times" }
            ),
            Self::Referrals => f.write_str(
                "One list is fed by another agency's referrals, which is no independent sighting: merge the two, or leave those entries out.",
            ),
            Self::OpenPopulation => f.write_str(
                "The window is longer than 12 months, or the agencies' periods, ages or areas differ: people came and went, and the figure counts some who could not have met every agency.",
            ),
            Self::ListsApart => f.write_str(
                "Some lists cannot meet by design: their groups should be estimated separately.",
            ),
            Self::LinkageUnknown => f.write_str(
                "It is not known how well the records were linked; the table is taken as perfect. Missing 5 % of the links raises the figure by about 6 to 9 %; falsely merging 1 % of the people lowers it by about 10 to 14 %.",
            ),
            Self::Linkage { recall, precision, total_if_missed } => write!(
                f,
                "About {:.0} % of the true links were found, and {:.0} % of the links found are true. Missed links make the figure too high, false ones too low; if only links are missed, the total is nearer {}.",
                100.0 * recall,
                100.0 * precision,
                grouped(*total_if_missed)
            ),
            Self::Visibility => f.write_str(
                "People differ in how visible they are. This usually makes the estimate too low, by a third in simulations, and the range does not cover it.",
            ),
            Self::OutOfReach => f.write_str(
                "Some people cannot appear on any list. The estimate does not include them.",
            ),
        }
    }
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Warning", 2)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("text", &self.to_string())?;
        fields.end()
    }
}
