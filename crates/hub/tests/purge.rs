//! What was withdrawn or has expired is in no file of the hub: neither the tag, nor what is stored in its
//! place, nor the sealed bytes, nor the key that opened them.

mod partners;

use std::{fs, path::Path, time::Duration};

use partners::{Partners, batch_of, phone_record};
use sanctuary_hub::{SledLog, SledState, Storage};
use sanctuary_hub_core::{
    Accepts, Hub, Options, PushBatch,
    ports::{PostingLog, StateStore, StateTable},
};
use sanctuary_linkage::Policy;
use sanctuary_rpc::now;
use sanctuary_trust::Party;
use sanctuary_types::{BatchId, Epoch, RulesVersion, Tag, Timestamp};

const DAY_MS: u64 = 86_400_000;

struct Scene {
    partners: Partners,
    dir: tempfile::TempDir,
    batches: Vec<(&'static str, PushBatch)>,
}

impl Scene {
    /// Two agencies hold one phone number.
    fn new() -> Self {
        let partners = Partners::new();
        let batches = [("police", 1), ("council", 2)].map(|(agency, number)| {
            let mut batch = batch_of(agency, &[phone_record(number)]);
            sign(&partners, agency, &mut batch);
            (agency, batch)
        });
        Self {
            partners,
            dir: tempfile::tempdir().unwrap(),
            batches: batches.into(),
        }
    }

    fn storage(&self) -> Storage {
        let (data, key) = (
            self.dir.path().join("data"),
            self.dir.path().join("root.key"),
        );
        Storage::open(&data, &key, 32).unwrap()
    }

    fn party(&self, agency: &str) -> Party {
        let roster = self.partners.keys.roster.proposal();
        let mut parties = roster.parties().iter();
        let party = parties.find(|p| p.id.as_str() == agency);
        party.cloned().unwrap()
    }

    /// Pushes and looks for matches; gives the hub.
    fn push(&self, batches: &[(&str, PushBatch)], at: Timestamp) -> Hub<SledLog, SledState> {
        let storage = self.storage();
        let options = Options {
            accepts: Accepts {
                rules: RulesVersion(1),
                epoch: Epoch(1),
            },
            policy: Policy::default(),
        };
        let hub = Hub::open(storage.log, storage.state, storage.pepper, options, at).unwrap();
        for (agency, batch) in batches {
            let done = hub.push(&self.party(agency), std::slice::from_ref(batch), at);
            assert!(done.iter().all(Result::is_ok), "{done:?}");
        }
        hub.run_round(at).unwrap();
        hub
    }

    /// Everything that must be in no file afterwards: what lies sealed on the disk, and the key.
    fn sealed_bytes(&self) -> Vec<Vec<u8>> {
        let log = self.dir.path().join("data").join("log");
        let file = fs::read(log.join("1").join("db")).unwrap();
        let is_sealed = |part: &&[u8]| part.iter().filter(|byte| **byte == 0).count() < 4;
        let parts = file.chunks_exact(64).filter(is_sealed);
        let mut bytes: Vec<Vec<u8>> = parts.map(<[u8]>::to_vec).collect();
        assert!(bytes.len() > 16, "{}", bytes.len());
        // A sample over the whole file: each is looked for in every file.
        let step = bytes.len() / 40 + 1;
        bytes = bytes.into_iter().step_by(step).collect();
        bytes.push(fs::read(log.join("1.key")).unwrap());
        bytes
    }

    fn on_disk(&self, wanted: &[u8]) -> bool {
        on_disk(&self.dir.path().join("data"), wanted)
    }

    /// What must hold once `purge` has run.
    fn nothing_is_left(&self, sealed: &[Vec<u8>]) {
        for bytes in sealed {
            assert!(!self.on_disk(bytes), "sealed bytes are on the disk");
        }
        let storage = self.storage();
        let tag = self.tag();
        let stored = storage.pepper.peppered(&tag);
        assert!(!self.on_disk(&tag.0) && !self.on_disk(&stored));
        for entry in storage.log.scan() {
            let row = entry.unwrap().1;
            let holds = |wanted: &[u8]| row.windows(wanted.len()).any(|part| part == wanted);
            assert!(!holds(&tag.0) && !holds(&stored), "a row that stands");
        }
    }

    fn tag(&self) -> Tag {
        Tag(self.batches[0].1.postings[..16].try_into().unwrap())
    }
}

fn sign(partners: &Partners, agency: &str, batch: &mut PushBatch) {
    let key = &partners.keys.member(agency).unwrap().signing;
    batch.signature = key.sign(&batch.message(&agency.parse().unwrap()));
}

fn on_disk(dir: &Path, wanted: &[u8]) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return on_disk(&path, wanted);
        }
        let bytes = fs::read(path).unwrap();
        bytes.windows(wanted.len()).any(|part| part == wanted)
    })
}

#[test]
fn an_expired_records_tokens_are_in_no_file_of_the_hub() {
    let scene = Scene::new();
    let hub = scene.push(&scene.batches, now());
    assert_eq!(
        hub.alerts_after(&"police".parse().unwrap(), 0, 9)
            .unwrap()
            .len(),
        1
    );
    drop(hub);
    let sealed = scene.sealed_bytes();
    assert!(sealed.iter().all(|bytes| scene.on_disk(bytes)));

    // They were to stay for twelve months.
    let later = Timestamp(now().0 + 430 * DAY_MS);
    drop(scene.push(&[], later));
    let storage = scene.storage();
    let purge = storage.purge();
    assert!(
        purge.until(later) < later,
        "erased, and not yet out of the files"
    );
    let purged = purge.run(Duration::ZERO).unwrap();
    assert_eq!(purged[0].store, "log");
    assert_eq!(purge.until(later), later);
    assert_eq!(purge.run(Duration::ZERO).unwrap(), []);
    drop((storage, purge));
    scene.nothing_is_left(&sealed);
}

#[test]
fn a_withdrawn_records_tokens_are_in_no_file_of_the_hub() {
    let scene = Scene::new();
    drop(scene.push(&scene.batches, now()));
    let sealed = scene.sealed_bytes();
    let withdrawals: Vec<(&str, PushBatch)> = scene
        .batches
        .iter()
        .map(|(agency, pushed)| {
            let mut batch =
                PushBatch::new(BatchId([agency.len() as u8; 16]), RulesVersion(1), Epoch(1));
            batch.withdrawals.extend(&pushed.postings[..16]);
            batch.withdrawals.extend(&pushed.postings[48..56]);
            batch.withdrawn_cards.extend(&pushed.cards[..8]);
            sign(&scene.partners, agency, &mut batch);
            (*agency, batch)
        })
        .collect();
    let hub = scene.push(&withdrawals, now());
    let status = hub.status(&"police".parse().unwrap());
    assert_eq!(status.stored_postings, 0);
    drop(hub);
    let storage = scene.storage();
    // Within the time that is stated, not at once.
    let day = Duration::from_secs(86_400);
    assert_eq!(storage.purge().run(day).unwrap(), []);
    assert!(!storage.purge().run(Duration::ZERO).unwrap().is_empty());
    drop(storage);
    scene.nothing_is_left(&sealed);
    // The hub goes on: what stands is what stood.
    let hub = scene.push(&[], now());
    let police = "police".parse().unwrap();
    assert_eq!(hub.status(&police).batches, 2);
    let state = hub.alerts_after(&police, 0, 9).unwrap();
    assert_eq!(state.len(), 1, "it has lapsed, and stays to be told");
    drop(hub);
    let storage = scene.storage();
    assert_eq!(
        storage
            .state
            .scan(StateTable::Alerts, &[], None, 9)
            .unwrap()
            .len(),
        1
    );
}
