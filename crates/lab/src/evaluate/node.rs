//! An agency's node in this process: the importer, tokeniser and packer the daemon runs, over a
//! store in memory.

use std::{path::Path, sync::Mutex, time::Instant};

use anyhow::Result;
use rand_chacha::ChaCha20Rng;
use sanctuary_hub_core::PushBatch;
use sanctuary_node_core::{
    Counts, ImportSummary, Importer, Mapping, NodeError, NodeSecret, Padding, Publisher,
    SignedBatch,
    memory::MemoryStore,
    ports::NodeStore,
    readers::{self, Format},
};
use sanctuary_types::{PartyId, Timestamp};

use super::{block_on, holders::Partners};
use crate::progress::Progress;

/// Records are never withdrawn here, so everything fits one read.
const OUTBOX_MAX: usize = usize::MAX;

/// One agency's node.
pub struct Node {
    pub agency: PartyId,
    pub store: MemoryStore,
    pub counts: Mutex<Counts>,
    pub secret: NodeSecret,
    pub summary: ImportSummary,
}

/// What a node pushes.
pub struct Pushed {
    pub agency: PartyId,
    pub batches: Vec<PushBatch>,
    /// Postings without dummies.
    pub tokens: u64,
}

impl Node {
    /// Imports a file. Rejects are counted and not written: the file may be on a read-only disk.
    pub fn import(
        agency: PartyId,
        path: &Path,
        mapping: &Mapping,
        secret: NodeSecret,
        now: Timestamp,
    ) -> Result<Self, NodeError> {
        let store = MemoryStore::default();
        let counts = Mutex::new(Counts::default());
        let mut rows = readers::open(path)?;
        let is_workbook = Format::of_path(path)? == Format::Xlsx;
        let importer = Importer {
            store: &store,
            secret: &secret,
            counts: &counts,
            now,
        };
        let summary = importer.import(
            rows.as_mut(),
            mapping,
            is_workbook,
            &mut |_| Ok(()),
            &mut |_| (),
        )?;
        Ok(Self {
            agency,
            store,
            counts,
            secret,
            summary,
        })
    }

    /// Tokenises and packs every record, in batches as the daemon does, dummies included.
    pub fn publish(
        &self,
        partners: &Partners,
        now: Timestamp,
        rng: &mut ChaCha20Rng,
        progress: &Progress,
    ) -> Result<Pushed> {
        let member = partners.member(&self.agency)?;
        let oprf = partners.oprf(&self.agency, self.secret.clone())?;
        let publisher = Publisher {
            store: &self.store,
            tokeniser: &oprf,
            counts: &self.counts,
            secret: &self.secret,
            agency: &self.agency,
            sign: &|message| member.signing.sign(message),
            padding: Padding::SizeClass,
            rules: sanctuary_node_core::RulesInUse::default(),
        };
        let mut tokens = 0;
        while let Some(report) = block_on(publisher.publish_next(now, rng))?? {
            tokens += report.tokens;
            progress.advance(report.records);
        }
        let outbox = self.store.outbox(OUTBOX_MAX)?;
        let batches = outbox
            .into_iter()
            .map(|entry| push_batch(entry.batch))
            .collect();
        Ok(Pushed {
            agency: self.agency.clone(),
            batches,
            tokens,
        })
    }
}

/// The same bytes as the hub's ingest stream hands over.
pub fn push_batch(signed: SignedBatch) -> PushBatch {
    let SignedBatch {
        contents,
        signature,
    } = signed;
    PushBatch {
        batch_id: contents.batch_id,
        rules: contents.rules,
        epoch: contents.epoch,
        postings: contents.postings,
        cards: contents.cards,
        withdrawals: contents.withdrawals,
        withdrawn_cards: contents.withdrawn_cards,
        population: contents.population,
        signature,
    }
}

/// Seconds since `start`.
pub fn seconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64()
}
