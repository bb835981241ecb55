//! One request as handlers see it: who, which page, what was sent.

use std::net::IpAddr;

use sanctuary_disclosure::Actor;
use sanctuary_policy::Action;
use sanctuary_staff::SessionToken;
use sanctuary_types::Timestamp;

use crate::{
    Access, Fault, FaultKind, Form, House, Office, Oversight, Person, Problem, ROUTES, Refusals,
    RefusedAct, Signing, Verb, Why,
};

/// One request.
pub struct Visit<'a> {
    /// The node.
    pub office: &'a dyn Office,
    /// The agency and its partners.
    pub house: House,
    /// Who is signed in, and under which session.
    pub person: Option<(Person, SessionToken)>,
    /// The parts of the path that the route left open, by name.
    pub parts: Vec<(String, String)>,
    /// The path.
    pub path: String,
    /// The query.
    pub query: Form,
    /// The form that was posted.
    pub form: Form,
    /// The token for the forms of the page.
    pub token: String,
    /// A few words on the browser, for the list of sessions.
    pub browser: String,
    /// When.
    pub now: Timestamp,
    /// Where the browser is.
    pub from: IpAddr,
    /// How people come in.
    pub signing: &'a Signing,
    /// What was refused to people who were signed in.
    pub refusals: &'a Refusals,
    /// The cookie of a sign-in at the identity provider.
    pub begun: Option<String>,
}

impl Visit<'_> {
    /// Who acts. Routes for signed-in people only are never called without.
    ///
    /// # Errors
    /// [`Problem::SignedOut`].
    pub fn actor(&self) -> Result<&Actor, Problem> {
        let person = self.person.as_ref().ok_or(Problem::SignedOut)?;
        Ok(&person.0.actor)
    }

    /// The session they act under.
    ///
    /// # Errors
    /// [`Problem::SignedOut`].
    pub fn session(&self) -> Result<&SessionToken, Problem> {
        let person = self.person.as_ref().ok_or(Problem::SignedOut)?;
        Ok(&person.1)
    }

    /// What those who oversee ask of the node.
    ///
    /// # Errors
    /// A node that has none of it.
    pub fn oversight(&self) -> Result<&dyn Oversight, Problem> {
        let missing = || "this node does not show this; update it".to_owned();
        let none = || Fault::new(FaultKind::Unavailable, "no_oversight", missing());
        self.office.oversight().ok_or_else(|| none().into())
    }

    /// Goes on only when the person has shown within the last minutes that it is them. `what` is what they do
    /// next, in the words of a button.
    ///
    /// # Errors
    /// [`Problem::ProveAgain`]: the page asks for the proof and then leads back; a posted form waits meanwhile.
    pub fn need_proof(&self, what: &'static str) -> Result<(), Problem> {
        let (person, _) = self.person.as_ref().ok_or(Problem::SignedOut)?;
        if person.is_fresh {
            Ok(())
        } else {
            Err(Problem::ProveAgain(what))
        }
    }

    /// Counts a sign-in that was refused; tells of a burst.
    pub fn count_refused(&self, why: Why) {
        if self.signing.watch.count(why, self.from, self.now) {
            tracing::warn!(
                "many sign-ins are refused; the overview of the console says from where"
            );
            if let Err(fault) = self.office.note_many_refused() {
                tracing::error!(
                    rule = fault.rule,
                    "a burst of refused sign-ins was not logged"
                );
            }
        }
    }

    /// Counts, for supervisors, what was refused to whoever is signed in.
    pub(crate) fn count_act(&self, act: RefusedAct) {
        if let Some((person, _)) = &self.person {
            self.refusals.count(&person.actor.person, act, self.now);
        }
    }

    /// Whether whoever is signed in may do it.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        self.person
            .as_ref()
            .is_some_and(|(p, _)| action.permits_any(&p.actor.roles))
    }

    /// A part of the path, read as an id; a wrong one is a page that does not exist.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub fn part<T: std::str::FromStr>(&self, name: &str) -> Result<T, Problem> {
        let found = self.parts.iter().find(|(n, _)| n == name);
        let text = found.map_or("", |(_, value)| value.as_str());
        text.parse().map_err(|_| Problem::NotFound)
    }

    /// The version that a form was made for; a form without one is none of ours.
    ///
    /// # Errors
    /// [`Problem::BadRequest`].
    pub fn version(&self) -> Result<u32, Problem> {
        self.form.parse("version").ok_or(Problem::BadRequest)
    }
}

/// Where to after signing in: only a path of this console, else the first page.
#[must_use]
pub fn own_path(wish: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_?=&.+%".contains(c);
    let own = wish.starts_with('/')
        && !wish.starts_with("//")
        && wish.len() <= 1_000
        && wish.chars().all(plain)
        && is_page(wish.split('?').next().unwrap_or_default());
    if own { wish } else { "/" }
}

/// Whether there is a page here that people read once they are signed in: only an address of the table.
fn is_page(path: &str) -> bool {
    let fits = |pattern: &str| {
        let (mut parts, mut wanted) = (path.split('/'), pattern.split('/'));
        let same = wanted.by_ref().all(|w| match parts.next() {
            Some(part) => part == w || w.starts_with('{') && !part.is_empty(),
            None => false,
        });
        same && parts.next().is_none()
    };
    let open = |access| matches!(access, Access::Anybody | Access::AnybodySlowly);
    ROUTES
        .iter()
        .any(|r| r.verb == Verb::Get && !open(r.access) && !r.is_step && fits(r.path))
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(
            own_path("/matches?kind=same_person"),
            "/matches?kind=same_person"
        );
        assert_eq!(
            own_path("/requests/12ab/answer?shielded=1"),
            "/requests/12ab/answer?shielded=1"
        );
        assert_eq!(own_path("/prove/go-on?held=ab"), "/prove/go-on?held=ab");
        for bad in [
            "",
            "/nothing",
            "/sign-in/provider",
            "/prove/provider",
            "/prove?back=/",
            "/matches/",
            "/requests/12ab/approve",
            "/assets/app.css",
            "matches",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nSet-Cookie: x=y",
            "/sign-out",
            "javascript:alert(1)",
            "/@evil.example:x",
        ] {
            assert_eq!(own_path(bad), "/", "{bad}");
        }
    }
}
