//! Key ceremonies among honest and dishonest holders, with a dishonest carrier between them.

mod forged;
mod honest;
mod tampered;

use std::collections::BTreeMap;

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sanctuary_keyshare::{
    KeyshareError,
    dkg::{Ceremony, Echo, Member, Outcome, Round1, SealedPackage, Terms},
};
use sanctuary_types::{Epoch, KeyClass, PartyId};

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) fn holder(index: u16) -> PartyId {
    format!("holder-{index}").parse().unwrap()
}

pub(crate) fn terms(threshold: u16, holders: u16) -> Terms {
    let members = (1..=holders)
        .map(|index| Member {
            index,
            holder: holder(index),
        })
        .collect();
    Terms::new(KeyClass::Person, Epoch(1), threshold, members).unwrap()
}

/// Ed25519 key of a holder.
fn key(index: u16) -> Ed25519KeyPair {
    let mut seed = [7; 32];
    seed[0] = index as u8;
    Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()
}

pub(crate) fn sign(index: u16) -> impl Fn(&[u8]) -> [u8; 64] {
    move |message| key(index).sign(message).as_ref().try_into().unwrap()
}

/// The roster: which key belongs to which holder.
pub(crate) fn verify(who: &PartyId, message: &[u8], signature: &[u8; 64]) -> bool {
    let keys: BTreeMap<PartyId, Vec<u8>> = (1..=9)
        .map(|i| (holder(i), key(i).public_key().as_ref().to_vec()))
        .collect();
    keys.get(who).is_some_and(|k| {
        UnparsedPublicKey::new(&ED25519, k)
            .verify(message, signature)
            .is_ok()
    })
}

/// All holders of one ceremony, in one process.
pub(crate) struct Table {
    pub(crate) holders: Vec<Ceremony>,
    pub(crate) round1: Vec<Round1>,
}

impl Table {
    pub(crate) fn start(threshold: u16, holders: u16, seed: u64) -> Self {
        let (holders, round1) = (1..=holders)
            .map(|i| {
                let mut rng = rng(seed * 100 + u64::from(i));
                Ceremony::start(terms(threshold, holders), i, &mut rng, sign(i)).unwrap()
            })
            .unzip();
        Self { holders, round1 }
    }

    pub(crate) fn echo(&mut self, at: u16, set: &[Round1]) -> Result<Echo, KeyshareError> {
        self.holders[usize::from(at) - 1].echo(set, sign(at), verify)
    }
    pub(crate) fn deal(
        &mut self,
        at: u16,
        echoes: &[Echo],
    ) -> Result<Vec<SealedPackage>, KeyshareError> {
        let mut rng = rng(500 + u64::from(at));
        self.holders[usize::from(at) - 1].deal(echoes, &mut rng, sign(at), verify)
    }
    pub(crate) fn finish(
        &mut self,
        at: u16,
        packages: &[SealedPackage],
    ) -> Result<Outcome, KeyshareError> {
        self.holders[usize::from(at) - 1].finish(packages, verify)
    }

    pub(crate) fn indices(&self) -> std::ops::RangeInclusive<u16> {
        1..=self.holders.len() as u16
    }
    pub(crate) fn echo_all(&mut self) -> Vec<Echo> {
        let set = self.round1.clone();
        self.indices()
            .map(|i| self.echo(i, &set).unwrap())
            .collect()
    }
    pub(crate) fn deal_all(&mut self) -> Vec<SealedPackage> {
        let echoes = self.echo_all();
        self.indices()
            .flat_map(|i| self.deal(i, &echoes).unwrap())
            .collect()
    }
}
