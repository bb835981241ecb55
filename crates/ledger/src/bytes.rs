//! Reading `lp` encodings strictly, and bytes as hexadecimal in JSON.

use crate::LedgerError;

/// Takes an `lp` encoding apart, part by part.
pub(crate) struct Parts<'a> {
    what: &'static str,
    rest: &'a [u8],
}

impl<'a> Parts<'a> {
    pub(crate) const fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, rest: bytes }
    }

    /// The next part of any length.
    pub(crate) fn next(&mut self) -> Result<&'a [u8], LedgerError> {
        let (len, rest) = self
            .rest
            .split_first_chunk::<4>()
            .ok_or(self.bad("a part is missing"))?;
        let len = usize::try_from(u32::from_be_bytes(*len)).unwrap_or(usize::MAX);
        let part = rest.get(..len).ok_or(self.bad("a part is cut off"))?;
        self.rest = rest.get(len..).unwrap_or_default();
        Ok(part)
    }

    /// The next part, of exactly `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], LedgerError> {
        let part = self.next()?;
        part.try_into()
            .map_err(|_| self.bad("a part has the wrong length"))
    }

    /// Ok when nothing is left.
    pub(crate) fn end(&self) -> Result<(), LedgerError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.bad("there are more parts than there should be"))
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) const fn bad(&self, reason: &'static str) -> LedgerError {
        LedgerError::Malformed {
            what: self.what,
            reason,
        }
    }
}

/// `[u8; N]` as hexadecimal text.
pub(crate) mod hexed {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer, const N: usize>(
        bytes: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; N];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| D::Error::custom("expected hexadecimal of a fixed length"))?;
        Ok(bytes)
    }
}

/// Bytes of any length as hexadecimal text.
pub(crate) mod hexed_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        hex::decode(String::deserialize(deserializer)?)
            .map_err(|_| D::Error::custom("expected hexadecimal"))
    }
}

/// A list of `[u8; 32]` as hexadecimal texts.
pub(crate) mod hexed_list {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(
        list: &[[u8; 32]],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(list.iter().map(hex::encode))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<[u8; 32]>, D::Error> {
        let parse = |text: &String| {
            let mut bytes = [0; 32];
            hex::decode_to_slice(text, &mut bytes)
                .map_err(|_| D::Error::custom("expected 32 bytes as hexadecimal"))?;
            Ok(bytes)
        };
        Vec::<String>::deserialize(deserializer)?
            .iter()
            .map(parse)
            .collect()
    }
}
