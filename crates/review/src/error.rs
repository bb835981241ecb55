use sanctuary_disclosure::PersonId;
use sanctuary_ledger::NotLogged;
use sanctuary_policy::Action;
use sanctuary_types::Timestamp;

use crate::{PortError, What};

/// Why a use-case is refused or could not be done. One sentence that says what to do; no value of anybody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// No role for it.
    #[error("this needs somebody who is {}", roles_text(*.0))]
    NeedsRole(Action),
    /// No such item.
    #[error("there is no such possible match at this agency; check its number")]
    NoSuchAlert,
    /// It has changed since the person looked. Nothing was saved.
    #[error(
        "this possible match has changed since you opened it, so nothing was saved; look at it again"
    )]
    Stale(Stale),
    /// The evidence has gone.
    #[error("the evidence for this possible match has gone, so there is nothing to decide")]
    Withdrawn,
    /// A reason that does not belong to the answer.
    #[error("choose a reason from the list for this answer")]
    WrongReason,
    /// A reason that needs a note.
    #[error("write a note that says which reason it is")]
    NoteNeeded,
    /// One person twice.
    #[error(
        "you have answered this possible match already; a second person has to answer it, from their own session"
    )]
    SamePerson,
    /// One person cannot confirm it alone.
    #[error(
        "this possible match needs two reviewers; have both answer it in the review of possible matches first"
    )]
    NeedsTwo,
    /// Two reviewers disagreed.
    #[error("the two reviewers disagreed, so a supervisor who is neither of them decides")]
    WithSupervisor,
    /// It is decided and not sent yet.
    #[error("this is decided and about to be sent; undo the decision first to change it")]
    UndoFirst,
    /// Nothing can be taken back any more.
    #[error("the time for undoing is over; decide again instead")]
    TooLate,
    /// Undone by somebody else.
    #[error("only the person who answered, or a supervisor, can undo it")]
    NotYours,
    /// Not drawn for a re-review.
    #[error("this possible match is not in the re-review sample")]
    NotDrawn,
    /// The person to assign to does not review.
    #[error("possible matches are given to analysts and intelligence officers; choose one of them")]
    NotAReviewer,
    /// More at once than is sensible.
    #[error("choose {max} at most at a time")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// A view's name.
    #[error("give the view a name of 1 to 60 characters in one line")]
    ViewName,
    /// More saved views than a person keeps.
    #[error("you have 20 saved views; delete one first")]
    TooManyViews,
    /// A word that does not exist.
    #[error("this is not one of the words that can stand here; choose from the list")]
    UnknownWord,
    /// A cursor that is none.
    #[error("this page of the list does not exist; go to its first page")]
    BadCursor,
    /// The log did not take it, so it was not done.
    #[error(transparent)]
    NotLogged(#[from] NotLogged),
    /// Store or register.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Who changed an item last, for somebody who looked at it before that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// The version now.
    pub version: u32,
    /// What happened last. Tells no answer that the person may not see.
    pub what: What,
    /// Who did it; none for the node or the hub.
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
}

impl ReviewError {
    /// The rule as a stable word for logs, figures and screens.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::NeedsRole(_) => "needs_role",
            Self::NoSuchAlert => "no_such_alert",
            Self::Stale(_) => "stale",
            Self::Withdrawn => "withdrawn",
            Self::WrongReason => "wrong_reason",
            Self::NoteNeeded => "note_needed",
            Self::SamePerson => "same_person",
            Self::NeedsTwo => "needs_two",
            Self::WithSupervisor => "with_supervisor",
            Self::UndoFirst => "undo_first",
            Self::TooLate => "too_late",
            Self::NotYours => "not_yours",
            Self::NotDrawn => "not_drawn",
            Self::NotAReviewer => "not_a_reviewer",
            Self::TooMany { .. } => "too_many",
            Self::ViewName => "view_name",
            Self::TooManyViews => "too_many_views",
            Self::UnknownWord => "unknown_word",
            Self::BadCursor => "bad_cursor",
            Self::NotLogged(_) => "not_logged",
            Self::Port(PortError::Conflict) => "conflict",
            Self::Port(PortError::Unavailable(_)) => "unavailable",
            Self::Port(PortError::Damaged(_)) => "damaged",
        }
    }

    /// Whether trying the same again later may help: nothing was judged.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::NotLogged(_) | Self::Port(PortError::Unavailable(_) | PortError::Conflict)
        )
    }
}

fn roles_text(action: Action) -> String {
    let texts: Vec<&str> = action.row().roles.iter().map(|r| r.text()).collect();
    texts.join(" or ")
}
