//! The people of one agency: who they are, what they may be, and how the node knows that it is them.
//!
//! Owns: the register of staff, passwords and one-time codes, pauses after wrong tries, sessions, and
//! who may change whom. Must never: do I/O, read a clock, know a record or a case, say whether an
//! account exists, or give the administrator a role that sees records.
//!
//! A command and the console use it in one way: [`Register::sign_in`] gives a [`SessionToken`],
//! [`Register::actor_of`] turns it into the `Actor` that every use-case asks for. Roles come from the
//! register at that moment, never from the caller. An identity provider's word goes the same way
//! ([`Register::sign_in_by_provider`]): it may set the roles that the agency's mapping names, of people whom
//! the register has already.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod administer;
mod again;
mod code;
mod contact;
mod error;
mod lapsed;
mod member;
mod memory;
mod password;
mod ports;
mod provider;
mod register;
mod secret;
mod session;
mod sign_in;
mod tries;

pub use administer::{NewMember, StartCode};
pub use again::PausedView;
pub use code::{CodeSecret, CodeSetup};
pub use error::StaffError;
pub use member::{
    Declaration, IDENTIFIERS_MAX, Member, MemberView, NAME_CHARS_MAX, PEOPLE_MAX, Standing,
};
pub use memory::MemoryStaff;
pub use password::{PASSWORD_CHARS, PasswordHash};
pub use ports::{Change, PortError, StaffAct, StaffActKind, StaffStore};
pub use provider::{ProviderProof, ProviderRoles, ProviderSubject};
pub use register::{Register, Who};
pub use secret::Secret;
pub use session::{
    ABSOLUTE_MS, FRESH_MS, IDLE_MS, SESSIONS_PER_PERSON_MAX, Session, SessionHash, SessionToken,
    SessionView, SignInWay,
};
pub use sign_in::{SignIn, SignedIn};
pub use tries::{Tries, TriesKey};
