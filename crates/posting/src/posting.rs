use curve25519_dalek::Scalar;
use rand_core::CryptoRng;
use sanctuary_types::{Handle, Month, PartyId, PostingBody, Tag, lp};
use zeroize::Zeroizing;

use crate::{
    AgencyPoint, PostingError, TokenSecrets,
    aead::{self, TAG_BYTES},
    line::{decode_share, share},
};

/// Bytes of a sealed body.
const SEALED_BYTES: usize = PostingBody::BYTES + TAG_BYTES;

/// One token of one record of one agency, as pushed to the hub. To everybody without the token's
/// key it is random bytes and a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// What the hub looks up.
    pub tag: Tag,
    /// The agency's point on the token's line: a canonical scalar.
    pub share: [u8; 32],
    /// Names the posting for its withdrawal.
    pub handle: Handle,
    /// Last month of its validity.
    pub expiry: Month,
    /// The body, sealed.
    pub sealed: [u8; SEALED_BYTES],
}

/// Seals one token of one record.
///
/// `handle` must be 8 fresh random bytes: it makes the key of this body unique, which is why the
/// nonce may be zero. The same arguments give the same bytes, so a retry is a retry; a *changed*
/// body needs a new handle, or two texts would be under one key and nonce.
#[must_use]
pub fn seal(
    secrets: &TokenSecrets,
    point: &AgencyPoint,
    agency: &PartyId,
    handle: Handle,
    expiry: Month,
    body: &PostingBody,
) -> Posting {
    let mut posting = Posting {
        tag: secrets.tag,
        share: share(secrets, point),
        handle,
        expiry,
        sealed: [0; SEALED_BYTES],
    };
    let key = body_key(&secrets.k0, agency, handle, expiry);
    let plain = Zeroizing::new(body.to_bytes());
    let associated = posting.associated();
    aead::seal(&key, &associated, &*plain, &mut posting.sealed);
    posting
}

impl Posting {
    /// Length on the wire: tag 16, share 32, handle 8, expiry 2 (big-endian), sealed body 36.
    pub const BYTES: usize = Tag::BYTES + 32 + Handle::BYTES + 2 + SEALED_BYTES;

    /// A posting of nothing, to pad a batch; nobody without all keys can tell it from a real one.
    ///
    /// `expiry` is readable, so draw it from the real postings of the same batch: a month of its
    /// own would give the dummy away.
    #[must_use]
    pub fn dummy(expiry: Month, rng: &mut impl CryptoRng) -> Self {
        let mut dummy = Self {
            tag: Tag([0; Tag::BYTES]),
            share: Scalar::random(rng).to_bytes(),
            handle: Handle([0; Handle::BYTES]),
            expiry,
            sealed: [0; SEALED_BYTES],
        };
        rng.fill_bytes(&mut dummy.tag.0);
        rng.fill_bytes(&mut dummy.handle.0);
        rng.fill_bytes(&mut dummy.sealed);
        dummy
    }

    /// The wire form.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        out[..16].copy_from_slice(&self.tag.0);
        out[16..48].copy_from_slice(&self.share);
        out[48..56].copy_from_slice(&self.handle.0);
        out[56..58].copy_from_slice(&self.expiry.0.to_be_bytes());
        out[58..].copy_from_slice(&self.sealed);
        out
    }

    /// Back from the wire form.
    ///
    /// # Errors
    /// [`PostingError::MalformedPosting`] when the share is not a canonical scalar.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, PostingError> {
        let mut posting = Self {
            tag: Tag([0; 16]),
            share: [0; 32],
            handle: Handle([0; 8]),
            expiry: Month(u16::from_be_bytes([bytes[56], bytes[57]])),
            sealed: [0; SEALED_BYTES],
        };
        posting.tag.0.copy_from_slice(&bytes[..16]);
        posting.share.copy_from_slice(&bytes[16..48]);
        posting.handle.0.copy_from_slice(&bytes[48..56]);
        posting.sealed.copy_from_slice(&bytes[58..]);
        match decode_share(posting.share) {
            Some(_) => Ok(posting),
            None => Err(PostingError::MalformedPosting),
        }
    }

    /// Ties the readable parts to the sealed ones. Not the tag: the hub stores it only under its
    /// pepper, and the key, which comes from the same OPRF output, ties it already.
    pub(crate) fn associated(&self) -> Vec<u8> {
        let expiry = self.expiry.0.to_be_bytes();
        lp(&[b"sanctuary/v1/posting", &self.share, &expiry])
    }
}

/// The key of one body: HKDF-Expand of `k0` with info
/// `lp("sanctuary/v1/posting-key", handle, agency, expiry)`. Without HKDF-Extract: `k0` is a uniform
/// scalar already (RFC 5869 section 3.3), and the hub does this for every posting it opens.
pub(crate) fn body_key(
    k0: &Scalar,
    agency: &PartyId,
    handle: Handle,
    expiry: Month,
) -> Zeroizing<[u8; 32]> {
    let expiry = expiry.0.to_be_bytes();
    let info = lp(&[
        b"sanctuary/v1/posting-key",
        &handle.0,
        agency.as_bytes(),
        &expiry,
    ]);
    aead::expand(&aead::uniform(k0.as_bytes()), &info)
}

#[cfg(test)]
mod tests {
    use sanctuary_toprf::OprfOutput;
    use sanctuary_types::{Epoch, KeyClass, Slots, TokenType};

    use super::*;
    use crate::{agency_point, derive, open_pair};

    #[test]
    fn an_agency_that_seals_nonsense_is_told_from_a_forged_share() {
        let secrets = derive(&OprfOutput::from_bytes([3; 64]), KeyClass::Person, Epoch(1));
        let body = PostingBody {
            card_key: [1; 16],
            token: TokenType::Nd,
            slots: Slots::parts(&[0]),
        };
        let ids: [PartyId; 2] = ["one", "two"].map(|id| id.parse().unwrap());
        let [a, b] = [0, 1].map(|i| agency_point(&ids[i], Epoch(1)));
        let month = Month(300);
        let good = seal(&secrets, &a, &ids[0], Handle([1; 8]), month, &body);
        let mut nonsense = seal(&secrets, &b, &ids[1], Handle([2; 8]), month, &body);
        let key = body_key(&secrets.k0, &ids[1], nonsense.handle, month);
        let associated = nonsense.associated();
        // Token code 0 does not exist.
        aead::seal(&key, &associated, &[0; 20], &mut nonsense.sealed);

        let token = open_pair((&ids[0], &a, &good), (&ids[1], &b, &nonsense)).unwrap();
        assert_eq!(token.open(&ids[0], &good), Ok(body));
        assert_eq!(
            token.open(&ids[1], &nonsense),
            Err(PostingError::MalformedContent)
        );
    }
}
