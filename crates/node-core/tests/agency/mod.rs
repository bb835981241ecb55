//! One agency's node in this process, on the memory store.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::{io::Cursor, sync::Mutex};

use futures::executor::block_on;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sanctuary_node_core::{
    Counts, Importer, Mapping, NodeError, NodeSecret, Padding, PublishReport, Published, Publisher,
    RulesInUse, SignedBatch, StoredRecord, Tokeniser,
    memory::MemoryStore,
    ports::NodeStore,
    readers::{Format, read},
};
use sanctuary_posting::Posting;
use sanctuary_types::{Epoch, PartyId, Timestamp};
use zeroize::Zeroizing;

use crate::holders::Holders;

pub const NOW: Timestamp = Timestamp(1_795_392_000_000);

pub struct Node {
    pub store: MemoryStore,
    pub secret: NodeSecret,
    pub counts: Mutex<Counts>,
    pub agency: PartyId,
    pub tokeniser: Tokeniser<Holders>,
    pub rng: ChaCha20Rng,
    pub rules: RulesInUse,
}

pub const MAPPING: &str = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"f\"\nsurnames = \"s\"\n\
    date_of_birth = \"d\"\nphone = \"p\"\n[record]\nrole = { column = \"r\" }\nbasis = \"safeguarding\"\n\
    visibility = \"open\"\nexpires = \"2028-01-31\"\nduty_to_notify_only = { column = \"n\" }\n";

impl Node {
    pub fn new(agency: &str, holders: &Holders) -> Self {
        Self::in_epoch(agency, holders, Epoch(1))
    }

    pub fn in_epoch(agency: &str, holders: &Holders, epoch: Epoch) -> Self {
        let mut secret = [0; 32];
        secret[..agency.len()].copy_from_slice(agency.as_bytes());
        let secret = NodeSecret::new(&Zeroizing::new(secret));
        Self {
            store: MemoryStore::default(),
            counts: Mutex::default(),
            agency: agency.parse().unwrap(),
            tokeniser: tokeniser(holders, epoch, &secret),
            rng: ChaCha20Rng::from_seed([agency.len() as u8; 32]),
            secret,
            rules: RulesInUse::default(),
        }
    }

    pub fn import(&self, rows: &str) {
        self.import_with(MAPPING, rows);
    }

    pub fn import_with(&self, mapping: &str, rows: &str) {
        let mapping: Mapping = mapping.parse().unwrap();
        let text = format!("id,f,s,d,p,r,n\n{rows}");
        let mut rows = read(Cursor::new(text.into_bytes()), Format::Csv).unwrap();
        let importer = Importer {
            store: &self.store,
            secret: &self.secret,
            counts: &self.counts,
            now: NOW,
        };
        let summary = importer
            .import(
                rows.as_mut(),
                &mapping,
                false,
                &mut |r| panic!("{r:?}"),
                &mut |_| {},
            )
            .unwrap();
        assert_eq!(summary.rejected, 0);
    }

    pub fn importer_at(&self, now: Timestamp) -> Importer<'_, MemoryStore> {
        Importer {
            store: &self.store,
            secret: &self.secret,
            counts: &self.counts,
            now,
        }
    }

    pub fn record(&self, id: &str) -> StoredRecord {
        let record = self.store.record(&self.secret.record_key(id));
        record.unwrap().unwrap()
    }

    pub fn publish(&mut self) -> Result<Option<PublishReport>, NodeError> {
        self.publish_at(NOW)
    }

    pub fn publish_at(&mut self, now: Timestamp) -> Result<Option<PublishReport>, NodeError> {
        let publisher = Publisher {
            store: &self.store,
            tokeniser: &self.tokeniser,
            counts: &self.counts,
            secret: &self.secret,
            agency: &self.agency,
            sign: &|_| [1; 64],
            padding: Padding::SizeClass,
            rules: self.rules,
        };
        block_on(publisher.publish_next(now, &mut self.rng))
    }

    pub fn publish_all(&mut self) -> Vec<PublishReport> {
        std::iter::from_fn(|| self.publish().unwrap()).collect()
    }

    pub fn batches(&self) -> Vec<SignedBatch> {
        self.store
            .outbox(99)
            .unwrap()
            .into_iter()
            .map(|entry| entry.batch)
            .collect()
    }

    pub fn published(&self, id: &str) -> Option<Published> {
        self.store
            .record(&self.secret.record_key(id))
            .unwrap()
            .unwrap()
            .published
    }

    pub fn clear_outbox(&self) {
        for batch in self.batches() {
            assert!(self.store.acknowledge(&batch.contents.batch_id).unwrap());
        }
    }
}

pub fn tokeniser(holders: &Holders, epoch: Epoch, secret: &NodeSecret) -> Tokeniser<Holders> {
    let [person, identifier] = holders.key_sets(epoch);
    Tokeniser::new(holders.clone(), person, identifier, secret.clone()).unwrap()
}

pub fn postings(batch: &SignedBatch) -> Vec<Posting> {
    let chunks = batch.contents.postings.chunks_exact(Posting::BYTES);
    chunks
        .map(|c| Posting::from_bytes(c.try_into().unwrap()).unwrap())
        .collect()
}

pub fn people(from: usize, to: usize) -> String {
    (from..to)
        .map(|i| {
            let name = |n: usize| ["ba", "do", "ki", "mu", "re", "sa", "ti", "vo"][n % 8];
            format!(
                "r{i},{}{}n,{}{}l,19{:02}-{:02}-{:02},0770090{:04},potential_victim,no\n",
                name(i),
                name(i / 8),
                name(i / 3),
                name(i / 5),
                50 + i % 50,
                1 + i % 12,
                2 + i % 26,
                i
            )
        })
        .collect()
}

pub const VICTIM: &str = "a1,Amal,Haddad,1990-03-02,07700900123,potential_victim,no\n";
