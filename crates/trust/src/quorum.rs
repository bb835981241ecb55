//! k of m officers sign a document: roster, manifest, sharing agreement.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Anchors, SigningKey, TrustError, encode::hexed, verify};

/// One officer's signature on a roster or manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficerSignature {
    /// The officer's public key, as in the anchors.
    #[serde(with = "hexed")]
    pub officer: [u8; 32],
    /// Ed25519 signature.
    #[serde(with = "hexed")]
    pub signature: [u8; 64],
}

/// Adds `key`'s signature, replacing an earlier one of the same officer.
///
/// # Errors
/// [`TrustError::UnknownOfficer`] when the key is not an officer's.
pub fn add(
    what: &'static str,
    anchors: &Anchors,
    message: &[u8],
    key: &SigningKey,
    signatures: &mut Vec<OfficerSignature>,
) -> Result<(), TrustError> {
    let officer = key.public();
    if !anchors.officers.contains(&officer) {
        return Err(TrustError::UnknownOfficer(what));
    }
    signatures.retain(|s| s.officer != officer);
    signatures.push(OfficerSignature {
        officer,
        signature: key.sign(message),
    });
    Ok(())
}

/// Passes only when k distinct officers signed and nothing else is in the list: a stray signature
/// means that somebody meddled with the file, so it is refused rather than skipped.
///
/// # Errors
/// [`TrustError`] naming the first rule that fails.
pub fn check(
    what: &'static str,
    anchors: &Anchors,
    message: &[u8],
    signatures: &[OfficerSignature],
) -> Result<(), TrustError> {
    anchors.check()?;
    let mut seen = BTreeSet::new();
    for entry in signatures.iter().take(anchors.officers.len() + 1) {
        if !anchors.officers.contains(&entry.officer) {
            return Err(TrustError::UnknownOfficer(what));
        }
        if !seen.insert(entry.officer) {
            return Err(TrustError::DuplicateOfficer(what));
        }
        verify(&entry.officer, message, &entry.signature)
            .map_err(|_| TrustError::Signature(what))?;
    }
    let need = usize::from(anchors.k);
    if seen.len() < need {
        return Err(TrustError::TooFewSignatures {
            what,
            have: seen.len(),
            need,
        });
    }
    Ok(())
}
