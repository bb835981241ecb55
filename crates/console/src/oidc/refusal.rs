//! Why the identity provider brought nobody in, and what the person should do: one page for each.

use axum::http::StatusCode;

/// Why nobody came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The provider does not answer, or answers with an error of its own.
    Unreachable,
    /// Its answer cannot be read, or is not what OpenID Connect says.
    Garbled,
    /// It says that it is somebody else than the configured issuer.
    WrongIssuer,
    /// No sign-in was begun in this browser, or it took too long, or it was finished before.
    NotBegun,
    /// The answer belongs to another sign-in than the one begun here.
    WrongState,
    /// The answer says that it comes from another provider (RFC 9207).
    MixedUp,
    /// The person broke off, or may not use this application by the provider's rules.
    Denied,
    /// The provider reports an error of the application's registration.
    Misconfigured,
    /// The provider does not take the code, which is good once and for minutes.
    CodeRefused,
    /// A token without a signature, or by an algorithm that is none of a provider's.
    Unsigned,
    /// A token that no key of the provider fits.
    BadSignature,
    /// A token for another application.
    WrongAudience,
    /// A token of another sign-in.
    WrongNonce,
    /// A token that is over.
    Expired,
    /// A token from the future, or long past: one of the two clocks is wrong.
    Clock,
    /// No second factor, by what the token says.
    NoSecondFactor,
    /// The claim that names the person is missing, or is no staff number.
    NoPerson,
}

impl Refusal {
    /// Every one, for tests of pages.
    pub const ALL: [Self; 17] = [
        Self::Unreachable,
        Self::Garbled,
        Self::WrongIssuer,
        Self::NotBegun,
        Self::WrongState,
        Self::MixedUp,
        Self::Denied,
        Self::Misconfigured,
        Self::CodeRefused,
        Self::Unsigned,
        Self::BadSignature,
        Self::WrongAudience,
        Self::WrongNonce,
        Self::Expired,
        Self::Clock,
        Self::NoSecondFactor,
        Self::NoPerson,
    ];

    /// A stable word for the log.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Unreachable => "provider_unreachable",
            Self::Garbled => "provider_garbled",
            Self::WrongIssuer => "provider_wrong_issuer",
            Self::NotBegun => "provider_not_begun",
            Self::WrongState => "provider_wrong_state",
            Self::MixedUp => "provider_mixed_up",
            Self::Denied => "provider_denied",
            Self::Misconfigured => "provider_misconfigured",
            Self::CodeRefused => "provider_code_refused",
            Self::Unsigned => "provider_unsigned",
            Self::BadSignature => "provider_bad_signature",
            Self::WrongAudience => "provider_wrong_audience",
            Self::WrongNonce => "provider_wrong_nonce",
            Self::Expired => "provider_expired",
            Self::Clock => "provider_clock",
            Self::NoSecondFactor => "provider_no_second_factor",
            Self::NoPerson => "provider_no_person",
        }
    }

    /// Its status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Garbled | Self::Misconfigured => StatusCode::BAD_GATEWAY,
            _ => StatusCode::FORBIDDEN,
        }
    }

    /// Whether somebody may be attacking: a token or answer that a sound provider does not give.
    #[must_use]
    pub const fn is_suspicious(self) -> bool {
        matches!(
            self,
            Self::WrongIssuer
                | Self::WrongState
                | Self::MixedUp
                | Self::Unsigned
                | Self::BadSignature
                | Self::WrongAudience
                | Self::WrongNonce
        )
    }

    /// Whether it counts as a refused sign-in: not what the provider or its settings are to blame for.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        !matches!(self, Self::Unreachable | Self::Denied | Self::Misconfigured)
    }

    /// Whether it is an entry of the ledger: what came back from a sign-in that was begun here, and is not right.
    #[must_use]
    pub const fn is_noted(self) -> bool {
        self.is_counted() && !matches!(self, Self::NotBegun)
    }

    /// The heading of the page.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unreachable => "Your identity provider does not answer",
            Self::Garbled => "The answer of your identity provider cannot be read",
            Self::NotBegun => "This sign-in is over",
            Self::Denied => "Your identity provider did not sign you in",
            Self::Misconfigured => "This console is not set up at your identity provider",
            Self::CodeRefused => "Your identity provider did not confirm the sign-in",
            Self::Expired => "The sign-in took too long",
            Self::Clock => "The clocks do not agree",
            Self::NoSecondFactor => "Sign in with a second factor",
            Self::NoPerson => "Your account has no staff number",
            _ => "This sign-in was refused",
        }
    }

    /// What the person should do.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Unreachable => {
                "Nothing is wrong with your account. Try again in a minute; if it stays, tell your administrator and the service desk that runs the identity provider."
            }
            Self::Garbled | Self::Misconfigured => {
                "Nothing is wrong with your account. Tell your administrator and quote the reference below; they check the console’s settings against those of the identity provider."
            }
            Self::NotBegun => {
                "It was begun too long ago, in another browser, or it was finished already. Begin again from this page, in one window."
            }
            Self::Denied => {
                "You broke it off, or your account may not use Sanctuary. Begin again; if it stays, ask the service desk that gives out access."
            }
            Self::CodeRefused => {
                "What it had sent was used or is too old. Begin again from this page; do not go back in your browser while you sign in."
            }
            Self::Expired => {
                "What the identity provider had sent is over. Begin again from this page. If it stays, tell your administrator: one of the clocks may be wrong."
            }
            Self::Clock => {
                "The clock of this node and that of the identity provider are more than a minute apart. Tell your administrator; nobody can sign in safely until it is put right."
            }
            Self::NoSecondFactor => {
                "Your identity provider signed you in without one. Begin again and use your authenticator, security key or telephone; if you are not asked for it, tell the service desk."
            }
            Self::NoPerson => {
                "Your identity provider did not say which member of staff you are. Tell your administrator and quote the reference below."
            }
            Self::WrongIssuer
            | Self::WrongState
            | Self::MixedUp
            | Self::Unsigned
            | Self::BadSignature
            | Self::WrongAudience
            | Self::WrongNonce => {
                "What came back was not what your identity provider gives for a sign-in that you began here. It has been noted and your supervisor sees it. Begin again from this page, not from a link; if it happens again, tell your administrator before you go on."
            }
        }
    }
}
