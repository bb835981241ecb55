//! The port through which pages reach the node: everything they ask of it and nothing more. Every call blocks,
//! checks the person's roles itself, and logs before it shows or changes anything.

use std::collections::BTreeMap;

use sanctuary_casework::{CaseLine, CaseRequest, CaseView, Document, Format, RequestDraft};
use sanctuary_disclosure::{Actor, CardBeforeSending, Text};
use sanctuary_policy::Field;
use sanctuary_review::{
    Assign, AssignOutcome, Decide, Filter, ItemView, ListRequest, Page, Saved, SavedView, Who,
};
use sanctuary_staff::{
    CodeSetup, ProviderProof, Secret, SessionToken, SessionView, SignIn, SignedIn,
};
use sanctuary_types::{AlertId, CaseId, PartyId, Timestamp};

use crate::{Fault, Keeping, Oversight, Running};

/// What an office answers.
pub type Asked<T> = Result<T, Fault>;

/// The agency and its partners, as the sharing agreement names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct House {
    /// This agency.
    pub party: PartyId,
    /// Names of all agencies for people, this one's included.
    pub names: BTreeMap<PartyId, String>,
    /// When the hub was last heard of; none = not since the node started.
    pub hub_heard: Option<Timestamp>,
    /// The hub is away now.
    pub hub_away: bool,
}

/// Silence of the hub after which a page says that it may be out of date: a node asks it every minute or so.
const STALE_MS: u64 = 15 * 60_000;

impl House {
    /// The hub is not known to be away, and yet has not been heard for a while.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        let silent = |heard: Timestamp| now.0.saturating_sub(heard.0) > STALE_MS;
        !self.hub_away && self.hub_heard.is_some_and(silent)
    }

    /// The name of an agency; its id when the agreement does not name it.
    #[must_use]
    pub fn name_of<'a>(&'a self, party: &'a PartyId) -> &'a str {
        self.names.get(party).map_or(party.as_str(), String::as_str)
    }
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// Person, session and roles, as they are at this moment.
    pub actor: Actor,
    /// Name for colleagues.
    pub name: String,
    /// They have shown within the last minutes that it is them.
    pub is_fresh: bool,
}

/// The node behind the pages.
pub trait Office: Send + Sync + 'static {
    /// The time by the node's clock.
    fn now(&self) -> Timestamp;
    /// The agency and its partners.
    fn house(&self) -> House;
    /// What is kept for one person: drafts, habits, names of colleagues.
    fn keeping(&self) -> &dyn Keeping;
    /// How the node runs.
    fn running(&self) -> &dyn Running;
    /// What those who oversee may ask; none at a node without it.
    fn oversight(&self) -> Option<&dyn Oversight> {
        None
    }

    /// Signs in; `from` is a few words on the browser.
    ///
    /// # Errors
    /// [`Fault`]; so of every method.
    fn sign_in(&self, typed: &SignIn<'_>, from: &str) -> Asked<SignedIn>;
    /// Signs in whom the identity provider vouches for.
    fn sign_in_by_provider(&self, proof: &ProviderProof, from: &str) -> Asked<SignedIn>;
    /// The person of a session shows once more that it is them: the session goes on under a new token.
    fn prove_again(&self, session: &SessionToken, typed: &SignIn<'_>) -> Asked<SignedIn>;
    /// The same by the identity provider.
    fn prove_again_by_provider(
        &self,
        session: &SessionToken,
        proof: &ProviderProof,
    ) -> Asked<SignedIn>;
    /// Notes that what the identity provider sent was refused.
    fn note_refused(&self) -> Asked<()>;
    /// Notes that far more sign-ins were refused than people mistype.
    fn note_many_refused(&self) -> Asked<()>;
    /// Chooses a password with the start code, or a new one with the old.
    fn choose_password(&self, typed: &SignIn<'_>, new: &Secret) -> Asked<()>;
    /// Who acts under a session. Counts as use of it.
    fn person_of(&self, token: &SessionToken) -> Asked<Person>;
    /// Ends the session.
    fn sign_out(&self, token: &SessionToken) -> Asked<()>;
    /// Live sessions that the person may see.
    fn sessions(&self, by: &Actor, this: &SessionToken) -> Asked<Vec<SessionView>>;
    /// Ends one of them.
    fn end_session(&self, by: &Actor, id: &str) -> Asked<()>;
    /// Begins to set up one-time codes.
    fn begin_code(&self, by: &Actor) -> Asked<CodeSetup>;
    /// Sets them up.
    fn confirm_code(&self, by: &Actor, code: &Secret) -> Asked<()>;

    /// A page of possible matches.
    fn queue(&self, by: &Actor, request: &ListRequest) -> Asked<Page>;
    /// One possible match, with everything that the person may see of it.
    fn item(&self, by: &Actor, id: &AlertId) -> Asked<ItemView>;
    /// Saves an answer.
    fn decide(&self, by: &Actor, decide: &Decide) -> Asked<Saved>;
    /// One of the re-review sample, without what was decided.
    fn item_to_recheck(&self, by: &Actor, id: &AlertId) -> Asked<ItemView>;
    /// Saves a re-review.
    fn recheck(&self, by: &Actor, decide: &Decide) -> Asked<Saved>;
    /// Takes the last answer back before it is sent.
    fn undo(&self, by: &Actor, id: &AlertId, version: u32) -> Asked<Saved>;
    /// Gives possible matches to a colleague.
    fn assign(&self, by: &Actor, assign: &Assign) -> Asked<AssignOutcome>;
    /// Colleagues to whom possible matches may be given.
    fn reviewers(&self, by: &Actor) -> Asked<Vec<Who>>;
    /// The person's saved views.
    fn views(&self, by: &Actor) -> Asked<Vec<SavedView>>;
    /// Keeps a filter under a name.
    fn save_view(&self, by: &Actor, name: &str, filter: &Filter) -> Asked<()>;
    /// Forgets it.
    fn delete_view(&self, by: &Actor, name: &str) -> Asked<()>;

    /// Every case that the person may see.
    fn cases(&self, by: &Actor) -> Asked<Vec<CaseLine>>;
    /// One case.
    fn case(&self, by: &Actor, id: &CaseId) -> Asked<CaseView>;
    /// Writes a request.
    fn draft(&self, by: &Actor, draft: &RequestDraft) -> Asked<CaseId>;
    /// What each side will and will not learn of it.
    fn card(&self, by: &Actor, id: &CaseId) -> Asked<CardBeforeSending>;
    /// What the own record holds of the details asked for.
    fn suggest(&self, by: &Actor, id: &CaseId) -> Asked<BTreeMap<Field, Text>>;
    /// Takes a step of a case.
    fn step(&self, by: &Actor, step: &CaseRequest) -> Asked<()>;
    /// The released report.
    fn document(&self, by: &Actor, id: &CaseId, format: Format) -> Asked<Document>;
}
