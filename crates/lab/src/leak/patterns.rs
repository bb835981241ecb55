use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use sha1::Digest as _;

/// Values of fewer bytes appear by chance in megabytes of ciphertext once case is ignored.
pub const LONG_BYTES_MIN: usize = 7;
/// Values of fewer bytes appear by chance even as written; they are looked for as digests only.
pub const SHORT_BYTES_MIN: usize = 6;

/// The raw values to look for, as an agency wrote them.
#[derive(Default)]
pub struct Identifiers {
    values: BTreeSet<String>,
}

impl Identifiers {
    /// Adds one value as it was written.
    pub fn add(&mut self, value: &str) {
        let value = value.trim();
        if value.len() >= 3 && value.chars().any(char::is_alphanumeric) {
            self.values.insert(value.to_owned());
        }
    }

    /// Adds every value in the named columns of a CSV file.
    ///
    /// # Errors
    /// When the file cannot be read or lacks a column.
    pub fn add_csv(&mut self, path: &Path, columns: &[String]) -> anyhow::Result<()> {
        let mut reader = csv::Reader::from_path(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let headers = reader.headers()?.clone();
        let places: Vec<usize> = columns
            .iter()
            .map(|c| {
                headers
                    .iter()
                    .position(|h| h.trim_start_matches('\u{feff}') == c)
                    .with_context(|| format!("no column {c} in {}", path.display()))
            })
            .collect::<Result<_, _>>()?;
        for row in reader.records() {
            let row = row?;
            for place in &places {
                row.get(*place)
                    .unwrap_or("")
                    .split(';')
                    .for_each(|value| self.add(value));
            }
        }
        Ok(())
    }

    /// Leaves out what is public anyway: a town whose name is in the name of an agency says nothing.
    pub fn leave_out_words_of(&mut self, public: &str) {
        let public = public.to_lowercase();
        self.values
            .retain(|value| !public.contains(&value.to_lowercase()));
    }

    /// How many different values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Byte patterns for which case is ignored: the value and its UTF-16 forms.
    pub(super) fn folded_patterns(&self) -> Vec<Vec<u8>> {
        let long = self.values.iter().filter(|v| v.len() >= LONG_BYTES_MIN);
        long.flat_map(|v| {
            [
                v.as_bytes().to_vec(),
                utf16(v, u16::to_le_bytes),
                utf16(v, u16::to_be_bytes),
            ]
        })
        .collect()
    }

    /// Byte patterns as they are: hexadecimal, base64 at each alignment, and digests of the value in
    /// three foldings, themselves raw, in hexadecimal and in base64.
    pub(super) fn exact_patterns(&self) -> Vec<Vec<u8>> {
        let mut patterns = Vec::new();
        for value in &self.values {
            if value.len() >= SHORT_BYTES_MIN {
                patterns.push(value.as_bytes().to_vec());
            }
            for form in foldings(value) {
                if form.len() >= SHORT_BYTES_MIN {
                    patterns.push(hex::encode(&form).into_bytes());
                    patterns.push(hex::encode_upper(&form).into_bytes());
                    patterns.extend(base64_alignments(form.as_bytes()));
                }
                for digest in [
                    sha1::Sha1::digest(&form).to_vec(),
                    sha2::Sha256::digest(&form).to_vec(),
                ] {
                    patterns.push(hex::encode(&digest).into_bytes());
                    patterns.push(hex::encode_upper(&digest).into_bytes());
                    patterns.push(STANDARD_NO_PAD.encode(&digest).into_bytes());
                    patterns.push(URL_SAFE_NO_PAD.encode(&digest).into_bytes());
                    patterns.push(digest);
                }
            }
        }
        patterns.sort();
        patterns.dedup();
        patterns
    }
}

fn foldings(value: &str) -> BTreeSet<String> {
    [value.to_owned(), value.to_lowercase(), value.to_uppercase()].into()
}

fn utf16(value: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    value.encode_utf16().flat_map(order).collect()
}

/// Base64 of `bytes` wherever they start within a group of three, less the characters that depend on
/// the neighbours.
fn base64_alignments(bytes: &[u8]) -> Vec<Vec<u8>> {
    (0..3)
        .map(|lead| {
            let padded: Vec<u8> = std::iter::repeat_n(0, lead)
                .chain(bytes.iter().copied())
                .collect();
            let whole = padded.len() / 3 * 3;
            let text = STANDARD_NO_PAD.encode(&padded[..whole]);
            text.as_bytes()[if lead == 0 { 0 } else { 4 }..].to_vec()
        })
        .filter(|p| p.len() >= 8)
        .collect()
}
