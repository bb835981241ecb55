//! Sessions looked at without using them: whether one still lives, and whose one was that has run out.

use sanctuary_disclosure::PersonId;
use sanctuary_types::Timestamp;

use crate::{Member, Register, SessionToken, StaffStore};

impl<S: StaffStore> Register<S> {
    /// Whether a session still counts. No use of it: a page that only listens keeps nobody signed in.
    #[must_use]
    pub fn is_live(&self, token: &SessionToken, now: Timestamp) -> bool {
        self.live(&token.hash(), now).is_ok()
    }

    /// Whose session it was that has run out by time; none for one that was ended by a person, that still lives,
    /// or whose person has left. It opens nothing: it says for whom something typed may be kept.
    #[must_use]
    pub fn person_of_lapsed(&self, token: &SessionToken, now: Timestamp) -> Option<PersonId> {
        let session = self.store.session(&token.hash()).ok()??;
        if session.is_live(now) {
            return None;
        }
        let member = self.store.member(&session.person).ok()??;
        Member::is_active(&member).then_some(session.person)
    }
}
