use std::str::FromStr;

/// Endings that programs give a file while they still write it.
const UNFINISHED: &[&str] = &[
    "tmp",
    "temp",
    "part",
    "partial",
    "filepart",
    "crdownload",
    "download",
    "writing",
    "lock",
    "swp",
];
/// Endings of what a feed itself writes.
const OWN: &[&str] = &[".rejects.csv", ".summary.json"];
const NAME_BYTES_MAX: usize = 180;

/// Which file names a feed takes: `*` is any number of letters, `?` is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<char>);

/// A pattern that names no files of the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a feed's pattern is a file name with * and ?, such as \"cases-*.csv\", without a folder")]
pub struct BadPattern;

impl FromStr for Pattern {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Self, BadPattern> {
        let fits = !text.is_empty() && text.len() <= NAME_BYTES_MAX && !text.contains(['/', '\\']);
        fits.then(|| Self(text.chars().collect())).ok_or(BadPattern)
    }
}

impl Pattern {
    /// Takes every finished file.
    #[must_use]
    pub fn any() -> Self {
        Self(vec!['*'])
    }

    /// Whether a file of this name is for the feed. Letters count alike in both cases.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        let lower = name.to_lowercase();
        let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
        let unfinished = UNFINISHED.contains(&ending)
            || lower.ends_with('~')
            || lower.starts_with(['.', '~'])
            || OWN.iter().any(|own| lower.ends_with(own));
        !unfinished
            && name.len() <= NAME_BYTES_MAX
            && !name.chars().any(|c| c.is_control() || "/\\".contains(c))
            && self.fits(&lower.chars().collect::<Vec<_>>())
    }

    /// Goes back to the last `*` only, so that no pattern takes long.
    fn fits(&self, name: &[char]) -> bool {
        let same = |pattern: char, letter: char| {
            pattern == '?' || pattern.to_lowercase().eq(letter.to_lowercase())
        };
        let (mut p, mut n) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while let Some(letter) = name.get(n) {
            match self.0.get(p) {
                Some('*') => {
                    star = Some((p, n));
                    p += 1;
                }
                Some(pattern) if same(*pattern, *letter) => {
                    p += 1;
                    n += 1;
                }
                _ => match star {
                    Some((at, taken)) => {
                        star = Some((at, taken + 1));
                        (p, n) = (at + 1, taken + 1);
                    }
                    None => return false,
                },
            }
        }
        self.0.iter().skip(p).all(|rest| *rest == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_names() {
        let takes = |pattern: &str, name: &str| pattern.parse::<Pattern>().unwrap().takes(name);
        for (pattern, name) in [
            ("*", "people.csv"),
            ("*.csv", "People.CSV"),
            ("cases-????.csv", "cases-2026.csv"),
            ("*a*b*.xlsx", "xxabxb.xlsx"),
            ("a*", "a"),
        ] {
            assert!(takes(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.csv", "people.xlsx"),
            ("cases-?.csv", "cases-12.csv"),
            ("*", "people.csv.part"),
            ("*", "people.TMP"),
            ("*", ".people.csv"),
            ("*", "~$people.xlsx"),
            ("*", "people.csv~"),
            ("*", "people.csv.rejects.csv"),
            ("*", "people.csv.summary.json"),
            ("*", "a\nb.csv"),
        ] {
            assert!(!takes(pattern, name), "{pattern} {name}");
        }
        let many = "*a".repeat(40);
        assert!(!takes(&many, &"b".repeat(170)));
        for bad in ["", "../*.csv", "a\\b"] {
            assert_eq!(bad.parse::<Pattern>(), Err(BadPattern));
        }
    }
}
