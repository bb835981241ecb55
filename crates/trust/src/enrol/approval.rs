use ring::hmac;
use serde::{Deserialize, Serialize};

use super::{Invitation, InvitationRecord, Request, from_json, message};
use crate::{
    Anchors, Party, TrustError, ca,
    encode::{der_list, hexed},
    spki_sha256,
};

const CHAIN_MAX: usize = 4;

/// The registrar's answer: the party's certificate and its roster entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    format: u8,
    party: Party,
    #[serde(with = "der_list")]
    chain: Vec<Vec<u8>>,
    #[serde(with = "hexed")]
    mac: [u8; 32],
}

impl Approval {
    /// Answers a redeemed request with the certificate issued for it, leaf first, without the root.
    ///
    /// # Errors
    /// [`TrustError::Enrolment`] when the record has not been redeemed.
    pub fn new(
        record: &InvitationRecord,
        request: &Request,
        anchors: &Anchors,
        party: Party,
        chain: Vec<Vec<u8>>,
    ) -> Result<Self, TrustError> {
        if !record.used {
            return Err(TrustError::Enrolment(
                "the request has not been accepted yet",
            ));
        }
        let mut approval = Self {
            format: 1,
            party,
            chain,
            mac: [0; 32],
        };
        let message = approval.message(request, anchors);
        approval
            .mac
            .copy_from_slice(hmac::sign(&record.mac_key(), &message).as_ref());
        Ok(approval)
    }

    /// What the applicant checks before it installs anything: the answer is to its own request, from
    /// the holder of the invitation, for its own key, and issued by the anchors' authority.
    ///
    /// # Errors
    /// [`TrustError`] naming the first rule that fails.
    pub fn check(
        &self,
        invitation: &Invitation,
        request: &Request,
        anchors: &Anchors,
    ) -> Result<(&Party, &[Vec<u8>]), TrustError> {
        invitation.check_anchors(anchors)?;
        hmac::verify(
            &invitation.mac_key(),
            &self.message(request, anchors),
            &self.mac,
        )
        .map_err(|_| {
            TrustError::Enrolment(
                "the approval does not answer this request, or was changed on the way",
            )
        })?;
        let leaf = match self.chain.as_slice() {
            [] => return Err(TrustError::Enrolment("the approval holds no certificate")),
            [leaf, rest @ ..] if rest.len() < CHAIN_MAX => leaf,
            _ => {
                return Err(TrustError::Enrolment(
                    "the approval's certificate chain is too long",
                ));
            }
        };
        ca::check_issued_by(&anchors.ca, leaf)?;
        if spki_sha256(leaf)? != self.party.spki_sha256 {
            return Err(TrustError::Enrolment("the certificate is for another key"));
        }
        if self.party != request.roster_entry(anchors)? {
            return Err(TrustError::Enrolment(
                "the roster entry is not what was asked for",
            ));
        }
        Ok((&self.party, &self.chain))
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`TrustError::Json`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, TrustError> {
        from_json("enrolment approval", bytes)
    }
    /// The file, which holds no secret.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    fn message(&self, request: &Request, anchors: &Anchors) -> Vec<u8> {
        let fingerprint = request.fingerprint(anchors).0;
        let canonical = self.party.canonical();
        let mut parts: Vec<&[u8]> = vec![&fingerprint, &canonical];
        parts.extend(self.chain.iter().map(Vec::as_slice));
        message(b"approval", anchors, &parts)
    }
}
