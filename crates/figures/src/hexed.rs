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
    let mut bytes = [0; N];
    hex::decode_to_slice(String::deserialize(deserializer)?, &mut bytes)
        .map_err(|_| D::Error::custom("expected hexadecimal of a fixed length"))?;
    Ok(bytes)
}
