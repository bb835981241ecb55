use std::fmt;

use sanctuary_rpc::{ErrorCode, RpcError, explain};
use sanctuary_trust::TrustError;
use tonic::Status;

/// Why a command ended, in one sentence, and its exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    exit: u8,
    sentence: String,
}

impl Failure {
    /// It was tried and did not work: exit code 1.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self {
            exit: 1,
            sentence: sentence.into(),
        }
    }

    /// It was asked wrongly: exit code 2.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self {
            exit: 2,
            sentence: sentence.into(),
        }
    }

    /// The refusal of `party`.
    #[must_use]
    pub fn refused(party: impl fmt::Display, status: &Status) -> Self {
        Self {
            exit: ErrorCode::of(status).exit_code(),
            sentence: format!("{party}: {}", explain(status)),
        }
    }

    /// 1 or 2.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Failure {}

impl From<TrustError> for Failure {
    fn from(error: TrustError) -> Self {
        match error {
            TrustError::Malformed { .. } | TrustError::Json { .. } | TrustError::TooMany { .. } => {
                Self::usage(error.to_string())
            }
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<RpcError> for Failure {
    fn from(error: RpcError) -> Self {
        Self::failed(error.to_string())
    }
}
