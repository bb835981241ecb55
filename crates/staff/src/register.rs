use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sanctuary_disclosure::{Actor, IdentifierPrint, PersonId};
use sanctuary_policy::{Action, ContactRole, StaffRole};
use sanctuary_types::Timestamp;

use crate::{
    Change, Member, MemberView, SessionHash, SessionToken, SessionView, StaffAct, StaffActKind,
    StaffError, StaffStore,
    session::{Session, SignInWay, TOUCH_MS},
};

/// Who acts under a session.
#[derive(Clone, Debug)]
pub struct Who {
    /// Person, account and roles as they are now.
    pub actor: Actor,
    /// Name for colleagues.
    pub name: String,
    /// The session, as kept.
    pub session: Session,
}

/// The register of one agency's staff over a store; the only way to an [`Actor`].
pub struct Register<S> {
    pub(crate) store: S,
    /// Shown in authenticators: which agency the code is for.
    pub(crate) agency: String,
    /// One change at a time.
    writing: Mutex<()>,
}

impl<S: StaffStore> Register<S> {
    /// The register in `store`; `agency` is shown in people's authenticators.
    pub fn new(store: S, agency: &str) -> Self {
        Self {
            store,
            agency: agency.to_owned(),
            writing: Mutex::new(()),
        }
    }

    /// Who acts under a session, with their roles as they are now. Counts as use of the session.
    ///
    /// # Errors
    /// [`StaffError::NoSession`] when it is unknown, ended, idle for too long, or its person has left.
    pub fn actor_of(&self, token: &SessionToken, now: Timestamp) -> Result<Actor, StaffError> {
        Ok(self.who(token, now)?.actor)
    }

    /// The same, with their name and the session.
    ///
    /// # Errors
    /// As [`Register::actor_of`].
    pub fn who(&self, token: &SessionToken, now: Timestamp) -> Result<Who, StaffError> {
        let hash = token.hash();
        let (session, member) = self.live(&hash, now)?;
        if now.0.saturating_sub(session.last_used.0) >= TOUCH_MS {
            let _one = self.writer();
            // Read again under the lock: a session that was ended meanwhile stays ended.
            let (session, _) = self.live(&hash, now)?;
            let used = Session {
                last_used: now,
                ..session
            };
            self.store.commit(Change {
                sessions: vec![(hash, Some(used))],
                ..Change::default()
            })?;
        }
        Ok(Who {
            actor: actor(&member, &hash, session.way),
            name: member.name,
            session,
        })
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`StaffError::NoSession`], or a fault of store or log.
    pub fn sign_out(&self, token: &SessionToken, now: Timestamp) -> Result<(), StaffError> {
        let hash = token.hash();
        let _one = self.writer();
        let (session, _) = self.live(&hash, now)?;
        let person = &session.person;
        self.note(StaffActKind::SignedOut, Some(person), Some(person), now)?;
        Ok(self.store.commit(Change {
            sessions: vec![(hash, None)],
            ..Change::default()
        })?)
    }

    /// Live sessions: every one for an administrator, the own ones for anybody else.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn sessions(
        &self,
        by: &Actor,
        this: Option<&SessionToken>,
        now: Timestamp,
    ) -> Result<Vec<SessionView>, StaffError> {
        let all = Action::ManageStaff.permits_any(&by.roles);
        let this = this.map(SessionToken::hash);
        let mut views: Vec<SessionView> = self
            .store
            .sessions()?
            .into_iter()
            .filter(|(_, s)| s.is_live(now) && (all || s.person == by.person))
            .map(|(hash, s)| SessionView {
                id: hash.id(),
                person: s.person,
                from: s.from,
                started: s.started,
                last_used: s.last_used,
                way: s.way,
                is_this: this == Some(hash),
            })
            .collect();
        views.sort_by_key(|v| std::cmp::Reverse(v.last_used));
        Ok(views)
    }

    /// Ends a session by its name in the list; one's own, or anybody's for an administrator.
    ///
    /// # Errors
    /// [`StaffError::NoSession`] when there is none that the actor may end.
    pub fn revoke(&self, by: &Actor, id: &str, now: Timestamp) -> Result<(), StaffError> {
        let all = Action::ManageStaff.permits_any(&by.roles);
        let _one = self.writer();
        let (hash, session) = self
            .store
            .sessions()?
            .into_iter()
            .find(|(hash, s)| hash.id() == id && (all || s.person == by.person))
            .ok_or(StaffError::NoSession)?;
        self.note(
            StaffActKind::Revoked,
            Some(&by.person),
            Some(&session.person),
            now,
        )?;
        Ok(self.store.commit(Change {
            sessions: vec![(hash, None)],
            ..Change::default()
        })?)
    }

    /// Everybody in the register, by name; for administrators, data protection officers and whoever
    /// assigns work to colleagues.
    ///
    /// # Errors
    /// [`StaffError::NotAdministrator`], or a fault of the store.
    pub fn people(&self, by: &Actor) -> Result<Vec<MemberView>, StaffError> {
        let may = [
            Action::ManageStaff,
            Action::ExportEvidence,
            Action::AssignAlert,
        ];
        if !may.iter().any(|a| a.permits_any(&by.roles)) {
            return Err(StaffError::NotAdministrator);
        }
        let mut people: Vec<MemberView> = self.store.members()?.iter().map(Member::view).collect();
        people.sort_by(|a, b| (&a.name, &a.person).cmp(&(&b.name, &b.person)));
        Ok(people)
    }

    /// How many people have each role, for the evidence of who can do what. No names.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn role_counts(&self) -> Result<BTreeMap<StaffRole, usize>, StaffError> {
        let mut counts: BTreeMap<StaffRole, usize> =
            StaffRole::ALL.iter().map(|r| (*r, 0)).collect();
        for member in self.store.members()?.iter().filter(|m| m.is_active()) {
            for role in &member.roles {
                *counts.entry(*role).or_default() += 1;
            }
        }
        Ok(counts)
    }

    /// Name of a person, for a case file that knows the staff number.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn name_of(&self, person: &PersonId) -> Result<Option<String>, StaffError> {
        Ok(self.store.member(person)?.map(|m| m.name))
    }

    /// What somebody may be now; nothing for one who has left or is not in the register.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn roles_of(&self, person: &PersonId) -> Result<Vec<StaffRole>, StaffError> {
        let member = self.store.member(person)?.filter(Member::is_active);
        Ok(member.map_or_else(Vec::new, |m| m.roles.iter().copied().collect()))
    }

    /// Active people with a function, such as the safeguarding lead.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn with_function(&self, function: ContactRole) -> Result<Vec<MemberView>, StaffError> {
        let members = self.store.members()?;
        let fits = |m: &&Member| m.is_active() && m.functions.contains(&function);
        Ok(members.iter().filter(fits).map(Member::view).collect())
    }

    /// What the people who would see a shielded detail have declared: active, with a role that reads
    /// releases. `None` for a person who has not declared. For [`sanctuary_disclosure::ReachFacts`].
    ///
    /// # Errors
    /// A fault of the store.
    pub fn declared(&self) -> Result<Vec<Option<BTreeSet<IdentifierPrint>>>, StaffError> {
        let sees = |m: &&Member| {
            let roles: Vec<StaffRole> = m.roles.iter().copied().collect();
            m.is_active() && Action::ReadRelease.permits_any(&roles)
        };
        let members = self.store.members()?;
        Ok(members
            .iter()
            .filter(sees)
            .map(|m| m.declared.as_ref().map(|d| d.prints.clone()))
            .collect())
    }

    /// Whether nobody is in the register yet.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn is_empty(&self) -> Result<bool, StaffError> {
        Ok(self.store.members()?.is_empty())
    }

    pub(crate) fn live(
        &self,
        hash: &SessionHash,
        now: Timestamp,
    ) -> Result<(Session, Member), StaffError> {
        let session = self
            .store
            .session(hash)?
            .filter(|s| s.is_live(now))
            .ok_or(StaffError::NoSession)?;
        let member = self
            .store
            .member(&session.person)?
            .filter(Member::is_active)
            .ok_or(StaffError::NoSession)?;
        Ok((session, member))
    }

    pub(crate) fn note(
        &self,
        kind: StaffActKind,
        by: Option<&PersonId>,
        about: Option<&PersonId>,
        at: Timestamp,
    ) -> Result<(), StaffError> {
        Ok(self.store.note(StaffAct {
            kind,
            by: by.cloned(),
            about: about.cloned(),
            at,
        })?)
    }

    /// Ends of every session of a person, as part of a change.
    pub(crate) fn ended(
        &self,
        person: &PersonId,
    ) -> Result<Vec<(SessionHash, Option<Session>)>, StaffError> {
        let sessions = self.store.sessions()?;
        Ok(sessions
            .into_iter()
            .filter(|(_, s)| s.person == *person)
            .map(|(hash, _)| (hash, None))
            .collect())
    }

    /// The right to change the register. A panic of another thread left nothing half-done: every change
    /// is one atomic step of the store.
    pub(crate) fn writer(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn actor(member: &Member, session: &SessionHash, way: SignInWay) -> Actor {
    Actor {
        person: member.person.clone(),
        account: format!("{}/{}", way.word(), member.person.as_str()),
        session: session.id(),
        roles: member.roles.iter().copied().collect(),
    }
}
