//! A push, before and after its checks. The checks need no lock and no disk: callers run them on
//! as many threads as they like and hand the result to the one committer.

use ring::digest::{SHA256, digest};
use sanctuary_linkage::Population;
use sanctuary_trust::{Party, PartyKind, verify};
use sanctuary_types::{BatchId, Epoch, PartyId, RulesVersion, limits, upload_message};

use crate::{
    HubError, Pepper,
    rows::{
        CARD_BYTES, CARD_ID_BYTES, POPULATION_BYTES_MAX, POSTING_BYTES, RowKind, WITHDRAWAL_BYTES,
        cut,
    },
};

/// One push as it arrives: packed items, as on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushBatch {
    /// The same id with the same content is a retry.
    pub batch_id: BatchId,
    /// Rules the tokens were made by.
    pub rules: RulesVersion,
    /// Epoch of the OPRF keys.
    pub epoch: Epoch,
    /// n times 94 bytes.
    pub postings: Vec<u8>,
    /// n times 58 bytes.
    pub cards: Vec<u8>,
    /// n times 24 bytes: tag, handle.
    pub withdrawals: Vec<u8>,
    /// n times 8 bytes: card id.
    pub withdrawn_cards: Vec<u8>,
    /// JSON of [`Population`], when it changed; empty = none.
    pub population: Vec<u8>,
    /// Ed25519 over [`PushBatch::message`].
    pub signature: [u8; 64],
}

impl PushBatch {
    /// Postings in it, dummies included.
    #[must_use]
    pub const fn posting_count(&self) -> usize {
        self.postings.len() / POSTING_BYTES
    }

    /// An unsigned batch with nothing in it.
    #[must_use]
    pub const fn new(batch_id: BatchId, rules: RulesVersion, epoch: Epoch) -> Self {
        Self {
            batch_id,
            rules,
            epoch,
            postings: Vec::new(),
            cards: Vec::new(),
            withdrawals: Vec::new(),
            withdrawn_cards: Vec::new(),
            population: Vec::new(),
            signature: [0; 64],
        }
    }

    /// What `agency` signs: see [`upload_message`].
    #[must_use]
    pub fn message(&self, agency: &PartyId) -> Vec<u8> {
        upload_message(
            agency,
            self.batch_id,
            self.rules,
            self.epoch,
            &self.digests(),
        )
    }

    fn digests(&self) -> [[u8; 32]; 5] {
        [
            &self.postings,
            &self.cards,
            &self.withdrawals,
            &self.withdrawn_cards,
            &self.population,
        ]
        .map(|part| sha256(part))
    }
}

/// What the hub accepts: its own rules version and epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepts {
    /// Rules whose tokens can be compared here.
    pub rules: RulesVersion,
    /// Epoch whose tags can be compared here.
    pub epoch: Epoch,
}

/// A push whose caller, version, sizes and signature are in order, cut into log rows. Only
/// [`check`] makes one, so nothing unchecked can be committed.
pub struct CheckedBatch {
    pub(crate) agency: PartyId,
    pub(crate) batch_id: BatchId,
    pub(crate) rules: RulesVersion,
    pub(crate) epoch: Epoch,
    /// SHA-256 of the signed message: what makes a retry a retry.
    pub(crate) content: [u8; 32],
    /// SHA-256 of the postings as pushed; zeros when there are none.
    pub(crate) postings_digest: [u8; 32],
    pub(crate) rows: Vec<Vec<u8>>,
}

impl CheckedBatch {
    /// Bytes that its rows take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }
}

/// Checks one push of `caller` (as the roster has it) and prepares its rows.
///
/// # Errors
/// [`HubError`] naming the first rule that fails; nothing was stored.
pub fn check(
    pepper: &Pepper,
    accepts: Accepts,
    caller: &Party,
    batch: &PushBatch,
) -> Result<CheckedBatch, HubError> {
    if caller.kind != PartyKind::Agency {
        return Err(HubError::NotAnAgency {
            party: caller.id.clone(),
        });
    }
    check_versions(accepts, batch)?;
    check_sizes(batch)?;
    let digests = batch.digests();
    let message = upload_message(
        &caller.id,
        batch.batch_id,
        batch.rules,
        batch.epoch,
        &digests,
    );
    verify(&caller.signing_key, &message, &batch.signature).map_err(|_| HubError::Signature {
        agency: caller.id.clone(),
        batch: batch.batch_id,
    })?;
    if !batch.population.is_empty() {
        Population::from_json(&batch.population).map_err(|error| HubError::Population {
            reason: error.to_string(),
        })?;
    }
    Ok(CheckedBatch {
        agency: caller.id.clone(),
        batch_id: batch.batch_id,
        rules: batch.rules,
        epoch: batch.epoch,
        content: sha256(&message),
        postings_digest: if batch.postings.is_empty() {
            [0; 32]
        } else {
            digests[0]
        },
        rows: to_rows(pepper, batch),
    })
}

fn check_versions(accepts: Accepts, batch: &PushBatch) -> Result<(), HubError> {
    if batch.rules != accepts.rules {
        return Err(HubError::MixedRules {
            batch: batch.rules,
            hub: accepts.rules,
        });
    }
    if batch.epoch != accepts.epoch {
        return Err(HubError::StaleEpoch {
            batch: batch.epoch,
            hub: accepts.epoch,
        });
    }
    Ok(())
}

fn check_sizes(batch: &PushBatch) -> Result<(), HubError> {
    let parts = [
        (
            "postings",
            batch.postings.len(),
            POSTING_BYTES,
            limits::BATCH_POSTINGS_MAX,
        ),
        (
            "cards",
            batch.cards.len(),
            CARD_BYTES,
            limits::BATCH_CARDS_MAX,
        ),
        (
            "withdrawals",
            batch.withdrawals.len(),
            WITHDRAWAL_BYTES,
            limits::BATCH_WITHDRAWALS_MAX,
        ),
        (
            "withdrawn cards",
            batch.withdrawn_cards.len(),
            CARD_ID_BYTES,
            limits::BATCH_WITHDRAWALS_MAX,
        ),
        (
            "bytes of population",
            batch.population.len(),
            1,
            POPULATION_BYTES_MAX,
        ),
    ];
    for (part, bytes, item_bytes, limit) in parts {
        if bytes % item_bytes != 0 {
            return Err(HubError::Malformed { part, item_bytes });
        }
        if bytes / item_bytes > limit {
            return Err(HubError::TooLarge { part, limit });
        }
    }
    if parts.iter().all(|(_, bytes, ..)| *bytes == 0) {
        Err(HubError::Empty)
    } else {
        Ok(())
    }
}

/// Withdrawals come first, so that a record's new version is never met by its own withdrawal.
fn to_rows(pepper: &Pepper, batch: &PushBatch) -> Vec<Vec<u8>> {
    let mut rows = Vec::new();
    let mut part = |kind, items: &[u8], tagged: Option<usize>| {
        let first = rows.len();
        cut(kind, batch.epoch, items, &mut rows);
        if let Some(item_bytes) = tagged {
            rows[first..]
                .iter_mut()
                .for_each(|row| pepper_tags(pepper, row, item_bytes));
        }
    };
    part(
        RowKind::Withdrawals,
        &batch.withdrawals,
        Some(WITHDRAWAL_BYTES),
    );
    part(RowKind::WithdrawnCards, &batch.withdrawn_cards, None);
    part(RowKind::Cards, &batch.cards, None);
    part(RowKind::Postings, &batch.postings, Some(POSTING_BYTES));
    part(RowKind::Population, &batch.population, None);
    rows
}

fn pepper_tags(pepper: &Pepper, row: &mut [u8], item_bytes: usize) {
    for item in row[crate::rows::HEADER_BYTES..].chunks_exact_mut(item_bytes) {
        let stored = pepper.stored_tag(&item[..16]);
        item[..16].copy_from_slice(&stored.0);
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}
