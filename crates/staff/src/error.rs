use crate::PortError;

/// Why the register refuses. Each text says what to do; none says whether an account exists.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StaffError {
    /// Unknown person, wrong password or code, left, or paused: one text for all of them.
    #[error(
        "the person, password or code is not right, or there were too many tries; check them and try again in a few minutes"
    )]
    NotSignedIn,
    /// The start code was right, and a password has to be chosen before anything else.
    #[error("choose a password first: sanctuary-node staff password")]
    ChoosePassword,
    /// No session, or one that has ended.
    #[error("you are not signed in, or your session has ended; sign in again")]
    NoSession,
    /// The act is not the actor's.
    #[error("only an administrator may change the staff register; ask yours")]
    NotAdministrator,
    /// `--first` on a register that has people.
    #[error("the register already has people; sign in as an administrator and add more from there")]
    NotFirst,
    /// Nobody of that staff number. Only an administrator ever gets this.
    #[error("there is nobody of that staff number in the register; look it up with: staff list")]
    NoSuchPerson,
    /// Somebody of that staff number is there already, perhaps among those who have left.
    #[error("that staff number is in the register already; change their roles instead")]
    AlreadyThere,
    /// Administrators see no records, so they have no other role.
    #[error(
        "an administrator sees no records and so has no other role; give the other roles to another person"
    )]
    AdministratorAlone,
    /// Nobody changes their own roles or leaves by themselves.
    #[error("nobody changes their own entry in the register; ask another administrator")]
    OwnEntry,
    /// The last administrator.
    #[error("this is the last administrator; add another one first")]
    LastAdministrator,
    /// A password that is easy to guess.
    #[error("this password {0}; take three or four unrelated words")]
    WeakPassword(&'static str),
    /// The new password is the old one.
    #[error("the new password is the old one; choose another")]
    SamePassword,
    /// The one-time code set-up was not confirmed by a right code.
    #[error(
        "the code does not fit; check the clock of your telephone and type the code it shows now"
    )]
    CodeDoesNotFit,
    /// A name, e-mail address or number of entries outside the limits.
    #[error("{0}")]
    Limit(&'static str),
    /// The identity provider vouches for somebody who is not in the register, or has left.
    #[error(
        "your identity provider knows you, but this agency's register does not; ask your administrator to add you under the staff number that the provider gives"
    )]
    UnknownHere,
    /// The staff number was first used by another account at the identity provider.
    #[error(
        "this staff number belongs to another account at the identity provider; ask your administrator to reset your entry"
    )]
    OtherAccount,
    /// Somebody in the register who may do nothing.
    #[error(
        "you have no role here; ask whoever gives out the groups of your identity provider, or your administrator"
    )]
    NoRole,
    /// A proof of somebody else than the session's person.
    #[error(
        "this is another person than the one who is signed in; sign out first, or give your own account"
    )]
    OtherPerson,
    /// A proof that is older than a fresh one may be.
    #[error(
        "the identity provider did not ask you to sign in again; try again, and if it stays tell your administrator that auth_time is missing or old"
    )]
    NotFresh,
    /// The cryptography failed; nothing about the caller.
    #[error("the password could not be worked out on this machine; free some memory and try again")]
    Hashing,
    /// The store or the log.
    #[error("{0}")]
    Port(String),
}

impl From<PortError> for StaffError {
    fn from(error: PortError) -> Self {
        Self::Port(error.0)
    }
}
