use std::collections::BTreeSet;

use sanctuary_trust::Roster;
use sanctuary_types::{PartyId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Checkpoint, LedgerError, LogKey, Refused,
    bytes::hexed,
    limits::{CHECKPOINT_AGE_MAX_MS, CLOCK_SKEW_MS, WITNESSES_MAX},
    note::{Kind, NoteKey, Parsed, check_name},
};

/// A witness as everybody is told of it: name (its party id) and Ed25519 key from the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessKey {
    name: String,
    #[serde(with = "hexed")]
    public: [u8; 32],
}

impl WitnessKey {
    /// # Errors
    /// [`LedgerError::Malformed`] when the name cannot stand in a signed note.
    pub fn new(name: &str, public: [u8; 32]) -> Result<Self, LedgerError> {
        check_name("witness's name", name)?;
        Ok(Self {
            name: name.to_owned(),
            public,
        })
    }

    /// The witness's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key as C2SP tools want it.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        self.note_key().verifier_key()
    }

    pub(crate) fn note_key(&self) -> NoteKey {
        NoteKey::new(&self.name, &self.public, Kind::Timed)
    }
}

/// Whose signatures make a checkpoint acceptable: the hub's and those of `needed` witnesses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, try_from = "Unchecked")]
pub struct Quorum {
    log: LogKey,
    witnesses: Vec<WitnessKey>,
    needed: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    log: LogKey,
    witnesses: Vec<WitnessKey>,
    needed: usize,
}

impl TryFrom<Unchecked> for Quorum {
    type Error = LedgerError;
    fn try_from(u: Unchecked) -> Result<Self, LedgerError> {
        check_name("log's origin", u.log.origin())?;
        for witness in &u.witnesses {
            check_name("witness's name", &witness.name)?;
        }
        Self::new(u.log, u.witnesses, u.needed)
    }
}

impl Quorum {
    /// # Errors
    /// [`LedgerError::Malformed`] when a name or key stands twice, when the hub is its own witness, or
    /// when more are needed than there are.
    pub fn new(
        log: LogKey,
        witnesses: Vec<WitnessKey>,
        needed: usize,
    ) -> Result<Self, LedgerError> {
        let bad = |reason| LedgerError::Malformed {
            what: "quorum of witnesses",
            reason,
        };
        let names: BTreeSet<&str> = witnesses.iter().map(|w| w.name.as_str()).collect();
        let keys: BTreeSet<&[u8; 32]> = witnesses.iter().map(|w| &w.public).collect();
        if names.len() != witnesses.len() || keys.len() != witnesses.len() {
            return Err(bad("two witnesses share a name or a key"));
        }
        if names.contains(log.origin()) || keys.contains(log.public()) {
            return Err(bad("the hub cannot be its own witness"));
        }
        if needed > witnesses.len() || witnesses.len() > WITNESSES_MAX {
            return Err(bad(
                "it needs more witnesses than there are, or lists too many",
            ));
        }
        Ok(Self {
            log,
            witnesses,
            needed,
        })
    }

    /// The quorum of a roster: the hub's log, every agency as a witness under its party id and signing
    /// key. `needed` none = more than half of the agencies.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`] when the roster has no hub or too few agencies.
    pub fn of_roster(roster: &Roster, needed: Option<usize>) -> Result<Self, LedgerError> {
        let hub = roster.hub().ok_or(LedgerError::Malformed {
            what: "roster",
            reason: "it names no hub",
        })?;
        let log = LogKey::new(&origin_of(&hub.id), hub.signing_key)?;
        let witnesses = roster
            .agencies()
            .map(|agency| WitnessKey::new(agency.id.as_str(), agency.signing_key))
            .collect::<Result<Vec<_>, _>>()?;
        let needed = needed.unwrap_or(witnesses.len() / 2 + 1);
        Self::new(log, witnesses, needed)
    }

    /// The log.
    #[must_use]
    pub const fn log(&self) -> &LogKey {
        &self.log
    }

    /// The witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[WitnessKey] {
        &self.witnesses
    }

    /// How many of them are needed.
    #[must_use]
    pub const fn needed(&self) -> usize {
        self.needed
    }

    /// The cosignatures on `checkpoint` that verify: witness and time.
    ///
    /// # Errors
    /// [`Refused::WrongSignature`] when a known witness's line does not verify.
    pub fn cosignatures(
        &self,
        checkpoint: &Checkpoint,
    ) -> Result<Vec<(&WitnessKey, Timestamp)>, Refused> {
        let keys: Vec<NoteKey> = self.witnesses.iter().map(WitnessKey::note_key).collect();
        let signed = Parsed::new(checkpoint.note())?.signed_by(&keys)?;
        let found = self
            .witnesses
            .iter()
            .zip(&keys)
            .filter_map(|(witness, key)| {
                let time_s = signed.iter().find(|s| s.key == *key)?.time_s?;
                Some((witness, Timestamp(time_s.saturating_mul(1000))))
            });
        Ok(found.collect())
    }

    /// Reads a checkpoint and checks the hub's and enough witnesses' signatures, whatever its age.
    ///
    /// # Errors
    /// As [`Checkpoint::verify`]; [`Refused::TooFewCosignatures`].
    pub fn verify(&self, note: &[u8]) -> Result<Checkpoint, Refused> {
        let checkpoint = Checkpoint::verify(note, &self.log)?;
        let have = self.cosignatures(&checkpoint)?.len();
        if have < self.needed {
            return Err(Refused::TooFewCosignatures {
                have,
                need: self.needed,
            });
        }
        Ok(checkpoint)
    }

    /// As [`Self::verify`], and both the hub's time and the newest `needed` witnesses' times are not
    /// older than 15 minutes: the hub alone cannot make an old log look alive.
    ///
    /// # Errors
    /// Also [`Refused::Stale`], [`Refused::FromTheFuture`].
    pub fn verify_fresh(&self, note: &[u8], now: Timestamp) -> Result<Checkpoint, Refused> {
        let checkpoint = self.verify(note)?;
        fresh(checkpoint.time(), now)?;
        let cosignatures = self.cosignatures(&checkpoint)?;
        let mut times: Vec<Timestamp> = cosignatures
            .into_iter()
            .map(|(_, time)| time)
            .filter(|time| time.0 <= now.0.saturating_add(CLOCK_SKEW_MS))
            .collect();
        times.sort_unstable_by(|a, b| b.cmp(a));
        match self.needed.checked_sub(1).map(|last| times.get(last)) {
            None => Ok(checkpoint),
            Some(Some(oldest)) => fresh(*oldest, now).map(|()| checkpoint),
            Some(None) => Err(Refused::TooFewCosignatures {
                have: times.len(),
                need: self.needed,
            }),
        }
    }
}

/// The origin of the log that `hub` runs.
#[must_use]
pub fn origin_of(hub: &PartyId) -> String {
    format!("sanctuary/{hub}/ledger")
}

/// Neither older than 15 minutes nor further ahead than clocks may differ.
pub(crate) fn fresh(time: Timestamp, now: Timestamp) -> Result<(), Refused> {
    let ahead_ms = time.0.saturating_sub(now.0);
    if ahead_ms > CLOCK_SKEW_MS {
        return Err(Refused::FromTheFuture { ahead_ms });
    }
    let age_ms = now.0.saturating_sub(time.0);
    if age_ms > CHECKPOINT_AGE_MAX_MS {
        return Err(Refused::Stale {
            age_ms,
            max_ms: CHECKPOINT_AGE_MAX_MS,
        });
    }
    Ok(())
}
