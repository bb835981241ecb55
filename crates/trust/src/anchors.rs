use std::{collections::BTreeSet, fmt};

use rustls_pki_types::{CertificateDer, pem::PemObject};
use sanctuary_types::lp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{TrustError, encode, spki};

const WHAT: &str = "anchors file";

/// What a party must be told out of band, once: the officers' keys, how many must sign, and the
/// certificate authority's root. Everything else is checked against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "AnchorsFile", into = "AnchorsFile")]
pub struct Anchors {
    /// The officers' Ed25519 keys.
    pub officers: Vec<[u8; 32]>,
    /// How many officers must sign.
    pub k: u8,
    /// The root certificate, DER.
    pub ca: Vec<u8>,
}

impl Anchors {
    /// Officers there may be.
    pub const OFFICERS_MAX: usize = 16;

    /// Checked anchors.
    ///
    /// # Errors
    /// As [`Anchors::check`].
    pub fn new(officers: Vec<[u8; 32]>, k: u8, ca: Vec<u8>) -> Result<Self, TrustError> {
        let anchors = Self { officers, k, ca };
        anchors.check()?;
        Ok(anchors)
    }

    /// Reads the JSON file.
    ///
    /// # Errors
    /// [`TrustError::Json`] for the form, else as [`Anchors::check`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, TrustError> {
        serde_json::from_slice(bytes).map_err(|e| TrustError::json(WHAT, &e))
    }

    /// The JSON file.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// The officers differ, `k` is 1 to their number, and the root is a certificate.
    ///
    /// # Errors
    /// [`TrustError::Malformed`], [`TrustError::TooMany`] or [`TrustError::Certificate`].
    pub fn check(&self) -> Result<(), TrustError> {
        if self.officers.len() > Self::OFFICERS_MAX {
            return Err(TrustError::TooMany {
                what: WHAT,
                items: "officers",
                max: Self::OFFICERS_MAX,
            });
        }
        if self.officers.iter().collect::<BTreeSet<_>>().len() != self.officers.len() {
            return Err(malformed("it names one officer's key twice"));
        }
        if self.k == 0 || usize::from(self.k) > self.officers.len() {
            return Err(malformed(
                "the number of signatures needed must be 1 to the number of officers",
            ));
        }
        spki::parse(&self.ca).map(|_| ())
    }

    /// What people compare over the telephone before they trust this file. Also under every roster
    /// and manifest signature, so that no document of one partnership counts in another.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut officers = self.officers.clone();
        officers.sort_unstable();
        Fingerprint(
            Sha256::digest(lp(&[
                b"sanctuary/v1/anchors",
                &[self.k],
                &officers.concat(),
                &self.ca,
            ]))
            .into(),
        )
    }
}

/// A SHA-256 for people: the first 128 bits in eight groups of four, short enough to read aloud
/// and long enough that nobody can make a second file with the same ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, pair) in self.0[..16].chunks(2).enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&hex::encode(pair))?;
        }
        Ok(())
    }
}

/// The file as written: format number first, the root as PEM.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnchorsFile {
    format: u8,
    signatures_needed: u8,
    #[serde(with = "encode::hexed_list")]
    officers: Vec<[u8; 32]>,
    root_certificate: String,
}

impl TryFrom<AnchorsFile> for Anchors {
    type Error = TrustError;
    fn try_from(file: AnchorsFile) -> Result<Self, TrustError> {
        if file.format != 1 {
            return Err(malformed(
                "its format is not 1; use a newer version of this program",
            ));
        }
        let ca = CertificateDer::from_pem_slice(file.root_certificate.as_bytes())
            .map_err(|_| malformed("its root certificate is not PEM"))?;
        Self::new(file.officers, file.signatures_needed, ca.to_vec())
    }
}

impl From<Anchors> for AnchorsFile {
    fn from(anchors: Anchors) -> Self {
        Self {
            format: 1,
            signatures_needed: anchors.k,
            officers: anchors.officers,
            root_certificate: encode::pem("CERTIFICATE", &anchors.ca),
        }
    }
}

fn malformed(reason: &'static str) -> TrustError {
    TrustError::Malformed { what: WHAT, reason }
}
