use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a text is not an id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdError {
    /// A party id is 1 to 32 of `a-z`, `0-9` and `-`.
    #[error("a party id is 1 to 32 characters of a-z, 0-9 and -")]
    Party,
    /// Hexadecimal of the wrong length or alphabet.
    #[error("expected {expected} bytes as hexadecimal")]
    Hex {
        /// Bytes the id has.
        expected: usize,
    },
}

/// A member of the partnership: an agency, a key holder, the hub or an officer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartyId(String);

impl PartyId {
    /// The id as text, safe to log: it names an organisation, never a person.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The id as bytes, for signatures.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl FromStr for PartyId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let fits = (1..=32).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::Party)
        }
    }
}
impl TryFrom<String> for PartyId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}
impl From<PartyId> for String {
    fn from(id: PartyId) -> Self {
        id.0
    }
}
impl fmt::Display for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const BYTES: usize = $len;
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), hex::encode(self.0))
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let mut bytes = [0; $len];
                hex::decode_to_slice(text, &mut bytes).map_err(|_| IdError::Hex { expected: $len })?;
                Ok(Self(bytes))
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
        impl TryFrom<&[u8]> for $name {
            type Error = IdError;
            fn try_from(bytes: &[u8]) -> Result<Self, IdError> {
                Ok(Self(bytes.try_into().map_err(|_| IdError::Hex { expected: $len })?))
            }
        }
    };
}

byte_id!(
    /// One record of one agency, as the hub may know it: random, chosen by the node, kept for the
    /// record's life. Says nothing about the person.
    Pseudonym, 16
);
byte_id!(
    /// What the hub looks up: the first part of an OPRF output. Equal for equal inputs of one
    /// (class, epoch), random-looking to everybody without t key holders.
    Tag, 16
);
byte_id!(
    /// Names one posting for its withdrawal.
    Handle, 8
);
byte_id!(
    /// Finds a record's sealed card from the card key that an opened posting carries.
    CardId, 8
);
byte_id!(
    /// One push, chosen by the node; the same id with the same content is a retry.
    BatchId, 16
);
byte_id!(
    /// One alert at the hub: a keyed hash of the pair, so that it survives restarts.
    AlertId, 16
);

byte_id!(
    /// One disclosure case: the same at both agencies and on the envelopes between them; random,
    /// chosen by the requester's node.
    CaseId, 16
);

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident, $int:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $int);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

counter!(
    /// A period under one OPRF key per class; tags of different epochs cannot be compared.
    Epoch, u32
);
counter!(
    /// How often the shares of one epoch have been refreshed.
    Generation, u32
);
counter!(
    /// Version of the normalisation and token rules; travels with each batch.
    RulesVersion, u16
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn party_ids_are_slugs() {
        assert!("durham-police".parse::<PartyId>().is_ok());
        for bad in ["", "Durham", "a b", "a/b", &"x".repeat(33)] {
            assert_eq!(bad.parse::<PartyId>(), Err(IdError::Party));
        }
    }

    #[test]
    fn byte_ids_round_trip_as_hexadecimal() {
        let tag = Tag([7; 16]);
        assert_eq!(tag.to_string().parse::<Tag>(), Ok(tag));
        assert_eq!("00".parse::<Tag>(), Err(IdError::Hex { expected: 16 }));
    }
}
