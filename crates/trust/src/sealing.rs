use std::fmt;

use hpke::{Deserializable, Kem, Serializable, kem::X25519HkdfSha256};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::TrustError;

/// An X25519 key (HPKE, RFC 9180) that others seal messages to: key holders get their ceremony
/// packages under it. Wiped on drop, never printed.
#[derive(Clone)]
pub struct SealingKey {
    secret: Zeroizing<[u8; 32]>,
    public: [u8; 32],
}

impl SealingKey {
    /// A fresh key from the caller's randomness.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut ikm = Zeroizing::new([0; 32]);
        rng.fill_bytes(ikm.as_mut());
        let (secret, public) = X25519HkdfSha256::derive_keypair(ikm.as_ref());
        Self {
            secret: Zeroizing::new(secret.to_bytes().into()),
            public: public.to_bytes().into(),
        }
    }

    /// Reads the 32 secret bytes.
    ///
    /// # Errors
    /// [`TrustError::Key`] when they are not a key.
    pub fn from_bytes(secret: &[u8]) -> Result<Self, TrustError> {
        let key = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(secret)
            .map_err(|_| TrustError::Key("sealing key"))?;
        Ok(Self {
            public: X25519HkdfSha256::sk_to_pk(&key).to_bytes().into(),
            secret: Zeroizing::new(key.to_bytes().into()),
        })
    }

    /// The 32 secret bytes, for the key file and for opening.
    #[must_use]
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// The public key, as in the roster.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.public
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(<redacted>)")
    }
}
