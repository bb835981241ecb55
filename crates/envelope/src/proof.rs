//! Proof of match: three messages through the hub by which both nodes show that they hold the same
//! identifiers. The hub cannot make them, because the match secret cannot be derived from tags; so it
//! can neither invent a match to start a disclosure nor put another agency in a partner's place.

use rand_core::CryptoRng;
use sanctuary_types::{AlertId, PartyId};

use crate::{EnvelopeError, MatchSecret, SessionKey};

const LABEL: &[u8] = b"sanctuary/v1/match-proof";

/// Which match, between whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFor {
    /// The alert; the same at both agencies.
    pub match_id: AlertId,
    /// The agency that will ask.
    pub asker: PartyId,
    /// The agency that will be asked.
    pub owner: PartyId,
}

/// The asker's opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// What it is about.
    pub about: ProofFor,
    /// The asker's nonce.
    pub nonce: [u8; 32],
}

/// The owner's proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What it is about.
    pub about: ProofFor,
    /// The owner's nonce.
    pub nonce: [u8; 32],
    /// HMAC under the match secret.
    pub mac: [u8; 32],
}

/// The asker's proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish {
    /// What it is about.
    pub about: ProofFor,
    /// HMAC under the match secret.
    pub mac: [u8; 32],
}

/// The asker between its opening and the reply.
#[derive(Clone, Debug)]
pub struct AskerProof {
    about: ProofFor,
    secret: MatchSecret,
    nonce: [u8; 32],
}

/// The owner between its reply and the finish.
#[derive(Clone, Debug)]
pub struct OwnerProof {
    about: ProofFor,
    secret: MatchSecret,
    nonces: Nonces,
}

#[derive(Clone, Copy, Debug)]
struct Nonces {
    asker: [u8; 32],
    owner: [u8; 32],
}

/// Opens a proof as the agency that will ask.
pub fn begin(
    about: ProofFor,
    secret: MatchSecret,
    rng: &mut impl CryptoRng,
) -> (AskerProof, Hello) {
    let mut nonce = [0; 32];
    rng.fill_bytes(&mut nonce);
    let hello = Hello {
        about: about.clone(),
        nonce,
    };
    let proof = AskerProof {
        about,
        secret,
        nonce,
    };
    (proof, hello)
}

/// Answers an opening as the agency that will be asked. `about` is what this node knows of the alert,
/// not what the message says.
///
/// # Errors
/// [`EnvelopeError::ProofMismatch`] when the message is about something else.
pub fn answer_hello(
    about: &ProofFor,
    secret: MatchSecret,
    hello: &Hello,
    rng: &mut impl CryptoRng,
) -> Result<(OwnerProof, Reply), EnvelopeError> {
    if hello.about != *about {
        return Err(EnvelopeError::ProofMismatch);
    }
    let mut nonce = [0; 32];
    rng.fill_bytes(&mut nonce);
    let nonces = Nonces {
        asker: hello.nonce,
        owner: nonce,
    };
    let reply = Reply {
        about: about.clone(),
        nonce,
        mac: about.mac(&secret, b"owner", &nonces),
    };
    let proof = OwnerProof {
        about: about.clone(),
        secret,
        nonces,
    };
    Ok((proof, reply))
}

impl AskerProof {
    /// Takes a proof up again after a restart, from its stored nonce.
    #[must_use]
    pub const fn resume(about: ProofFor, secret: MatchSecret, nonce: [u8; 32]) -> Self {
        Self {
            about,
            secret,
            nonce,
        }
    }

    /// The opening, the same as before: for a hub that has lost it.
    #[must_use]
    pub fn hello(&self) -> Hello {
        Hello {
            about: self.about.clone(),
            nonce: self.nonce,
        }
    }

    /// Checks the owner's proof and gives the asker's; the match is proven to the asker.
    ///
    /// # Errors
    /// [`EnvelopeError::InventedMatch`] when the owner does not know the match secret.
    pub fn finish(self, reply: &Reply) -> Result<(SessionKey, Finish), EnvelopeError> {
        if reply.about != self.about {
            return Err(EnvelopeError::ProofMismatch);
        }
        let nonces = Nonces {
            asker: self.nonce,
            owner: reply.nonce,
        };
        self.about.check(
            &self.secret,
            b"owner",
            &nonces,
            &reply.mac,
            &self.about.owner,
        )?;
        let finish = Finish {
            mac: self.about.mac(&self.secret, b"asker", &nonces),
            about: self.about.clone(),
        };
        Ok((self.about.session(&self.secret)?, finish))
    }
}

impl OwnerProof {
    /// Takes a proof up again after a restart, from its stored nonces.
    #[must_use]
    pub const fn resume(
        about: ProofFor,
        secret: MatchSecret,
        asker_nonce: [u8; 32],
        own_nonce: [u8; 32],
    ) -> Self {
        let nonces = Nonces {
            asker: asker_nonce,
            owner: own_nonce,
        };
        Self {
            about,
            secret,
            nonces,
        }
    }

    /// The proof, the same as before: an opening that comes twice is answered twice alike.
    #[must_use]
    pub fn reply(&self) -> Reply {
        Reply {
            about: self.about.clone(),
            nonce: self.nonces.owner,
            mac: self.about.mac(&self.secret, b"owner", &self.nonces),
        }
    }

    /// Checks the asker's proof; the match is proven to the owner.
    ///
    /// # Errors
    /// [`EnvelopeError::InventedMatch`] when the asker does not know the match secret.
    pub fn confirm(self, finish: &Finish) -> Result<SessionKey, EnvelopeError> {
        if finish.about != self.about {
            return Err(EnvelopeError::ProofMismatch);
        }
        self.about.check(
            &self.secret,
            b"asker",
            &self.nonces,
            &finish.mac,
            &self.about.asker,
        )?;
        self.about.session(&self.secret)
    }
}

impl ProofFor {
    fn parts<'a>(&'a self, role: &'a [u8], nonces: &'a Nonces) -> [&'a [u8]; 7] {
        [
            LABEL,
            role,
            &self.match_id.0,
            self.asker.as_bytes(),
            self.owner.as_bytes(),
            &nonces.asker,
            &nonces.owner,
        ]
    }

    fn mac(&self, secret: &MatchSecret, role: &[u8], nonces: &Nonces) -> [u8; 32] {
        secret.mac(&self.parts(role, nonces))
    }

    fn check(
        &self,
        secret: &MatchSecret,
        role: &[u8],
        nonces: &Nonces,
        mac: &[u8; 32],
        peer: &PartyId,
    ) -> Result<(), EnvelopeError> {
        if secret.fits(&self.parts(role, nonces), mac) {
            Ok(())
        } else {
            Err(EnvelopeError::InventedMatch { peer: peer.clone() })
        }
    }

    fn session(&self, secret: &MatchSecret) -> Result<SessionKey, EnvelopeError> {
        secret.session(self.match_id, &self.asker, &self.owner)
    }
}
