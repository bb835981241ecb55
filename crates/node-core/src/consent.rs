//! Consent is three separate things, none of which is the basis for sharing: agreeing to the referral to
//! the National Referral Mechanism, agreeing to support, and the person's views on sharing.

use sanctuary_types::{UnknownWord, Visibility};
use serde::{Deserialize, Serialize};

use crate::kept::codes;

codes!(
    /// Whether an adult agreed. A child is referred and supported without being asked to agree.
    Agreed, "yes, no, not_asked", {
        /// They did.
        Yes = "yes";
        /// They did not.
        No = "no";
        /// Nobody asked yet.
        NotAsked = "not_asked";
    }
);

codes!(
    /// What a person said about their information being shared: sought and recorded, never called consent.
    Views, "agrees, objects, not_sought", {
        /// They want it, or do not mind.
        Agrees = "agrees";
        /// They object: the owner decides about each possible match.
        Objects = "objects";
        /// They were not asked; the file says why.
        NotSought = "not_sought";
    }
);

/// What a record says of consent. Empty where the agency gives none of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// To the referral to the NRM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nrm: Option<Agreed>,
    /// To support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<Agreed>,
    /// On sharing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<Views>,
}

impl Consent {
    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Who may hear of a match, given what the mapping says and what to do about an objection. An
    /// objection never leaves a record open.
    #[must_use]
    pub fn visibility(&self, wanted: Visibility, on_objection: Visibility) -> Visibility {
        if self.views == Some(Views::Objects) {
            wanted.max(on_objection).max(Visibility::OwnerFirst)
        } else {
            wanted
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objection_never_leaves_a_record_open() {
        use Visibility::{Open, OwnerFirst, Silent};
        let objects = Consent {
            views: Some(Views::Objects),
            ..Consent::default()
        };
        assert_eq!(objects.visibility(Open, OwnerFirst), OwnerFirst);
        assert_eq!(objects.visibility(Open, Silent), Silent);
        assert_eq!(objects.visibility(Open, Open), OwnerFirst);
        assert_eq!(objects.visibility(Silent, OwnerFirst), Silent);
        for views in [None, Some(Views::Agrees), Some(Views::NotSought)] {
            let other = Consent {
                views,
                ..Consent::default()
            };
            assert_eq!(other.visibility(Open, Silent), Open);
        }
    }
}
