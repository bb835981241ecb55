use std::fmt;

use ring::{hkdf, hmac};
use sanctuary_types::{AlertId, PartyId, lp};
use zeroize::Zeroizing;

use crate::EnvelopeError;

/// What two agencies know because their records share identifiers, and the hub does not: HKDF-SHA256
/// over the sorted match secrets of the shared tokens. Wiped on drop, never printed.
#[derive(Clone)]
pub struct MatchSecret(Zeroizing<[u8; 32]>);

impl MatchSecret {
    /// Shared tokens of one match that are taken; the hub names no more.
    pub const TOKENS_MAX: usize = 64;

    /// The secret of a match from the match secrets of its shared tokens, in any order. One that is
    /// given twice counts once.
    ///
    /// # Errors
    /// [`EnvelopeError::NothingShared`] for an empty list, [`EnvelopeError::Malformed`] for one that is
    /// too long.
    pub fn combine<'a>(
        match_id: AlertId,
        tokens: impl IntoIterator<Item = &'a [u8; 32]>,
    ) -> Result<Self, EnvelopeError> {
        let mut sorted: Vec<Zeroizing<[u8; 32]>> = tokens
            .into_iter()
            .take(Self::TOKENS_MAX + 1)
            .map(|t| Zeroizing::new(*t))
            .collect();
        if sorted.is_empty() {
            return Err(EnvelopeError::NothingShared);
        }
        if sorted.len() > Self::TOKENS_MAX {
            return Err(EnvelopeError::Malformed("list of shared tokens"));
        }
        sorted.sort_unstable_by(|a, b| a.as_slice().cmp(b.as_slice()));
        sorted.dedup_by(|a, b| a.as_slice() == b.as_slice());
        let parts: Vec<&[u8]> = sorted.iter().map(|s| s.as_slice()).collect();
        let joined = Zeroizing::new(lp(&parts));
        expand(&joined, &[b"sanctuary/v1/match", &match_id.0]).map(Self)
    }

    /// The bytes, for the node's sealed store while a proof is under way.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Back from the node's sealed store.
    #[must_use]
    pub fn from_store(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The key under which the two prove the match to each other.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&self.key(), &lp(parts)).as_ref());
        out
    }

    /// Whether a MAC fits, in constant time.
    pub(crate) fn fits(&self, parts: &[&[u8]], mac: &[u8; 32]) -> bool {
        hmac::verify(&self.key(), &lp(parts), mac).is_ok()
    }

    /// What envelopes between two agencies on this match are sealed under besides the recipient's key.
    /// Apart from the proof's use of the secret, and the same in both directions.
    pub(crate) fn session(
        &self,
        match_id: AlertId,
        asker: &PartyId,
        owner: &PartyId,
    ) -> Result<SessionKey, EnvelopeError> {
        let label: [&[u8]; 4] = [
            b"sanctuary/v1/envelope-psk",
            &match_id.0,
            asker.as_bytes(),
            owner.as_bytes(),
        ];
        expand(self.0.as_ref(), &label).map(SessionKey)
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.as_ref())
    }
}

/// The pre-shared key of a proven match. Only a completed proof makes one; the node stores it sealed
/// with the case and wipes it with it.
#[derive(Clone)]
pub struct SessionKey(pub(crate) Zeroizing<[u8; 32]>);

impl SessionKey {
    /// The bytes, for the node's sealed store.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
    /// Back from the node's sealed store.
    #[must_use]
    pub fn from_store(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }
}

macro_rules! redacted {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(<redacted>)"))
            }
        }
    )*};
}
redacted!(MatchSecret, SessionKey);

fn expand(secret: &[u8], label: &[&[u8]]) -> Result<Zeroizing<[u8; 32]>, EnvelopeError> {
    let fault = |_| EnvelopeError::Malformed("match secret");
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"sanctuary/v1/match-proof");
    let info = lp(label);
    let mut out = Zeroizing::new([0; 32]);
    salt.extract(secret)
        .expand(&[&info], hkdf::HKDF_SHA256)
        .map_err(fault)?
        .fill(out.as_mut())
        .map_err(fault)?;
    Ok(out)
}
