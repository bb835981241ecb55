use crate::existence::Existence;

/// Why there is no table or no figure. Each text is one sentence that says what to do; none holds
/// anything about a person.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PrevalenceError {
    /// More lists than the methods here are meant for.
    #[error("the table has {0} lists; merge some so that at most {max} remain", max = crate::table::LISTS_MAX)]
    TooManyLists(usize),
    /// Two lists with one name.
    #[error("two lists are called {0:?}; give each list its own name")]
    SameName(String),
    /// People on no list cannot be counted.
    #[error(
        "{0} people are on none of the lists; remove that row, since the method estimates them"
    )]
    OnNoList(u64),
    /// A history that names a list that is not there.
    #[error("a history names a list beyond the {0} of the table; correct the row")]
    UnknownList(usize),
    /// Too many people for the arithmetic to stay exact.
    #[error("the table counts more than {max} people; check the counts", max = crate::table::PEOPLE_MAX)]
    TooManyPeople,
    /// The model has no estimate on this table.
    #[error("{0}; use a model with fewer pairs, or merge lists")]
    NoEstimate(Existence),
    /// The fit did not settle.
    #[error("the fit did not settle in {0} steps; merge lists that hardly overlap")]
    NotSettled(u32),
    /// The linear program gave no answer.
    #[error(
        "it could not be decided whether the model has an estimate; merge lists that hardly overlap"
    )]
    Undecided,
    /// Too few resamples for an interval.
    #[error("{0} resamples are too few or too many; ask for {min} to {max}", min = crate::interval::RESAMPLES_MIN, max = crate::interval::RESAMPLES_MAX)]
    Resamples(u32),
    /// A link names a record that is not there, or its probability is none.
    #[error(
        "possible link {0} names a record that is not there or has no probability between 0 and 1; correct it"
    )]
    BadLink(usize),
    /// Too few matchings.
    #[error("{0} matchings are too few or too many; ask for {min} to {max}", min = crate::spread::MATCHINGS_MIN, max = crate::spread::MATCHINGS_MAX)]
    Matchings(u32),
}
