//! Few sizes, so that an envelope's size does not tell a refusal from a small release.

use zeroize::Zeroizing;

use crate::EnvelopeError;

/// Bytes of padded content. Nearly every message of a case, a refusal or an ordinary report alike,
/// fits the first.
pub const SIZE_CLASSES: [usize; 3] = [16 * 1024, 64 * 1024, 256 * 1024];
const LENGTH_BYTES: usize = 4;
/// An Ed25519 signature stands before the body.
const SIGNATURE_BYTES: usize = 64;
/// Bytes of the longest body.
pub const BODY_BYTES_MAX: usize = SIZE_CLASSES[2] - LENGTH_BYTES - SIGNATURE_BYTES;

/// The size that a body of `bytes` is padded to; `None` when it is too long.
#[must_use]
pub fn size_class(bytes: usize) -> Option<usize> {
    let needed = bytes.checked_add(LENGTH_BYTES + SIGNATURE_BYTES)?;
    SIZE_CLASSES.into_iter().find(|size| needed <= *size)
}

/// Length, signature, body, zeros.
pub(crate) fn pad(
    body: &[u8],
    signature: &[u8; SIGNATURE_BYTES],
) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    let too_long = EnvelopeError::TooLong {
        max: BODY_BYTES_MAX,
    };
    let size = size_class(body.len()).ok_or(too_long.clone())?;
    let length = u32::try_from(body.len()).map_err(|_| too_long)?;
    let mut out = Zeroizing::new(Vec::with_capacity(size));
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(signature);
    out.extend_from_slice(body);
    out.resize(size, 0);
    Ok(out)
}

/// Signature and body of padded content; anything but the one valid padding is refused.
pub(crate) fn unpad(padded: &[u8]) -> Result<([u8; SIGNATURE_BYTES], &[u8]), EnvelopeError> {
    let bad = EnvelopeError::Size;
    let (length, rest) = padded
        .split_first_chunk::<LENGTH_BYTES>()
        .ok_or(bad.clone())?;
    let (signature, rest) = rest
        .split_first_chunk::<SIGNATURE_BYTES>()
        .ok_or(bad.clone())?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| bad.clone())?;
    let (body, zeros) = rest.split_at_checked(length).ok_or(bad.clone())?;
    if size_class(length) != Some(padded.len()) || zeros.iter().any(|b| *b != 0) {
        return Err(bad);
    }
    Ok((*signature, body))
}
