use std::sync::Arc;

use sanctuary_disclosure::PersonId;
use sanctuary_types::Timestamp;

use crate::{Member, Session, SessionHash, Tries, TriesKey};

/// A store or log that failed, in one sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortError(pub String);

/// Where the register is kept, and where its acts are logged.
pub trait StaffStore: Send + Sync {
    /// The entry of a person.
    ///
    /// # Errors
    /// [`PortError`].
    fn member(&self, person: &PersonId) -> Result<Option<Member>, PortError>;
    /// Every entry, in no order.
    ///
    /// # Errors
    /// [`PortError`].
    fn members(&self) -> Result<Vec<Member>, PortError>;
    /// One session.
    ///
    /// # Errors
    /// [`PortError`].
    fn session(&self, hash: &SessionHash) -> Result<Option<Session>, PortError>;
    /// Every session that was not removed.
    ///
    /// # Errors
    /// [`PortError`].
    fn sessions(&self) -> Result<Vec<(SessionHash, Session)>, PortError>;
    /// The tries of a name; none yet = the default.
    ///
    /// # Errors
    /// [`PortError`].
    fn tries(&self, of: &TriesKey) -> Result<Tries, PortError>;
    /// One atomic change, durable when it returns.
    ///
    /// # Errors
    /// [`PortError`]; then nothing has changed.
    fn commit(&self, change: Change) -> Result<(), PortError>;
    /// Logs an act before it takes effect; without the entry the act is not done.
    ///
    /// # Errors
    /// [`PortError`].
    fn note(&self, act: StaffAct) -> Result<(), PortError>;
}

/// What one step changes.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Entries as they now are.
    pub members: Vec<Member>,
    /// Sessions as they now are; `None` ends one.
    pub sessions: Vec<(SessionHash, Option<Session>)>,
    /// Tries as they now are.
    pub tries: Vec<(TriesKey, Tries)>,
}

/// What happened to the register, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffAct {
    /// What.
    pub kind: StaffActKind,
    /// Who did it; absent when nobody was signed in.
    pub by: Option<PersonId>,
    /// Whom it is about; absent for a name that is nobody's.
    pub about: Option<PersonId>,
    /// When.
    pub at: Timestamp,
}

/// Acts on the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StaffActKind {
    /// Somebody signed in.
    SignedIn,
    /// A try failed, for whatever reason.
    Refused,
    /// Somebody signed out.
    SignedOut,
    /// A person was added.
    Added,
    /// Roles or functions were set.
    Roles,
    /// A person has left.
    Left,
    /// Password and codes were taken away, a start code was given.
    Reset,
    /// A password was chosen.
    Password,
    /// One-time codes were set up.
    Code,
    /// A session was ended by somebody else, or from another place.
    Revoked,
    /// Identifiers were declared for the reach guard.
    Declared,
    /// Somebody signed in by the identity provider.
    SignedInByProvider,
    /// The identity provider's claims changed what a person may be.
    RolesByProvider,
    /// Somebody showed once more that it is them.
    Proven,
    /// Far more tries were refused than people mistype.
    ManyRefused,
}

impl StaffActKind {
    /// The word in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::Refused => "sign_in_refused",
            Self::SignedOut => "signed_out",
            Self::Added => "staff_added",
            Self::Roles => "staff_roles",
            Self::Left => "staff_left",
            Self::Reset => "staff_reset",
            Self::Password => "password_chosen",
            Self::Code => "codes_set_up",
            Self::Revoked => "session_revoked",
            Self::Declared => "identifiers_declared",
            Self::SignedInByProvider => "signed_in_by_provider",
            Self::RolesByProvider => "staff_roles_by_provider",
            Self::Proven => "proven_again",
            Self::ManyRefused => "sign_in_many_refused",
        }
    }
}

impl<S: StaffStore + ?Sized> StaffStore for Arc<S> {
    fn member(&self, person: &PersonId) -> Result<Option<Member>, PortError> {
        (**self).member(person)
    }
    fn members(&self) -> Result<Vec<Member>, PortError> {
        (**self).members()
    }
    fn session(&self, hash: &SessionHash) -> Result<Option<Session>, PortError> {
        (**self).session(hash)
    }
    fn sessions(&self) -> Result<Vec<(SessionHash, Session)>, PortError> {
        (**self).sessions()
    }
    fn tries(&self, of: &TriesKey) -> Result<Tries, PortError> {
        (**self).tries(of)
    }
    fn commit(&self, change: Change) -> Result<(), PortError> {
        (**self).commit(change)
    }
    fn note(&self, act: StaffAct) -> Result<(), PortError> {
        (**self).note(act)
    }
}
