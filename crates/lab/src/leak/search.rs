use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use anyhow::Context;

use super::Identifiers;

/// Numbers of at most so many digits appear by chance inside longer ones.
const NUMBER_BYTES_SHORT: usize = 9;

/// A raw identifier where none may be. Says where, never what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file or stream.
    pub place: String,
    /// Offset of the first byte.
    pub offset: usize,
}

/// Looks for every form of every identifier at once.
pub struct Searcher {
    folded: AhoCorasick,
    exact: AhoCorasick,
}

impl Searcher {
    /// Builds the search; for ten thousand values, about a second and some hundred megabytes.
    ///
    /// # Errors
    /// When there are more patterns than the automaton can hold.
    pub fn new(identifiers: &Identifiers) -> anyhow::Result<Self> {
        let build = |fold: bool, patterns: Vec<Vec<u8>>| {
            AhoCorasick::builder()
                .ascii_case_insensitive(fold)
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .build(patterns)
                .context("too many identifiers to search for at once")
        };
        Ok(Self {
            folded: build(true, identifiers.folded_patterns())?,
            exact: build(false, identifiers.exact_patterns())?,
        })
    }

    /// Every finding in `bytes`.
    #[must_use]
    pub fn in_bytes(&self, place: &str, bytes: &[u8]) -> Vec<Finding> {
        let folded = self.folded.find_iter(bytes);
        let exact = self.exact.find_iter(bytes);
        folded
            .chain(exact)
            .filter(|found| !is_part_of_a_number(bytes, found.range()))
            .map(|found| Finding {
                place: place.to_owned(),
                offset: found.start(),
            })
            .collect()
    }

    /// Every finding in the files under `folder`.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn in_folder(&self, folder: &Path) -> anyhow::Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for file in files_under(folder)? {
            let mut bytes = Vec::new();
            std::fs::File::open(&file)?.read_to_end(&mut bytes)?;
            findings.extend(self.in_bytes(&file.display().to_string(), &bytes));
        }
        Ok(findings)
    }
}

/// A short number inside a longer one, such as a time in milliseconds, is there by chance.
fn is_part_of_a_number(bytes: &[u8], range: Range<usize>) -> bool {
    let is_short_number =
        range.len() <= NUMBER_BYTES_SHORT && bytes[range.clone()].iter().all(u8::is_ascii_digit);
    let digit_at = |place: Option<usize>| {
        place
            .and_then(|p| bytes.get(p))
            .is_some_and(u8::is_ascii_digit)
    };
    is_short_number && (digit_at(range.start.checked_sub(1)) || digit_at(Some(range.end)))
}

fn files_under(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_under(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use sha1::Digest as _;

    use super::*;

    fn searcher() -> Searcher {
        let mut identifiers = Identifiers::default();
        identifiers.add("Margaret Hale");
        identifiers.add("Ann");
        Searcher::new(&identifiers).unwrap()
    }

    #[test]
    fn every_form_is_found() {
        let name = "Margaret Hale";
        let utf16: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let forms: Vec<Vec<u8>> = vec![
            b"xx MARGARET HALE yy".to_vec(),
            utf16,
            hex::encode(name.to_lowercase()).into_bytes(),
            base64::engine::general_purpose::STANDARD
                .encode(format!("x{name}yz"))
                .into_bytes(),
            sha2::Sha256::digest(name).to_vec(),
            hex::encode(sha1::Sha1::digest(name.to_uppercase())).into_bytes(),
            sha2::Sha256::digest("ann").to_vec(),
        ];
        for form in forms {
            assert!(
                !searcher().in_bytes("test", &form).is_empty(),
                "not found: {form:?}"
            );
        }
    }

    #[test]
    fn a_reference_number_is_found_but_not_within_a_time() {
        let mut identifiers = Identifiers::default();
        identifiers.add("4100719");
        let searcher = Searcher::new(&identifiers).unwrap();
        assert_eq!(searcher.in_bytes("test", b"\"raised\":1795474100719}"), []);
        assert!(!searcher.in_bytes("test", b"ref 4100719.").is_empty());
    }

    #[test]
    fn nothing_is_found_in_noise() {
        let noise: Vec<u8> = (0..1_000_000u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        assert_eq!(searcher().in_bytes("noise", &noise), []);
    }
}
