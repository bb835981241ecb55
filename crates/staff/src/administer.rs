use std::collections::BTreeSet;

use rand_core::CryptoRng;
use sanctuary_disclosure::{Actor, IdentifierPrint, PersonId};
use sanctuary_policy::{Action, ContactRole, StaffRole};
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Change, CodeSecret, CodeSetup, Declaration, IDENTIFIERS_MAX, Member, PEOPLE_MAX, PasswordHash,
    Register, Secret, StaffActKind, StaffError, StaffStore, Standing, TriesKey,
    member::{Start, check_roles, check_text},
};

/// A start code that nobody uses lapses after this.
const START_CODE_MS: u64 = 72 * 3_600_000;
const START_CODE_LETTERS: usize = 16;
/// Crockford's base 32: letters that nobody mistakes for each other when they are read aloud.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A person to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// Staff number.
    pub person: PersonId,
    /// Name for colleagues.
    pub name: String,
    /// E-mail address, if they have one.
    pub email: Option<String>,
    /// What they may be.
    pub roles: BTreeSet<StaffRole>,
    /// Functions in which partners phone them.
    pub functions: BTreeSet<ContactRole>,
}

/// What the administrator hands to a person, who chooses a password with it. Sixteen letters, good
/// once, for three days; it opens nothing else.
#[derive(Clone, Debug)]
pub struct StartCode(pub Secret);

impl<S: StaffStore> Register<S> {
    /// Adds the first administrator, while nobody is there; whoever calls it has the node's root key.
    ///
    /// # Errors
    /// [`StaffError::NotFirst`]; what [`Register::add`] gives.
    pub fn add_first(
        &self,
        new: NewMember,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<StartCode, StaffError> {
        if !self.is_empty()? {
            return Err(StaffError::NotFirst);
        }
        let administrator = NewMember {
            roles: BTreeSet::from([StaffRole::Administrator]),
            ..new
        };
        self.insert(None, administrator, now, rng)
    }

    /// Adds a person.
    ///
    /// # Errors
    /// [`StaffError::NotAdministrator`], [`StaffError::AlreadyThere`],
    /// [`StaffError::AdministratorAlone`], [`StaffError::Limit`].
    pub fn add(
        &self,
        by: &Actor,
        new: NewMember,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<StartCode, StaffError> {
        may_manage(by)?;
        self.insert(Some(&by.person), new, now, rng)
    }

    /// Sets what a person may be.
    ///
    /// # Errors
    /// [`StaffError::NotAdministrator`], [`StaffError::OwnEntry`], [`StaffError::LastAdministrator`],
    /// [`StaffError::AdministratorAlone`], [`StaffError::NoSuchPerson`].
    pub fn set_roles(
        &self,
        by: &Actor,
        person: &PersonId,
        roles: BTreeSet<StaffRole>,
        functions: BTreeSet<ContactRole>,
        now: Timestamp,
    ) -> Result<(), StaffError> {
        check_roles(&roles)?;
        let stays = roles.contains(&StaffRole::Administrator);
        self.change(by, person, StaffActKind::Roles, stays, now, |member| {
            member.roles = roles;
            member.functions = functions;
        })
    }

    /// A person has left: their sessions end and they never sign in again.
    ///
    /// # Errors
    /// As [`Register::set_roles`].
    pub fn leave(&self, by: &Actor, person: &PersonId, now: Timestamp) -> Result<(), StaffError> {
        self.change(by, person, StaffActKind::Left, false, now, |member| {
            member.standing = Standing::Left;
            member.roles.clear();
            member.functions.clear();
            (member.password, member.start) = (None, None);
            (member.code, member.new_code) = (None, None);
            (member.declared, member.subject) = (None, None);
        })
    }

    /// Takes password, authenticator and the account at the identity provider away and gives a start code:
    /// for a person who has lost one of them, and for one who comes back.
    ///
    /// # Errors
    /// As [`Register::set_roles`].
    pub fn reset(
        &self,
        by: &Actor,
        person: &PersonId,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<StartCode, StaffError> {
        let (code, start) = start_code(now, rng)?;
        self.change(by, person, StaffActKind::Reset, true, now, |member| {
            member.standing = Standing::Active;
            member.password = None;
            member.start = Some(start);
            (member.code, member.new_code) = (None, None);
            member.subject = None;
        })?;
        Ok(code)
    }

    /// Begins to set up one-time codes; they count once [`Register::confirm_code`] has seen one.
    ///
    /// # Errors
    /// [`StaffError::NoSession`] when the person has left, or a fault of the store.
    pub fn begin_code(
        &self,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<CodeSetup, StaffError> {
        let secret = CodeSecret::generate(rng);
        let setup = secret.setup(by.person.as_str(), &self.agency);
        let _one = self.writer();
        let mut member = self.still_active(&by.person)?;
        member.new_code = Some(secret);
        member.changed = now;
        self.store.commit(Change {
            members: vec![member],
            ..Change::default()
        })?;
        Ok(setup)
    }

    /// From now on signing in needs a code.
    ///
    /// # Errors
    /// [`StaffError::CodeDoesNotFit`].
    pub fn confirm_code(
        &self,
        by: &Actor,
        code: &Secret,
        now: Timestamp,
    ) -> Result<(), StaffError> {
        let _one = self.writer();
        let mut member = self.still_active(&by.person)?;
        let secret = member.new_code.take().ok_or(StaffError::CodeDoesNotFit)?;
        let step = secret
            .step_of(code.expose(), now)
            .ok_or(StaffError::CodeDoesNotFit)?;
        self.note(StaffActKind::Code, Some(&by.person), Some(&by.person), now)?;
        let key = TriesKey::Person(by.person.clone());
        let mut tries = self.store.tries(&key)?;
        tries.last_step = step;
        member.code = Some(secret);
        member.changed = now;
        Ok(self.store.commit(Change {
            members: vec![member],
            tries: vec![(key, tries)],
            ..Change::default()
        })?)
    }

    /// A person declares their own identifiers and those of associates through whom an alleged
    /// perpetrator could learn something. Prints only; nobody can read the values back.
    ///
    /// # Errors
    /// [`StaffError::Limit`] for more than [`IDENTIFIERS_MAX`] or none.
    pub fn declare(
        &self,
        by: &Actor,
        prints: BTreeSet<IdentifierPrint>,
        now: Timestamp,
    ) -> Result<(), StaffError> {
        if !(1..=IDENTIFIERS_MAX).contains(&prints.len()) {
            return Err(StaffError::Limit(
                "declare 1 to 200 identifiers: your own telephone at least",
            ));
        }
        let _one = self.writer();
        let mut member = self.still_active(&by.person)?;
        self.note(
            StaffActKind::Declared,
            Some(&by.person),
            Some(&by.person),
            now,
        )?;
        member.declared = Some(Declaration { at: now, prints });
        member.changed = now;
        Ok(self.store.commit(Change {
            members: vec![member],
            ..Change::default()
        })?)
    }

    fn insert(
        &self,
        by: Option<&PersonId>,
        new: NewMember,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<StartCode, StaffError> {
        check_text(&new.name)?;
        new.email.as_deref().map_or(Ok(()), check_text)?;
        check_roles(&new.roles)?;
        let (code, start) = start_code(now, rng)?;
        let _one = self.writer();
        if self.store.member(&new.person)?.is_some() {
            return Err(StaffError::AlreadyThere);
        }
        let members = self.store.members()?;
        if by.is_none() && !members.is_empty() {
            return Err(StaffError::NotFirst);
        }
        if members.len() >= PEOPLE_MAX {
            return Err(StaffError::Limit(
                "the register holds 5,000 people; it is full",
            ));
        }
        self.note(StaffActKind::Added, by, Some(&new.person), now)?;
        self.store.commit(Change {
            members: vec![Member {
                person: new.person,
                name: new.name,
                email: new.email,
                roles: new.roles,
                functions: new.functions,
                standing: Standing::Active,
                added: now,
                changed: now,
                declared: None,
                password: None,
                start: Some(start),
                code: None,
                new_code: None,
                subject: None,
            }],
            ..Change::default()
        })?;
        Ok(code)
    }

    /// One change of a person by an administrator; their sessions end with it, so that no session has
    /// roles or a password of before.
    fn change(
        &self,
        by: &Actor,
        person: &PersonId,
        kind: StaffActKind,
        stays_administrator: bool,
        now: Timestamp,
        change: impl FnOnce(&mut Member),
    ) -> Result<(), StaffError> {
        may_manage(by)?;
        if by.person == *person {
            return Err(StaffError::OwnEntry);
        }
        let _one = self.writer();
        let mut member = self.store.member(person)?.ok_or(StaffError::NoSuchPerson)?;
        let another = |m: &Member| m.person != *person && m.is_active() && m.is_administrator();
        if member.is_administrator()
            && !stays_administrator
            && !self.store.members()?.iter().any(another)
        {
            return Err(StaffError::LastAdministrator);
        }
        self.note(kind, Some(&by.person), Some(person), now)?;
        change(&mut member);
        member.changed = now;
        Ok(self.store.commit(Change {
            sessions: self.ended(person)?,
            members: vec![member],
            ..Change::default()
        })?)
    }
}

fn may_manage(by: &Actor) -> Result<(), StaffError> {
    if Action::ManageStaff.permits_any(&by.roles) {
        Ok(())
    } else {
        Err(StaffError::NotAdministrator)
    }
}

fn start_code(now: Timestamp, rng: &mut impl CryptoRng) -> Result<(StartCode, Start), StaffError> {
    let mut bytes = zeroize::Zeroizing::new([0u8; START_CODE_LETTERS]);
    rng.fill_bytes(bytes.as_mut());
    let letters: String = bytes
        .iter()
        .map(|b| char::from(ALPHABET[usize::from(*b & 31)]))
        .collect();
    let start = Start {
        hash: PasswordHash::of(&folded(&letters), rng)?,
        until: Timestamp(now.0.saturating_add(START_CODE_MS)),
    };
    let groups: Vec<&str> = (0..START_CODE_LETTERS / 4)
        .filter_map(|i| letters.get(4 * i..4 * i + 4))
        .collect();
    Ok((StartCode(Secret::new(groups.join("-"))), start))
}

/// A start code as people type it: without dashes, in any case, O for 0 and I or L for 1.
pub(crate) fn folded(typed: &str) -> zeroize::Zeroizing<String> {
    zeroize::Zeroizing::new(
        typed
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect(),
    )
}
