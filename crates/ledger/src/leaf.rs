use sanctuary_types::{Timestamp, lp};

use crate::{
    Digest, Entry, EntryKind, LedgerError, SignedEntry,
    bytes::Parts,
    entry::{encode_parties, read_fields},
    leaf_hash,
    limits::LEAF_BYTES_MAX,
};

const LABEL: &str = "sanctuary/v1/log/";

/// One entry as it stands in the log: signed by its actor, stamped by the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// When the log took it, by the log's clock; never less than the leaf before it.
    pub received: Timestamp,
    /// The entry with its actor's signature.
    pub signed: SignedEntry,
}

impl Leaf {
    /// The entry.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        self.signed.entry()
    }

    /// The leaf's bytes: `lp("sanctuary/v1/log/<kind>", received u64, id 16, time u64, actor, role u8,
    /// lp(concerned...), commitment 32, signature 64)`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let entry = &self.signed.entry;
        lp(&[
            format!("{LABEL}{}", entry.kind.word()).as_bytes(),
            &self.received.0.to_be_bytes(),
            &entry.id.0,
            &entry.time.0.to_be_bytes(),
            entry.actor.as_bytes(),
            &[entry.role.code()],
            &encode_parties(&entry.concerned),
            &entry.commitment.0,
            &self.signed.signature,
        ])
    }

    /// Reads [`Self::to_bytes`], and nothing else: one leaf has one spelling.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut parts = Parts::new("entry", bytes);
        if bytes.len() > LEAF_BYTES_MAX {
            return Err(parts.bad("it is too long"));
        }
        let label = std::str::from_utf8(parts.next()?).unwrap_or_default();
        let word = label
            .strip_prefix(LABEL)
            .ok_or(parts.bad("its label is wrong"))?;
        let kind = EntryKind::of_word(word)?;
        let received = Timestamp(u64::from_be_bytes(parts.array()?));
        let entry = read_fields(kind, &mut parts)?;
        let signature = parts.array()?;
        parts.end()?;
        Ok(Self {
            received,
            signed: SignedEntry { entry, signature },
        })
    }

    /// Its hash in the tree.
    #[must_use]
    pub fn hash(&self) -> Digest {
        leaf_hash(&self.to_bytes())
    }
}
