use std::fmt;

use curve25519_dalek::Scalar;
use sanctuary_types::{Epoch, PartyId, PostingBody, lp};
use sha2::{Digest, Sha512};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Posting, PostingError, TokenSecrets, aead, posting};

/// An agency's fixed, public x coordinate in one epoch; never zero, where the key lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgencyPoint(Scalar);

/// The point of an agency: SHA-512 over `lp("sanctuary/v1/agency-point", agency, epoch)` reduced
/// modulo the group order. Distinct for distinct agencies but for a chance of 2^-252.
#[must_use]
pub fn agency_point(agency: &PartyId, epoch: Epoch) -> AgencyPoint {
    let epoch = epoch.0.to_be_bytes();
    let bytes = lp(&[b"sanctuary/v1/agency-point", agency.as_bytes(), &epoch]);
    let scalar = Scalar::from_bytes_mod_order_wide(&Sha512::digest(bytes).into());
    // A point of zero would publish the key. It will not happen; if it did, one is as good.
    AgencyPoint(if scalar == Scalar::ZERO {
        Scalar::ONE
    } else {
        scalar
    })
}

/// `y = k0 + a1 * x`: the agency's share in a token.
pub(crate) fn share(secrets: &TokenSecrets, point: &AgencyPoint) -> [u8; 32] {
    (secrets.k0 + secrets.a1 * point.0).to_bytes()
}

/// A canonical share; `None` otherwise.
pub(crate) fn decode_share(bytes: [u8; 32]) -> Option<Scalar> {
    Scalar::from_canonical_bytes(bytes).into()
}

/// Two agencies' points and the inverse of their difference. Make it once per pair: the inverse
/// costs more than all else in opening.
#[derive(Clone, Copy, Debug)]
pub struct PairPoints {
    a: AgencyPoint,
    inverse_difference: Scalar,
}

impl PairPoints {
    /// # Errors
    /// [`PostingError::OneAgency`] when the points are equal.
    pub fn new(a: &AgencyPoint, b: &AgencyPoint) -> Result<Self, PostingError> {
        if a == b {
            return Err(PostingError::OneAgency);
        }
        Ok(Self {
            a: *a,
            inverse_difference: (a.0 - b.0).invert(),
        })
    }

    /// The line through the shares of two postings of one tag, the first agency's first.
    ///
    /// A forged share gives a wrong line, on which nothing opens.
    ///
    /// # Errors
    /// [`PostingError::DifferentTags`] or [`PostingError::MalformedPosting`].
    pub fn key(&self, a: &Posting, b: &Posting) -> Result<TokenKey, PostingError> {
        if a.tag != b.tag {
            return Err(PostingError::DifferentTags);
        }
        let y_a = decode_share(a.share).ok_or(PostingError::MalformedPosting)?;
        let y_b = decode_share(b.share).ok_or(PostingError::MalformedPosting)?;
        let a1 = (y_a - y_b) * self.inverse_difference;
        Ok(TokenKey {
            k0: y_a - a1 * self.a.0,
            a1,
        })
    }
}

/// Opens together one posting of each of two agencies; see [`PairPoints`] for many.
///
/// # Errors
/// [`PostingError::OneAgency`], [`PostingError::DifferentTags`] or
/// [`PostingError::MalformedPosting`]. Whether the key is right shows when it opens.
pub fn open_pair(
    a: (&PartyId, &AgencyPoint, &Posting),
    b: (&PartyId, &AgencyPoint, &Posting),
) -> Result<TokenKey, PostingError> {
    if a.0 == b.0 {
        return Err(PostingError::OneAgency);
    }
    PairPoints::new(a.1, b.1)?.key(a.2, b.2)
}

/// A token's line: opens every posting of that token.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct TokenKey {
    pub(crate) k0: Scalar,
    a1: Scalar,
}

impl TokenKey {
    /// Opens a posting of `agency`.
    ///
    /// # Errors
    /// [`PostingError::DoesNotOpen`], or [`PostingError::MalformedContent`] when an agency sealed
    /// something that is no posting body.
    pub fn open(&self, agency: &PartyId, posting: &Posting) -> Result<PostingBody, PostingError> {
        let key = posting::body_key(&self.k0, agency, posting.handle, posting.expiry);
        let plain = aead::open(&key, &posting.associated(), &posting.sealed)
            .ok_or(PostingError::DoesNotOpen)?;
        PostingBody::from_bytes(&plain).map_err(|_| PostingError::MalformedContent)
    }

    /// The share that an honest agency at `point` has. Once two agencies' postings open under this
    /// key, an agency whose share differs has forged it.
    #[must_use]
    pub fn expects(&self, point: &AgencyPoint) -> [u8; 32] {
        (self.k0 + self.a1 * point.0).to_bytes()
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(<redacted>)")
    }
}
