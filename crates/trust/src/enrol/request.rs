use ring::hmac;
use sanctuary_types::PartyId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Invitation, from_json, message};
use crate::{
    Anchors, Fingerprint, Party, PartyKind, SealingKey, SigningKey, TrustError, ca,
    encode::{der, hexed, hexed_option},
    verify,
};

/// The keys an applicant made on its own machine; only their public halves enter the request.
#[derive(Clone, Copy, Debug)]
pub struct ApplicantKeys<'a> {
    /// TLS key, PKCS#8 DER.
    pub tls_key: &'a [u8],
    /// Ed25519.
    pub signing: &'a SigningKey,
    /// X25519; key holders need one.
    pub sealing: Option<&'a SealingKey>,
}

/// A party's request to be enrolled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    format: u8,
    party: PartyId,
    kind: PartyKind,
    name: String,
    endpoint: Option<String>,
    #[serde(with = "der")]
    certificate_request: Vec<u8>,
    #[serde(with = "hexed")]
    signing_key: [u8; 32],
    #[serde(with = "hexed_option")]
    sealing_key: Option<[u8; 32]>,
    /// By the signing key, so that nobody enrols a key that is not theirs.
    #[serde(with = "hexed")]
    signature: [u8; 64],
    #[serde(with = "hexed")]
    mac: [u8; 32],
}

impl Request {
    /// Answers an invitation.
    ///
    /// # Errors
    /// [`TrustError`] when the anchors are not the invitation's or a key is unusable.
    pub fn new(
        invitation: &Invitation,
        anchors: &Anchors,
        keys: ApplicantKeys<'_>,
        name: &str,
        endpoint: Option<&str>,
    ) -> Result<Self, TrustError> {
        invitation.check_anchors(anchors)?;
        let mut request = Self {
            format: 1,
            party: invitation.party.clone(),
            kind: invitation.kind,
            name: name.to_owned(),
            endpoint: endpoint.map(str::to_owned),
            certificate_request: ca::request(keys.tls_key)?,
            signing_key: keys.signing.public(),
            sealing_key: keys.sealing.map(SealingKey::public),
            signature: [0; 64],
            mac: [0; 32],
        };
        request
            .entry(ca::csr_spki_sha256(&request.certificate_request)?)
            .check()?;
        let message = request.message(anchors);
        request.signature = keys.signing.sign(&message);
        request
            .mac
            .copy_from_slice(hmac::sign(&invitation.mac_key(), &message).as_ref());
        Ok(request)
    }

    /// Who asks.
    #[must_use]
    pub fn party(&self) -> &PartyId {
        &self.party
    }
    /// As what.
    #[must_use]
    pub fn kind(&self) -> PartyKind {
        self.kind
    }
    /// The certificate request, DER, for [`crate::Authority::issue`].
    #[must_use]
    pub fn certificate_request(&self) -> &[u8] {
        &self.certificate_request
    }
    /// What applicant and officers compare over the telephone before anybody signs.
    #[must_use]
    pub fn fingerprint(&self, anchors: &Anchors) -> Fingerprint {
        Fingerprint(Sha256::digest(self.message(anchors)).into())
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`TrustError::Json`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, TrustError> {
        from_json("enrolment request", bytes)
    }
    /// The file, which holds no secret.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    pub(super) fn check_mac(&self, key: &hmac::Key, anchors: &Anchors) -> Result<(), TrustError> {
        // ring compares in constant time.
        hmac::verify(key, &self.message(anchors), &self.mac).map_err(|_| {
            TrustError::Enrolment(
                "it was not made with the token of the invitation, or was changed on the way",
            )
        })
    }

    pub(super) fn roster_entry(&self, anchors: &Anchors) -> Result<Party, TrustError> {
        verify(&self.signing_key, &self.message(anchors), &self.signature)
            .map_err(|_| TrustError::Signature("enrolment request"))?;
        let party = self.entry(ca::csr_spki_sha256(&self.certificate_request)?);
        party.check()?;
        if party.kind == PartyKind::KeyHolder && party.sealing_key.is_none() {
            return Err(TrustError::Enrolment(
                "a key holder must bring a sealing key",
            ));
        }
        Ok(party)
    }

    fn entry(&self, spki_sha256: [u8; 32]) -> Party {
        Party {
            id: self.party.clone(),
            kind: self.kind,
            name: self.name.clone(),
            spki_sha256,
            signing_key: self.signing_key,
            sealing_key: self.sealing_key,
            endpoint: self.endpoint.clone(),
        }
    }

    fn message(&self, anchors: &Anchors) -> Vec<u8> {
        message(
            b"request",
            anchors,
            &[&self.certificate_request, &self.entry([0; 32]).canonical()],
        )
    }
}
