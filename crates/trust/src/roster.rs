use std::collections::{BTreeMap, BTreeSet};

use sanctuary_types::{PartyId, Timestamp, limits::ROSTER_PARTIES_MAX, lp};
use serde::{Deserialize, Serialize};

use crate::{
    Anchors, TrustError,
    encode::{hexed, hexed_option},
};

mod signed;

pub use signed::SignedRoster;

const WHAT: &str = "roster";
const NAME_BYTES_MAX: usize = 120;
const ENDPOINT_BYTES_MAX: usize = 200;

/// What a party does, and so what it may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// Runs the hub.
    Hub,
    /// Holds one share of each key.
    KeyHolder,
    /// Holds records and runs a node.
    Agency,
    /// Signs rosters and manifests; drives ceremonies.
    Officer,
}

impl PartyKind {
    /// The word in files and messages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::KeyHolder => "key_holder",
            Self::Agency => "agency",
            Self::Officer => "officer",
        }
    }

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Hub => 1,
            Self::KeyHolder => 2,
            Self::Agency => 3,
            Self::Officer => 4,
        }
    }
}

/// One member of the partnership.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Short name, unique.
    pub id: PartyId,
    /// What it does.
    pub kind: PartyKind,
    /// The organisation's name for people, 1 to 120 bytes.
    pub name: String,
    /// SHA-256 of its TLS key's SubjectPublicKeyInfo.
    #[serde(with = "hexed")]
    pub spki_sha256: [u8; 32],
    /// Ed25519 key it signs uploads, receipts, ceremonies or rosters with.
    #[serde(with = "hexed")]
    pub signing_key: [u8; 32],
    /// X25519 key others seal to; key holders have one.
    #[serde(
        with = "hexed_option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub sealing_key: Option<[u8; 32]>,
    /// `host:port`, for parties that are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}

impl Party {
    pub(crate) fn canonical(&self) -> Vec<u8> {
        lp(&[
            self.id.as_bytes(),
            &[self.kind.code()],
            self.name.as_bytes(),
            &self.spki_sha256,
            &self.signing_key,
            self.sealing_key.as_ref().map_or(&[], |k| k.as_slice()),
            self.endpoint.as_deref().unwrap_or_default().as_bytes(),
        ])
    }

    /// The fields are within limits and what the kind needs is there.
    ///
    /// # Errors
    /// [`TrustError::Malformed`].
    pub fn check(&self) -> Result<(), TrustError> {
        let name_fits = (1..=NAME_BYTES_MAX).contains(&self.name.len())
            && !self.name.chars().any(char::is_control);
        if !name_fits {
            return Err(malformed(
                "a party's name must have 1 to 120 bytes and no control characters",
            ));
        }
        match &self.endpoint {
            Some(endpoint) if !is_host_port(endpoint) => {
                Err(malformed("an endpoint must be written host:port"))
            }
            None if matches!(self.kind, PartyKind::Hub | PartyKind::KeyHolder) => Err(malformed(
                "the hub and each key holder must have an endpoint",
            )),
            _ => Ok(()),
        }
    }
}

/// The partnership's members at one version. Always well formed; trusted only when it came from
/// [`SignedRoster::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    version: u32,
    issued: Timestamp,
    parties: Vec<Party>,
    pub(crate) second_step: bool,
    by_spki: BTreeMap<[u8; 32], usize>,
}

impl Roster {
    /// A well-formed roster, with the second step switched off.
    ///
    /// # Errors
    /// [`TrustError`] when there are too many parties, more than one hub, a malformed party, or two
    /// that share an id, TLS key or signing key.
    pub fn new(version: u32, issued: Timestamp, parties: Vec<Party>) -> Result<Self, TrustError> {
        if parties.len() > ROSTER_PARTIES_MAX {
            return Err(TrustError::TooMany {
                what: WHAT,
                items: "parties",
                max: ROSTER_PARTIES_MAX,
            });
        }
        let mut by_spki = BTreeMap::new();
        let (mut ids, mut signing_keys) = (BTreeSet::new(), BTreeSet::new());
        for (index, party) in parties.iter().enumerate() {
            party.check()?;
            let duplicate = |field| {
                Err(TrustError::Duplicate {
                    what: WHAT,
                    party: party.id.clone(),
                    field,
                })
            };
            if !ids.insert(&party.id) {
                return duplicate("name");
            }
            if by_spki.insert(party.spki_sha256, index).is_some() {
                return duplicate("TLS key");
            }
            if !signing_keys.insert(party.signing_key) {
                return duplicate("signing key");
            }
        }
        if parties.iter().filter(|p| p.kind == PartyKind::Hub).count() > 1 {
            return Err(malformed("it names more than one hub"));
        }
        Ok(Self {
            version,
            issued,
            parties,
            second_step: false,
            by_spki,
        })
    }

    /// The next version with `party` added, or replaced if its id is there already.
    ///
    /// # Errors
    /// As [`Roster::new`].
    pub fn with(&self, party: Party, now: Timestamp) -> Result<Self, TrustError> {
        let mut parties = self.parties.clone();
        match parties.iter_mut().find(|p| p.id == party.id) {
            Some(entry) => *entry = party,
            None => parties.push(party),
        }
        self.next(now, parties)
    }

    /// The next version without `party`: revocation.
    ///
    /// # Errors
    /// [`TrustError::NotOnRoster`] when it is not there.
    pub fn without(&self, party: &PartyId, now: Timestamp) -> Result<Self, TrustError> {
        let mut parties = self.parties.clone();
        parties.retain(|p| p.id != *party);
        if parties.len() == self.parties.len() {
            return Err(TrustError::NotOnRoster {
                party: party.clone(),
                kind: "a party",
            });
        }
        self.next(now, parties)
    }

    /// The next version with the second step agreed or not (see [`Self::second_step`]).
    ///
    /// # Errors
    /// As [`Roster::new`].
    pub fn with_second_step(&self, agreed: bool, now: Timestamp) -> Result<Self, TrustError> {
        let mut next = self.next(now, self.parties.clone())?;
        next.second_step = agreed;
        Ok(next)
    }

    /// Grows with each change.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }
    /// When the officers made it.
    #[must_use]
    pub fn issued(&self) -> Timestamp {
        self.issued
    }
    /// Every party, in the file's order.
    #[must_use]
    pub fn parties(&self) -> &[Party] {
        &self.parties
    }
    /// Whether the partnership has agreed that agencies' nodes compare two records, encrypted, where
    /// the tokens leave doubt. Off unless the officers signed that it is on.
    #[must_use]
    pub fn second_step(&self) -> bool {
        self.second_step
    }
    /// The party whose TLS key this is.
    #[must_use]
    pub fn by_spki(&self, spki_sha256: &[u8; 32]) -> Option<&Party> {
        self.by_spki
            .get(spki_sha256)
            .and_then(|i| self.parties.get(*i))
    }
    /// The party of that id.
    #[must_use]
    pub fn party(&self, id: &PartyId) -> Option<&Party> {
        self.parties.iter().find(|p| p.id == *id)
    }
    /// Every agency.
    pub fn agencies(&self) -> impl Iterator<Item = &Party> {
        self.of_kind(PartyKind::Agency)
    }
    /// Every key holder, in the order in which a ceremony numbers them.
    pub fn key_holders(&self) -> impl Iterator<Item = &Party> {
        self.of_kind(PartyKind::KeyHolder)
    }
    /// The hub.
    #[must_use]
    pub fn hub(&self) -> Option<&Party> {
        self.of_kind(PartyKind::Hub).next()
    }
    /// Every party of one kind.
    pub fn of_kind(&self, kind: PartyKind) -> impl Iterator<Item = &Party> {
        self.parties.iter().filter(move |p| p.kind == kind)
    }

    /// The next version with other parties and everything else that was agreed.
    fn next(&self, now: Timestamp, parties: Vec<Party>) -> Result<Self, TrustError> {
        let mut next = Self::new(self.next_version()?, now, parties)?;
        next.second_step = self.second_step;
        Ok(next)
    }

    fn next_version(&self) -> Result<u32, TrustError> {
        self.version
            .checked_add(1)
            .ok_or(malformed("its version cannot grow further"))
    }

    fn message(&self, anchors: &Anchors) -> Vec<u8> {
        let parties: Vec<Vec<u8>> = self.parties.iter().map(Party::canonical).collect();
        let parts: Vec<&[u8]> = parties.iter().map(Vec::as_slice).collect();
        let parties = lp(&parts);
        let (version, issued) = (self.version.to_be_bytes(), self.issued.0.to_be_bytes());
        let fingerprint = anchors.fingerprint();
        let mut message: Vec<&[u8]> = vec![
            b"sanctuary/v1/roster",
            &fingerprint.0,
            &version,
            &issued,
            &parties,
        ];
        // A sixth part only where it is on: rosters signed before there was a second step hold.
        if self.second_step {
            message.push(b"second-step");
        }
        lp(&message)
    }
}

fn is_host_port(text: &str) -> bool {
    text.len() <= ENDPOINT_BYTES_MAX
        && text.rsplit_once(':').is_some_and(|(host, port)| {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._[]:".contains(&b))
                && port.parse::<u16>().is_ok_and(|p| p > 0)
        })
}

fn malformed(reason: &'static str) -> TrustError {
    TrustError::Malformed { what: WHAT, reason }
}
