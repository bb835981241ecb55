//! One request as handlers see it: who, which page, what was sent.

use sanctuary_disclosure::Actor;
use sanctuary_policy::Action;
use sanctuary_staff::SessionToken;
use sanctuary_types::Timestamp;

use crate::{Fault, FaultKind, Form, House, Office, Oversight, Person, Problem};

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
        && !wish.starts_with("/sign-");
    if own { wish } else { "/" }
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
        for bad in [
            "",
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
