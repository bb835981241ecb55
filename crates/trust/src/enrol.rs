//! Enrolment by one-time token.
//!
//! 1. An officer makes an [`Invitation`] for one party and hands it over out of band, with the
//!    anchors' fingerprint. The registrar keeps an [`InvitationRecord`], which holds SHA-256 of the
//!    token only.
//! 2. The party makes its keys on its own machine and sends a [`Request`]: certificate request and
//!    public keys under a MAC. The token itself is never sent.
//! 3. The registrar checks it with [`InvitationRecord::redeem`], once, and answers with an
//!    [`Approval`] under the same MAC.
//! 4. Nothing of this counts until k officers have read the request's fingerprint over the
//!    telephone and signed a roster with the new entry.
//!
//! MAC key: HMAC-SHA256 is keyed with SHA-256 of the token, so the registrar's file is worth as
//! much as the token until it is used or expires, and is kept with mode 0600.

mod approval;
mod request;

use std::fmt;

use rand_core::CryptoRng;
use ring::hmac;
use sanctuary_types::{PartyId, Timestamp, lp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Anchors, Party, PartyKind, TrustError, encode::hexed};

pub use approval::Approval;
pub use request::{ApplicantKeys, Request};

/// Hours an invitation holds unless the officer says otherwise.
pub const INVITATION_HOURS: u32 = 72;
const INVITATION_HOURS_MAX: u32 = 14 * 24;

/// What an officer hands to one party: good once, for one party and kind, for a few days.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    format: u8,
    #[zeroize(skip)]
    party: PartyId,
    #[zeroize(skip)]
    kind: PartyKind,
    #[zeroize(skip)]
    expires: Timestamp,
    #[serde(with = "hexed")]
    token: [u8; 32],
    #[serde(with = "hexed")]
    anchors_sha256: [u8; 32],
}

/// What the registrar keeps of an invitation.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct InvitationRecord {
    format: u8,
    #[zeroize(skip)]
    party: PartyId,
    #[zeroize(skip)]
    kind: PartyKind,
    #[zeroize(skip)]
    expires: Timestamp,
    #[serde(with = "hexed")]
    token_sha256: [u8; 32],
    used: bool,
}

impl Invitation {
    /// A fresh invitation and the registrar's record of it.
    ///
    /// # Errors
    /// [`TrustError::Enrolment`] when `hours` is not 1 to 336.
    pub fn new(
        party: PartyId,
        kind: PartyKind,
        anchors: &Anchors,
        now: Timestamp,
        hours: u32,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, InvitationRecord), TrustError> {
        if !(1..=INVITATION_HOURS_MAX).contains(&hours) {
            return Err(TrustError::Enrolment(
                "an invitation must hold between 1 hour and 14 days",
            ));
        }
        let mut token = [0; 32];
        rng.fill_bytes(&mut token);
        let expires = Timestamp(now.0.saturating_add(u64::from(hours) * 3_600_000));
        let record = InvitationRecord {
            format: 1,
            party: party.clone(),
            kind,
            expires,
            token_sha256: Sha256::digest(token).into(),
            used: false,
        };
        let invitation = Self {
            format: 1,
            party,
            kind,
            expires,
            token,
            anchors_sha256: anchors.fingerprint().0,
        };
        Ok((invitation, record))
    }

    /// Whom it is for.
    #[must_use]
    pub fn party(&self) -> &PartyId {
        &self.party
    }
    /// As what.
    #[must_use]
    pub fn kind(&self) -> PartyKind {
        self.kind
    }
    /// Until when.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`TrustError::Json`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, TrustError> {
        from_json("invitation", bytes)
    }
    /// The file, which is a secret.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// The anchors file at hand must be the one the inviting officer has.
    fn check_anchors(&self, anchors: &Anchors) -> Result<(), TrustError> {
        if self.anchors_sha256 == anchors.fingerprint().0 {
            Ok(())
        } else {
            Err(TrustError::Enrolment(
                "the anchors file is not the one this invitation was made with; ask the officer for both again",
            ))
        }
    }

    fn mac_key(&self) -> hmac::Key {
        mac_key(&Sha256::digest(self.token).into())
    }
}

impl InvitationRecord {
    /// Whom it is for.
    #[must_use]
    pub fn party(&self) -> &PartyId {
        &self.party
    }
    /// As what.
    #[must_use]
    pub fn kind(&self) -> PartyKind {
        self.kind
    }
    /// Whether it has been redeemed.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.used
    }

    /// Reads the registrar's file.
    ///
    /// # Errors
    /// [`TrustError::Json`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, TrustError> {
        from_json("invitation record", bytes)
    }
    /// The registrar's file, a secret until the invitation is used or has expired.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// Takes a request, once: marks the invitation as used and gives the roster entry to sign. The
    /// caller stores the record before it acts on the entry.
    ///
    /// # Errors
    /// [`TrustError::Enrolment`] when the invitation is used, expired, for another party or kind, or
    /// the request was not made with its token; [`TrustError`] for a bad request inside.
    pub fn redeem(
        &mut self,
        request: &Request,
        anchors: &Anchors,
        now: Timestamp,
    ) -> Result<Party, TrustError> {
        let refused = |reason| Err(TrustError::Enrolment(reason));
        if self.used {
            return refused("its invitation has been used; make a new one");
        }
        if now >= self.expires {
            return refused("its invitation has expired; make a new one");
        }
        if request.party() != &self.party || request.kind() != self.kind {
            return refused("its invitation is for another party or kind");
        }
        request.check_mac(&self.mac_key(), anchors)?;
        let party = request.roster_entry(anchors)?;
        self.used = true;
        Ok(party)
    }

    fn mac_key(&self) -> hmac::Key {
        mac_key(&self.token_sha256)
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invitation({}, <redacted>)", self.party)
    }
}

impl fmt::Debug for InvitationRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InvitationRecord({}, <redacted>)", self.party)
    }
}

fn mac_key(token_sha256: &[u8; 32]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, token_sha256)
}

/// Every enrolment MAC: the step's name keeps an answer from passing for a request.
fn message(step: &[u8], anchors: &Anchors, parts: &[&[u8]]) -> Vec<u8> {
    let mut all: Vec<&[u8]> = vec![b"sanctuary/v1/enrol", step];
    let fingerprint = anchors.fingerprint().0;
    all.push(&fingerprint);
    all.extend_from_slice(parts);
    lp(&all)
}

fn from_json<T: serde::de::DeserializeOwned>(
    what: &'static str,
    bytes: &[u8],
) -> Result<T, TrustError> {
    serde_json::from_slice(bytes).map_err(|e| TrustError::json(what, &e))
}
