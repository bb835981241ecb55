use rand_core::CryptoRng;
use sanctuary_disclosure::{Actor, PersonId};
use sanctuary_policy::Action;
use sanctuary_types::Timestamp;

use crate::{
    Change, Member, Register, Session, SessionToken, SignIn, SignedIn, StaffActKind, StaffError,
    StaffStore, TriesKey, register::actor, session::ABSOLUTE_MS, sign_in::SessionChanges,
};

/// A person whose sign-in is paused after wrong tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PausedView {
    /// Who.
    pub person: PersonId,
    /// Name for colleagues.
    pub name: String,
    /// Wrong tries since the last right one.
    pub failures: u32,
    /// No try before this.
    pub until: Timestamp,
}

impl<S: StaffStore> Register<S> {
    /// The person of a session has shown once more that it is them, with password and code: the session goes
    /// on under a new token, and the old one opens nothing.
    ///
    /// # Errors
    /// [`StaffError::NoSession`], and as [`Register::sign_in`].
    pub fn prove_again(
        &self,
        token: &SessionToken,
        typed: &SignIn<'_>,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<SignedIn, StaffError> {
        let (session, _) = self.live(&token.hash(), now)?;
        let person = session.person;
        let proven = self.prove(
            &SignIn {
                person: person.as_str(),
                ..typed.clone()
            },
            now,
        )?;
        if proven.by_start_code {
            return Err(StaffError::ChoosePassword);
        }
        let _one = self.writer();
        let mut sessions = Vec::new();
        let signed_in = self.renewed(token, &proven.member, now, now, rng, &mut sessions)?;
        self.store.commit(Change {
            sessions,
            tries: vec![(TriesKey::Person(person), proven.tries)],
            ..Change::default()
        })?;
        Ok(signed_in)
    }

    /// The session of `token` under a new one, as part of a change.
    pub(crate) fn renewed(
        &self,
        token: &SessionToken,
        member: &Member,
        proven: Timestamp,
        now: Timestamp,
        rng: &mut impl CryptoRng,
        sessions: &mut SessionChanges,
    ) -> Result<SignedIn, StaffError> {
        let old = token.hash();
        let (session, _) = self.live(&old, now)?;
        let person = Some(&member.person);
        self.note(StaffActKind::Proven, person, person, now)?;
        let fresh = SessionToken::generate(rng);
        let (hash, way, started) = (fresh.hash(), session.way, session.started);
        sessions.push((old, None));
        let renewed = Session {
            last_used: now,
            proven,
            ..session
        };
        sessions.push((hash, Some(renewed)));
        Ok(SignedIn {
            token: fresh,
            actor: actor(member, &hash, way),
            name: member.name.clone(),
            until: Timestamp(started.0.saturating_add(ABSOLUTE_MS)),
        })
    }

    /// Notes that a token of the identity provider was refused; nobody can be named.
    ///
    /// # Errors
    /// A fault of the log.
    pub fn note_refused(&self, now: Timestamp) -> Result<(), StaffError> {
        self.note(StaffActKind::Refused, None, None, now)
    }

    /// Notes that far more tries were refused than people mistype.
    ///
    /// # Errors
    /// A fault of the log.
    pub fn note_many_refused(&self, now: Timestamp) -> Result<(), StaffError> {
        self.note(StaffActKind::ManyRefused, None, None, now)
    }

    /// People whose sign-in is paused now, the most tried first; for supervisors and administrators.
    ///
    /// # Errors
    /// [`StaffError::NotAdministrator`], or a fault of the store.
    pub fn paused(&self, by: &Actor, now: Timestamp) -> Result<Vec<PausedView>, StaffError> {
        let may = [Action::ManageStaff, Action::ReadReviewFigures];
        if !may.iter().any(|a| a.permits_any(&by.roles)) {
            return Err(StaffError::NotAdministrator);
        }
        let mut paused = Vec::new();
        for member in self.store.members()? {
            let tries = self.store.tries(&TriesKey::Person(member.person.clone()))?;
            if tries.is_paused(now) {
                paused.push(PausedView {
                    person: member.person,
                    name: member.name,
                    failures: tries.failures,
                    until: tries.paused_until,
                });
            }
        }
        paused.sort_by_key(|p| std::cmp::Reverse(p.failures));
        Ok(paused)
    }
}
