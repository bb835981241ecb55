use std::fmt;

use sanctuary_types::{IdentifierKind, Presence, RulesVersion};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::{Birth, RULES, parts::name_of};

/// Name parts of a record.
pub(crate) const NAME_PARTS_MAX: usize = 3;

/// One part of a name: the spelling that stands for it, and its phonetic code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamePart {
    /// Folded spelling after nicknames and variants.
    pub canon: String,
    /// PFOLDV code of it.
    pub code: String,
}

/// One record in the form all agencies share. Personal data: erased on drop, never printed; the
/// node stores it sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canonical {
    /// Rules it was made by.
    pub rules: RulesVersion,
    /// First forename, last surname, longest other word; at most three, codes distinct.
    pub parts: Vec<NamePart>,
    /// Spellings of the words beyond the parts, longest first; at most eight.
    pub other_names: Vec<String>,
    /// Four MinHash bands of the first two parts; empty without a name.
    pub bands: Vec<String>,
    /// Date of birth as written, impossible years taken out.
    pub birth: Birth,
    /// Area keys, at most two: `o` outward code or `p` foreign postcode, then `s` town.
    pub areas: Vec<String>,
    /// Fine place keys, at most two: `pc` full postcode, then `ad` house number and street.
    pub fines: Vec<String>,
    /// Valid identifiers, each once, in the order given.
    pub identifiers: Vec<(IdentifierKind, String)>,
    /// `M`, `F` or `X`.
    pub sex: Option<char>,
    /// Nationality, folded.
    pub nationality: Option<String>,
    /// Folded words of address, town and postcode, for the second step.
    pub address_words: Vec<String>,
}

impl Canonical {
    /// A record from fields that are canonical already: for the published test vectors.
    #[doc(hidden)]
    #[must_use]
    pub fn from_fields(
        names: (&[String], &[String], &[String]),
        birth: Birth,
        areas: Vec<String>,
        fines: Vec<String>,
        identifiers: Vec<(IdentifierKind, String)>,
    ) -> Self {
        let name = name_of(names.0, names.1, names.2);
        Self {
            rules: RULES,
            parts: name.parts,
            other_names: name.other_names,
            bands: name.bands,
            birth,
            areas,
            fines,
            identifiers,
            sex: None,
            nationality: None,
            address_words: Vec::new(),
        }
    }

    /// Which kinds of evidence the record could give.
    #[must_use]
    pub fn presence(&self) -> Presence {
        Presence {
            name_parts: self.parts.len() as u8,
            birth: self.birth.class(),
            fine_place: !self.fines.is_empty(),
            area: !self.areas.is_empty(),
            identifiers: self
                .identifiers
                .iter()
                .fold(0, |bits, (kind, _)| bits | (1 << kind.code())),
        }
    }

    /// The sorted codes of the first two parts joined by `+`: what an agency counts to know that a
    /// name pair occurs once in its own records ([`crate::TokenContext::pair_count`]).
    #[must_use]
    pub fn pair_key(&self) -> Option<String> {
        match self.parts.as_slice() {
            [first, second, ..] => Some(join_codes(&[first, second])),
            _ => None,
        }
    }
}

/// Codes in alphabetical order, so that swapped names give one value.
pub(crate) fn join_codes(parts: &[&NamePart]) -> String {
    let mut codes: Vec<&str> = parts.iter().map(|part| part.code.as_str()).collect();
    codes.sort_unstable();
    codes.join("+")
}

impl Zeroize for Canonical {
    fn zeroize(&mut self) {
        for part in &mut self.parts {
            part.canon.zeroize();
            part.code.zeroize();
        }
        for (_, value) in &mut self.identifiers {
            value.zeroize();
        }
        self.other_names.zeroize();
        self.bands.zeroize();
        self.areas.zeroize();
        self.fines.zeroize();
        self.nationality.zeroize();
        self.address_words.zeroize();
        self.parts.clear();
        self.identifiers.clear();
        self.birth = Birth::default();
        self.sex = None;
    }
}

impl Drop for Canonical {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl fmt::Debug for NamePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl fmt::Debug for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canonical")
            .field("rules", &self.rules)
            .field("presence", &self.presence())
            .finish_non_exhaustive()
    }
}
