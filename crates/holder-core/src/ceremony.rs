use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rand_core::CryptoRng;
use sanctuary_keyshare::dkg::{Ceremony, Echo, Member, Outcome, Round1, SealedPackage, Terms};
use sanctuary_trust::{Party, PartyKind, Roster, SigningKey, dkg_result_message, verify};
use sanctuary_types::{Epoch, Generation, KeyClass, PartyId, Timestamp};

use crate::{HolderError, ShareId, ShareStore};

/// First bytes of `keyshare`'s ceremony id: enough to name a ceremony in messages and manifests.
/// The signatures inside cover the whole id.
pub type ShortCeremonyId = [u8; 16];

/// Ceremonies under way at once.
const OPEN_MAX: usize = 8;
/// A ceremony that has not ended by then is forgotten.
const OPEN_FOR_MS: u64 = 60 * 60 * 1000;

/// What an officer asks to be made.
#[derive(Clone, Debug)]
pub struct CeremonyStart {
    /// Class of the new key.
    pub class: KeyClass,
    /// Its epoch.
    pub epoch: Epoch,
    /// Holders needed, t.
    pub threshold: u16,
    /// The holders in the order of their share indices, 1 to n.
    pub holders: Vec<PartyId>,
}

/// A holder's signed statement "this is the key set that my share fits".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CeremonyResult {
    /// The ceremony.
    pub ceremony_id: ShortCeremonyId,
    /// This holder's share index.
    pub index: u16,
    /// kG.
    pub group_key: [u8; 32],
    /// s_i G in the order of indices.
    pub share_keys: Vec<[u8; 32]>,
    /// SHA-256 of all first messages.
    pub transcript_sha256: [u8; 32],
    /// Ed25519 over [`sanctuary_trust::dkg_result_message`].
    pub signature: [u8; 64],
}

/// This holder's side of the key ceremonies that officers hold. Officers only pass messages on and
/// learn nothing. Ceremonies live in memory: after a restart they begin anew.
pub struct CeremonyDesk {
    own: PartyId,
    signing: SigningKey,
    open: Mutex<BTreeMap<ShortCeremonyId, Open>>,
}

struct Open {
    started: Timestamp,
    stage: Stage,
}

enum Stage {
    Running(Box<Ceremony>),
    /// Kept so that an officer who lost the answer can ask again.
    Done(CeremonyResult),
}

impl CeremonyDesk {
    /// For the holder of that name and signing key.
    #[must_use]
    pub const fn new(own: PartyId, signing: SigningKey) -> Self {
        Self {
            own,
            signing,
            open: Mutex::new(BTreeMap::new()),
        }
    }

    /// Begins a ceremony; one of the same terms that is under way is dropped for it.
    ///
    /// # Errors
    /// [`HolderError::WrongKind`], [`HolderError::KeyExists`], [`HolderError::Ceremony`] for
    /// impossible terms, [`HolderError::NotOnRoster`] for a member who is no key holder.
    pub fn start(
        &self,
        caller: &Party,
        roster: &Roster,
        shares: &dyn ShareStore,
        start: CeremonyStart,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Round1, HolderError> {
        require_officer(caller)?;
        refuse_existing(shares, start.class, start.epoch)?;
        let own = self.own_index(roster, &start.holders)?;
        let terms = terms(start)?;
        let (ceremony, message) =
            Ceremony::start(terms, own, rng, |message| self.signing.sign(message))?;
        let mut open = self.lock();
        open.retain(|_, entry| now.0.saturating_sub(entry.started.0) < OPEN_FOR_MS);
        let id = short(ceremony.id());
        if open.len() >= OPEN_MAX && !open.contains_key(&id) {
            return Err(HolderError::TooManyCeremonies { limit: OPEN_MAX });
        }
        let entry = Open {
            started: now,
            stage: Stage::Running(Box::new(ceremony)),
        };
        open.insert(id, entry);
        Ok(message)
    }

    /// Shows every holder's first message; answers with a signed hash of all.
    ///
    /// # Errors
    /// [`HolderError::WrongKind`], [`HolderError::NoCeremony`], [`HolderError::Ceremony`].
    pub fn echo(
        &self,
        caller: &Party,
        roster: &Roster,
        id: ShortCeremonyId,
        messages: &[Round1],
    ) -> Result<Echo, HolderError> {
        self.step(caller, id, |ceremony| {
            let messages: Vec<Round1> = messages
                .iter()
                .map(|m| Round1 {
                    ceremony_id: whole(&m.ceremony_id, ceremony),
                    ..m.clone()
                })
                .collect();
            ceremony.echo(&messages, |m| self.signing.sign(m), checked_by(roster))
        })
    }

    /// Shows every holder's echo; answers with packages sealed to the other holders.
    ///
    /// # Errors
    /// As [`CeremonyDesk::echo`].
    pub fn deal(
        &self,
        caller: &Party,
        roster: &Roster,
        id: ShortCeremonyId,
        echoes: &[Echo],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<SealedPackage>, HolderError> {
        self.step(caller, id, |ceremony| {
            let echoes: Vec<Echo> = echoes
                .iter()
                .map(|e| Echo {
                    ceremony_id: whole(&e.ceremony_id, ceremony),
                    ..e.clone()
                })
                .collect();
            ceremony.deal(&echoes, rng, |m| self.signing.sign(m), checked_by(roster))
        })
    }

    /// Hands over the packages sealed to this holder. Returns only after the share is sealed and
    /// durable. Asked again after that, gives the same statement.
    ///
    /// # Errors
    /// As [`CeremonyDesk::echo`]; [`HolderError::Port`] when the share could not be kept: then the
    /// ceremony has to be held again.
    pub fn finish(
        &self,
        caller: &Party,
        roster: &Roster,
        shares: &dyn ShareStore,
        id: ShortCeremonyId,
        packages: &[SealedPackage],
    ) -> Result<CeremonyResult, HolderError> {
        require_officer(caller)?;
        let mut open = self.lock();
        let entry = open.get_mut(&id).ok_or(HolderError::NoCeremony)?;
        let ceremony = match &mut entry.stage {
            Stage::Done(result) => return Ok(result.clone()),
            Stage::Running(ceremony) => ceremony,
        };
        let (class, epoch) = (ceremony.terms().class(), ceremony.terms().epoch());
        refuse_existing(shares, class, epoch)?;
        let outcome = ceremony.finish(packages, checked_by(roster))?;
        let share_id = ShareId {
            class,
            epoch,
            generation: Generation(0),
        };
        shares.save(share_id, &outcome.share)?;
        let result = self.statement(id, outcome);
        entry.stage = Stage::Done(result.clone());
        Ok(result)
    }

    fn step<T>(
        &self,
        caller: &Party,
        id: ShortCeremonyId,
        step: impl FnOnce(&mut Ceremony) -> Result<T, sanctuary_keyshare::KeyshareError>,
    ) -> Result<T, HolderError> {
        require_officer(caller)?;
        let mut open = self.lock();
        match &mut open.get_mut(&id).ok_or(HolderError::NoCeremony)?.stage {
            Stage::Running(ceremony) => Ok(step(ceremony)?),
            Stage::Done(_) => Err(HolderError::NoCeremony),
        }
    }

    /// Every member must be a key holder of the roster, and this one among them.
    fn own_index(&self, roster: &Roster, holders: &[PartyId]) -> Result<u16, HolderError> {
        for holder in holders {
            let known = roster.party(holder).map(|p| p.kind);
            if known != Some(PartyKind::KeyHolder) {
                return Err(HolderError::NotOnRoster {
                    holder: holder.clone(),
                });
            }
        }
        let position = holders.iter().position(|h| *h == self.own);
        position
            .and_then(|p| u16::try_from(p + 1).ok())
            .ok_or(HolderError::Field(
                "the list of members, without this key holder,",
            ))
    }

    fn statement(&self, ceremony_id: ShortCeremonyId, outcome: Outcome) -> CeremonyResult {
        let index = outcome.share.index();
        let keys = outcome.public_keys;
        let message = dkg_result_message(
            &ceremony_id,
            index,
            &keys.group_key,
            &keys.share_keys,
            &outcome.transcript_sha256,
        );
        CeremonyResult {
            ceremony_id,
            index,
            group_key: keys.group_key,
            share_keys: keys.share_keys,
            transcript_sha256: outcome.transcript_sha256,
            signature: self.signing.sign(&message),
        }
    }

    /// `keyshare` keeps a ceremony whole when a step fails, so a panic leaves no broken state.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<ShortCeremonyId, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first 16 bytes of a whole ceremony id.
#[must_use]
pub fn short(id: &[u8; 32]) -> ShortCeremonyId {
    let mut out = [0; 16];
    out.copy_from_slice(&id[..16]);
    out
}

/// Messages arrive with the short id, padded with zeros: the rest is this ceremony's if they
/// belong to it. A wrong guess fails at the signature, which covers the whole id.
fn whole(carried: &[u8; 32], ceremony: &Ceremony) -> [u8; 32] {
    let own = *ceremony.id();
    if carried[..16] == own[..16] {
        own
    } else {
        *carried
    }
}

fn terms(start: CeremonyStart) -> Result<Terms, HolderError> {
    let members = (1u16..)
        .zip(start.holders)
        .map(|(index, holder)| Member { index, holder })
        .collect();
    Ok(Terms::new(
        start.class,
        start.epoch,
        start.threshold,
        members,
    )?)
}

fn checked_by(roster: &Roster) -> impl Fn(&PartyId, &[u8], &[u8; 64]) -> bool {
    |holder, message, signature| {
        roster
            .party(holder)
            .filter(|party| party.kind == PartyKind::KeyHolder)
            .is_some_and(|party| verify(&party.signing_key, message, signature).is_ok())
    }
}

fn refuse_existing(
    shares: &dyn ShareStore,
    class: KeyClass,
    epoch: Epoch,
) -> Result<(), HolderError> {
    let exists = |id: &ShareId| id.class == class && id.epoch == epoch;
    if shares.ids()?.iter().any(exists) {
        return Err(HolderError::KeyExists {
            class: class.label(),
            epoch,
        });
    }
    Ok(())
}

fn require_officer(caller: &Party) -> Result<(), HolderError> {
    if caller.kind == PartyKind::Officer {
        Ok(())
    } else {
        Err(HolderError::WrongKind {
            caller: caller.id.clone(),
            needed: "an officer",
        })
    }
}
