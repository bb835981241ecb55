use crate::readers::Cell;

/// Words of running text; two of them in one cell make a sentence of it.
const FUNCTION_WORDS: &[&str] = &[
    "the", "was", "were", "is", "are", "he", "she", "they", "has", "had", "have", "with", "that",
    "from", "when", "who", "been", "will", "not", "but", "his", "her", "their", "this", "said",
    "states", "stated", "seen", "at", "by", "and", "to", "for", "after", "before", "into", "no",
    "in", "on", "be", "did", "does", "via", "only", "please", "would", "could",
    // French, Romanian, Welsh, Spanish, Polish, Italian and German: words that stand in no name.
    "elle", "il", "ils", "est", "été", "avec", "dans", "une", "pour", "pas", "chez", "qui", "que",
    "este", "fost", "nu", "care", "din", "pentru", "sunt", "cu", "și", "în", "mae", "wedi", "gyda",
    "hi", "ei", "yn", "oedd", "ddim", "nad", "ella", "fue", "con", "una", "pero", "está", "por",
    "para", "jest", "nie", "się", "była", "był", "oraz", "che", "nel", "è", "sie", "wurde", "ist",
    "nicht", "mit", "und", "ein",
];

/// One column of the sample: its filled cells, trimmed.
pub struct Column<'a> {
    /// Filled cells in the order of the file.
    pub cells: Vec<&'a str>,
    /// Rows looked at, empty ones too.
    pub rows: usize,
}

impl<'a> Column<'a> {
    /// Column `at` of `rows`.
    pub fn of(rows: &'a [Vec<Cell>], at: usize) -> Self {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(at))
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty() && !is_blank_word(cell))
            .collect();
        Self {
            cells,
            rows: rows.len(),
        }
    }

    /// The share of filled cells for which `test` holds; `None` without any.
    pub fn share(&self, test: impl Fn(&str) -> bool) -> Option<f32> {
        let fitting = self.cells.iter().filter(|cell| test(cell)).count();
        (!self.cells.is_empty()).then(|| fitting as f32 / self.cells.len() as f32)
    }

    /// Whether the column is filled everywhere with values that occur once.
    pub fn is_unique(&self) -> bool {
        let mut seen = std::collections::BTreeSet::new();
        !self.cells.is_empty()
            && self.cells.len() * 100 >= self.rows * 99
            && self.cells.iter().all(|cell| seen.insert(*cell))
    }

    /// Whether people write sentences here.
    pub fn is_running_text(&self) -> bool {
        let sentences = self.share(is_sentence).unwrap_or(0.0);
        let long = self
            .share(|cell| cell.split_whitespace().count() > 12)
            .unwrap_or(0.0);
        sentences > 0.15 || long > 0.15
    }
}

/// Two or more function words, or two sentences.
fn is_sentence(cell: &str) -> bool {
    let lower = cell.to_lowercase();
    let function_words = lower
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| FUNCTION_WORDS.contains(word))
        .count();
    let words = cell.split_whitespace().count();
    words > 3 && (function_words >= 2 || (cell.contains(". ") && words > 6))
}

/// What systems write for "nothing".
fn is_blank_word(cell: &str) -> bool {
    matches!(
        cell.to_ascii_lowercase().as_str(),
        "n/a" | "na" | "null" | "none" | "nil" | "-" | "nan" | "not known" | "unknown" | "n/k"
    )
}
