use std::fmt;

use rand_core::CryptoRng;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use zeroize::{Zeroize, Zeroizing};

use crate::TrustError;

/// PKCS#8 version 1 header of an Ed25519 key (RFC 8410 section 7); the 32-byte seed follows.
const PKCS8_HEADER: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// An Ed25519 key of a party or officer (RFC 8032, by ring). Wiped on drop, never printed.
pub struct SigningKey {
    seed: Zeroizing<[u8; 32]>,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// A fresh key from the caller's randomness.
    ///
    /// # Errors
    /// [`TrustError::Key`] when ring refuses the seed, which it has no reason to.
    pub fn generate(rng: &mut impl CryptoRng) -> Result<Self, TrustError> {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self::from_seed(seed)
    }

    /// Reads PKCS#8 DER, with or without the public key (versions 1 and 2).
    ///
    /// # Errors
    /// [`TrustError::Key`] when it is not an Ed25519 key.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, TrustError> {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| TrustError::Key("key file"))?;
        // Both versions carry the seed right after the algorithm; version 2 has a longer outer
        // length and version 1 there, and the same algorithm and seed bytes.
        let body = der
            .windows(PKCS8_HEADER.len() - 5)
            .position(|w| w == &PKCS8_HEADER[5..])
            .map(|at| at + PKCS8_HEADER.len() - 5)
            .and_then(|at| der.get(at..at + 32))
            .ok_or(TrustError::Key("key file"))?;
        let mut seed = Zeroizing::new([0; 32]);
        seed.copy_from_slice(body);
        Self::from_seed(seed)
    }

    /// PKCS#8 version 1 DER, 48 bytes, for the key file.
    #[must_use]
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        let mut der = Zeroizing::new(Vec::with_capacity(48));
        der.extend_from_slice(&PKCS8_HEADER);
        der.extend_from_slice(self.seed.as_ref());
        der
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(self.pair.public_key().as_ref());
        out
    }

    /// Signs `message`, which must begin with its `sanctuary/v1/...` label (see `lp`).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut out = [0; 64];
        out.copy_from_slice(self.pair.sign(message).as_ref());
        out
    }

    fn from_seed(seed: Zeroizing<[u8; 32]>) -> Result<Self, TrustError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_ref())
            .map_err(|_| TrustError::Key("seed"))?;
        Ok(Self { seed, pair })
    }
}

impl Clone for SigningKey {
    fn clone(&self) -> Self {
        let pair = match Ed25519KeyPair::from_seed_unchecked(self.seed.as_ref()) {
            Ok(pair) => pair,
            // The same 32 bytes were accepted when `self` was built.
            Err(_) => unreachable!("a 32-byte seed is always an Ed25519 key"),
        };
        Self {
            seed: self.seed.clone(),
            pair,
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(<redacted>)")
    }
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

/// Checks an Ed25519 signature.
///
/// # Errors
/// [`TrustError::Signature`] when it does not fit.
pub fn verify(public: &[u8; 32], message: &[u8], signature: &[u8]) -> Result<(), TrustError> {
    UnparsedPublicKey::new(&ED25519, public)
        .verify(message, signature)
        .map_err(|_| TrustError::Signature("message"))
}
