use std::{collections::BTreeMap, fmt, mem};

use frost_ristretto255::keys::{
    SigningShare,
    dkg::{self, round1, round2},
};
use rand_core::CryptoRng;
use sanctuary_toprf::{HolderIndex, PublicKeys};
use sanctuary_types::PartyId;
use zeroize::Zeroizing;

use super::{
    CeremonyId, Echo, Round1, SealedPackage, Terms, checks,
    frost::{FrostRng, Round1Packages, blame, identifier, others, own_share, public_keys},
    messages::transcript,
    sealing::{self, Route, SealingKey},
};
use crate::{KeyShare, KeyshareError};

/// One holder's side of a ceremony. Lives in memory only: a restart means a new ceremony.
///
/// A message that is refused leaves the ceremony where it was, so that the right one can follow;
/// a step that succeeded cannot be repeated, so no holder ever signs two different transcripts or
/// deals twice.
pub struct Ceremony {
    terms: Terms,
    id: CeremonyId,
    own: HolderIndex,
    step: Step,
}

/// What a completed ceremony gives this holder.
#[derive(Debug)]
pub struct Outcome {
    /// This holder's share. Secret.
    pub share: KeyShare,
    /// The public keys, for the manifest; the same at every holder.
    pub public_keys: PublicKeys,
    /// Hash of all first messages, for the manifest; the same at every holder.
    pub transcript_sha256: [u8; 32],
}

enum Step {
    Started {
        secret: round1::SecretPackage,
        sealing: SealingKey,
        mine: Round1,
    },
    Echoed {
        secret: round1::SecretPackage,
        sealing: SealingKey,
        messages: Vec<Round1>,
        transcript: [u8; 32],
    },
    Dealt {
        secret: round2::SecretPackage,
        sealing: SealingKey,
        packages: Round1Packages,
        transcript: [u8; 32],
    },
    Over,
}

impl Ceremony {
    /// Begins the ceremony as holder `own`. `sign` is this holder's Ed25519 signature.
    ///
    /// # Errors
    /// [`KeyshareError::Terms`] when `own` is not a member.
    pub fn start(
        terms: Terms,
        own: HolderIndex,
        rng: &mut impl CryptoRng,
        sign: impl Fn(&[u8]) -> [u8; 64],
    ) -> Result<(Self, Round1), KeyshareError> {
        if !terms.members.iter().any(|member| member.index == own) {
            return Err(KeyshareError::Terms(
                "this holder is not among the ceremony's members",
            ));
        }
        let holders = terms.members.len() as u16;
        let (secret, package) =
            dkg::part1(identifier(own)?, holders, terms.threshold, FrostRng(rng))
                .map_err(|_| KeyshareError::CeremonyFailed)?;
        let (sealing, sealing_key) = sealing::new_key(rng);
        let id = terms.id();
        let mut mine = Round1 {
            ceremony_id: id,
            index: own,
            package: package
                .serialize()
                .map_err(|_| KeyshareError::CeremonyFailed)?,
            sealing_key,
            signature: [0; 64],
        };
        mine.signature = sign(&mine.signed_bytes());
        let step = Step::Started {
            secret,
            sealing,
            mine: mine.clone(),
        };
        let ceremony = Self {
            terms,
            id,
            own,
            step,
        };
        Ok((ceremony, mine))
    }

    /// The ceremony's id, on every message.
    #[must_use]
    pub const fn id(&self) -> &CeremonyId {
        &self.id
    }
    /// What the ceremony makes.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Takes every holder's first message, this one's included, in any order, and signs a hash of
    /// all. `verify(holder, message, signature)` checks an Ed25519 signature against the roster.
    ///
    /// # Errors
    /// [`KeyshareError::WrongStep`], [`KeyshareError::OtherCeremony`],
    /// [`KeyshareError::MessageCount`], [`KeyshareError::BadSignature`],
    /// [`KeyshareError::BadPackage`], [`KeyshareError::NotOurPackage`].
    pub fn echo(
        &mut self,
        messages: &[Round1],
        sign: impl Fn(&[u8]) -> [u8; 64],
        verify: impl Fn(&PartyId, &[u8], &[u8; 64]) -> bool,
    ) -> Result<Echo, KeyshareError> {
        let Step::Started { mine, .. } = &self.step else {
            return Err(self.wrong_step());
        };
        let in_order = checks::first_messages(&self.terms, messages, self.own, mine, verify)?;
        let transcript = transcript(&self.id, &in_order);
        if let Step::Started {
            secret, sealing, ..
        } = mem::replace(&mut self.step, Step::Over)
        {
            self.step = Step::Echoed {
                secret,
                sealing,
                messages: in_order,
                transcript,
            };
        }
        let mut echo = Echo {
            ceremony_id: self.id,
            index: self.own,
            transcript_sha256: transcript,
            signature: [0; 64],
        };
        echo.signature = sign(&echo.signed_bytes());
        Ok(echo)
    }

    /// Takes every holder's echo, this one's included, and seals a value for each other holder.
    ///
    /// # Errors
    /// As [`Ceremony::echo`]; [`KeyshareError::EchoDiffers`] when a holder was shown other
    /// packages; [`KeyshareError::BadPackage`] when a holder's proof of its polynomial is false.
    pub fn deal(
        &mut self,
        echoes: &[Echo],
        rng: &mut impl CryptoRng,
        sign: impl Fn(&[u8]) -> [u8; 64],
        verify: impl Fn(&PartyId, &[u8], &[u8; 64]) -> bool,
    ) -> Result<Vec<SealedPackage>, KeyshareError> {
        let Step::Echoed {
            secret,
            messages,
            transcript,
            ..
        } = &self.step
        else {
            return Err(self.wrong_step());
        };
        let transcript = *transcript;
        checks::echoes(&self.terms, echoes, &transcript, verify)?;
        let packages = others(messages, self.own, &self.terms)?;
        let (secret, dealt) =
            dkg::part2(secret.clone(), &packages).map_err(|error| blame(&error, &self.terms))?;
        let mut sealed = Vec::with_capacity(dealt.len());
        for message in messages.iter().filter(|m| m.index != self.own) {
            let package = dealt
                .get(&identifier(message.index)?)
                .ok_or(KeyshareError::CeremonyFailed)?;
            let value = Zeroizing::new(package.signing_share().serialize());
            let route = Route {
                ceremony_id: &self.id,
                transcript: &transcript,
                from: self.own,
                to: message.index,
            };
            let signature = sign(&route.signed_bytes(&value));
            sealed.push(
                sealing::seal(route, &message.sealing_key, &value, &signature, rng).ok_or(
                    KeyshareError::BadPackage {
                        holder: message.index,
                    },
                )?,
            );
        }
        if let Step::Echoed { sealing, .. } = mem::replace(&mut self.step, Step::Over) {
            self.step = Step::Dealt {
                secret,
                sealing,
                packages,
                transcript,
            };
        }
        Ok(sealed)
    }

    /// Takes the packages sealed to this holder, one from each other holder (any for others are
    /// passed over), and gives the share. The share is checked against the public keys, and the
    /// public keys against each other.
    ///
    /// # Errors
    /// [`KeyshareError::WrongStep`], [`KeyshareError::MessageCount`];
    /// [`KeyshareError::DamagedPackage`] when a package does not open;
    /// [`KeyshareError::BadSignature`] when it opens but its sender did not sign it;
    /// [`KeyshareError::BadPackage`] when its sender signed a value off its polynomial.
    pub fn finish(
        &mut self,
        packages: &[SealedPackage],
        verify: impl Fn(&PartyId, &[u8], &[u8; 64]) -> bool,
    ) -> Result<Outcome, KeyshareError> {
        let Step::Dealt {
            secret,
            sealing,
            packages: first,
            transcript,
        } = &self.step
        else {
            return Err(self.wrong_step());
        };
        let mut dealt = BTreeMap::new();
        for member in self.terms.members.iter().filter(|m| m.index != self.own) {
            let holder = member.index;
            let package = checks::only(
                packages
                    .iter()
                    .filter(|p| p.to == self.own && p.from == holder),
                holder,
            )?;
            let route = Route {
                ceremony_id: &self.id,
                transcript,
                from: holder,
                to: self.own,
            };
            let (value, signature) = sealing::open(route, sealing, package)
                .ok_or(KeyshareError::DamagedPackage { holder })?;
            if !verify(&member.holder, &route.signed_bytes(&*value), &signature) {
                return Err(KeyshareError::BadSignature { holder });
            }
            let value = SigningShare::deserialize(&*value)
                .map_err(|_| KeyshareError::BadPackage { holder })?;
            dealt.insert(identifier(holder)?, round2::Package::new(value));
        }
        let (key, public) =
            dkg::part3(secret, first, &dealt).map_err(|error| blame(&error, &self.terms))?;
        let outcome = Outcome {
            share: own_share(self.own, &key)?,
            public_keys: public_keys(&public, &self.terms)?,
            transcript_sha256: *transcript,
        };
        outcome
            .public_keys
            .check()
            .map_err(|_| KeyshareError::CeremonyFailed)?;
        let listed = outcome
            .public_keys
            .share_keys
            .get(usize::from(self.own) - 1);
        if listed != Some(&outcome.share.public_key()) {
            return Err(KeyshareError::CeremonyFailed);
        }
        self.step = Step::Over;
        Ok(outcome)
    }

    const fn wrong_step(&self) -> KeyshareError {
        let expected = match self.step {
            Step::Started { .. } => "echo",
            Step::Echoed { .. } => "deal",
            Step::Dealt { .. } => "finish",
            Step::Over => "nothing: it is over",
        };
        KeyshareError::WrongStep { expected }
    }
}

impl fmt::Debug for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ceremony")
            .field("terms", &self.terms)
            .field("own", &self.own)
            .finish_non_exhaustive()
    }
}
