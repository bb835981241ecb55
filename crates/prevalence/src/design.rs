use crate::{model::Pair, table::Table};

/// One model on one table: which histories are kept and which parameters are finite.
///
/// A pair that nobody is on has the parameter minus infinity. Every history with both of its lists
/// then has expectation zero and is left out; the rest is fitted as usual (extended maximum
/// likelihood). An empty overlap of a pair that is not in the model stays.
pub(crate) struct Design<'a> {
    table: &'a Table,
    /// The set of lists of each finite parameter: none, each list, each pair with an overlap.
    columns: Vec<usize>,
    /// One entry a mask.
    kept: Vec<bool>,
    infinite: usize,
}

impl<'a> Design<'a> {
    pub fn new(table: &'a Table, pairs: &[Pair]) -> Self {
        let lists = table.lists().len();
        let (finite, infinite): (Vec<Pair>, Vec<Pair>) =
            pairs.iter().partition(|pair| table.on_both(**pair) > 0);
        let kept = |mask: usize| {
            let gone = |pair: &Pair| mask & pair.mask() == pair.mask();
            mask != 0 && !infinite.iter().any(gone)
        };
        let of_lists = (0..lists).map(|list| 1 << list);
        let of_pairs = finite.iter().map(|pair| pair.mask());
        Self {
            table,
            columns: std::iter::once(0).chain(of_lists).chain(of_pairs).collect(),
            kept: (0..1_usize << lists).map(kept).collect(),
            infinite: infinite.len(),
        }
    }

    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Histories that are kept, as masks.
    pub fn histories(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.kept.len()).filter(|mask| self.kept[*mask])
    }

    /// One entry a mask; nobody has a history that is not kept.
    pub fn counts(&self) -> &[u64] {
        self.table.counts()
    }

    /// What the fit must reproduce: people whose history contains the set of a column.
    pub fn target(&self, column: usize) -> f64 {
        self.table.containing()[column] as f64
    }

    pub fn people(&self) -> u64 {
        self.table.people()
    }

    /// Parameters, those at minus infinity too.
    pub fn parameters(&self) -> usize {
        self.columns.len() + self.infinite
    }

    /// Number of masks.
    pub fn len(&self) -> usize {
        self.kept.len()
    }
}
