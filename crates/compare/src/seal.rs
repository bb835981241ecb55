//! From node to node: sealed under the match secrets that only holders of the shared tokens have,
//! signed inside by the agency's key.

use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest::{SHA256, digest},
    error::Unspecified,
    hkdf::{HKDF_SHA256, Prk, Salt},
    signature::{ED25519, UnparsedPublicKey},
};
use sanctuary_types::{PartyId, limits::RECORD_TOKENS_MAX, lp};
use zeroize::Zeroizing;

use crate::{CompareError, Seed, seed::Length};

/// Bytes of a sealed message. The largest forms need 34 KiB.
pub const SEALED_BYTES_MAX: usize = 64 * 1024;
const SALT_BYTES: usize = 24;
const SIGNATURE_BYTES: usize = 64;

/// Names one comparison; the hub draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComparisonId(pub [u8; 16]);

/// A stage whose message goes to the other node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// From the opener.
    Open,
    /// From the answerer.
    Answer,
}

impl Stage {
    const fn code(self) -> u8 {
        match self {
            Self::Open => 1,
            Self::Answer => 2,
        }
    }
}

/// What a message is of. Bound into key and signature: a message counts nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// Which comparison.
    pub comparison: ComparisonId,
    /// Which stage.
    pub stage: Stage,
    /// Who sends.
    pub from: &'a PartyId,
    /// Who receives.
    pub to: &'a PartyId,
}

impl Header<'_> {
    fn lp(&self, label: &str, last: &[u8]) -> Vec<u8> {
        lp(&[
            label.as_bytes(),
            &self.comparison.0,
            &[self.stage.code()],
            self.from.as_bytes(),
            self.to.as_bytes(),
            last,
        ])
    }

    /// What is signed: the header and SHA-256 of the text.
    fn signed(&self, text: &[u8]) -> Vec<u8> {
        self.lp("sanctuary/v1/compare", digest(&SHA256, text).as_ref())
    }
}

/// The key that two agencies have in common because both records have the same tokens. Nobody who
/// has not evaluated all of them can make it, the hub least of all.
pub struct PairKey(Prk);

impl PairKey {
    /// From the match secrets of the shared tokens, in the same order at both sides.
    ///
    /// # Errors
    /// [`CompareError::Secrets`] for none or more than a record has tokens.
    pub fn new<'s>(
        match_secrets: impl IntoIterator<Item = &'s [u8; 32]>,
    ) -> Result<Self, CompareError> {
        let mut all = Zeroizing::new(Vec::with_capacity(RECORD_TOKENS_MAX * 32));
        for secret in match_secrets {
            if all.len() == RECORD_TOKENS_MAX * 32 {
                return Err(CompareError::Secrets);
            }
            all.extend_from_slice(secret);
        }
        if all.is_empty() {
            return Err(CompareError::Secrets);
        }
        let salt = Salt::new(HKDF_SHA256, b"sanctuary/v1/compare/pair");
        Ok(Self(salt.extract(&all)))
    }

    /// Signs and seals. The key of each text is its own: a salt of 24 bytes from `seed` and the
    /// text goes into it, so that the nonce can be zero.
    ///
    /// Layout: salt 24, sealed (signature 64, text) + 16.
    ///
    /// # Errors
    /// [`CompareError::Damaged`] when the text is larger than a message may be.
    pub fn seal(
        &self,
        header: &Header<'_>,
        text: &[u8],
        seed: &Seed,
        sign: impl FnOnce(&[u8]) -> [u8; SIGNATURE_BYTES],
    ) -> Result<Vec<u8>, CompareError> {
        let salt = seed.salt(digest(&SHA256, text).as_ref());
        let mut plain = Vec::with_capacity(SIGNATURE_BYTES + text.len() + 16);
        plain.extend_from_slice(&sign(&header.signed(text)));
        plain.extend_from_slice(text);
        let sealed = self.key(header, &salt).and_then(|key| {
            let aad = Aad::from(header.lp("sanctuary/v1/compare/aad", &salt));
            key.seal_in_place_append_tag(nonce(), aad, &mut plain)
        });
        if sealed.is_err() || SALT_BYTES + plain.len() > SEALED_BYTES_MAX {
            return Err(CompareError::Damaged("too large"));
        }
        Ok([&salt[..], &plain].concat())
    }

    /// Opens and checks the signature of the agency that `header` names as the sender.
    ///
    /// # Errors
    /// [`CompareError::Damaged`] for an impossible size, [`CompareError::NotShared`] when it does
    /// not open, [`CompareError::Signature`].
    pub fn open(
        &self,
        header: &Header<'_>,
        sealed: &[u8],
        signing_key: &[u8; 32],
    ) -> Result<Vec<u8>, CompareError> {
        if sealed.len() > SEALED_BYTES_MAX {
            return Err(CompareError::Damaged("too large"));
        }
        let (salt, body) = sealed
            .split_first_chunk::<SALT_BYTES>()
            .ok_or(CompareError::Damaged("too short"))?;
        let mut body = body.to_vec();
        let aad = Aad::from(header.lp("sanctuary/v1/compare/aad", salt));
        let plain = self
            .key(header, salt)
            .and_then(|key| key.open_in_place(nonce(), aad, &mut body).map(|p| &*p))
            .map_err(|Unspecified| CompareError::NotShared)?;
        let (signature, text) = plain
            .split_first_chunk::<SIGNATURE_BYTES>()
            .ok_or(CompareError::Damaged("too short"))?;
        UnparsedPublicKey::new(&ED25519, signing_key)
            .verify(&header.signed(text), signature)
            .map_err(|Unspecified| CompareError::Signature)?;
        Ok(text.to_vec())
    }

    fn key(&self, header: &Header<'_>, salt: &[u8]) -> Result<LessSafeKey, Unspecified> {
        let info = header.lp("sanctuary/v1/compare/message", salt);
        let mut key = Zeroizing::new([0; 32]);
        self.0.expand(&[&info], Length(32))?.fill(&mut *key)?;
        UnboundKey::new(&CHACHA20_POLY1305, &*key).map(LessSafeKey::new)
    }
}

impl std::fmt::Debug for PairKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PairKey(<redacted>)")
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}
