//! The confidential channel between two holders: HPKE (RFC 9180) base mode, and inside it the
//! sender's signature, since base mode does not say who sealed.

use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256, single_shot_open, single_shot_seal_with_rng,
};
use rand_core::CryptoRng;
use sanctuary_toprf::HolderIndex;
use sanctuary_types::lp;
use zeroize::Zeroizing;

use super::{CeremonyId, SealedPackage};

/// The holder's half of the ceremony's sealing keys; wiped when dropped.
pub(super) type SealingKey = <X25519HkdfSha256 as Kem>::PrivateKey;

/// Bytes of a dealt value.
const VALUE_BYTES: usize = 32;

/// Where a package belongs: part of its key, so it opens nowhere else.
#[derive(Clone, Copy)]
pub(super) struct Route<'a> {
    pub(super) ceremony_id: &'a CeremonyId,
    pub(super) transcript: &'a [u8; 32],
    pub(super) from: HolderIndex,
    pub(super) to: HolderIndex,
}

impl Route<'_> {
    fn info(&self) -> Vec<u8> {
        let (from, to) = (self.from.to_be_bytes(), self.to.to_be_bytes());
        lp(&[b"sanctuary/v1/dkg-package", self.ceremony_id, &from, &to])
    }
    /// What the sender signs: the route, the transcript and the value.
    pub(super) fn signed_bytes(&self, value: &[u8]) -> Zeroizing<Vec<u8>> {
        let (from, to) = (self.from.to_be_bytes(), self.to.to_be_bytes());
        Zeroizing::new(lp(&[
            b"sanctuary/v1/dkg-package-sig",
            self.ceremony_id,
            self.transcript,
            &from,
            &to,
            value,
        ]))
    }
}

pub(super) fn new_key(rng: &mut impl CryptoRng) -> (SealingKey, [u8; 32]) {
    let (private, public) = X25519HkdfSha256::gen_keypair_with_rng(rng);
    (private, public.to_bytes().into())
}

/// `None` when the recipient's key is unusable.
pub(super) fn seal(
    route: Route<'_>,
    recipient: &[u8; 32],
    value: &[u8],
    signature: &[u8; 64],
    rng: &mut impl CryptoRng,
) -> Option<SealedPackage> {
    let recipient = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(recipient).ok()?;
    let plain = Zeroizing::new([value, signature].concat());
    let (encapsulated, ciphertext) =
        single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &recipient,
            &route.info(),
            &plain,
            route.transcript,
            rng,
        )
        .ok()?;
    Some(SealedPackage {
        from: route.from,
        to: route.to,
        encapsulated: encapsulated.to_bytes().into(),
        ciphertext,
    })
}

/// The value and the sender's signature; `None` when it does not open here.
pub(super) fn open(
    route: Route<'_>,
    key: &SealingKey,
    package: &SealedPackage,
) -> Option<(Zeroizing<[u8; VALUE_BYTES]>, [u8; 64])> {
    let encapsulated =
        <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&package.encapsulated).ok()?;
    let plain = Zeroizing::new(
        single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            key,
            &encapsulated,
            &route.info(),
            &package.ciphertext,
            route.transcript,
        )
        .ok()?,
    );
    let (value, signature) = plain.split_at_checked(VALUE_BYTES)?;
    let mut out = Zeroizing::new([0; VALUE_BYTES]);
    out.copy_from_slice(value);
    Some((out, signature.try_into().ok()?))
}
