//! What a cell may say. Strict: a cell that says anything else is an error, never a guess.

/// Whether people of the row are on the list of the column.
pub fn mark(cell: &str) -> Option<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "1" | "1.0" | "true" | "t" | "yes" | "y" => Some(true),
        "0" | "0.0" | "false" | "f" | "no" | "n" => Some(false),
        _ => None,
    }
}

/// A whole number of people; programs that write all numbers with decimals, or part the thousands, may.
pub fn count(cell: &str) -> Option<u64> {
    let whole = match cell.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        Some(_) => return None,
        None => cell,
    };
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let parted = whole.contains(',');
    let fits = (1..=if parted { 3 } else { 20 }).contains(&first.len())
        && groups.all(|group| group.len() == 3);
    let digits = whole.replace(',', "");
    let digits = Some(digits).filter(|d| fits && d.bytes().all(|b| b.is_ascii_digit()));
    digits?.parse().ok()
}

/// A cell that says that nothing is known.
pub fn is_unknown(cell: &str) -> bool {
    ["", "na", "n/a", "nan"].contains(&cell.to_ascii_lowercase().as_str())
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

/// Whether a header may call a column the labels of the rows, if it holds no marks.
pub fn is_label_name(name: &str) -> bool {
    const NAMES: [&str; 6] = ["id", "no", "label", "history", "cell", "pattern"];
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
