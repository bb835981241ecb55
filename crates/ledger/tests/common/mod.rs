//! A small partnership with a log: a hub, three agencies that act and witness, and a clock.

#![allow(dead_code)] // each test file uses its part

use std::cell::RefCell;

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use sanctuary_ledger::{
    ActorRole, AddCheckpoint, Checkpoint, ClientView, Digest, EntryId, EntryKind, Growth, LastSeen,
    Leaf, Ledger, LogSigner, MemoryStore, PortError, Promise, Quorum, Refused, SealedContent,
    SignedEntry, TileId, TileStore, Witness, WitnessSigner, WitnessStore, leaf_hash,
};
use sanctuary_trust::SigningKey;
use sanctuary_types::{PartyId, Timestamp};

pub const ORIGIN: &str = "sanctuary/hub/ledger";
pub const AGENCIES: [&str; 3] = ["durham-police", "durham-council", "haven"];
pub const START: Timestamp = Timestamp(1_795_392_000_000);

pub struct World {
    pub rng: ChaCha20Rng,
    pub hub: SigningKey,
    pub agencies: Vec<(PartyId, SigningKey)>,
    pub ledger: Ledger<MemoryStore>,
    pub witnesses: Vec<Witness<Marks>>,
    pub now: Timestamp,
    pub sent: Vec<SignedEntry>,
}

impl World {
    pub fn new() -> Self {
        let mut rng = ChaCha20Rng::from_seed([3; 32]);
        let hub = SigningKey::generate(&mut rng).unwrap();
        let signer = LogSigner::new(ORIGIN, hub.clone()).unwrap();
        let agencies: Vec<(PartyId, SigningKey)> = AGENCIES
            .iter()
            .map(|id| (id.parse().unwrap(), SigningKey::generate(&mut rng).unwrap()))
            .collect();
        let witnesses = agencies
            .iter()
            .map(|(id, key)| {
                let witness = WitnessSigner::new(id.as_str(), key.clone()).unwrap();
                Witness::new(witness, signer.key(), Marks::default())
            })
            .collect();
        Self {
            rng,
            hub,
            agencies,
            ledger: Ledger::open(MemoryStore::default(), signer).unwrap(),
            witnesses,
            now: START,
            sent: Vec::new(),
        }
    }

    /// A log of `entries`, cosigned, appended a few at a time.
    pub fn with_entries(entries: usize) -> (Self, Vec<Promise>) {
        let mut world = Self::new();
        let mut promises = Vec::new();
        while promises.len() < entries {
            promises.extend(world.act((entries - promises.len()).min(7)));
            world.tick(1_000);
        }
        world.publish().unwrap();
        (world, promises)
    }

    pub fn signer(&self) -> LogSigner {
        LogSigner::new(ORIGIN, self.hub.clone()).unwrap()
    }

    /// Two of three agencies, none of them the hub.
    pub fn quorum(&self) -> Quorum {
        let witnesses = self
            .agencies
            .iter()
            .map(|(id, key)| WitnessSigner::new(id.as_str(), key.clone()).unwrap().key());
        Quorum::new(self.signer().key(), witnesses.collect(), 2).unwrap()
    }

    pub fn client(&self) -> ClientView {
        ClientView::new(self.quorum())
    }

    pub fn tick(&mut self, ms: u64) {
        self.now = Timestamp(self.now.0 + ms);
    }

    pub fn entry(&mut self, kind: EntryKind) -> (SealedContent, SignedEntry) {
        let who = self.sent.len() % self.agencies.len();
        let (party, key) = self.agencies[who].clone();
        let other = self.agencies[(who + 1) % AGENCIES.len()].0.clone();
        let content = SealedContent::new(b"what it is about".to_vec(), &mut self.rng);
        let entry = content
            .entry(kind, self.now, party, ActorRole::Analyst, &[other])
            .unwrap()
            .sign(&key);
        self.sent.push(entry.clone());
        (content, entry)
    }

    /// Logs `count` acts of several kinds.
    pub fn act(&mut self, count: usize) -> Vec<Promise> {
        let entries: Vec<SignedEntry> = (0..count)
            .map(|n| self.entry(EntryKind::ALL[n % EntryKind::ALL.len()]).1)
            .collect();
        self.log(&entries)
    }

    pub fn log(&mut self, entries: &[SignedEntry]) -> Vec<Promise> {
        let checked: Vec<_> = entries
            .iter()
            .map(|e| e.clone().check(&self.public(e.entry().actor())).unwrap())
            .collect();
        self.ledger.append(&checked, self.now).unwrap()
    }

    pub fn public(&self, party: &PartyId) -> [u8; 32] {
        self.actors(party)[0]
    }

    pub fn actors(&self, party: &PartyId) -> Vec<[u8; 32]> {
        let found = self.agencies.iter().filter(|(id, _)| id == party);
        found.map(|(_, key)| key.public()).collect()
    }

    /// A new checkpoint, cosigned by every witness.
    pub fn publish(&mut self) -> Result<Checkpoint, Refused> {
        self.ledger.checkpoint(self.now)?;
        let quorum = self.quorum();
        for witness in &mut self.witnesses {
            let request = self.ledger.for_witness(witness.known_size()?)?;
            // As it travels.
            let request = AddCheckpoint::from_bytes(&request.to_bytes())?;
            let line = witness.add_checkpoint(&request, self.now)?;
            self.ledger.add_cosignature(&line, &quorum)?;
        }
        Ok(self.ledger.latest().unwrap().clone())
    }

    /// `checkpoint` cosigned by witnesses that know nothing of the log: what a hub gets that splits
    /// its witnesses, or whose witnesses lost their memory.
    pub fn cosigned_by_newcomers(&self, checkpoint: &Checkpoint) -> Checkpoint {
        self.agencies
            .iter()
            .fold(checkpoint.clone(), |note, (id, key)| {
                let signer = WitnessSigner::new(id.as_str(), key.clone()).unwrap();
                let mut newcomer = Witness::new(signer, self.signer().key(), Marks::default());
                let request = AddCheckpoint {
                    old_size: 0,
                    proof: vec![],
                    note: checkpoint.note().to_vec(),
                };
                let line = newcomer.add_checkpoint(&request, self.now).unwrap();
                note.with_line(&line).unwrap()
            })
    }
}

/// A witness's memory; `fail` makes the next raise fail.
#[derive(Debug, Default)]
pub struct Marks {
    pub seen: RefCell<Option<LastSeen>>,
    pub fail: bool,
}

impl WitnessStore for Marks {
    fn last(&self, origin: &str) -> Result<Option<LastSeen>, PortError> {
        assert_eq!(origin, ORIGIN);
        Ok(self.seen.borrow().clone())
    }
    fn raise(&self, _origin: &str, seen: &LastSeen) -> Result<(), PortError> {
        if self.fail {
            return Err(PortError("the disk is full".to_owned()));
        }
        *self.seen.borrow_mut() = Some(seen.clone());
        Ok(())
    }
}

/// The same leaves under new tiles, as a hub would write them that covers its tracks.
pub fn rebuilt(leaves: Vec<Vec<u8>>, signer: LogSigner) -> Ledger<MemoryStore> {
    let mut fresh = MemoryStore::default();
    let hashes: Vec<Digest> = leaves.iter().map(|l| leaf_hash(l)).collect();
    let tiles = tiles_over(&hashes);
    let growth = Growth {
        from: 0,
        to: leaves.len() as u64,
        leaves: leaves
            .into_iter()
            .map(|l| {
                (
                    Leaf::from_bytes(&l).map_or(EntryId([0; 16]), |l| l.entry().id()),
                    l,
                )
            })
            .collect(),
        tiles,
    };
    fresh.commit(&growth).unwrap();
    Ledger::open(fresh, signer).unwrap()
}

/// Tiles straight from their definition.
fn tiles_over(leaves: &[Digest]) -> Vec<(TileId, Vec<u8>)> {
    let mut tiles = Vec::new();
    let mut hashes = leaves.to_vec();
    let mut level = 0;
    while !hashes.is_empty() {
        for (index, chunk) in (0u64..).zip(hashes.chunks(256)) {
            tiles.push((TileId { level, index }, chunk.concat()));
        }
        hashes = hashes.chunks_exact(256).map(block_root).collect();
        level += 1;
    }
    tiles
}

fn block_root(hashes: &[Digest]) -> Digest {
    use sha2::Digest as _;
    match hashes {
        [one] => *one,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            let mut hasher = sha2::Sha256::new();
            hasher.update([1]);
            hasher.update(block_root(left));
            hasher.update(block_root(right));
            hasher.finalize().into()
        }
    }
}
