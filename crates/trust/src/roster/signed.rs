use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Party, Roster, WHAT, malformed};
use crate::{Anchors, OfficerSignature, SigningKey, TrustError, quorum};

/// The roster file: the roster and the officers' signatures over its canonical bytes (not over the
/// JSON, whose spaces and order may change).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRoster {
    roster: Roster,
    signatures: Vec<OfficerSignature>,
}

impl SignedRoster {
    /// A roster nobody has signed yet.
    #[must_use]
    pub fn unsigned(roster: Roster) -> Self {
        Self {
            roster,
            signatures: Vec::new(),
        }
    }

    /// Adds an officer's signature.
    ///
    /// # Errors
    /// [`TrustError::UnknownOfficer`] when the key is not an officer's.
    pub fn sign(&mut self, anchors: &Anchors, key: &SigningKey) -> Result<(), TrustError> {
        let message = self.roster.message(anchors);
        quorum::add(WHAT, anchors, &message, key, &mut self.signatures)
    }

    /// The roster, if k officers signed it and its version is at least `min_version`.
    ///
    /// # Errors
    /// [`TrustError`] naming the first rule that fails.
    pub fn verify(&self, anchors: &Anchors, min_version: u32) -> Result<Roster, TrustError> {
        quorum::check(
            WHAT,
            anchors,
            &self.roster.message(anchors),
            &self.signatures,
        )?;
        if self.roster.version < min_version {
            return Err(TrustError::Outdated {
                what: WHAT,
                found: self.roster.version.into(),
                least: min_version.into(),
            });
        }
        Ok(self.roster.clone())
    }

    /// What the officers are asked to sign; for reading only, nothing here is verified.
    #[must_use]
    pub fn proposal(&self) -> &Roster {
        &self.roster
    }

    /// The signatures so far.
    #[must_use]
    pub fn signatures(&self) -> &[OfficerSignature] {
        &self.signatures
    }

    /// Reads the JSON file; verifies nothing but its form.
    ///
    /// # Errors
    /// [`TrustError::Json`], else as [`Roster::new`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, TrustError> {
        let file: RosterFile =
            serde_json::from_slice(bytes).map_err(|e| TrustError::json(WHAT, &e))?;
        if file.format != 1 {
            return Err(malformed(
                "its format is not 1; use a newer version of this program",
            ));
        }
        let mut roster = Roster::new(file.version, Timestamp(file.issued_ms), file.parties)?;
        roster.second_step = file.second_step;
        Ok(Self {
            roster,
            signatures: file.signatures,
        })
    }

    /// The JSON file.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(&RosterFile {
            format: 1,
            version: self.roster.version,
            issued_ms: self.roster.issued.0,
            second_step: self.roster.second_step,
            parties: self.roster.parties.clone(),
            signatures: self.signatures.clone(),
        })
        .unwrap_or_default()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RosterFile {
    format: u8,
    version: u32,
    issued_ms: u64,
    /// Absent means off, so that files from before it stay as they were signed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    second_step: bool,
    parties: Vec<Party>,
    signatures: Vec<OfficerSignature>,
}
