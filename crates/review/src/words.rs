//! Closed lists: where an item is, what may be answered, why, and what can happen to it.

/// An enum with a stable word (files, forms, URLs) and a text for people.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal, $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// Stable word in forms, files and JSON.
            #[must_use]
            pub const fn word(self) -> &'static str { match self { $(Self::$variant => $word),* } }
            /// What people read.
            #[must_use]
            pub const fn text(self) -> &'static str { match self { $(Self::$variant => $text),* } }
            /// The value of a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> { Self::ALL.iter().copied().find(|v| v.word() == word) }
        }
        impl std::str::FromStr for $name {
            type Err = crate::ReviewError;
            fn from_str(word: &str) -> Result<Self, crate::ReviewError> {
                Self::from_word(word).ok_or(crate::ReviewError::UnknownWord)
            }
        }
    };
}

words!(
    /// Where a possible match is in the review.
    State {
        /// Nobody has it.
        New = "new", "New";
        /// Somebody has it.
        Assigned = "assigned", "Assigned";
        /// One person has answered; a second one has to, without seeing the first answer.
        SecondReviewer = "second_reviewer", "Waiting for second reviewer";
        /// The two disagreed: a supervisor decides.
        Supervisor = "supervisor", "With the supervisor";
        /// Decided, and there is nothing to tell the hub: "cannot tell".
        Decided = "decided", "Decided";
        /// Decided, and not told yet: it can still be undone, or the hub is away.
        WaitingToSend = "waiting_to_send", "Waiting to send";
        /// Decided, and the hub knows.
        Sent = "sent", "Sent";
        /// The other agency decided otherwise.
        Disputed = "disputed", "Agencies disagree";
        /// The evidence has gone: there is nothing to decide.
        Withdrawn = "withdrawn", "Withdrawn";
    }
);

impl State {
    /// Whether it waits for a person here.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::New | Self::Assigned | Self::SecondReviewer | Self::Supervisor | Self::Disputed
        )
    }
    /// Whether a decision of this agency stands.
    #[must_use]
    pub const fn is_decided(self) -> bool {
        matches!(
            self,
            Self::Decided | Self::WaitingToSend | Self::Sent | Self::Disputed
        )
    }
}

words!(
    /// What a reviewer may answer.
    Answer {
        /// The two records may be one person; something may be asked on it.
        Confirmed = "confirmed", "May be the same person";
        /// They are two people.
        NotTheSame = "not_the_same", "Not the same person";
        /// What is known does not settle it.
        CannotTell = "cannot_tell", "Cannot tell";
    }
);

words!(
    /// Why. Stays at this node: the hub is told the answer and nothing else.
    Reason {
        /// For "confirmed".
        RecordFits = "record_fits", "Everything on our record fits what agreed";
        /// For "confirmed".
        KnownToStaff = "known_to_staff", "Our staff know the person and the circumstances";
        /// For "confirmed".
        DocumentSeen = "document_seen", "A document or number on our record was checked";
        /// For "confirmed" and "not the same".
        SpokeToOther = "spoke_to_other", "The two agencies have spoken";
        /// For "not the same".
        KnownApart = "known_apart", "We know that they are two people";
        /// For "not the same".
        DetailsDiffer = "details_differ", "Details that do not change are different";
        /// For "not the same".
        Household = "household", "Relatives, or one household";
        /// For "not the same".
        SharedContact = "shared_contact", "Only a phone, vehicle or address in common";
        /// For "not the same".
        CommonName = "common_name", "A common name and little else";
        /// For "cannot tell".
        TooLittle = "too_little", "Our record says too little";
        /// For "cannot tell".
        RecordInDoubt = "record_in_doubt", "Our record may be wrong";
        /// For "cannot tell".
        CallNeeded = "call_needed", "The other agency has to be called first";
        /// For every answer; needs a note.
        Other = "other", "Another reason (say which in the note)";
    }
);

impl Reason {
    /// Whether it may be given for an answer.
    #[must_use]
    pub const fn fits(self, answer: Answer) -> bool {
        match self {
            Self::RecordFits | Self::KnownToStaff | Self::DocumentSeen => {
                matches!(answer, Answer::Confirmed)
            }
            Self::SpokeToOther => matches!(answer, Answer::Confirmed | Answer::NotTheSame),
            Self::KnownApart
            | Self::DetailsDiffer
            | Self::Household
            | Self::SharedContact
            | Self::CommonName => matches!(answer, Answer::NotTheSame),
            Self::TooLittle | Self::RecordInDoubt | Self::CallNeeded => {
                matches!(answer, Answer::CannotTell)
            }
            Self::Other => true,
        }
    }
    /// Whether a note must say more.
    #[must_use]
    pub const fn needs_note(self) -> bool {
        matches!(self, Self::Other)
    }
    /// The reasons that may be given for an answer, in order.
    pub fn of(answer: Answer) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |r| r.fits(answer))
    }
}

words!(
    /// What happened to an item.
    What {
        /// It came into the queue.
        Arrived = "arrived", "Came into the queue";
        /// Somebody was given it.
        Assigned = "assigned", "Assigned";
        /// It was taken from somebody.
        Unassigned = "unassigned", "Unassigned";
        /// The first of two reviewers answered.
        FirstAnswer = "first_answer", "First reviewer answered";
        /// Two reviewers answered differently.
        Disagreed = "disagreed", "The two reviewers disagreed: the supervisor decides";
        /// It was decided.
        Decided = "decided", "Decided";
        /// The answer was taken back before it was sent.
        Undone = "undone", "Answer taken back";
        /// The hub was told.
        Sent = "sent", "Sent";
        /// The other agency decided otherwise.
        Disputed = "disputed", "The other agency decided otherwise";
        /// The agencies agree again.
        Settled = "settled", "The agencies agree";
        /// The hub sent a newer version that changes nothing of the work on it.
        Heard = "heard", "The possible match changed at the hub";
        /// There is evidence that the decision did not know.
        NewerEvidence = "newer_evidence", "Newer evidence exists";
        /// New evidence put it back into the queue.
        Reopened = "reopened", "Opened again";
        /// The evidence has gone.
        Withdrawn = "withdrawn", "The evidence has gone";
        /// The evidence is back, and the decision on it stands.
        Returned = "returned", "The evidence is back: the decision stands";
        /// Somebody looked at it again for quality.
        Rechecked = "rechecked", "Looked at again";
    }
);

words!(
    /// What a person may do with an item now.
    Next {
        /// Give or take it.
        Assign = "assign", "Assign";
        /// Answer.
        Decide = "decide", "Save decision";
        /// Answer as the second reviewer, not seeing the first answer.
        DecideSecond = "decide_second", "Save second review";
        /// Decide between two reviewers.
        Settle = "settle", "Decide between the two reviews";
        /// Decide anew what was decided.
        DecideAgain = "decide_again", "Change the decision";
        /// Take the answer back before it is sent.
        Undo = "undo", "Undo";
        /// Send without waiting for the end of the time for undoing.
        SendNow = "send_now", "Send now";
        /// Look at it again for quality, not seeing the decision.
        Recheck = "recheck", "Save re-review";
    }
);
