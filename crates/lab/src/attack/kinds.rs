//! The frequency attacks, kind of token by kind.

use std::collections::BTreeMap;

use sanctuary_types::TokenType;
use serde::Serialize;

use super::{
    claims::{Claims, Truth},
    plaintext::Plaintext,
    view::View,
};

/// Rows above which a value counts as common, as in the nodes' admission test.
const COMMON_ROWS: u32 = 5;

/// One kind of token in the hub's store.
#[derive(Clone, Debug, Default, Serialize)]
pub struct KindLine {
    /// Its label.
    pub kind: String,
    /// Distinct values.
    pub values: usize,
    /// Occurrences in the store.
    pub occurrences: usize,
    /// Occurrences that the hub opens.
    pub open: usize,
    /// Rows that have the most common value, in all agencies together.
    pub most: u32,
    /// Occurrences on values of more than five rows.
    pub on_common: usize,
    /// Named by rank, where open.
    pub ranked: usize,
    /// Named by equal frequencies in each agency.
    pub by_agency: usize,
}

/// Breaks both frequency attacks down.
#[must_use]
pub fn by_kind(
    view: &View,
    plain: &Plaintext,
    truth: &Truth,
    ranked: &Claims,
    by_agency: &Claims,
) -> Vec<KindLine> {
    let kinds = plain.kinds();
    let mut lines: BTreeMap<u8, KindLine> = BTreeMap::new();
    for (value, frequency) in plain.frequencies().into_iter().enumerate() {
        let line = lines.entry(kinds[value]).or_default();
        let rows = frequency.iter().map(|(_, n)| n).sum();
        line.values += 1;
        line.most = line.most.max(rows);
        line.on_common += if rows > COMMON_ROWS { rows as usize } else { 0 };
    }
    for (place, posting) in view.postings.iter().enumerate() {
        let Some(value) = truth[posting.tag as usize] else {
            continue;
        };
        let line = lines.entry(kinds[value as usize]).or_default();
        line.occurrences += 1;
        line.open += usize::from(posting.opened.is_some());
        line.ranked += usize::from(ranked.0[place] == Some(value));
        line.by_agency += usize::from(by_agency.0[place] == Some(value));
    }
    let labelled = |(code, line): (u8, KindLine)| KindLine {
        kind: TokenType::from_code(code).map_or_else(|| code.to_string(), TokenType::label),
        ..line
    };
    lines.into_iter().map(labelled).collect()
}
