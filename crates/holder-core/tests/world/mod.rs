//! Three holders with a dealt key of each class, one agency: what the tests of this crate share.
#![allow(clippy::unwrap_used, dead_code)]

use rand::{SeedableRng, rngs::StdRng};
use sanctuary_holder_core::{
    CeremonyDesk, EvaluationRequest, Evaluator, KeyRing, QuotaOverrides, ShareId, ShareStore,
    memory::{MemoryQuota, MemoryShares},
};
use sanctuary_keyshare::dealer;
use sanctuary_toprf::{Blinded, PublicKeys};
use sanctuary_trust::{Manifest, Partnership, Party, Plan, SUITE};
use sanctuary_types::{BatchId, Epoch, Generation, KeyClass, PartyId, RulesVersion, Timestamp};

pub const NOW: Timestamp = Timestamp(1_795_392_000_000);
pub const EPOCH: Epoch = Epoch(3);
/// Full evaluations per agency and day; each of 3 holders gives floor(60 * 2 / 3) = 40.
pub const QUOTA_PER_DAY: u64 = 60;

pub struct World {
    pub partnership: Partnership,
    pub holders: Vec<Holder>,
    pub keys: PublicKeys,
    pub rng: StdRng,
}

pub struct Holder {
    pub id: PartyId,
    pub evaluator: Evaluator<MemoryQuota>,
    pub ring: KeyRing,
    pub shares: MemoryShares,
    pub desk: CeremonyDesk,
}

impl World {
    pub fn new() -> Self {
        let mut rng = StdRng::from_seed([5; 32]);
        let plan = Plan::new("hub", &["alder", "birch", "cedar"], &["police", "council"]).unwrap();
        let partnership = Partnership::generate(&plan, NOW, &mut rng).unwrap();
        let (shares, keys) = dealer::deal(2, 3, &mut rng).unwrap();
        let manifest = manifest(&partnership, &keys);
        let holders = partnership
            .holders
            .iter()
            .zip(&shares)
            .map(|(member, share)| {
                let id = member.party.id.clone();
                let store = MemoryShares::default();
                for class in KeyClass::ALL {
                    store.save(share_id(class), share).unwrap();
                }
                let mut ring = KeyRing::new(QuotaOverrides::new());
                for class in KeyClass::ALL {
                    let manifest = Manifest {
                        class,
                        ..manifest.clone()
                    };
                    ring.add(&id, manifest, &store).unwrap();
                }
                Holder {
                    evaluator: Evaluator::new(
                        id.clone(),
                        member.signing.clone(),
                        MemoryQuota::default(),
                    ),
                    desk: CeremonyDesk::new(id.clone(), member.signing.clone()),
                    shares: store,
                    id,
                    ring,
                }
            })
            .collect();
        Self {
            partnership,
            holders,
            keys,
            rng,
        }
    }

    pub fn party(&self, id: &str) -> Party {
        self.partnership.member(id).unwrap().party.clone()
    }

    pub fn blind(&mut self, count: u32) -> Blinded {
        let inputs: Vec<[u8; 4]> = (0..count).map(u32::to_be_bytes).collect();
        Blinded::new(&self.keys.check().unwrap(), &inputs, &mut self.rng).unwrap()
    }
}

pub fn manifest(partnership: &Partnership, keys: &PublicKeys) -> Manifest {
    Manifest {
        suite: SUITE.to_owned(),
        class: KeyClass::Person,
        epoch: EPOCH,
        generation: Generation(0),
        threshold: keys.threshold,
        group_key: keys.group_key,
        share_keys: keys.share_keys.clone(),
        holders: partnership
            .holders
            .iter()
            .map(|m| m.party.id.clone())
            .collect(),
        quota_per_day: QUOTA_PER_DAY,
        universe_records: 1_000,
        rules: RulesVersion(1),
        not_before: NOW,
        not_after: Timestamp(NOW.0 + 365 * 86_400_000),
        ceremony_id: [1; 16],
        transcript_sha256: [2; 32],
    }
}

pub fn share_id(class: KeyClass) -> ShareId {
    ShareId {
        class,
        epoch: EPOCH,
        generation: Generation(0),
    }
}

/// A well-formed request; tests change one thing of it.
pub fn request(elements: &[u8], batch: u8) -> EvaluationRequest<'_> {
    EvaluationRequest {
        class: KeyClass::Person,
        epoch: EPOCH,
        generation: Generation(0),
        quorum: &[1, 2],
        batch_id: BatchId([batch; 16]),
        purpose: "tokenise",
        elements,
    }
}
