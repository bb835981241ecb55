use sanctuary_types::{AlertId, CaseId, Epoch, PartyId, Timestamp, lp};
use sha2::{Digest, Sha256};

use crate::{EnvelopeError, KeyId, Suite, size};

pub(crate) const VERSION: u16 = 1;
/// AEAD tag of ChaCha20-Poly1305.
const TAG_BYTES: usize = 16;

/// What stands on the outside of an envelope: all that the hub reads, and all that is bound into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// How it is sealed.
    pub suite: Suite,
    /// The case.
    pub case: CaseId,
    /// Who sealed it.
    pub from: PartyId,
    /// Who can open it.
    pub to: PartyId,
    /// The match it is about.
    pub match_id: AlertId,
    /// The epoch of the tokens behind the match.
    pub epoch: Epoch,
    /// Version of the sharing agreement.
    pub agreement_version: u32,
    /// Which of the recipient's keys.
    pub key_id: KeyId,
    /// When it was sealed.
    pub created: Timestamp,
    /// When it is refused.
    pub expires: Timestamp,
}

impl Header {
    /// The bytes that are bound: `lp(label, version, suite, case, from, to, match, epoch, agreement,
    /// key, created, expires)`, numbers big-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        lp(&[
            b"sanctuary/v1/envelope",
            &VERSION.to_be_bytes(),
            &[self.suite.code()],
            &self.case.0,
            self.from.as_bytes(),
            self.to.as_bytes(),
            &self.match_id.0,
            &self.epoch.0.to_be_bytes(),
            &self.agreement_version.to_be_bytes(),
            &self.key_id.0,
            &self.created.0.to_be_bytes(),
            &self.expires.0.to_be_bytes(),
        ])
    }

    /// HPKE info: the header and the sender's signing key, so that nobody else's signature can be put
    /// in the place of the sender's.
    pub(crate) fn info(&self, sender_key: &[u8; 32]) -> Vec<u8> {
        lp(&[&self.to_bytes(), sender_key])
    }
}

/// A sealed message: what the hub carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The outside.
    pub header: Header,
    /// The encapsulated key.
    pub encapsulated: Vec<u8>,
    /// The padded message, sealed.
    pub sealed: Vec<u8>,
    /// Ed25519 of the sender over header, encapsulated key and SHA-256 of the sealed bytes.
    pub signature: [u8; 64],
}

impl Envelope {
    /// What the sender signs on the outside.
    #[must_use]
    pub(crate) fn message(header: &Header, encapsulated: &[u8], sealed: &[u8]) -> Vec<u8> {
        lp(&[
            b"sanctuary/v1/envelope-sig",
            &header.to_bytes(),
            encapsulated,
            &Sha256::digest(sealed),
        ])
    }

    /// Names the sealed bytes of one case on one match: what is taken in once.
    #[must_use]
    pub fn id(&self) -> [u8; 32] {
        Sha256::digest(lp(&[
            b"sanctuary/v1/envelope-id",
            &self.header.match_id.0,
            &self.header.case.0,
            &Sha256::digest(&self.sealed),
        ]))
        .into()
    }

    /// Whether its parts have sizes that an envelope can have; the hub checks no more.
    ///
    /// # Errors
    /// [`EnvelopeError::Size`].
    pub fn check_sizes(&self) -> Result<(), EnvelopeError> {
        let padded = self.sealed.len().checked_sub(TAG_BYTES);
        let fits = self.encapsulated.len() == self.header.suite.encapsulated_bytes()
            && padded.is_some_and(|n| size::SIZE_CLASSES.contains(&n));
        if fits {
            Ok(())
        } else {
            Err(EnvelopeError::Size)
        }
    }
}

/// What the recipient knows of an envelope before it reads it: the header is compared with this, never
/// the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The case; `None` for the request that opens one.
    pub case: Option<CaseId>,
    /// The agency on the other side of the match.
    pub from: PartyId,
    /// This agency.
    pub to: PartyId,
    /// The match that was proven.
    pub match_id: AlertId,
    /// The epoch it was found in.
    pub epoch: Epoch,
    /// The agreement in force here.
    pub agreement_version: u32,
    /// The weakest suite that is accepted: no one can talk two nodes down to a weaker one.
    pub least_suite: Suite,
}

impl Expectation {
    pub(crate) fn check(&self, header: &Header) -> Result<(), EnvelopeError> {
        let differs = |what| Err(EnvelopeError::Header(what));
        if header.from != self.from {
            return differs("another sender");
        }
        if header.to != self.to {
            return differs("another recipient");
        }
        if self.case.is_some_and(|case| case != header.case) {
            return differs("another case");
        }
        if header.match_id != self.match_id {
            return differs("another match");
        }
        if header.epoch != self.epoch {
            return differs("another epoch");
        }
        if header.agreement_version != self.agreement_version {
            return differs("another version of the sharing agreement");
        }
        if header.suite < self.least_suite {
            return Err(EnvelopeError::Suite);
        }
        Ok(())
    }
}
