use sanctuary_types::{PartyId, lp};
use serde::{Deserialize, Serialize};

use crate::encode::hexed;

/// What one holder says at the end of a ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkgResult {
    /// The ceremony.
    pub ceremony_id: [u8; 16],
    /// The holder's share index.
    pub index: u16,
    /// kG.
    pub group_key: [u8; 32],
    /// s_i G.
    pub share_keys: Vec<[u8; 32]>,
    /// SHA-256 of the round-1 packages.
    pub transcript_sha256: [u8; 32],
    /// Ed25519 over [`dkg_result_message`].
    pub signature: [u8; 64],
}

/// What a holder signs when a ceremony ends: "my share fits this key set". The index is a
/// big-endian u32; the share keys follow one by one.
#[must_use]
pub fn dkg_result_message(
    ceremony_id: &[u8],
    index: u16,
    group_key: &[u8; 32],
    share_keys: &[[u8; 32]],
    transcript_sha256: &[u8; 32],
) -> Vec<u8> {
    let index = u32::from(index).to_be_bytes();
    let mut parts: Vec<&[u8]> = vec![b"sanctuary/v1/dkg-result", ceremony_id, &index, group_key];
    parts.extend(share_keys.iter().map(|k| k.as_slice()));
    parts.push(transcript_sha256);
    lp(&parts)
}

/// A holder's signature on the ceremony's result, kept in the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// The holder.
    pub holder: PartyId,
    /// Ed25519 over [`dkg_result_message`].
    #[serde(with = "hexed")]
    pub signature: [u8; 64],
}
