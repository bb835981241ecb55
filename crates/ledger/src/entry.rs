use std::fmt;

use sanctuary_trust::{SigningKey, verify};
use sanctuary_types::{PartyId, Timestamp, lp};
use serde::{Deserialize, Serialize};

use crate::{
    ActorRole, EntryKind, LedgerError,
    bytes::{Parts, hexed},
    error::signature_of,
    limits::CONCERNED_MAX,
};

/// Names one act: random, or derived under a key of whoever logs it. Sent again, it is a retry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(#[serde(with = "hexed")] pub [u8; 16]);

impl EntryId {
    /// Reads the 32 hexadecimal digits that [`fmt::Display`] writes.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let mut id = [0; 16];
        match hex::decode_to_slice(text, &mut id) {
            Ok(()) => Ok(Self(id)),
            Err(_) => Err(LedgerError::Malformed {
                what: "entry id",
                reason: "it is not 32 hexadecimal digits",
            }),
        }
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryId({self})")
    }
}

/// HMAC-SHA256(salt, content): binds an entry to what it is about and says nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitment(#[serde(with = "hexed")] pub [u8; 32]);

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Commitment({})", hex::encode(self.0))
    }
}

/// One act, as its actor states it. Made by [`crate::SealedContent::entry`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(crate) id: EntryId,
    pub(crate) kind: EntryKind,
    pub(crate) time: Timestamp,
    pub(crate) actor: PartyId,
    pub(crate) role: ActorRole,
    pub(crate) concerned: Vec<PartyId>,
    pub(crate) commitment: Commitment,
}

impl Entry {
    /// `concerned` are the other parties that may read the entry; sorted, each once.
    ///
    /// # Errors
    /// [`LedgerError::TooMany`] above [`CONCERNED_MAX`].
    pub fn new(
        id: EntryId,
        kind: EntryKind,
        time: Timestamp,
        actor: PartyId,
        role: ActorRole,
        concerned: &[PartyId],
        commitment: Commitment,
    ) -> Result<Self, LedgerError> {
        let mut concerned = concerned.to_vec();
        concerned.sort();
        concerned.dedup();
        if concerned.len() > CONCERNED_MAX {
            return Err(LedgerError::TooMany {
                what: "entry",
                items: "concerned parties",
                found: concerned.len() as u64,
                max: CONCERNED_MAX as u64,
            });
        }
        Ok(Self {
            id,
            kind,
            time,
            actor,
            role,
            concerned,
            commitment,
        })
    }

    /// The act's id.
    #[must_use]
    pub const fn id(&self) -> EntryId {
        self.id
    }
    /// What was done.
    #[must_use]
    pub const fn kind(&self) -> EntryKind {
        self.kind
    }
    /// When, by the actor's clock.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.time
    }
    /// Who did it: the organisation.
    #[must_use]
    pub const fn actor(&self) -> &PartyId {
        &self.actor
    }
    /// In which capacity.
    #[must_use]
    pub const fn role(&self) -> ActorRole {
        self.role
    }
    /// The other parties it concerns.
    #[must_use]
    pub fn concerned(&self) -> &[PartyId] {
        &self.concerned
    }
    /// What binds it to its content.
    #[must_use]
    pub const fn commitment(&self) -> &Commitment {
        &self.commitment
    }

    /// Whether `party` may read the entry and not only its hash.
    #[must_use]
    pub fn concerns(&self, party: &PartyId) -> bool {
        self.actor == *party || self.concerned.contains(party)
    }

    /// The same act stated at another time, for one that the log has not taken.
    #[must_use]
    pub fn at(self, time: Timestamp) -> Self {
        Self { time, ..self }
    }

    /// Signs it as the actor, so that nobody can log acts in another's name.
    #[must_use]
    pub fn sign(self, key: &SigningKey) -> SignedEntry {
        let signature = key.sign(&self.message());
        SignedEntry {
            entry: self,
            signature,
        }
    }

    /// `lp("sanctuary/v1/log-entry", kind, id, time, actor, role, concerned, commitment)`.
    fn message(&self) -> Vec<u8> {
        lp(&[
            b"sanctuary/v1/log-entry",
            self.kind.word().as_bytes(),
            &self.id.0,
            &self.time.0.to_be_bytes(),
            self.actor.as_bytes(),
            &[self.role.code()],
            &encode_parties(&self.concerned),
            &self.commitment.0,
        ])
    }
}

/// An entry with its actor's Ed25519 signature: what travels to the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedEntry {
    pub(crate) entry: Entry,
    pub(crate) signature: [u8; 64],
}

impl SignedEntry {
    /// The entry.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Checks the signature under the actor's key from the roster.
    ///
    /// # Errors
    /// [`LedgerError::Signature`] naming the party.
    pub fn check(self, actor: &[u8; 32]) -> Result<CheckedEntry, LedgerError> {
        self.verify(actor)?;
        Ok(CheckedEntry(self))
    }

    pub(crate) fn verify(&self, actor: &[u8; 32]) -> Result<(), LedgerError> {
        verify(actor, &self.entry.message(), &self.signature)
            .map_err(|_| signature_of(&self.entry.actor))
    }

    /// The bytes that travel: the signed message and the signature, both as `lp` parts.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        lp(&[&self.entry.message(), &self.signature])
    }

    /// Reads [`Self::to_bytes`].
    ///
    /// # Errors
    /// [`LedgerError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut outer = Parts::new("entry", bytes);
        let mut parts = Parts::new("entry", outer.next()?);
        let signature = outer.array()?;
        outer.end()?;
        if parts.next()? != b"sanctuary/v1/log-entry" {
            return Err(parts.bad("its label is wrong"));
        }
        let word = std::str::from_utf8(parts.next()?).unwrap_or_default();
        let kind = EntryKind::of_word(word)?;
        let entry = read_fields(kind, &mut parts)?;
        parts.end()?;
        Ok(Self { entry, signature })
    }
}

/// An entry whose actor's signature was checked: the only kind the ledger takes.
#[derive(Clone, Debug)]
pub struct CheckedEntry(pub(crate) SignedEntry);

impl CheckedEntry {
    /// The entry.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.0.entry
    }
}

/// Id, time, actor, role, concerned, commitment: the fields as they stand in messages and leaves.
pub(crate) fn read_fields(kind: EntryKind, parts: &mut Parts<'_>) -> Result<Entry, LedgerError> {
    let id = EntryId(parts.array()?);
    let time = Timestamp(u64::from_be_bytes(parts.array()?));
    let actor = party(parts.next()?)?;
    let [role] = parts.array()?;
    let concerned = decode_parties(parts.next()?)?;
    let commitment = Commitment(parts.array()?);
    let role = ActorRole::of_code(role)?;
    let entry = Entry::new(id, kind, time, actor, role, &concerned, commitment)?;
    if entry.concerned == concerned {
        Ok(entry)
    } else {
        // Two spellings of one entry would be two leaves of one act.
        Err(parts.bad("its concerned parties are not in order"))
    }
}

pub(crate) fn encode_parties(parties: &[PartyId]) -> Vec<u8> {
    lp(&parties.iter().map(PartyId::as_bytes).collect::<Vec<_>>())
}

fn decode_parties(bytes: &[u8]) -> Result<Vec<PartyId>, LedgerError> {
    let mut parts = Parts::new("entry", bytes);
    let mut parties = Vec::new();
    while !parts.is_empty() {
        if parties.len() == CONCERNED_MAX {
            return Err(parts.bad("it names too many parties"));
        }
        parties.push(party(parts.next()?)?);
    }
    Ok(parties)
}

fn party(bytes: &[u8]) -> Result<PartyId, LedgerError> {
    std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or(LedgerError::Malformed {
            what: "entry",
            reason: "a party id is not one",
        })
}
