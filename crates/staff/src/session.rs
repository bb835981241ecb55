use std::{fmt, str::FromStr};

use rand_core::CryptoRng;
use sanctuary_disclosure::PersonId;
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::StaffError;

/// A session nobody uses ends after this.
pub const IDLE_MS: u64 = 15 * 60_000;
/// Every session ends after this.
pub const ABSOLUTE_MS: u64 = 8 * 3_600_000;
/// Sessions of one person; the oldest ends when there would be more.
pub const SESSIONS_PER_PERSON_MAX: usize = 8;
/// A proof counts as fresh for this long: what shows where somebody lives, releases or changes roles asks for one.
pub const FRESH_MS: u64 = 5 * 60_000;
/// The last use is written when it is older than this: not at every click.
pub(crate) const TOUCH_MS: u64 = 30_000;

/// What a signed-in person shows: 256 random bits. The register keeps only its hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionToken(Zeroizing<[u8; 32]>);

/// SHA-256 of a token; the token is random, so nothing slower is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionHash(pub [u8; 32]);

impl SessionToken {
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    /// Under what it is kept.
    #[must_use]
    pub fn hash(&self) -> SessionHash {
        SessionHash(Sha256::digest(self.0.as_slice()).into())
    }

    /// 64 hexadecimal letters, for a cookie or a session file.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0.as_slice()))
    }
}

impl FromStr for SessionToken {
    type Err = StaffError;
    fn from_str(text: &str) -> Result<Self, StaffError> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), bytes.as_mut()).map_err(|_| StaffError::NoSession)?;
        Ok(Self(bytes))
    }
}
impl TryFrom<String> for SessionToken {
    type Error = StaffError;
    fn try_from(text: String) -> Result<Self, StaffError> {
        Zeroizing::new(text).parse()
    }
}
impl From<SessionToken> for String {
    fn from(token: SessionToken) -> Self {
        token.expose().to_string()
    }
}
impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(<redacted>)")
    }
}

/// How somebody showed who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInWay {
    /// Password and code of this register.
    #[default]
    Local,
    /// The agency's identity provider (OpenID Connect).
    Provider,
}

impl SignInWay {
    /// The word in account names and in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Provider => "oidc",
        }
    }
}

/// One sign-in of one person, as kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Who.
    pub person: PersonId,
    /// From where, in a few words: "command line", the browser's kind.
    pub from: String,
    /// When they signed in.
    pub started: Timestamp,
    /// When it was last used, to half a minute.
    pub last_used: Timestamp,
    /// How they signed in.
    #[serde(default)]
    pub way: SignInWay,
    /// When they last typed what only they know, here or at the identity provider; the beginning of time when nobody can tell.
    #[serde(default)]
    pub proven: Timestamp,
}

impl Session {
    /// Whether it still counts.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        let since = |then: Timestamp| now.0.saturating_sub(then.0);
        since(self.last_used) < IDLE_MS && since(self.started) < ABSOLUTE_MS
    }

    /// Whether the last proof is fresh enough for what needs one.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.0.saturating_sub(self.proven.0) < FRESH_MS
    }
}

/// A session in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Names it for `revoke`; opens nothing.
    pub id: String,
    /// Who.
    pub person: PersonId,
    /// From where.
    pub from: String,
    /// When they signed in.
    pub started: Timestamp,
    /// When it was last used.
    pub last_used: Timestamp,
    /// How they signed in.
    pub way: SignInWay,
    /// The caller's own.
    pub is_this: bool,
}

impl SessionHash {
    /// The short name in lists.
    #[must_use]
    pub fn id(&self) -> String {
        hex::encode(&self.0[..8])
    }
}
