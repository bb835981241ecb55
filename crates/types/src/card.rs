use crate::{
    Basis, BirthClass, Presence, Pseudonym, Roles, RulesVersion, Slots, TokenType, Visibility,
};

/// Why bytes are not a card or posting body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a well-formed {0}")]
pub struct CardError(pub &'static str);

/// What the hub needs to know of a record to score a match. Sealed once per record; opened only
/// through a posting that a second agency shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Card {
    /// The record.
    pub pseudonym: Pseudonym,
    /// How its agency regards the person.
    pub roles: Roles,
    /// What could be compared.
    pub presence: Presence,
    /// Who may hear.
    pub visibility: Visibility,
    /// Lawful gateway.
    pub basis: Basis,
    /// Under 18, as far as the agency knows.
    pub child: bool,
    /// Rules the tokens were made by.
    pub rules: RulesVersion,
}

impl Card {
    /// Length of the plain encoding.
    pub const BYTES: usize = 32;
    const FORMAT: u8 = 1;

    /// Fixed layout: format, pseudonym, roles, parts, birth, place bits, identifiers, visibility,
    /// basis, child, rules, zeros.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        out[0] = Self::FORMAT;
        out[1..17].copy_from_slice(&self.pseudonym.0);
        out[17] = self.roles.0;
        out[18] = self.presence.name_parts;
        out[19] = self.presence.birth.code();
        out[20] = u8::from(self.presence.fine_place) | (u8::from(self.presence.area) << 1);
        out[21..23].copy_from_slice(&self.presence.identifiers.to_be_bytes());
        out[23] = self.visibility.code();
        out[24] = self.basis.code();
        out[25] = u8::from(self.child);
        out[26..28].copy_from_slice(&self.rules.0.to_be_bytes());
        out
    }

    /// Back from bytes; anything but the one valid encoding is refused.
    ///
    /// # Errors
    /// [`CardError`] when a field is out of range or a reserved byte is not zero.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, CardError> {
        let bad = CardError("card");
        let mut pseudonym = [0; 16];
        pseudonym.copy_from_slice(&bytes[1..17]);
        let card = Self {
            pseudonym: Pseudonym(pseudonym),
            roles: Roles(bytes[17]),
            presence: Presence {
                name_parts: bytes[18],
                birth: BirthClass::from_code(bytes[19]).ok_or(bad)?,
                fine_place: bytes[20] & 1 != 0,
                area: bytes[20] & 2 != 0,
                identifiers: u16::from_be_bytes([bytes[21], bytes[22]]),
            },
            visibility: Visibility::from_code(bytes[23]).ok_or(bad)?,
            basis: Basis::from_code(bytes[24]).ok_or(bad)?,
            child: bytes[25] == 1,
            rules: RulesVersion(u16::from_be_bytes([bytes[26], bytes[27]])),
        };
        let sane = card.presence.name_parts <= 3 && card.roles.0 < 64 && card.to_bytes() == *bytes;
        if sane { Ok(card) } else { Err(bad) }
    }
}

/// What an opened posting says: which record (through its card key), what kind of token, which
/// parts of the record it speaks of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PostingBody {
    /// Opens the record's card.
    pub card_key: [u8; 16],
    /// Kind of token.
    pub token: TokenType,
    /// Parts it speaks of.
    pub slots: Slots,
}

impl PostingBody {
    /// Length of the plain encoding.
    pub const BYTES: usize = 20;

    /// Card key, type code, slots.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        out[..16].copy_from_slice(&self.card_key);
        out[16] = self.token.code();
        out[17..].copy_from_slice(&self.slots.to_bytes());
        out
    }

    /// Back from bytes.
    ///
    /// # Errors
    /// [`CardError`] when the type code is unknown.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, CardError> {
        let mut card_key = [0; 16];
        card_key.copy_from_slice(&bytes[..16]);
        Ok(Self {
            card_key,
            token: TokenType::from_code(bytes[16]).ok_or(CardError("posting"))?,
            slots: Slots::from_bytes([bytes[17], bytes[18], bytes[19]]),
        })
    }
}

impl std::fmt::Debug for PostingBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostingBody")
            .field("card_key", &"<redacted>")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_that_decode_encode_to_themselves(bytes in proptest::array::uniform32(0u8..8)) {
            if let Ok(card) = Card::from_bytes(&bytes) {
                prop_assert_eq!(card.to_bytes(), bytes);
            }
        }
    }

    #[test]
    fn a_posting_body_does_not_print_its_key() {
        let body = PostingBody {
            card_key: [0xAB; 16],
            token: TokenType::Nd,
            slots: Slots::parts(&[1]),
        };
        assert_eq!(PostingBody::from_bytes(&body.to_bytes()), Ok(body));
        assert!(!format!("{body:?}").contains("171"));
    }
}
