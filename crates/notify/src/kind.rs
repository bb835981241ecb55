//! What can be told.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $one:literal, $many:literal;)*) => {
        /// What can be told. The words name no person, no record and no agency.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// Stable word in events and in the configuration.
            #[must_use]
            pub const fn word(self) -> &'static str { match self { $(Self::$name => $word),* } }
            /// After "1".
            #[must_use]
            pub const fn one(self) -> &'static str { match self { $(Self::$name => $one),* } }
            /// After a larger number.
            #[must_use]
            pub const fn many(self) -> &'static str { match self { $(Self::$name => $many),* } }
        }
    };
}

kinds! {
    /// A possible match came into the queue or was given to somebody.
    PossibleMatch = "possible_match", "possible match for you", "possible matches for you";
    /// One person has answered, a second one has to.
    SecondReviewer = "second_reviewer", "possible match that needs a second reviewer", "possible matches that need a second reviewer";
    /// Two reviewers disagreed.
    Supervisor = "supervisor", "possible match for the supervisor", "possible matches for the supervisor";
    /// The other agency decided otherwise.
    Disputed = "disputed", "possible match on which the agencies disagree", "possible matches on which the agencies disagree";
    /// Another agency asks.
    Request = "request", "request to us", "requests to us";
    /// The other agency answered our question about its request.
    Reply = "reply", "reply to our question", "replies to our questions";
    /// The other agency has a question about our request.
    Question = "question", "question about our request", "questions about our requests";
    /// Our request was decided: the same words whatever was decided.
    Answer = "answer", "answer to our request", "answers to our requests";
    /// A second person has to approve an answer.
    Approval = "approval", "answer that needs a second approver", "answers that need a second approver";
    /// An independent person has to look at a refusal.
    RefusalReview = "refusal_review", "refusal to be reviewed", "refusals to be reviewed";
    /// What was released to us is recalled or corrected.
    TakenBack = "taken_back", "release that was recalled or corrected", "releases that were recalled or corrected";
    /// A clock is about to run out.
    DueSoon = "due_soon", "task that is due soon", "tasks that are due soon";
    /// A clock has run out.
    Overdue = "overdue", "task past its time", "tasks past their time";
    /// A file of the agency's own systems was not taken, as when the brake stopped it.
    Feed = "feed", "file of our own systems that was not taken", "files of our own systems that were not taken";
    /// The ledger gives an alarm.
    Ledger = "ledger", "alarm of the ledger", "alarms of the ledger";
}
