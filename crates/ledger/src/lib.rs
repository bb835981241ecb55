//! The verifiable log: every act of the partnership as a commitment that nobody can rewrite unseen.
//!
//! Entries are leaves of one Merkle tree (RFC 6962 and RFC 9162 hashing) in the tile layout of C2SP
//! `tlog-tiles`. The hub signs *checkpoints* of it (C2SP `tlog-checkpoint`), *witnesses* cosign what
//! grew from what they saw before (C2SP `tlog-cosignature`), and *clients* refuse a checkpoint that is
//! unsigned, without enough witnesses, old, smaller, or not grown from the last one. Each accepted
//! entry is answered with a signed *promise*; a broken one is evidence that anybody can check.
//!
//! Owns: the bytes of entries, the tree, checkpoints, cosignatures, the rules of witnesses and
//! clients, promises, evidence, the verifier, and the port [`TileStore`]. Must never: do I/O, read a
//! clock, draw its own randomness; hold a tag, an identifier, a person's name or free text in an
//! entry. What an entry is about lies, with its salt, with those entitled ([`SealedContent`]).
//!
//! ```
//! use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//! use sanctuary_ledger::{
//!     ActorRole, ClientView, EntryKind, Ledger, LogSigner, MemoryStore, Quorum, SealedContent,
//! };
//! use sanctuary_trust::SigningKey;
//! use sanctuary_types::Timestamp;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = Timestamp(1_795_392_000_000);
//! let mut rng = ChaCha20Rng::from_seed([7; 32]);
//! let (hub, police) = (SigningKey::generate(&mut rng)?, SigningKey::generate(&mut rng)?);
//! let signer = LogSigner::new("sanctuary/hub/ledger", hub)?;
//! let quorum = Quorum::new(signer.key(), vec![], 0)?;
//! let mut ledger = Ledger::open(MemoryStore::default(), signer)?;
//!
//! // The police log that somebody looked a record up. What and why stays with them.
//! let content = SealedContent::new(b"pseudonym and case reference".to_vec(), &mut rng);
//! let entry = content
//!     .entry(EntryKind::Consult, now, "police".parse()?, ActorRole::Analyst, &[])?
//!     .sign(&police);
//! let promises = ledger.append(&[entry.check(&police.public())?], now)?;
//!
//! let checkpoint = ledger.checkpoint(now)?;
//! let mut view = ClientView::new(quorum);
//! let accepted = view.accept(checkpoint.note(), None, now)?;
//! let proof = ledger.prove_inclusion(promises[0].index, accepted.size())?;
//! promises[0].clone().keep(proof, &accepted)?;
//! # Ok(())
//! # }
//! ```

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod act;
pub mod audit;
mod bytes;
mod checked;
mod checkpoint;
mod client;
mod content;
mod entry;
mod error;
mod gossip;
mod kind;
mod leaf;
mod ledger;
pub mod limits;
mod memory;
mod note;
mod promise;
mod proof_text;
mod quorum;
mod receipt;
mod store;
mod tile;
mod tree;
mod watch;
mod witness;

pub use act::{Act, Acts, MemoryActs, NotLogged};
pub use checkpoint::{Checkpoint, LogKey, LogSigner};
pub use client::{Accepted, ClientView};
pub use content::{Salt, SealedContent};
pub use entry::{CheckedEntry, Commitment, Entry, EntryId, SignedEntry};
pub use error::{LedgerError, Refused};
pub use gossip::{Comparison, ForkEvidence, compare, fork_between};
pub use kind::{ActorRole, EntryKind};
pub use leaf::Leaf;
pub use ledger::Ledger;
pub use memory::MemoryStore;
pub use promise::Promise;
pub use proof_text::TlogProof;
pub use quorum::{Quorum, WitnessKey, origin_of};
pub use receipt::{BrokenPromise, Receipt};
pub use store::{Fetched, Growth, PortError, TileStore, Tiles};
pub use tile::{Resource, TileId, bundle_entries, encode_bundle, width_of};
pub use tree::{
    Digest, InclusionProof, check_consistency, check_inclusion, empty_root, leaf_hash,
    prove_consistency, prove_inclusion, root_of,
};
pub use watch::{Seen, Watch};
pub use witness::{AddCheckpoint, LastSeen, Witness, WitnessSigner, WitnessStore};
