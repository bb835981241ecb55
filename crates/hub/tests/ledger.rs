//! The ledger as parties meet it: real TLS, real sled, nothing but gRPC.

mod partners;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use partners::Partners;
use rand::{SeedableRng, rngs::StdRng};
use sanctuary_hub::SledTiles;
use sanctuary_ledger::{
    ActorRole, AddCheckpoint, ClientView, Digest, EntryId, EntryKind, Growth, InclusionProof,
    LastSeen, Leaf, MemoryStore, PortError, Promise, Quorum, Resource, SealedContent, SignedEntry,
    TileId, TileStore, Tiles, Witness, WitnessSigner, WitnessStore,
};
use sanctuary_rpc::{ErrorCode, now};
use sanctuary_types::{PartyId, Timestamp};
use sanctuary_wire::ledger::{
    self as pb, AddCosignatureRequest, AppendRequest, CheckpointRequest, EntriesRequest,
    HistoryRequest, NextCheckpointRequest, ProveRequest, ResourceRequest,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_are_promised_witnessed_and_proven_also_after_a_restart() {
    let partners = Partners::new();
    let running = partners.start();
    let quorum = quorum(&partners);
    let entries: Vec<SignedEntry> = (0..300)
        .map(|_| act(&partners, "police", "council"))
        .collect();
    let promises = append(&partners, "police", &entries).await.unwrap();
    for (promise, entry) in promises.iter().zip(&entries) {
        promise.check(quorum.log(), entry).unwrap();
    }
    // A retry gets the same promises and adds nothing.
    let again = append(&partners, "police", &entries[7..9]).await.unwrap();
    assert_eq!(again, promises[7..9]);

    // Nothing is published before two of three have cosigned.
    let mut police = partners.ledger("police").await;
    let seen = CheckpointRequest { seen_size: 0 };
    let refused = police.checkpoint(seen).await.unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::Unavailable);
    let mut marks = Marks::default();
    assert!(!cosign(&partners, "police", &marks).await);
    marks.0 = Arc::default();
    assert!(cosign(&partners, "council", &marks).await);

    // The hub's first entry is the roster. What was signed at its start held that alone; the entries come in the next checkpoint.
    let mut view = ClientView::new(quorum.clone());
    let accepted = loop {
        let seen_size = view.last().map_or(0, |c| c.size());
        let reply = police
            .checkpoint(CheckpointRequest { seen_size })
            .await
            .unwrap()
            .into_inner();
        let accepted = view
            .accept(&reply.note, Some(&digests(&reply.proof)), now())
            .unwrap();
        if accepted.size() == 301 {
            break accepted;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        for agency in ["police", "council"] {
            cosign(&partners, agency, &Marks::default()).await;
        }
    };
    let proven = police
        .prove(ProveRequest {
            index: 271,
            size: 301,
        })
        .await
        .unwrap()
        .into_inner();
    let proof = InclusionProof {
        index: 271,
        size: 301,
        hashes: digests(&proven.proof),
    };
    let receipt = promises[270].clone().keep(proof, &accepted).unwrap();
    assert_eq!(receipt.verify(&quorum).unwrap().size(), 301);
    assert_eq!(Leaf::from_bytes(&proven.leaf).unwrap().signed, entries[270]);
    running.stop().await;

    let running = partners.start();
    let mut police = partners.ledger("police").await;
    let again = append(&partners, "police", &entries[299..]).await.unwrap();
    assert_eq!(again, promises[299..]);
    let history = police
        .history(HistoryRequest {
            from_size: 0,
            limit: 0,
        })
        .await
        .unwrap();
    assert!(
        history
            .into_inner()
            .notes
            .iter()
            .any(|note| note == accepted.note())
    );
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_are_for_those_they_concern_and_hashes_for_all() {
    let partners = Partners::new();
    let running = partners.start();
    let entries = [
        act(&partners, "police", "council"),
        act(&partners, "police", "refuge"),
    ];
    append(&partners, "police", &entries).await.unwrap();
    let visible = |party: &'static str| {
        let partners = &partners;
        async move {
            let request = EntriesRequest { from: 0, limit: 0 };
            let reply = partners
                .ledger(party)
                .await
                .entries(request)
                .await
                .unwrap()
                .into_inner();
            // After the two stand the entries of who has read the log.
            let indices = reply.entries.iter().map(|e| e.index);
            indices.filter(|i| (1..=2).contains(i)).collect::<Vec<_>>()
        }
    };
    assert_eq!(visible("police").await, [1, 2]);
    assert_eq!(visible("council").await, [1]);
    assert_eq!(visible("refuge").await, [2]);
    assert_eq!(visible("alder").await, [0u64; 0]);
    assert_eq!(visible("officer-1").await, [1, 2]);

    let mut refuge = partners.ledger("refuge").await;
    let proven = refuge
        .prove(ProveRequest { index: 1, size: 2 })
        .await
        .unwrap()
        .into_inner();
    assert!(proven.leaf.is_empty());
    assert_eq!(proven.leaf_hash.len(), 32);
    let path = |path: &str| ResourceRequest {
        path: path.to_owned(),
    };
    let tile = refuge
        .resource(path("tile/0/000.p/2"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(tile.content.len(), 64);
    let bundle = path("tile/entries/000.p/2");
    let refused = refuge.resource(bundle.clone()).await.unwrap_err();
    assert_eq!(ErrorCode::of(&refused), ErrorCode::NotFound);
    partners
        .ledger("officer-1")
        .await
        .resource(bundle)
        .await
        .unwrap();
    for bad in ["tile/0/0", "../root.key", "tile/9/000", "tile/0/001"] {
        assert!(refuge.resource(path(bad)).await.is_err(), "{bad}");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_logs_for_another_and_only_witnesses_cosign() {
    let partners = Partners::new();
    let running = partners.start();
    let code = |status: tonic::Status| ErrorCode::of(&status);
    let entry = act(&partners, "police", "council");
    let refused = append(&partners, "council", std::slice::from_ref(&entry))
        .await
        .unwrap_err();
    assert_eq!(code(refused), ErrorCode::NotAllowed);
    let mut forged = entry.to_bytes();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let mut police = partners.ledger("police").await;
    let request = |bytes: Vec<u8>| AppendRequest {
        entries: vec![bytes.into()],
    };
    assert_eq!(
        code(police.append(request(forged)).await.unwrap_err()),
        ErrorCode::NotAllowed
    );
    assert_eq!(
        code(police.append(request(vec![1; 9])).await.unwrap_err()),
        ErrorCode::InvalidArgument
    );
    let many = AppendRequest {
        entries: vec![entry.to_bytes().into(); 1_025],
    };
    assert_eq!(
        code(police.append(many).await.unwrap_err()),
        ErrorCode::TooLarge
    );

    let known = NextCheckpointRequest { known_size: 0 };
    let holder = partners
        .ledger("alder")
        .await
        .next_checkpoint(known)
        .await
        .unwrap_err();
    assert_eq!(code(holder), ErrorCode::NotAllowed);
    let line = AddCosignatureRequest {
        line: b"rubbish".to_vec().into(),
    };
    assert_eq!(
        code(police.add_cosignature(line).await.unwrap_err()),
        ErrorCode::InvalidArgument
    );
    let beyond = police
        .prove(ProveRequest { index: 0, size: 0 })
        .await
        .unwrap_err();
    assert_eq!(code(beyond), ErrorCode::NotFound);
    running.stop().await;
}

/// The sled store does what the one in memory does, through reopening too.
#[test]
fn the_sled_store_agrees_with_the_one_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let mut memory = MemoryStore::default();
    for round in 0u64..12 {
        // Opened anew each time: only what was durable counts.
        let mut sled = SledTiles::open(dir.path()).unwrap();
        let from = memory.size().unwrap();
        let growth = growth(from, 1 + round * 31 % 97);
        let stale = Growth {
            from: from + 1,
            to: from + 1,
            leaves: vec![],
            tiles: vec![],
        };
        assert!(sled.commit(&stale).is_err());
        sled.commit(&growth).unwrap();
        memory.commit(&growth).unwrap();
        let size = growth.to;
        for (store, time) in [
            (&mut sled as &mut dyn TileStore, round),
            (&mut memory, round),
        ] {
            store
                .keep_checkpoint(size, time, &size.to_be_bytes())
                .unwrap();
        }
        assert_eq!(sled.size().unwrap(), size);
        for resource in Resource::of_tree(size) {
            assert_eq!(
                resource.read(&sled).unwrap(),
                resource.read(&memory).unwrap()
            );
        }
        assert_eq!(
            sled.tile(TileId { level: 0, index: 0 }, 1).unwrap().len(),
            32
        );
        assert!(sled.bundle(size / 256, 256).is_err());
        for (id, _) in &growth.leaves {
            assert_eq!(sled.index_of(id).unwrap(), memory.index_of(id).unwrap());
        }
        assert_eq!(sled.index_of(&EntryId([255; 16])).unwrap(), None);
        assert_eq!(
            sled.latest_checkpoint().unwrap(),
            memory.latest_checkpoint().unwrap()
        );
        assert_eq!(
            sled.checkpoints(40, 3).unwrap(),
            memory.checkpoints(40, 3).unwrap()
        );
    }
}

/// Made-up leaves and hashes: the store does not look into them.
fn growth(from: u64, count: u64) -> Growth {
    let to = from + count;
    let hash = |level: u8, n: u64| -> Digest {
        let mut hash = [level; 32];
        hash[..8].copy_from_slice(&n.to_be_bytes());
        hash
    };
    let tiles = Resource::of_tree(to).filter_map(|resource| match resource {
        Resource::Tile(id, width) => {
            let first = id.index * 256;
            let hashes = (first..first + u64::from(width)).map(|n| hash(id.level, n));
            Some((id, hashes.collect::<Vec<_>>().concat()))
        }
        _ => None,
    });
    let leaf = |n: u64| {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&n.to_be_bytes());
        (EntryId(id), format!("leaf {n}").into_bytes())
    };
    Growth {
        from,
        to,
        leaves: (from..to).map(leaf).collect(),
        tiles: tiles.collect(),
    }
}

fn quorum(partners: &Partners) -> Quorum {
    Quorum::of_roster(partners.keys.roster.proposal(), None).unwrap()
}

fn act(partners: &Partners, actor: &str, concerned: &str) -> SignedEntry {
    let mut rng: StdRng = StdRng::from_rng(&mut rand::rng());
    let concerned: PartyId = concerned.parse().unwrap();
    SealedContent::new(b"about".to_vec(), &mut rng)
        .entry(
            EntryKind::Consult,
            now(),
            actor.parse().unwrap(),
            ActorRole::Analyst,
            &[concerned],
        )
        .unwrap()
        .sign(&partners.keys.member(actor).unwrap().signing)
}

async fn append(
    partners: &Partners,
    party: &str,
    entries: &[SignedEntry],
) -> Result<Vec<Promise>, tonic::Status> {
    let entries = entries.iter().map(|e| e.to_bytes().into()).collect();
    let reply = partners
        .ledger(party)
        .await
        .append(AppendRequest { entries })
        .await?;
    Ok(reply
        .into_inner()
        .promises
        .into_iter()
        .map(promise)
        .collect())
}

fn promise(p: pb::Promise) -> Promise {
    Promise::from_parts(
        p.origin,
        EntryId(p.id[..].try_into().unwrap()),
        p.index,
        p.leaf[..].try_into().unwrap(),
        Timestamp(p.received_ms),
        Timestamp(p.due_ms),
        p.signature[..].try_into().unwrap(),
    )
}

fn digests<B: AsRef<[u8]>>(list: &[B]) -> Vec<Digest> {
    list.iter()
        .map(|h| h.as_ref().try_into().unwrap())
        .collect()
}

/// Cosigns what the hub offers; says whether the checkpoint has enough now.
async fn cosign(partners: &Partners, agency: &str, marks: &Marks) -> bool {
    let key = partners.keys.member(agency).unwrap().signing.clone();
    let signer = WitnessSigner::new(agency, key).unwrap();
    let mut witness = Witness::new(signer, quorum(partners).log().clone(), marks.clone());
    let mut hub = partners.ledger(agency).await;
    let known_size = witness.known_size().unwrap();
    let next = hub
        .next_checkpoint(NextCheckpointRequest { known_size })
        .await
        .unwrap();
    let request = AddCheckpoint::from_bytes(&next.into_inner().request).unwrap();
    let line = witness.add_checkpoint(&request, now()).unwrap().into();
    let reply = hub
        .add_cosignature(AddCosignatureRequest { line })
        .await
        .unwrap();
    reply.into_inner().enough
}

#[derive(Clone, Default)]
struct Marks(Arc<Mutex<BTreeMap<String, LastSeen>>>);

impl WitnessStore for Marks {
    fn last(&self, origin: &str) -> Result<Option<LastSeen>, PortError> {
        Ok(self.0.lock().unwrap().get(origin).cloned())
    }
    fn raise(&self, origin: &str, seen: &LastSeen) -> Result<(), PortError> {
        self.0
            .lock()
            .unwrap()
            .insert(origin.to_owned(), seen.clone());
        Ok(())
    }
}
