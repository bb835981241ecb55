//! What a node keeps of one record.

use sanctuary_normalize::Canonical;
use sanctuary_types::{
    Basis, BatchId, CardId, Epoch, Handle, Month, Pseudonym, Roles, RulesVersion, Tag, TokenType,
    Visibility,
};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    Consent, Kept, NodeError,
    ports::{ImportedRecord, PackedRecord},
};

/// The store's name of a record: HMAC of the agency's own reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey(pub [u8; 32]);

/// A record as stored; its bytes are sealed at rest by the store adapter.
#[derive(Clone)]
pub struct StoredRecord {
    /// Name in the store.
    pub key: RecordKey,
    /// Keyed hash of everything imported: equal means that nothing has changed.
    pub content: [u8; 32],
    /// Name at the hub.
    pub pseudonym: Pseudonym,
    /// The person. `None` for a record known only from a Duty to Notify report: it is counted,
    /// nothing that identifies is kept, and no token can be made of it.
    pub details: Option<Details>,
    /// What of it stands at the hub, or in the outbox on its way there.
    pub published: Option<Published>,
    /// Hold, withdrawal and end.
    pub kept: Kept,
}

/// The person and the governance of a record.
#[derive(Clone, Serialize, Deserialize)]
pub struct Details {
    /// The agency's own reference, for display at the node.
    pub reference: String,
    /// Names as written, for display at the node.
    pub names: String,
    /// Normalised values.
    pub canonical: Canonical,
    /// How the agency regards the person.
    pub roles: Roles,
    /// Lawful gateway.
    pub basis: Basis,
    /// Who may hear of a possible match.
    pub visibility: Visibility,
    /// When it leaves the service.
    pub expires: Month,
    /// Kind of exploitation, for the nature and scale picture only.
    pub exploitation: Option<String>,
    /// What the person agreed to, and what they think of sharing.
    #[serde(default, skip_serializing_if = "Consent::is_empty")]
    pub consent: Consent,
    /// When somebody should look at it again; nothing happens to it by itself then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<(u16, u8, u8)>,
}

impl Drop for Details {
    fn drop(&mut self) {
        self.reference.zeroize();
        self.names.zeroize();
        self.exploitation.zeroize();
    }
}

impl std::fmt::Debug for Details {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Details(<redacted>)")
    }
}

impl std::fmt::Debug for StoredRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredRecord")
            .field("pseudonym", &self.pseudonym)
            .field("details", &self.details)
            .finish_non_exhaustive()
    }
}

/// The postings and card of one record, as far as the node needs them again: to withdraw them,
/// and to prove a possible match before a disclosure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The epoch of its tags.
    pub epoch: Epoch,
    /// The rules its tokens were made by.
    pub rules: RulesVersion,
    /// Its sealed card.
    pub card: CardId,
    /// Its tokens.
    pub tokens: Vec<PublishedToken>,
}

/// One posting of a record.
#[derive(Clone, PartialEq, Eq)]
pub struct PublishedToken {
    /// Kind.
    pub token: TokenType,
    /// What the hub looks up.
    pub tag: Tag,
    /// Names the posting for its withdrawal.
    pub handle: Handle,
    /// Shared with whoever else holds the same token; never sent. Wiped on drop.
    pub match_secret: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for PublishedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PublishedToken")
            .field("token", &self.token)
            .field("match_secret", &"<redacted>")
            .finish_non_exhaustive()
    }
}

const TOKEN_BYTES: usize = 1 + 16 + 8 + 32;
const FORMAT: u8 = 2;
/// Before holds were kept.
const FORMAT_WITHOUT_KEPT: u8 = 1;

impl StoredRecord {
    /// The content hash of a record that was erased: nothing is kept of the person, and it is no record
    /// known from a Duty to Notify report either.
    pub const ERASED: [u8; 32] = [0; 32];

    /// Whether it was erased.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.details.is_none() && self.content == Self::ERASED
    }

    /// Whether it may give tokens, and counts as there: not ended, and not taken out of sharing.
    #[must_use]
    pub fn takes_part(&self) -> bool {
        !self.is_erased() && self.kept.withdrawn.is_none()
    }

    /// The record that stands after an import: what was published stays with it until it is packed
    /// again, and so does a hold. What every adapter of [`crate::ports::NodeStore::commit_import`] stores.
    #[must_use]
    pub fn imported(before: Option<Self>, record: ImportedRecord) -> Self {
        let hold = before.as_ref().and_then(|old| old.kept.hold);
        let gone = record.ended.map(|(why, at)| crate::Gone {
            why,
            at,
            batch: None,
        });
        Self {
            key: record.key,
            content: record.content,
            pseudonym: record.pseudonym,
            details: record.details,
            published: before.and_then(|old| old.published),
            kept: Kept {
                hold: hold.filter(|_| gone.is_none()),
                withdrawn: None,
                gone,
            },
        }
    }

    /// Notes what a batch published, and which batch withdraws the last of a record that has ended.
    pub fn pack(&mut self, packed: PackedRecord, batch: Option<BatchId>) {
        let withdraws = self.published.is_some() && packed.published.is_none();
        self.published = packed.published;
        if let Some(gone) = self.kept.gone.as_mut().filter(|_| withdraws) {
            gone.batch = batch;
        }
    }

    /// The record as bytes, for a store adapter to seal: format, content hash, pseudonym, length
    /// and JSON of the details (length 0 = none), length and JSON of what is kept beside it, then the
    /// publication (epoch, rules, card, tokens of 57 bytes; nothing = none).
    ///
    /// # Errors
    /// [`NodeError::Damaged`] when the details cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, NodeError> {
        let details = Zeroizing::new(match &self.details {
            Some(details) => {
                serde_json::to_vec(details).map_err(|_| NodeError::Damaged("record"))?
            }
            None => Vec::new(),
        });
        let tokens = self.published.as_ref().map_or(0, |p| p.tokens.len());
        let mut out = Zeroizing::new(Vec::with_capacity(
            1 + 32 + 16 + 4 + details.len() + 14 + tokens * TOKEN_BYTES,
        ));
        out.push(FORMAT);
        out.extend_from_slice(&self.content);
        out.extend_from_slice(&self.pseudonym.0);
        let length = u32::try_from(details.len()).map_err(|_| NodeError::Damaged("record"))?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&details);
        let kept = if self.kept == Kept::default() {
            Vec::new()
        } else {
            serde_json::to_vec(&self.kept).map_err(|_| NodeError::Damaged("record"))?
        };
        let length = u16::try_from(kept.len()).map_err(|_| NodeError::Damaged("record"))?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&kept);
        if let Some(published) = &self.published {
            out.extend_from_slice(&published.epoch.0.to_be_bytes());
            out.extend_from_slice(&published.rules.0.to_be_bytes());
            out.extend_from_slice(&published.card.0);
            for token in &published.tokens {
                out.push(token.token.code());
                out.extend_from_slice(&token.tag.0);
                out.extend_from_slice(&token.handle.0);
                out.extend_from_slice(token.match_secret.as_slice());
            }
        }
        Ok(out)
    }

    /// Back from bytes.
    ///
    /// # Errors
    /// [`NodeError::Damaged`].
    pub fn from_bytes(key: RecordKey, bytes: &[u8]) -> Result<Self, NodeError> {
        Self::decode(key, bytes).ok_or(NodeError::Damaged("record"))
    }

    fn decode(key: RecordKey, bytes: &[u8]) -> Option<Self> {
        let (format, rest) = bytes.split_first()?;
        let (content, rest) = rest.split_first_chunk::<32>()?;
        let (pseudonym, rest) = rest.split_first_chunk::<16>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (details, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let details = if details.is_empty() {
            None
        } else {
            Some(serde_json::from_slice(details).ok()?)
        };
        let (kept, rest) = match *format {
            FORMAT => decode_kept(rest)?,
            FORMAT_WITHOUT_KEPT => (Kept::default(), rest),
            _ => return None,
        };
        let published = if rest.is_empty() {
            None
        } else {
            Some(decode_published(rest)?)
        };
        Some(Self {
            key,
            content: *content,
            pseudonym: Pseudonym(*pseudonym),
            details,
            published,
            kept,
        })
    }
}

fn decode_kept(bytes: &[u8]) -> Option<(Kept, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let (kept, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let kept = if kept.is_empty() {
        Kept::default()
    } else {
        serde_json::from_slice(kept).ok()?
    };
    Some((kept, rest))
}

fn decode_published(bytes: &[u8]) -> Option<Published> {
    let (epoch, rest) = bytes.split_first_chunk::<4>()?;
    let (rules, rest) = rest.split_first_chunk::<2>()?;
    let (card, rest) = rest.split_first_chunk::<8>()?;
    if rest.len() % TOKEN_BYTES != 0 {
        return None;
    }
    let tokens = rest
        .chunks_exact(TOKEN_BYTES)
        .map(|chunk| {
            let (code, chunk) = chunk.split_first()?;
            let (tag, chunk) = chunk.split_first_chunk::<16>()?;
            let (handle, chunk) = chunk.split_first_chunk::<8>()?;
            let (secret, _) = chunk.split_first_chunk::<32>()?;
            Some(PublishedToken {
                token: TokenType::from_code(*code)?,
                tag: Tag(*tag),
                handle: Handle(*handle),
                match_secret: Zeroizing::new(*secret),
            })
        })
        .collect::<Option<Vec<_>>>()?;
    Some(Published {
        epoch: Epoch(u32::from_be_bytes(*epoch)),
        rules: RulesVersion(u16::from_be_bytes(*rules)),
        card: CardId(*card),
        tokens,
    })
}
