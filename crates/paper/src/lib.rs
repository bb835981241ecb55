//! Letters on paper, for everything that becomes a PDF.
//!
//! Owns: the embedded fonts, how wide a text is, where its lines break, what stands for a letter the font
//! lacks. Must never: know what is printed.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

use krilla::text::Font;
use ttf_parser::Face;
use unicode_normalization::UnicodeNormalization;

/// DejaVu Sans 2.37: Latin with Vietnamese, Greek, Cyrillic, Arabic and more. Licence: fonts/LICENCE.txt.
static REGULAR: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");
static BOLD: &[u8] = include_bytes!("../fonts/DejaVuSans-Bold.ttf");

/// The embedded font cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the embedded font cannot be read; build the program again")]
pub struct FontError;

/// A font to measure and to draw with.
pub struct Letters {
    /// For krilla.
    pub font: Font,
    face: Face<'static>,
}

impl Letters {
    /// The upright letters.
    ///
    /// # Errors
    /// [`FontError`], which the embedded font gives no reason for.
    pub fn regular() -> Result<Self, FontError> {
        Self::read(REGULAR)
    }
    /// The bold letters.
    ///
    /// # Errors
    /// [`FontError`], which the embedded font gives no reason for.
    pub fn bold() -> Result<Self, FontError> {
        Self::read(BOLD)
    }

    fn read(bytes: &'static [u8]) -> Result<Self, FontError> {
        Ok(Self {
            font: Font::new(bytes.into(), 0).ok_or(FontError)?,
            face: Face::parse(bytes, 0).map_err(|_| FontError)?,
        })
    }

    /// The text with composed letters, and every letter that the font lacks written as its number: a
    /// name is never silently cut.
    #[must_use]
    pub fn printable(&self, text: &str) -> String {
        text.nfc()
            .map(|letter| match letter {
                '\n' => "\n".to_owned(),
                '\t' => "    ".to_owned(),
                known if self.face.glyph_index(known).is_some() => known.to_string(),
                unknown => format!("[U+{:04X}]", u32::from(unknown)),
            })
            .collect()
    }

    /// Width in points at a size in points.
    #[must_use]
    pub fn width(&self, text: &str, size: f32) -> f32 {
        let units: u32 = text
            .chars()
            .filter_map(|c| self.face.glyph_index(c))
            .filter_map(|g| self.face.glyph_hor_advance(g))
            .map(u32::from)
            .sum();
        units as f32 * size / f32::from(self.face.units_per_em())
    }

    /// Lines no wider than `width` points; a word that is wider is broken.
    #[must_use]
    pub fn wrap(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in self.printable(text).split('\n') {
            let mut line = String::new();
            for word in paragraph.split(' ') {
                let longer = if line.is_empty() {
                    word.to_owned()
                } else {
                    format!("{line} {word}")
                };
                if self.width(&longer, size) <= width {
                    line = longer;
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                for letter in word.chars() {
                    line.push(letter);
                    if self.width(&line, size) > width {
                        line.pop();
                        lines.push(std::mem::take(&mut line));
                        line.push(letter);
                    }
                }
            }
            lines.push(line);
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_alphabets_are_printed_or_spelt_out() {
        let letters = Letters::regular().unwrap();
        for name in [
            "Nguyễn Thị Hồng",
            "Gjergj Çelë",
            "Ștefănescu",
            "Їжакевич",
            "Ağrı",
        ] {
            assert_eq!(letters.printable(name), name);
        }
        // Decomposed letters are composed; Ethiopic is not in the font.
        assert_eq!(letters.printable("e\u{302}\u{301}"), "ế");
        assert_eq!(letters.printable("ሰ"), "[U+1230]");
    }

    #[test]
    fn no_line_is_wider_than_the_page() {
        let letters = Letters::regular().unwrap();
        let text = format!("short {} and more words here\n\nend", "W".repeat(300));
        let lines = letters.wrap(&text, 10.0, 400.0);
        assert!(lines.iter().all(|l| letters.width(l, 10.0) <= 400.0));
        assert_eq!(lines.concat().matches('W').count(), 300);
        assert_eq!(lines.last().map(String::as_str), Some("end"));
    }
}
