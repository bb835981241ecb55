use std::fmt;

use curve25519_dalek::{RistrettoPoint, Scalar};
use sanctuary_toprf::HolderIndex;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::KeyshareError;

/// One holder's share `s_i = f(i)` of a key `k = f(0)`. Alone it says nothing about the key.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct KeyShare {
    #[zeroize(skip)]
    index: HolderIndex,
    scalar: Scalar,
}

impl KeyShare {
    /// Length of the stored form: index (u16 big-endian), scalar (32 bytes, little-endian).
    pub const BYTES: usize = 34;

    /// The share's index, 1 to n.
    #[must_use]
    pub const fn index(&self) -> HolderIndex {
        self.index
    }

    /// `Y_i = s_i * G`: what the manifest lists for this holder.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        RistrettoPoint::mul_base(&self.scalar).compress().to_bytes()
    }

    /// The share as stored; seal it before it touches a disk.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; Self::BYTES]> {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        bytes[..2].copy_from_slice(&self.index.to_be_bytes());
        bytes[2..].copy_from_slice(self.scalar.as_bytes());
        bytes
    }

    /// Back from the stored form.
    ///
    /// # Errors
    /// [`KeyshareError::MalformedShare`] for index zero, a non-canonical or zero scalar.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, KeyshareError> {
        let mut scalar = Zeroizing::new([0; 32]);
        scalar.copy_from_slice(&bytes[2..]);
        Self::from_parts(u16::from_be_bytes([bytes[0], bytes[1]]), &scalar)
    }

    pub(crate) fn from_parts(index: HolderIndex, scalar: &[u8; 32]) -> Result<Self, KeyshareError> {
        let scalar = Option::<Scalar>::from(Scalar::from_canonical_bytes(*scalar))
            .filter(|scalar| index != 0 && *scalar != Scalar::ZERO)
            .ok_or(KeyshareError::MalformedShare)?;
        Ok(Self { index, scalar })
    }

    pub(crate) const fn scalar(&self) -> &Scalar {
        &self.scalar
    }
}

impl fmt::Debug for KeyShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyShare({}, <redacted>)", self.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_stored_in_one_form_and_not_printed() {
        let share = KeyShare::from_parts(2, Scalar::from(0xABCD_u64).as_bytes()).unwrap();
        let again = KeyShare::from_bytes(&share.to_bytes()).unwrap();
        assert_eq!(again.public_key(), share.public_key());
        assert_eq!(format!("{share:?}"), "KeyShare(2, <redacted>)");
    }

    #[test]
    fn zero_and_non_canonical_shares_are_refused() {
        let mut bytes = *KeyShare::from_parts(2, Scalar::ONE.as_bytes())
            .unwrap()
            .to_bytes();
        bytes[33] = 0xff;
        assert!(KeyShare::from_bytes(&bytes).is_err());
        assert!(KeyShare::from_parts(0, Scalar::ONE.as_bytes()).is_err());
        assert!(KeyShare::from_parts(1, &[0; 32]).is_err());
    }
}
