//! Rows as bytes: JSON for words, `lp` parts where bytes are sealed.

use sanctuary_types::PartyId;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{CaseworkError, PortError};

/// A row of words. Structs of strings, numbers and enums always serialise.
pub(crate) fn json<T: Serialize>(row: &T) -> Vec<u8> {
    serde_json::to_vec(row).unwrap_or_default()
}

pub(crate) fn from_json<T: DeserializeOwned>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, CaseworkError> {
    serde_json::from_slice(bytes).map_err(|_| damaged(what))
}

pub(crate) const fn damaged(what: &'static str) -> CaseworkError {
    CaseworkError::Port(PortError::Damaged(what))
}

/// 32 secret bytes in a row: hexadecimal in JSON, wiped on drop, never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) Zeroizing<[u8; 32]>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<redacted>")
    }
}
impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = Zeroizing::new(hex::encode(self.0.as_ref()));
        serializer.serialize_str(&text)
    }
}
impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(<String as serde::Deserialize>::deserialize(deserializer)?);
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.as_bytes(), bytes.as_mut())
            .map_err(|_| serde::de::Error::custom("not 32 bytes"))?;
        Ok(Self(bytes))
    }
}

/// The parts of an `lp` encoding, from the front.
pub(crate) struct Parts<'a>(pub(crate) &'a [u8]);

impl<'a> Parts<'a> {
    pub(crate) fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let (part, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        self.0 = rest;
        Some(part)
    }
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.next()?.try_into().ok()
    }
    pub(crate) fn party(&mut self) -> Option<PartyId> {
        std::str::from_utf8(self.next()?).ok()?.parse().ok()
    }
}
