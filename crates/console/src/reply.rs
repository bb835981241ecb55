//! What a handler gives back.

use axum::http::StatusCode;
use minijinja::Value;
use sanctuary_policy::Action;

use crate::{Fault, FaultKind};

/// What is sent.
#[derive(Debug)]
pub enum Reply {
    /// A page.
    Page(Page),
    /// To another page of the console, after something was done.
    To(String),
    /// Done, and the page stays as it is.
    Nothing,
    /// What the open page is told from now on, new after this moment.
    Live(sanctuary_types::Timestamp),
    /// A page of its own, with one style sheet in it.
    Shown {
        /// The whole page.
        html: String,
        /// Its style sheet, to the letter.
        style: &'static str,
    },
    /// A file.
    File {
        /// A name without anything about a person.
        name: String,
        /// Its media type.
        media: &'static str,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Signed in: a new session, then to another page.
    SignedIn {
        /// The value of the cookie.
        session: String,
        /// Where to.
        to: String,
    },
    /// To the identity provider.
    Provider(crate::oidc::Start),
    /// Signed out: the browser forgets everything of this site.
    SignedOut,
}

/// A page to be rendered.
#[derive(Debug)]
pub struct Page {
    /// Of which template.
    pub template: &'static str,
    /// Its values.
    pub values: Value,
    /// Its status: 200 unless something typed was wrong.
    pub status: StatusCode,
    /// Nothing that somebody sent is in it, so that its compressed size tells no secret (BREACH).
    pub echoes_nothing: bool,
    /// Its script speaks with the console: it keeps drafts, or is told what is new.
    pub talks: bool,
}

impl Page {
    /// A page.
    #[must_use]
    pub const fn new(template: &'static str, values: Value) -> Self {
        Self {
            template,
            values,
            status: StatusCode::OK,
            echoes_nothing: false,
            talks: false,
        }
    }

    /// The same, with nothing in it that somebody sent: it may be compressed.
    #[must_use]
    pub const fn that_echoes_nothing(mut self) -> Self {
        self.echoes_nothing = true;
        self
    }

    /// The same, with a script that speaks with the console.
    #[must_use]
    pub const fn that_talks(mut self) -> Self {
        self.talks = true;
        self
    }

    /// The same, because something typed was wrong.
    #[must_use]
    pub const fn wrong(template: &'static str, values: Value) -> Self {
        Self {
            template,
            values,
            status: StatusCode::UNPROCESSABLE_ENTITY,
            echoes_nothing: false,
            talks: false,
        }
    }
}

impl From<Page> for Reply {
    fn from(page: Page) -> Self {
        Self::Page(page)
    }
}

/// Why there is no reply but an error page.
#[derive(Debug)]
pub enum Problem {
    /// Nobody is signed in, or the session has ended: to the sign-in page and back.
    SignedOut,
    /// The same, and what was typed is kept for the person: to the sign-in page, and back to the form.
    SignedOutWith(crate::DraftPlace),
    /// A role is missing; these acts would do.
    NotAllowed(Vec<Action>),
    /// A wrong address, or nothing this person may know of.
    NotFound,
    /// A form that is not from here, or not this browser's.
    NotOurForm,
    /// Not a form, or not one of ours.
    BadRequest,
    /// What was sent did not come to its end.
    Unread(crate::Unread),
    /// Too many tries from one address.
    TooMany,
    /// The person has to show once more that it is them; then this, in the words of a button.
    ProveAgain(&'static str),
    /// The identity provider brought nobody in.
    Provider(crate::oidc::Refusal),
    /// What the node said.
    Fault(Fault),
    /// A page that did not render.
    Template(minijinja::Error),
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault.kind {
            FaultKind::SignedOut => Self::SignedOut,
            FaultKind::NotFound => Self::NotFound,
            _ => Self::Fault(fault),
        }
    }
}

impl From<minijinja::Error> for Problem {
    fn from(error: minijinja::Error) -> Self {
        Self::Template(error)
    }
}

impl Problem {
    /// Its status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut | Self::SignedOutWith(_) => StatusCode::UNAUTHORIZED,
            Self::NotAllowed(_) | Self::NotOurForm => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::ProveAgain(_) => StatusCode::FORBIDDEN,
            Self::Provider(refusal) => refusal.status(),
            Self::BadRequest | Self::Unread(crate::Unread::Broken) => StatusCode::BAD_REQUEST,
            Self::Unread(crate::Unread::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unread(crate::Unread::TooSlow) => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Template(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Fault(fault) => match fault.kind {
                FaultKind::NotAllowed => StatusCode::FORBIDDEN,
                FaultKind::Changed => StatusCode::CONFLICT,
                FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                FaultKind::Broken => StatusCode::INTERNAL_SERVER_ERROR,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            },
        }
    }

    /// A stable word for the log.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::SignedOut | Self::SignedOutWith(_) => "signed_out",
            Self::NotAllowed(_) => "no_role",
            Self::NotFound => "not_found",
            Self::NotOurForm => "not_our_form",
            Self::BadRequest => "bad_request",
            Self::Unread(crate::Unread::TooLarge) => "too_large",
            Self::Unread(crate::Unread::TooSlow) => "too_slow",
            Self::Unread(crate::Unread::Broken) => "broken_off",
            Self::TooMany => "too_many_tries",
            Self::ProveAgain(_) => "prove_again",
            Self::Provider(refusal) => refusal.rule(),
            Self::Template(_) => "template",
            Self::Fault(fault) => fault.rule,
        }
    }
}
