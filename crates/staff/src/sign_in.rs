use rand_core::CryptoRng;
use sanctuary_disclosure::{Actor, PersonId};
use sanctuary_types::Timestamp;

use crate::{
    Change, Member, PasswordHash, Register, SESSIONS_PER_PERSON_MAX, Secret, Session, SessionHash,
    SessionToken, SignInWay, StaffActKind, StaffError, StaffStore, Tries, TriesKey, member::Start,
    password::check_strength, register::actor, session::ABSOLUTE_MS,
};

/// Characters of a name or code that are looked at.
const TYPED_CHARS_MAX: usize = 256;
/// Characters kept of where a session is from.
const FROM_CHARS_MAX: usize = 60;

/// What a person typed.
#[derive(Clone, Debug)]
pub struct SignIn<'a> {
    /// Staff number, in capitals or not.
    pub person: &'a str,
    /// Password, or the start code when a password is to be chosen.
    pub password: &'a Secret,
    /// The code of their authenticator, when they have set one up.
    pub code: Option<&'a Secret>,
}

/// A person who has signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// What they show from now on.
    pub token: SessionToken,
    /// Who they are.
    pub actor: Actor,
    /// Name for the greeting.
    pub name: String,
    /// When they have to sign in again at the latest.
    pub until: Timestamp,
}

/// Somebody who knew what only they know.
pub(crate) struct Proven {
    pub(crate) member: Member,
    pub(crate) tries: Tries,
    pub(crate) by_start_code: bool,
}

/// Sessions as a change leaves them; none = ended.
pub(crate) type SessionChanges = Vec<(SessionHash, Option<Session>)>;

/// How a session begins.
pub(crate) struct Opening<'a> {
    pub(crate) from: &'a str,
    pub(crate) way: SignInWay,
    pub(crate) proven: Timestamp,
    pub(crate) now: Timestamp,
}

impl<S: StaffStore> Register<S> {
    /// Signs a person in; `from` is a few words for the list of sessions.
    ///
    /// # Errors
    /// [`StaffError::NotSignedIn`] for whatever is wrong, with one text; [`StaffError::ChoosePassword`]
    /// after a right start code.
    pub fn sign_in(
        &self,
        typed: &SignIn<'_>,
        from: &str,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<SignedIn, StaffError> {
        let proven = self.prove(typed, now)?;
        let member = proven.member;
        let _one = self.writer();
        let tries = vec![(TriesKey::Person(member.person.clone()), proven.tries)];
        if proven.by_start_code {
            self.store.commit(Change {
                tries,
                ..Change::default()
            })?;
            return Err(StaffError::ChoosePassword);
        }
        self.note(
            StaffActKind::SignedIn,
            Some(&member.person),
            Some(&member.person),
            now,
        )?;
        let opening = Opening {
            from,
            way: SignInWay::Local,
            proven: now,
            now,
        };
        let (signed_in, sessions) = self.opened(&member, &opening, rng)?;
        self.store.commit(Change {
            sessions,
            tries,
            ..Change::default()
        })?;
        Ok(signed_in)
    }

    /// A new session of a person, and what it changes in the store: its row, and ends of old ones.
    pub(crate) fn opened(
        &self,
        member: &Member,
        opening: &Opening<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<(SignedIn, SessionChanges), StaffError> {
        let (token, now) = (SessionToken::generate(rng), opening.now);
        let hash = token.hash();
        let from = opening.from.chars().filter(|c| !c.is_control());
        let session = Session {
            person: member.person.clone(),
            from: from.take(FROM_CHARS_MAX).collect(),
            started: now,
            last_used: now,
            way: opening.way,
            proven: opening.proven,
        };
        let mut sessions = self.outdated(&member.person, now)?;
        sessions.push((hash, Some(session)));
        let signed_in = SignedIn {
            token,
            actor: actor(member, &hash, opening.way),
            name: member.name.clone(),
            until: Timestamp(now.0.saturating_add(ABSOLUTE_MS)),
        };
        Ok((signed_in, sessions))
    }

    /// Chooses a password with the start code, or a new one with the old. Every session of the person
    /// ends.
    ///
    /// # Errors
    /// [`StaffError::NotSignedIn`], [`StaffError::WeakPassword`], [`StaffError::SamePassword`].
    pub fn choose_password(
        &self,
        typed: &SignIn<'_>,
        new: &Secret,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), StaffError> {
        let mut proven = self.prove(typed, now)?;
        let member = &proven.member;
        check_strength(new, member.person.as_str(), &member.name)?;
        if new.expose() == typed.password.expose() {
            return Err(StaffError::SamePassword);
        }
        let hash = PasswordHash::of(new.expose(), rng)?;
        let _one = self.writer();
        let mut member = self.still_active(&proven.member.person)?;
        self.note(
            StaffActKind::Password,
            Some(&member.person),
            Some(&member.person),
            now,
        )?;
        member.password = Some(hash);
        member.start = None;
        member.changed = now;
        proven.tries.failures = 0;
        Ok(self.store.commit(Change {
            sessions: self.ended(&member.person)?,
            tries: vec![(TriesKey::Person(member.person.clone()), proven.tries)],
            members: vec![member],
        })?)
    }

    /// Checks password and code against the register. Names that are nobody's, people who left and
    /// pauses cost and say the same as a wrong password.
    pub(crate) fn prove(&self, typed: &SignIn<'_>, now: Timestamp) -> Result<Proven, StaffError> {
        let member = self.find(typed.person)?;
        let key = member.as_ref().map_or_else(
            || TriesKey::nobody(typed.person),
            |m| TriesKey::Person(m.person.clone()),
        );
        let mut tries = {
            let _one = self.writer();
            let mut tries = self.store.tries(&key)?;
            if tries.is_paused(now) {
                return Err(StaffError::NotSignedIn);
            }
            tries.begin(now);
            self.store.commit(Change {
                tries: vec![(key, tries)],
                ..Change::default()
            })?;
            tries
        };
        let active = member.filter(Member::is_active);
        let start = active.as_ref().and_then(|m| m.start.as_ref());
        let start = start.filter(|start| now < start.until);
        let expected = active.as_ref().and_then(|m| m.password.as_ref());
        let by_start_code = expected.is_none() && start.is_some();
        let fits = fits(expected, start, typed.password)?;
        let step = match active.as_ref().and_then(|m| m.code.as_ref()) {
            None => Some(tries.last_step),
            Some(code) => typed
                .code
                .filter(|typed| typed.expose().len() <= TYPED_CHARS_MAX)
                .and_then(|typed| code.step_of(typed.expose(), now))
                // A code is good for one use.
                .filter(|step| *step > tries.last_step),
        };
        match (active, step) {
            (Some(member), Some(step)) if fits => {
                tries.succeed(Some(step));
                Ok(Proven {
                    member,
                    tries,
                    by_start_code,
                })
            }
            (member, _) => {
                let about = member.as_ref().map(|m| &m.person);
                self.note(StaffActKind::Refused, None, about, now)?;
                Err(StaffError::NotSignedIn)
            }
        }
    }

    fn find(&self, typed: &str) -> Result<Option<Member>, StaffError> {
        match typed.trim().parse::<PersonId>() {
            Ok(person) => Ok(self.store.member(&person)?),
            Err(_) => Ok(None),
        }
    }

    pub(crate) fn still_active(&self, person: &PersonId) -> Result<Member, StaffError> {
        self.store
            .member(person)?
            .filter(Member::is_active)
            .ok_or(StaffError::NoSession)
    }

    /// Ends of sessions that no longer count, and of the person's oldest when there are too many.
    fn outdated(&self, person: &PersonId, now: Timestamp) -> Result<SessionChanges, StaffError> {
        let (live, dead): (Vec<_>, Vec<_>) = self
            .store
            .sessions()?
            .into_iter()
            .partition(|(_, s)| s.is_live(now));
        let mut own: Vec<_> = live
            .into_iter()
            .filter(|(_, s)| s.person == *person)
            .collect();
        own.sort_by_key(|(_, s)| s.last_used);
        let over = (own.len() + 1).saturating_sub(SESSIONS_PER_PERSON_MAX);
        let oldest = own.into_iter().take(over);
        Ok(dead
            .into_iter()
            .chain(oldest)
            .map(|(h, _)| (h, None))
            .collect())
    }
}

/// One hash is worked out whatever the case, so that a name that is nobody's takes as long.
fn fits(
    expected: Option<&PasswordHash>,
    start: Option<&Start>,
    typed: &Secret,
) -> Result<bool, StaffError> {
    let text = typed.expose();
    if text.chars().count() > TYPED_CHARS_MAX {
        return Ok(false);
    }
    match (expected, start) {
        (Some(hash), _) => hash.fits(text),
        (None, Some(start)) => start.hash.fits(&crate::administer::folded(text)),
        (None, None) => PasswordHash::of_nobody().fits(text).map(|_| false),
    }
}
