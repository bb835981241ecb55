use std::fmt;

use sanctuary_types::IdentifierKind;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Birth;

/// A value as an agency wrote it. Erased from memory on drop; never printed.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct RawIdentifier(String);

impl RawIdentifier {
    /// The text itself. Keep the borrow short and copy it nowhere that outlives the record.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for RawIdentifier {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for RawIdentifier {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for RawIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// One row of an agency, its columns named but its values untouched.
///
/// A value may hold several, separated by `;`, except in forenames, surnames and full name.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Given and middle names, in order.
    pub forenames: Vec<RawIdentifier>,
    /// Family names, in order.
    pub surnames: Vec<RawIdentifier>,
    /// The whole name in one cell: `Forenames Surname` or `Surname, Forenames`. Fills whichever of
    /// forenames and surnames is empty.
    pub full_name: Option<RawIdentifier>,
    /// Other names the person uses.
    pub aliases: Vec<RawIdentifier>,
    /// Date of birth as numbers; see [`crate::parse_birth`].
    pub birth: Birth,
    /// Sex or gender word.
    pub sex: Option<RawIdentifier>,
    /// Nationality word; kept folded, not coded.
    pub nationality: Option<RawIdentifier>,
    /// Strong identifiers by kind.
    pub identifiers: Vec<(IdentifierKind, RawIdentifier)>,
    /// Address lines joined by a space or comma.
    pub address: Option<RawIdentifier>,
    /// Postcode; when absent a UK postcode inside the address is used.
    pub postcode: Option<RawIdentifier>,
    /// Town, suburb or village.
    pub locality: Option<RawIdentifier>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_does_not_print_its_values() {
        let source = Source {
            forenames: vec!["Zebedee".into()],
            postcode: Some("DH1 3LE".into()),
            ..Source::default()
        };
        let printed = format!("{source:?}");
        assert!(!printed.contains("Zebedee") && !printed.contains("DH1"));
        assert!(printed.contains("<redacted>"));
    }
}
