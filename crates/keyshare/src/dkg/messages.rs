use sanctuary_toprf::HolderIndex;
use sanctuary_types::lp;
use sha2::{Digest, Sha256};

use super::CeremonyId;

/// A holder's public first message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round1 {
    /// Which ceremony.
    pub ceremony_id: CeremonyId,
    /// From whom.
    pub index: HolderIndex,
    /// Commitments to its polynomial and a proof that it knows the polynomial (FROST encoding).
    pub package: Vec<u8>,
    /// X25519 key, made for this ceremony, to which its packages are sealed.
    pub sealing_key: [u8; 32],
    /// Ed25519 of the holder over [`Round1::signed_bytes`].
    pub signature: [u8; 64],
}

impl Round1 {
    /// `lp("sanctuary/v1/dkg-round1", ceremony, index, package, sealing key)`.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        lp(&[
            b"sanctuary/v1/dkg-round1",
            &self.ceremony_id,
            &self.index.to_be_bytes(),
            &self.package,
            &self.sealing_key,
        ])
    }
}

/// A holder's statement of which first messages it was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Echo {
    /// Which ceremony.
    pub ceremony_id: CeremonyId,
    /// From whom.
    pub index: HolderIndex,
    /// SHA-256 over `lp("sanctuary/v1/dkg-transcript", ceremony, then per holder in the order of
    /// indices: index, package, sealing key)`. The same hash goes into the key manifest.
    pub transcript_sha256: [u8; 32],
    /// Ed25519 of the holder over [`Echo::signed_bytes`].
    pub signature: [u8; 64],
}

impl Echo {
    /// `lp("sanctuary/v1/dkg-echo", ceremony, index, transcript)`.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        lp(&[
            b"sanctuary/v1/dkg-echo",
            &self.ceremony_id,
            &self.index.to_be_bytes(),
            &self.transcript_sha256,
        ])
    }
}

/// A value of one holder's polynomial, sealed to the one holder it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPackage {
    /// From whom.
    pub from: HolderIndex,
    /// To whom.
    pub to: HolderIndex,
    /// HPKE encapsulated key.
    pub encapsulated: [u8; 32],
    /// The value and the sender's signature over it, sealed: 112 bytes.
    pub ciphertext: Vec<u8>,
}

/// See [`Echo::transcript_sha256`].
pub(super) fn transcript(ceremony_id: &CeremonyId, in_order: &[Round1]) -> [u8; 32] {
    let indices: Vec<[u8; 2]> = in_order.iter().map(|m| m.index.to_be_bytes()).collect();
    let mut parts: Vec<&[u8]> = vec![b"sanctuary/v1/dkg-transcript", ceremony_id];
    for (message, index) in in_order.iter().zip(&indices) {
        parts.extend([&index[..], &message.package, &message.sealing_key]);
    }
    Sha256::digest(lp(&parts)).into()
}
