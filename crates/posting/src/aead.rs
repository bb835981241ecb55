//! One seal under one key: HKDF-SHA256 for the key, ChaCha20-Poly1305 with the zero nonce.
//!
//! The zero nonce is safe only because no key seals two different texts. Callers see to that by
//! putting into `info` what makes the text unique (a posting's handle) or by taking a fresh input
//! key for each text (a card's key). A fresh key costs one HMAC and saves twelve bytes a posting.

use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
};
use zeroize::Zeroizing;

/// Bytes of the authentication tag after a sealed text.
pub(crate) const TAG_BYTES: usize = 16;

/// HKDF-Extract with a labelled salt.
pub(crate) fn extract(salt: &[u8], secret: &[u8]) -> Prk {
    Salt::new(HKDF_SHA256, salt).extract(secret)
}

/// A key that is uniform already, for HKDF-Expand alone.
pub(crate) fn uniform(key: &[u8; 32]) -> Prk {
    Prk::new_less_safe(HKDF_SHA256, key)
}

/// HKDF-Expand to `N` bytes, at most 64 here; HKDF allows 8,160.
pub(crate) fn expand<const N: usize>(prk: &Prk, info: &[u8]) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    sure(
        prk.expand(&[info], Length(N))
            .and_then(|okm| okm.fill(&mut *out)),
    );
    out
}

/// Seals `plain` into `out`, which is `TAG_BYTES` longer.
pub(crate) fn seal(key: &[u8; 32], associated: &[u8], plain: &[u8], out: &mut [u8]) {
    let (text, tag) = out.split_at_mut(plain.len());
    text.copy_from_slice(plain);
    let sealed = sure(
        LessSafeKey::new(sure(UnboundKey::new(&CHACHA20_POLY1305, key)))
            .seal_in_place_separate_tag(zero_nonce(), Aad::from(associated), text),
    );
    tag.copy_from_slice(sealed.as_ref());
}

/// Opens `N + TAG_BYTES` sealed bytes; `None` when key, associated data or text are not those
/// that were sealed.
pub(crate) fn open<const N: usize>(
    key: &[u8; 32],
    associated: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<[u8; N]>> {
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).ok()?);
    let plain = key
        .open_in_place(zero_nonce(), Aad::from(associated), &mut buffer)
        .ok()?;
    let mut out = Zeroizing::new([0; N]);
    (plain.len() == N).then(|| out.copy_from_slice(plain))?;
    Some(out)
}

fn zero_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// ring reports lengths out of range this way; ours are constants within range.
fn sure<T>(result: Result<T, Unspecified>) -> T {
    match result {
        Ok(value) => value,
        Err(Unspecified) => unreachable!("all lengths are constants that ring allows"),
    }
}

/// An output length for ring.
struct Length(usize);
impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
