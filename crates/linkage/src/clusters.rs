use std::collections::{BTreeMap, HashMap};

/// Groups of records connected by edges of at least `threshold`. Only groups of two or more; the
/// members of a group ascend, and groups ascend by their first member.
///
/// Edges are (record, record, probability); an edge whose probability is not a number is ignored.
#[must_use]
pub fn clusters(edges: &[(u32, u32, f64)], threshold: f64) -> Vec<Vec<u32>> {
    let mut forest = Forest::default();
    for (a, b, probability) in edges {
        if a != b && *probability >= threshold {
            forest.join(*a, *b);
        }
    }
    forest.groups()
}

/// Union-find whose roots are the smallest member, so that the result has one order.
#[derive(Default)]
pub(crate) struct Forest {
    parents: HashMap<u32, u32>,
}

impl Forest {
    pub(crate) fn root(&mut self, record: u32) -> u32 {
        let mut root = record;
        while let Some(parent) = self.parents.get(&root).filter(|p| **p != root) {
            root = *parent;
        }
        let mut at = record;
        while at != root {
            // Short paths keep later look-ups quick.
            at = self.parents.insert(at, root).unwrap_or(root);
        }
        self.parents.entry(root).or_insert(root);
        root
    }

    pub(crate) fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.parents.insert(a.max(b), a.min(b));
    }

    fn groups(mut self) -> Vec<Vec<u32>> {
        let mut records: Vec<u32> = self.parents.keys().copied().collect();
        records.sort_unstable();
        let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for record in records {
            groups.entry(self.root(record)).or_default().push(record);
        }
        groups.into_values().collect()
    }
}
