//! The hub's stored log in the hands of a thief or of the hub's own operator.

use std::{fs, path::Path};

use anyhow::{Context as _, ensure};
use sanctuary_hub::SledTiles;
use sanctuary_ledger::{
    ActorRole, AddCheckpoint, Checkpoint, EntryKind, Leaf, Ledger, LogSigner, Quorum, Resource,
    SealedContent, TileStore, Witness, WitnessSigner, origin_of,
};
use sanctuary_rpc::Identity;
use sanctuary_store::{Batch, Options, Store, Table};
use sanctuary_trust::{
    Roster,
    files::{Layout, load_anchors, load_roster},
};
use sanctuary_types::Timestamp;

use crate::Town;

/// The rows of the hub's log, below every check; the hub must not run.
pub struct HubStore {
    store: Store,
    table: Table,
}

impl HubStore {
    /// # Errors
    /// When the store cannot be opened.
    pub fn open(dir: &Path) -> anyhow::Result<Self> {
        let store = Store::open(dir, Options::default())?;
        let table = store.table("ledger")?;
        Ok(Self { store, table })
    }

    /// The entries in order.
    ///
    /// # Errors
    /// When a row cannot be read.
    pub fn leaves(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        let rows = self.table.scan(b"e");
        rows.map(|row| Ok(row?.1.to_vec())).collect()
    }

    /// Puts these entries in place of those that are there; tiles, size and checkpoints stay.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn put_leaves(&self, leaves: &[Vec<u8>]) -> anyhow::Result<()> {
        let mut batch = Batch::default();
        for row in self.table.scan(b"e") {
            batch.remove(&row?.0);
        }
        for (index, leaf) in (0u64..).zip(leaves) {
            let key = [b"e", &index.to_be_bytes()[..]].concat();
            batch.insert(&self.table, &key, leaf)?;
        }
        self.table.apply(batch)?;
        Ok(self.store.sync()?)
    }
}

/// Who has every key of the partnership: the hub's to sign another past with, the witnesses' to cosign it.
pub struct Forger {
    layout: Layout,
    roster: Roster,
    hub: sanctuary_types::PartyId,
}

impl Forger {
    /// # Errors
    /// When the partnership's files cannot be read.
    pub fn of(town: &Town) -> anyhow::Result<Self> {
        let layout = Layout(town.path("town"));
        let anchors = load_anchors(&layout.anchors())?;
        let roster = load_roster(&layout.roster())?.verify(&anchors, 0)?;
        let hub = roster.hub().context("a hub")?.id.clone();
        Ok(Self {
            layout,
            roster,
            hub,
        })
    }

    /// Whose signatures make a checkpoint acceptable.
    ///
    /// # Errors
    /// Never for a town.
    pub fn quorum(&self) -> anyhow::Result<Quorum> {
        Ok(Quorum::of_roster(&self.roster, None)?)
    }

    /// An entry of the hub that it never made, as a leaf received at `time`.
    ///
    /// # Errors
    /// When the hub's key cannot be read.
    pub fn invented(&self, time: Timestamp) -> anyhow::Result<Leaf> {
        let content = SealedContent::new(b"invented".to_vec(), &mut rand::rng());
        let (kind, role) = (EntryKind::Configuration, ActorRole::System);
        let entry = content.entry(kind, time, self.hub.clone(), role, &[])?;
        Ok(Leaf {
            received: time,
            signed: entry.sign(self.identity(self.hub.as_str())?.signing()),
        })
    }

    /// A log of these leaves in a new store, signed by the hub.
    ///
    /// # Errors
    /// When a leaf is not signed by its actor, or the store cannot be written.
    pub fn build(
        &self,
        dir: &Path,
        leaves: &[Leaf],
        now: Timestamp,
    ) -> anyhow::Result<Ledger<SledTiles>> {
        let key = self.identity(self.hub.as_str())?.signing().clone();
        let signer = LogSigner::new(&origin_of(&self.hub), key)?;
        let mut ledger = Ledger::open(SledTiles::open(dir)?, signer)?;
        for leaf in leaves {
            let actor = leaf.entry().actor();
            let party = self.roster.party(actor).context("an actor")?;
            let entry = leaf.signed.clone().check(&party.signing_key)?;
            ledger.append(&[entry], leaf.received)?;
        }
        ledger.checkpoint(now)?;
        Ok(ledger)
    }

    /// Has every witness cosign the newest checkpoint as if it had never seen another.
    ///
    /// # Errors
    /// When a witness's key cannot be read.
    pub fn cosign(&self, ledger: &mut Ledger<SledTiles>, now: Timestamp) -> anyhow::Result<()> {
        let quorum = self.quorum()?;
        for agency in self.roster.agencies() {
            let key = self.identity(agency.id.as_str())?.signing().clone();
            let signer = WitnessSigner::new(agency.id.as_str(), key)?;
            let mut witness = Witness::new(signer, ledger.key(), Forgetful);
            let request: AddCheckpoint = ledger.for_witness(0)?;
            let line = witness.add_checkpoint(&request, now)?;
            ledger.add_cosignature(&line, &quorum)?;
        }
        Ok(())
    }

    /// Writes a stored log as the static files that an auditor checks. Gives the checkpoint that they
    /// lead to: the newest with enough cosignatures.
    ///
    /// # Errors
    /// When there is none, or a file cannot be written. What is missing is left out.
    pub fn export(&self, tiles: &SledTiles, to: &Path) -> anyhow::Result<Checkpoint> {
        let quorum = self.quorum()?;
        let notes = tiles.checkpoints(0, usize::MAX)?;
        let good = notes.iter().filter_map(|note| quorum.verify(note).ok());
        let newest = good.max_by_key(|c| (c.size(), c.time()));
        let checkpoint = newest.context("a cosigned checkpoint")?;
        ensure!(!to.exists());
        let write = |path: &str, bytes: &[u8]| -> anyhow::Result<()> {
            let path = to.join(path);
            fs::create_dir_all(path.parent().context("a parent")?)?;
            Ok(fs::write(path, bytes)?)
        };
        write("checkpoint", checkpoint.note())?;
        let mut keys = quorum.log().verifier_keys().to_vec();
        keys.extend(quorum.witnesses().iter().map(|w| w.verifier_key()));
        write("keys", keys.join("\n").as_bytes())?;
        write("needed", quorum.needed().to_string().as_bytes())?;
        for resource in Resource::of_tree(checkpoint.size()) {
            match (resource, resource.read(tiles)) {
                (_, Ok(bytes)) => write(&resource.path(), &bytes)?,
                // A bundle from which entries are gone is as narrow as what is left of it.
                (Resource::Entries(index, width), Err(_)) => {
                    let left = (1..width).rev().map(|w| Resource::Entries(index, w));
                    let found = left.map(|r| (r.path(), r.read(tiles)));
                    if let Some((path, Ok(bytes))) = found.into_iter().find(|(_, b)| b.is_ok()) {
                        write(&path, &bytes)?;
                    }
                }
                (_, Err(error)) => return Err(error.into()),
            }
        }
        Ok(checkpoint)
    }

    fn identity(&self, party: &str) -> anyhow::Result<Identity> {
        let anchors = load_anchors(&self.layout.anchors())?;
        Ok(Identity::load(&self.layout.party(party), &anchors)?)
    }
}

/// A witness that has lost its mark, or is in league with the hub.
struct Forgetful;

impl sanctuary_ledger::WitnessStore for Forgetful {
    fn last(
        &self,
        _: &str,
    ) -> Result<Option<sanctuary_ledger::LastSeen>, sanctuary_ledger::PortError> {
        Ok(None)
    }
    fn raise(
        &self,
        _: &str,
        _: &sanctuary_ledger::LastSeen,
    ) -> Result<(), sanctuary_ledger::PortError> {
        Ok(())
    }
}
