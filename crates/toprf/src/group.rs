//! RFC 9497 section 4.1: the ristretto255 group with SHA-512, and RFC 9380 section 5.3.1 under it.

use std::sync::LazyLock;

use curve25519_dalek::{
    RistrettoPoint, Scalar, ristretto::CompressedRistretto, traits::IsIdentity,
};
use sha2::{Digest, Sha512};

use crate::ELEMENT_BYTES;

/// `"OPRFV1-" || I2OSP(mode, 1) || "-" || identifier`, mode 0x01 (VOPRF).
macro_rules! context {
    ($prefix:literal) => {
        concat!($prefix, "OPRFV1-\u{1}-ristretto255-SHA512").as_bytes()
    };
}
const HASH_TO_GROUP_DST: &[u8] = context!("HashToGroup-");
const HASH_TO_SCALAR_DST: &[u8] = context!("HashToScalar-");
/// Domain separation of the proof's seed (RFC 9497 2.2.1).
pub(crate) const SEED_DST: &[u8] = context!("Seed-");

/// Bytes of one SHA-512 block.
const BLOCK_BYTES: usize = 128;

/// SHA-512 after the block of zeros with which every `expand_message_xmd` begins: hashed once per
/// process instead of once per input.
static AFTER_ZERO_BLOCK: LazyLock<Sha512> =
    LazyLock::new(|| Sha512::new().chain_update([0u8; BLOCK_BYTES]));

/// RFC 9497 `HashToGroup`: 64 uniform bytes, then the one-way map of RFC 9496 4.3.4.
#[must_use]
pub fn hash_to_group(input: &[u8]) -> RistrettoPoint {
    RistrettoPoint::from_uniform_bytes(&expand_message(&[input], HASH_TO_GROUP_DST))
}

/// RFC 9497 `HashToScalar` of the concatenation of `parts`: 64 uniform bytes reduced modulo the
/// group order.
#[must_use]
pub fn hash_to_scalar(parts: &[&[u8]]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&expand_message(parts, HASH_TO_SCALAR_DST))
}

/// Decodes concatenated 32-byte elements. `None` if the length is not a multiple of 32 or any
/// element is non-canonical or the identity (RFC 9497 `DeserializeElement` refuses both).
#[must_use]
pub fn decode_elements(bytes: &[u8]) -> Option<Vec<RistrettoPoint>> {
    let (elements, rest) = bytes.as_chunks::<ELEMENT_BYTES>();
    if !rest.is_empty() {
        return None;
    }
    elements.iter().map(decode_element).collect()
}

/// One element; `None` for a non-canonical encoding or the identity.
pub(crate) fn decode_element(bytes: &[u8; ELEMENT_BYTES]) -> Option<RistrettoPoint> {
    CompressedRistretto(*bytes)
        .decompress()
        .filter(|point| !point.is_identity())
}

/// RFC 9380 `expand_message_xmd` with SHA-512 for exactly 64 bytes: one output block, so
/// `b_0 = H(Z_pad || msg || I2OSP(64, 2) || 0x00 || DST_prime)`, `b_1 = H(b_0 || 0x01 || DST_prime)`.
pub(crate) fn expand_message(parts: &[&[u8]], dst: &[u8]) -> [u8; 64] {
    // Both tags are constants of about 40 bytes, well under the 255 that one length byte can say.
    let dst_len = [dst.len() as u8];
    let mut first = AFTER_ZERO_BLOCK.clone();
    for part in parts {
        first.update(part);
    }
    first.update([0, 64, 0]);
    first.update(dst);
    first.update(dst_len);
    Sha512::new()
        .chain_update(first.finalize())
        .chain_update([1])
        .chain_update(dst)
        .chain_update(dst_len)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_tags_are_those_of_the_rfc() {
        assert_eq!(
            HASH_TO_GROUP_DST,
            b"HashToGroup-OPRFV1-\x01-ristretto255-SHA512"
        );
        assert_eq!(
            HASH_TO_SCALAR_DST,
            b"HashToScalar-OPRFV1-\x01-ristretto255-SHA512"
        );
        assert_eq!(SEED_DST, b"Seed-OPRFV1-\x01-ristretto255-SHA512");
    }

    #[test]
    fn identity_non_canonical_and_short_elements_are_refused() {
        let good = hash_to_group(b"x").compress().to_bytes();
        assert!(decode_elements(&good).is_some());
        assert!(decode_elements(&[0; 32]).is_none(), "identity");
        assert!(decode_elements(&[0xff; 32]).is_none(), "above the field");
        assert!(decode_elements(&good[..31]).is_none(), "short");
        // RFC 9496 A.2: p itself, a second encoding of zero.
        let mut p = [0xff; 32];
        (p[0], p[31]) = (0xed, 0x7f);
        assert!(decode_elements(&p).is_none(), "non-canonical");
    }

    #[test]
    fn splitting_a_message_does_not_change_its_hash() {
        assert_eq!(hash_to_scalar(&[b"ab", b"c"]), hash_to_scalar(&[b"abc"]));
    }
}
