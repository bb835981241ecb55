use serde::Serialize;

use crate::table::Table;

/// The exact counts behind every figure. They stay with whoever made the table: what may be published
/// of them is for disclosure control to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overlap {
    /// People known, each counted once.
    pub known: u64,
    /// People on exactly one list, exactly two, and so on.
    pub on_exactly: Vec<u64>,
    /// People on two lists or more.
    pub on_two_or_more: u64,
    /// Name and people of each list.
    pub lists: Vec<(String, u64)>,
    /// Each pair of lists.
    pub pairs: Vec<PairOverlap>,
}

/// People on both of two lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PairOverlap {
    /// Name of the first list.
    pub first: String,
    /// Name of the second list.
    pub second: String,
    /// People on both.
    pub people: u64,
}

impl Overlap {
    /// The counts of a table.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        let names = table.lists();
        let pairs = table.pairs().map(|pair| {
            let (first, second) = pair.indexes();
            PairOverlap {
                first: names[first].clone(),
                second: names[second].clone(),
                people: table.on_both(pair),
            }
        });
        let lists = names.iter().enumerate();
        Self {
            known: table.known(),
            on_exactly: (1..=names.len() as u32)
                .map(|k| table.on_exactly(k))
                .collect(),
            on_two_or_more: table.on_two_or_more(),
            lists: lists
                .map(|(list, name)| (name.clone(), table.on(list)))
                .collect(),
            pairs: pairs.collect(),
        }
    }
}
