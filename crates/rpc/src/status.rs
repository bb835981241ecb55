use tonic::{Code, Status, metadata::MetadataValue};

use crate::error::was_cut;

/// Metadata key that carries the [`ErrorCode`] of a refusal.
pub const CODE_HEADER: &str = "sanctuary-code";

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $label:literal, $grpc:ident, $exit:literal, $retry:literal;)*) => {
        /// Why a call is refused, for programs: the one table from our codes to gRPC status codes,
        /// exit codes of the command line and whether trying again can help.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode { $($(#[$doc])* $name,)* }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// The word in metadata, JSON and logs.
            #[must_use]
            pub const fn label(self) -> &'static str { match self { $(Self::$name => $label),* } }
            /// The gRPC status code.
            #[must_use]
            pub const fn grpc(self) -> Code { match self { $(Self::$name => Code::$grpc),* } }
            /// Exit code of a command that ends with it: 1 failed, 2 bad usage or input.
            #[must_use]
            pub const fn exit_code(self) -> u8 { match self { $(Self::$name => $exit),* } }
            /// Whether the same call may succeed later without anybody changing anything.
            #[must_use]
            pub const fn is_retryable(self) -> bool { match self { $(Self::$name => $retry),* } }
        }
    };
}

error_codes! {
    /// A field is missing, too long or malformed.
    InvalidArgument = "invalid_argument", InvalidArgument, 2, false;
    /// A message or batch is over a limit.
    TooLarge = "too_large", InvalidArgument, 2, false;
    /// The caller's key is not on the roster, or no longer.
    NotEnrolled = "not_enrolled", PermissionDenied, 1, false;
    /// The caller is on the roster but this is not for its kind, or not its own.
    NotAllowed = "not_allowed", PermissionDenied, 1, false;
    /// The day's quota is used up.
    QuotaExceeded = "quota_exceeded", ResourceExhausted, 1, false;
    /// Too many calls or connections at once.
    Busy = "busy", ResourceExhausted, 1, true;
    /// An epoch or generation that is not in force.
    StaleEpoch = "stale_epoch", FailedPrecondition, 1, false;
    /// Tokens made by other rules than the partnership's.
    RulesMismatch = "rules_mismatch", FailedPrecondition, 1, false;
    /// The party is not ready for this: no key share, no manifest, wrong step of a ceremony.
    NotReady = "not_ready", FailedPrecondition, 1, false;
    /// A batch id that is known with other content, or belongs to another party.
    Replayed = "replayed", AlreadyExists, 1, false;
    /// There is no such thing, for this caller.
    NotFound = "not_found", NotFound, 1, false;
    /// It has changed since the caller looked.
    Conflict = "conflict", Aborted, 1, false;
    /// Nobody answers, or not now.
    Unavailable = "unavailable", Unavailable, 1, true;
    /// It took too long.
    DeadlineExceeded = "deadline_exceeded", DeadlineExceeded, 1, true;
    /// Stored data failed its check.
    DataLoss = "data_loss", DataLoss, 1, false;
    /// A fault of ours.
    Internal = "internal", Internal, 1, false;
}

impl ErrorCode {
    /// A refusal: `message` is one plain sentence that says what to do and holds no personal value.
    #[must_use]
    pub fn status(self, message: impl Into<String>) -> Status {
        let mut status = Status::new(self.grpc(), message);
        status
            .metadata_mut()
            .insert(CODE_HEADER, MetadataValue::from_static(self.label()));
        status
    }

    /// The code of a refusal: what the server said, else what its gRPC status stands for.
    #[must_use]
    pub fn of(status: &Status) -> Self {
        let said = status
            .metadata()
            .get(CODE_HEADER)
            .and_then(|v| v.to_str().ok());
        if let Some(code) = Self::ALL.iter().find(|c| Some(c.label()) == said) {
            return *code;
        }
        match status.code() {
            Code::InvalidArgument => Self::InvalidArgument,
            Code::OutOfRange => Self::TooLarge,
            Code::PermissionDenied => Self::NotAllowed,
            Code::Unauthenticated => Self::NotEnrolled,
            Code::ResourceExhausted => Self::Busy,
            Code::FailedPrecondition => Self::NotReady,
            Code::AlreadyExists => Self::Replayed,
            Code::NotFound => Self::NotFound,
            Code::Aborted => Self::Conflict,
            Code::Unavailable | Code::Cancelled => Self::Unavailable,
            Code::DeadlineExceeded => Self::DeadlineExceeded,
            Code::DataLoss => Self::DataLoss,
            _ if was_cut(status) => Self::Unavailable,
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain;

    #[test]
    fn a_code_survives_the_wire() {
        for code in ErrorCode::ALL {
            let status = code.status("a sentence");
            assert_eq!(ErrorCode::of(&status), *code);
            assert_eq!(status.code(), code.grpc());
            assert!((1..=2).contains(&code.exit_code()));
        }
    }

    #[test]
    fn a_plain_status_still_has_a_code() {
        assert_eq!(
            ErrorCode::of(&Status::unavailable("down")),
            ErrorCode::Unavailable
        );
        assert_eq!(ErrorCode::of(&Status::unknown("?")), ErrorCode::Internal);
    }

    #[test]
    fn a_connection_that_ends_is_no_refusal() {
        let broken = |kind| Status::from_error(Box::new(std::io::Error::from(kind)));
        let cut = broken(std::io::ErrorKind::BrokenPipe);
        assert_eq!(ErrorCode::of(&cut), ErrorCode::Unavailable);
        assert!(explain(&cut).contains("the connection was cut"));
        // What the transport says in words of its own is not for people.
        let odd = Status::from_error("error reading a body from connection".into());
        assert_eq!(ErrorCode::of(&odd), ErrorCode::Unavailable);
        assert_eq!(explain(&odd), explain(&cut));
    }
}
