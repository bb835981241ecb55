use sanctuary_trust::{Anchors, OfficerSignature, SigningKey, TrustError, quorum};

use crate::{Agreement, PolicyError, file};

const WHAT: &str = "sharing agreement";

/// The agreement file: the document and the officers' signatures over its canonical bytes (not over
/// the TOML, whose spaces and comments may change).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAgreement {
    agreement: Agreement,
    signatures: Vec<OfficerSignature>,
}

impl SignedAgreement {
    /// An agreement nobody has signed yet.
    ///
    /// # Errors
    /// As [`Agreement::check`].
    pub fn unsigned(agreement: Agreement) -> Result<Self, PolicyError> {
        agreement.check()?;
        Ok(Self {
            agreement,
            signatures: Vec::new(),
        })
    }

    /// Reads the TOML file; verifies its form and its rules, not its signatures.
    ///
    /// # Errors
    /// [`PolicyError`] naming the first rule that fails.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        let (agreement, signatures) = file::read(text)?;
        Ok(Self {
            agreement,
            signatures,
        })
    }

    /// The TOML file.
    ///
    /// # Errors
    /// [`PolicyError::Toml`], which a checked agreement gives no reason for.
    pub fn to_toml(&self) -> Result<String, PolicyError> {
        file::write(&self.agreement, &self.signatures)
    }

    /// Adds an officer's signature.
    ///
    /// # Errors
    /// [`PolicyError::Trust`] when the key is not an officer's.
    pub fn sign(&mut self, anchors: &Anchors, key: &SigningKey) -> Result<(), PolicyError> {
        let message = self.agreement.message(anchors);
        quorum::add(WHAT, anchors, &message, key, &mut self.signatures).map_err(trust)
    }

    /// The agreement, if k officers signed it and its version is at least `min_version`. Whether it is
    /// in force is asked with each question, not here: an expired one still explains old cases.
    ///
    /// # Errors
    /// [`PolicyError::Trust`] naming the first rule that fails.
    pub fn verify(&self, anchors: &Anchors, min_version: u32) -> Result<Agreement, PolicyError> {
        let message = self.agreement.message(anchors);
        quorum::check(WHAT, anchors, &message, &self.signatures).map_err(trust)?;
        if self.agreement.version < min_version {
            return Err(trust(TrustError::Outdated {
                what: WHAT,
                found: self.agreement.version.into(),
                least: min_version.into(),
            }));
        }
        Ok(self.agreement.clone())
    }

    /// What the officers are asked to sign; for reading only, nothing here is verified.
    #[must_use]
    pub fn proposal(&self) -> &Agreement {
        &self.agreement
    }

    /// The signatures so far.
    #[must_use]
    pub fn signatures(&self) -> &[OfficerSignature] {
        &self.signatures
    }
}

fn trust(error: TrustError) -> PolicyError {
    PolicyError::Trust(error.to_string())
}
