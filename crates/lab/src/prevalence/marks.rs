//! What a cell may say. Strict: a cell that says anything else is an error, never a guess.

/// Whether people of the row are on the list of the column.
pub fn mark(cell: &str) -> Option<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Some(true),
        "0" | "false" | "no" => Some(false),
        _ => None,
    }
}

/// A whole number of people; programs that write all numbers with decimals may.
pub fn count(cell: &str) -> Option<u64> {
    let whole = match cell.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        Some(_) => return None,
        None => cell,
    };
    let digits = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| whole.parse().ok()).flatten()
}

/// What disclosure control prints in place of a count.
pub fn is_suppressed(cell: &str) -> bool {
    let lower = cell.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "x" | "c" | "*" | "**" | ".." | "-" | "[c]" | "[x]" | "suppressed"
    ) || lower.starts_with(['<', '≤', '>', '~'])
        || (lower.contains(['-', '–']) && lower.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a header calls a column the counts.
pub fn is_count_name(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "count",
        "counts",
        "n",
        "freq",
        "frequency",
        "number",
        "people",
        "persons",
        "total",
        "cases",
        "value",
        "size",
        "observed",
        "cnt",
        "num",
        "n_people",
    ];
    NAMES.contains(&name.trim().to_ascii_lowercase().as_str())
}

/// Whether a header calls a column the numbers of the rows.
pub fn is_row_name(name: &str) -> bool {
    const NAMES: [&str; 7] = [
        "",
        "row",
        "rownames",
        "row.names",
        "row_names",
        "index",
        "unnamed: 0",
    ];
    NAMES.contains(&name.trim().to_ascii_lowercase().as_str())
}
