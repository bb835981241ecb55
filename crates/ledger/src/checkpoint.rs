use sanctuary_trust::SigningKey;
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};
use tlog_tiles::Hash;

use crate::{
    Digest, LedgerError, Refused,
    bytes::hexed,
    limits::ENTRIES_MAX,
    note::{Kind, NoteKey, Parsed, check_name, malformed, with_line},
};

/// The log's identity as everybody is told it: origin and the hub's public key from the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogKey {
    origin: String,
    #[serde(with = "hexed")]
    public: [u8; 32],
}

impl LogKey {
    /// # Errors
    /// [`LedgerError::Malformed`] when the origin cannot stand in a signed note.
    pub fn new(origin: &str, public: [u8; 32]) -> Result<Self, LedgerError> {
        check_name("log's origin", origin)?;
        Ok(Self {
            origin: origin.to_owned(),
            public,
        })
    }

    /// The first line of its checkpoints.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The hub's Ed25519 key.
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// The key as C2SP tools want it, for plain and for timed signatures.
    #[must_use]
    pub fn verifier_keys(&self) -> [String; 2] {
        self.note_keys().map(|k| k.verifier_key())
    }

    fn note_keys(&self) -> [NoteKey; 2] {
        [Kind::Plain, Kind::Timed].map(|kind| NoteKey::new(&self.origin, &self.public, kind))
    }
}

/// Signs checkpoints and promises for the log: the hub.
#[derive(Clone, Debug)]
pub struct LogSigner {
    log: LogKey,
    key: SigningKey,
}

impl LogSigner {
    /// # Errors
    /// As [`LogKey::new`].
    pub fn new(origin: &str, key: SigningKey) -> Result<Self, LedgerError> {
        Ok(Self {
            log: LogKey::new(origin, key.public())?,
            key,
        })
    }

    /// The public half.
    #[must_use]
    pub fn key(&self) -> LogKey {
        self.log.clone()
    }

    /// Ed25519 over a message that begins with its `lp` label.
    #[must_use]
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message)
    }

    /// The checkpoint of a tree at `now`, in whole seconds.
    ///
    /// # Errors
    /// [`LedgerError::TooMany`] above [`ENTRIES_MAX`].
    pub fn checkpoint(
        &self,
        size: u64,
        root: &Digest,
        now: Timestamp,
    ) -> Result<Checkpoint, LedgerError> {
        if size > ENTRIES_MAX {
            return Err(malformed("it has more entries than a log may have"));
        }
        let text = tlog_tiles::Checkpoint::new(&self.log.origin, size, Hash(*root), "")
            .map_err(|_| malformed("its origin is not usable"))?
            .to_bytes();
        let time_s = now.0 / 1000;
        let mut note = text.clone();
        note.push(b'\n');
        for key in self.log.note_keys() {
            note.extend_from_slice(&key.sign_line(&self.key, &text, time_s));
        }
        Ok(Checkpoint {
            origin: self.log.origin.clone(),
            size,
            root: *root,
            time: Timestamp(time_s * 1000),
            note,
        })
    }
}

/// A tree head with the hub's signatures checked; cosignatures are [`crate::Quorum`]'s business.
///
/// C2SP advises against extension lines, so the time stands in a second signature of the hub, of the
/// timed type: the log cosigns itself. Tools that know only the plain type ignore that line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Digest,
    time: Timestamp,
    note: Vec<u8>,
}

impl Checkpoint {
    /// Reads a signed note and checks both signatures of the hub.
    ///
    /// # Errors
    /// [`Refused::Malformed`], [`Refused::OtherLog`], [`Refused::NotSignedByHub`],
    /// [`Refused::WrongSignature`].
    pub fn verify(note: &[u8], log: &LogKey) -> Result<Self, Refused> {
        let parsed = Parsed::new(note)?;
        let head = tlog_tiles::Checkpoint::from_bytes(parsed.text())
            .map_err(|_| malformed("its three lines cannot be read"))?;
        if head.origin() != log.origin {
            return Err(Refused::OtherLog);
        }
        if !head.extension().is_empty() {
            return Err(malformed("it has extension lines, which nobody can check").into());
        }
        if head.size() > ENTRIES_MAX {
            return Err(malformed("it has more entries than a log may have").into());
        }
        let signed = parsed.signed_by(&log.note_keys())?;
        let time_s = signed.iter().find_map(|s| s.time_s);
        let (true, Some(time_s)) = (signed.iter().any(|s| s.time_s.is_none()), time_s) else {
            return Err(Refused::NotSignedByHub);
        };
        Ok(Self {
            origin: log.origin.clone(),
            size: head.size(),
            root: head.hash().0,
            time: Timestamp(time_s.saturating_mul(1000)),
            note: note.to_vec(),
        })
    }

    /// Which log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
    /// Entries in the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }
    /// The tree's root.
    #[must_use]
    pub const fn root(&self) -> &Digest {
        &self.root
    }
    /// When the hub signed it, to the second.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.time
    }
    /// The signed note: what is served, kept and shown to others.
    #[must_use]
    pub fn note(&self) -> &[u8] {
        &self.note
    }

    /// The same checkpoint with one more signature line; an older line of the same key gives way.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`] when the line is not one.
    pub fn with_line(&self, line: &[u8]) -> Result<Self, LedgerError> {
        Ok(Self {
            note: with_line(&self.note, line)?,
            ..self.clone()
        })
    }
}
