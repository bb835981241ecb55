//! Which known word a mistyped one was probably meant to be.

/// The candidate with the smallest edit distance to `word` (case ignored); `None` only when there
/// are no candidates.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.trim().to_lowercase();
    candidates
        .into_iter()
        .min_by_key(|candidate| edit_distance(&word, &candidate.trim().to_lowercase()))
}

/// Every candidate near enough to be a likely spelling of `word`, best first. Far ones are left
/// out: the header of a file without a header line is somebody's data and must not be shown.
pub fn near<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.trim().to_lowercase();
    let reach = (word.chars().count() / 3).max(1);
    let mut found: Vec<(usize, &str)> = candidates
        .into_iter()
        .map(|candidate| {
            (
                edit_distance(&word, &candidate.trim().to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= reach)
        .collect();
    found.sort();
    found.truncate(3);
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

/// Levenshtein distance with one row of memory. Long texts are compared by their first 64
/// characters, which bounds the work on a hostile header.
pub fn edit_distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            let changed = diagonal + usize::from(x != y);
            *cell = changed.min(above + 1).min(left + 1);
            diagonal = above;
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_the_textbook_ones() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("abc", ""), 3);
        assert_eq!(edit_distance("flaw", "lawn"), 2);
    }

    #[test]
    fn near_leaves_far_words_out() {
        assert_eq!(near("surname", ["surnme", "forename", "Smith"]), ["surnme"]);
        assert_eq!(
            nearest("forname", ["surnames", "forenames"]),
            Some("forenames")
        );
    }
}
