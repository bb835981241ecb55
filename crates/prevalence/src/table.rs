use std::fmt;

use serde::Serialize;

use crate::{error::PrevalenceError, lattice::sum_over_supersets, model::Pair};

/// Lists of one table; more make 2^lists histories of which nearly all are empty.
pub const LISTS_MAX: usize = 10;
/// People of one table.
pub const PEOPLE_MAX: u64 = 100_000_000;

/// How many people have each history, a history being the set of lists that a person is on.
///
/// Lists that say nothing are gone (nobody on them, or everybody), and lists with the same people
/// are one. A history is a bit mask: bit i is the list with index i.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    lists: Vec<String>,
    /// Indexed by mask; entry 0 is 0.
    counts: Vec<u64>,
    /// Entry c: people whose history contains c. Entry 0: everybody.
    containing: Vec<u64>,
    known: u64,
    notes: Vec<TableNote>,
}

/// What was done to a table before anything is estimated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum TableNote {
    /// Nobody is on the list, so it was left out.
    NobodyOn {
        /// The list.
        list: String,
    },
    /// Everybody is on the list, so it was left out, and with it the people on no other list.
    EverybodyOn {
        /// The list.
        list: String,
        /// People on this list only.
        only: u64,
    },
    /// Two lists hold the same people and became one.
    SamePeople {
        /// The one.
        list: String,
        /// The other, whose name it now carries too.
        other: String,
    },
}

impl fmt::Display for TableNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NobodyOn { list } => write!(f, "nobody is on {list}: left out"),
            Self::EverybodyOn { list, only } => write!(
                f,
                "everybody is on {list}: left out, with {only} people on no other list"
            ),
            Self::SamePeople { list, other } => {
                write!(
                    f,
                    "{list} and {other} hold the same people: taken as one list"
                )
            }
        }
    }
}

impl Table {
    /// A table from (history, people); equal histories are added up.
    ///
    /// # Errors
    /// For too many lists or people, two lists of one name, an unknown list, people on no list.
    pub fn build(
        lists: &[String],
        histories: impl IntoIterator<Item = (usize, u64)>,
    ) -> Result<Self, PrevalenceError> {
        if lists.len() > LISTS_MAX {
            return Err(PrevalenceError::TooManyLists(lists.len()));
        }
        if let Some(twice) = (1..lists.len()).find(|i| lists[..*i].contains(&lists[*i])) {
            return Err(PrevalenceError::SameName(lists[twice].clone()));
        }
        let mut counts = vec![0_u64; 1 << lists.len()];
        let mut known = 0_u64;
        for (history, people) in histories {
            if people == 0 {
                continue;
            }
            if history == 0 {
                return Err(PrevalenceError::OnNoList(people));
            }
            let Some(count) = counts.get_mut(history) else {
                return Err(PrevalenceError::UnknownList(lists.len()));
            };
            known = known.saturating_add(people);
            if known > PEOPLE_MAX {
                return Err(PrevalenceError::TooManyPeople);
            }
            *count += people;
        }
        Ok(Self::tidy(lists.to_vec(), counts, known))
    }

    /// Names of the lists, in order of their bits.
    #[must_use]
    pub fn lists(&self) -> &[String] {
        &self.lists
    }

    /// People in the table: on at least one list.
    #[must_use]
    pub fn people(&self) -> u64 {
        self.containing.first().copied().unwrap_or(0)
    }

    /// People that were counted, also those whose list was left out because everybody is on it.
    #[must_use]
    pub fn known(&self) -> u64 {
        self.known
    }

    /// What was done to the table when it was built.
    #[must_use]
    pub fn notes(&self) -> &[TableNote] {
        &self.notes
    }

    /// The histories that somebody has, ascending, and how many have them.
    pub fn histories(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let all = self.counts.iter().copied().enumerate();
        all.filter(|(_, people)| *people > 0)
    }

    /// People on a list.
    #[must_use]
    pub fn on(&self, list: usize) -> u64 {
        self.containing.get(1 << list).copied().unwrap_or(0)
    }

    /// People on both lists of a pair.
    #[must_use]
    pub fn on_both(&self, pair: Pair) -> u64 {
        self.containing.get(pair.mask()).copied().unwrap_or(0)
    }

    /// People on exactly so many lists.
    #[must_use]
    pub fn on_exactly(&self, lists: u32) -> u64 {
        let of = self
            .histories()
            .filter(|(mask, _)| mask.count_ones() == lists);
        of.map(|(_, people)| people).sum()
    }

    /// People on two lists or more.
    #[must_use]
    pub fn on_two_or_more(&self) -> u64 {
        self.people() - self.on_exactly(1)
    }

    /// Every pair of lists, in order.
    pub fn pairs(&self) -> impl Iterator<Item = Pair> + use<> {
        Pair::all(self.lists.len())
    }

    /// The table without one list; people on no other are no longer in it.
    #[must_use]
    pub fn without(&self, list: usize) -> Self {
        let mut lists = self.lists.clone();
        if list >= lists.len() {
            return self.clone();
        }
        lists.remove(list);
        let mut counts = vec![0; 1 << lists.len()];
        for (mask, people) in self.histories() {
            counts[squeeze(mask, list)] += people;
        }
        counts[0] = 0;
        let known = counts.iter().sum();
        Self::tidy(lists, counts, known)
    }

    /// The table with some lists taken as one, as where one list is fed by another's referrals. Keeps
    /// the place of the first; the name is all names joined. Unknown indexes are ignored.
    #[must_use]
    pub fn merging(&self, together: &[usize]) -> Self {
        let mut together: Vec<usize> = together.to_vec();
        together.retain(|list| *list < self.lists.len());
        together.sort_unstable();
        together.dedup();
        let Some((first, others)) = together.split_first() else {
            return self.clone();
        };
        let mut lists = self.lists.clone();
        let names: Vec<&str> = together.iter().map(|i| self.lists[*i].as_str()).collect();
        lists[*first] = names.concat();
        let mut counts = self.counts.clone();
        for other in others.iter().rev() {
            lists.remove(*other);
            let mut fewer = vec![0; counts.len() / 2];
            for (mask, people) in counts.iter().enumerate() {
                let joined = mask | (mask >> other & 1) << first;
                fewer[squeeze(joined, *other)] += people;
            }
            counts = fewer;
        }
        Self::tidy(lists, counts, self.known)
    }

    /// The same lists with other counts, for resamples: `counts` has one entry a mask, none for 0.
    pub(crate) fn with_counts(&self, counts: Vec<u64>) -> Self {
        let known = counts.iter().sum();
        Self::tidy(self.lists.clone(), counts, known)
    }

    /// One entry a mask.
    pub(crate) fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// One entry a mask: people whose history contains it.
    pub(crate) fn containing(&self) -> &[u64] {
        &self.containing
    }

    /// Leaves out and merges lists until every one that is left says something.
    fn tidy(mut lists: Vec<String>, mut counts: Vec<u64>, known: u64) -> Self {
        let mut notes = Vec::new();
        loop {
            let mut containing = counts.clone();
            sum_over_supersets(&mut containing);
            let all = containing.first().copied().unwrap_or(0);
            let on = |list: usize| containing[1 << list];
            let idle = (0..lists.len()).find(|list| on(*list) == 0 || on(*list) == all);
            if let Some(list) = idle {
                let only = if on(list) == 0 { 0 } else { counts[1 << list] };
                let name = lists.remove(list);
                notes.push(if on(list) == 0 {
                    TableNote::NobodyOn { list: name }
                } else {
                    TableNote::EverybodyOn { list: name, only }
                });
                counts = without_bit(&counts, list);
                counts[0] = 0;
                continue;
            }
            let same = Pair::all(lists.len()).find(|pair| {
                let (first, second) = pair.indexes();
                let both = containing[pair.mask()];
                on(first) == both && on(second) == both
            });
            let Some(pair) = same else {
                return Self {
                    lists,
                    counts,
                    containing,
                    known,
                    notes,
                };
            };
            let (first, second) = pair.indexes();
            counts = without_bit(&counts, second);
            let other = lists.remove(second);
            let list = lists[first].clone();
            lists[first].push_str(&other);
            notes.push(TableNote::SamePeople { list, other });
        }
    }
}

fn without_bit(counts: &[u64], list: usize) -> Vec<u64> {
    let mut fewer = vec![0; counts.len() / 2];
    for (mask, people) in counts.iter().enumerate() {
        fewer[squeeze(mask, list)] += people;
    }
    fewer
}

/// The mask without the bit of one list; the bits above move down.
fn squeeze(mask: usize, list: usize) -> usize {
    let below = mask & ((1 << list) - 1);
    below | (mask >> (list + 1)) << list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn equal_histories_add_up_and_people_on_no_list_are_refused() {
        let lists = names(&["A", "B"]);
        let table = Table::build(&lists, [(1, 3), (2, 4), (1, 2), (3, 1), (0, 0)]).unwrap();
        assert_eq!(
            table.histories().collect::<Vec<_>>(),
            [(1, 5), (2, 4), (3, 1)]
        );
        assert_eq!(
            (table.people(), table.on(0), table.on_two_or_more()),
            (10, 6, 1)
        );
        let refused = Table::build(&lists, [(0, 2)]);
        assert_eq!(refused, Err(PrevalenceError::OnNoList(2)));
        let refused = Table::build(&lists, [(4, 2)]);
        assert_eq!(refused, Err(PrevalenceError::UnknownList(2)));
    }

    #[test]
    fn lists_that_say_nothing_go_and_equal_lists_are_one() {
        let lists = names(&["A", "nobody", "B", "all", "B2"]);
        let all = 8;
        let histories = [
            (1 | all, 5),
            (4 | 16 | all, 6),
            (1 | 4 | 16 | all, 2),
            (all, 3),
        ];
        let table = Table::build(&lists, histories).unwrap();
        assert_eq!(table.lists(), ["A", "BB2"]);
        assert_eq!(
            table.histories().collect::<Vec<_>>(),
            [(1, 5), (2, 6), (3, 2)]
        );
        assert_eq!(
            (table.known(), table.people(), table.notes().len()),
            (16, 13, 3)
        );
    }

    #[test]
    fn lists_are_merged_in_the_place_of_the_first() {
        let lists = names(&["A", "B", "C", "D"]);
        let table =
            Table::build(&lists, [(1, 5), (2, 6), (4, 7), (8, 8), (5, 2), (14, 3)]).unwrap();
        let merged = table.merging(&[3, 0, 0, 9]);
        assert_eq!(merged.lists(), ["AD", "B", "C"]);
        let expected = [(1, 13), (2, 6), (4, 7), (5, 2), (7, 3)];
        assert_eq!(merged.histories().collect::<Vec<_>>(), expected);
        let without = table.without(1);
        assert_eq!(without.lists(), ["A", "C", "D"]);
        assert_eq!(without.people(), 25);
    }
}
