//! The seam to `frost-ristretto255`, which stands on other versions of the group and of the
//! randomness traits: keys cross as 32 bytes, randomness through [`FrostRng`].

use std::collections::BTreeMap;

use frost_ristretto255::{
    Identifier,
    keys::{KeyPackage, PublicKeyPackage, dkg::round1},
    rand_core as frost_rng,
};
use rand_core::CryptoRng;
use sanctuary_toprf::{HOLDERS_MAX, HolderIndex, PublicKeys};
use zeroize::Zeroizing;

use super::{Round1, Terms};
use crate::{KeyShare, KeyshareError};

/// Others' first packages, as FROST wants them.
pub(super) type Round1Packages = BTreeMap<Identifier, round1::Package>;

/// Bytes of a first package at most: a commitment of 32 bytes per coefficient, a proof, framing.
const PACKAGE_BYTES_MAX: usize = 40 * HOLDERS_MAX + 256;

pub(super) fn identifier(index: HolderIndex) -> Result<Identifier, KeyshareError> {
    Identifier::try_from(index).map_err(|_| KeyshareError::CeremonyFailed)
}

/// A first package: well-formed, in its one encoding, of the agreed degree.
pub(super) fn decode(message: &Round1, terms: &Terms) -> Result<round1::Package, KeyshareError> {
    let bad = KeyshareError::BadPackage {
        holder: message.index,
    };
    if message.package.len() > PACKAGE_BYTES_MAX {
        return Err(bad);
    }
    let package = round1::Package::deserialize(&message.package).map_err(|_| bad)?;
    let one_encoding = package.serialize().is_ok_and(|b| b == message.package);
    let degree = package.commitment().serialize().map_err(|_| bad)?.len();
    if one_encoding && degree == usize::from(terms.threshold()) {
        Ok(package)
    } else {
        Err(bad)
    }
}

pub(super) fn others(
    messages: &[Round1],
    own: HolderIndex,
    terms: &Terms,
) -> Result<Round1Packages, KeyshareError> {
    messages
        .iter()
        .filter(|message| message.index != own)
        .map(|message| Ok((identifier(message.index)?, decode(message, terms)?)))
        .collect()
}

pub(super) fn own_share(own: HolderIndex, key: &KeyPackage) -> Result<KeyShare, KeyshareError> {
    let bytes = Zeroizing::new(key.signing_share().serialize());
    let mut scalar = Zeroizing::new([0; 32]);
    if bytes.len() != scalar.len() {
        return Err(KeyshareError::CeremonyFailed);
    }
    scalar.copy_from_slice(&bytes);
    KeyShare::from_parts(own, &scalar)
}

pub(super) fn public_keys(
    public: &PublicKeyPackage,
    terms: &Terms,
) -> Result<PublicKeys, KeyshareError> {
    let failed = KeyshareError::CeremonyFailed;
    let bytes32 = |bytes: Vec<u8>| <[u8; 32]>::try_from(bytes).map_err(|_| failed);
    let share_key = |index: HolderIndex| {
        let shares = public.verifying_shares();
        let share = shares.get(&identifier(index)?).ok_or(failed)?;
        bytes32(share.serialize().map_err(|_| failed)?)
    };
    Ok(PublicKeys {
        threshold: terms.threshold(),
        group_key: bytes32(public.verifying_key().serialize().map_err(|_| failed)?)?,
        share_keys: terms
            .members()
            .iter()
            .map(|member| share_key(member.index))
            .collect::<Result<_, _>>()?,
    })
}

/// The holder that FROST blames, if it blames a member.
pub(super) fn blame(error: &frost_ristretto255::Error, terms: &Terms) -> KeyshareError {
    let culprits = error.culprits();
    let blamed = |index: &HolderIndex| identifier(*index).is_ok_and(|id| culprits.contains(&id));
    terms
        .members()
        .iter()
        .map(|member| member.index)
        .find(blamed)
        .map_or(KeyshareError::CeremonyFailed, |holder| {
            KeyshareError::BadPackage { holder }
        })
}

/// Our randomness behind the traits of the version that FROST uses.
pub(super) struct FrostRng<'a, R>(pub(super) &'a mut R);

impl<R: CryptoRng> frost_rng::RngCore for FrostRng<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.0.fill_bytes(dest);
    }
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), frost_rng::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}
impl<R: CryptoRng> frost_rng::CryptoRng for FrostRng<'_, R> {}
