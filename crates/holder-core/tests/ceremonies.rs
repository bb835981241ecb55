//! Key ceremonies among three holders, driven by an officer who passes messages on.
#![allow(clippy::unwrap_used)]

mod world;

use sanctuary_holder_core::{
    CeremonyResult, CeremonyStart, Echo, HolderError, PortError, Round1, SealedPackage, ShareId,
    ShareStore, short,
};
use sanctuary_keyshare::KeyShare;
use sanctuary_toprf::{Answer, Blinded, PublicKeys};
use sanctuary_trust::{Roster, dkg_result_message, verify};
use sanctuary_types::{Epoch, KeyClass};
use world::{NOW, World};

fn start_of(world: &World) -> CeremonyStart {
    CeremonyStart {
        class: KeyClass::Person,
        epoch: Epoch(9),
        threshold: 2,
        holders: world.holders.iter().map(|h| h.id.clone()).collect(),
    }
}

fn roster(world: &World) -> Roster {
    world.partnership.roster.proposal().clone()
}

impl World {
    fn begin(&mut self) -> Vec<Round1> {
        let (officer, roster, start) = (self.party("officer-1"), roster(self), start_of(self));
        let (holders, rng) = (&self.holders, &mut self.rng);
        let begin = |h: &world::Holder| {
            h.desk
                .start(&officer, &roster, &h.shares, start.clone(), NOW, rng)
                .unwrap()
        };
        holders.iter().map(begin).map(cut).collect()
    }

    fn echoes(&self, first: &[Round1]) -> Result<Vec<Echo>, HolderError> {
        let (officer, roster) = (self.party("officer-1"), roster(self));
        let id = short(&first[0].ceremony_id);
        let echo = |h: &world::Holder| h.desk.echo(&officer, &roster, id, first);
        self.holders.iter().map(echo).collect()
    }

    fn deals(&mut self, echoes: &[Echo]) -> Result<Vec<SealedPackage>, HolderError> {
        let (officer, roster) = (self.party("officer-1"), roster(self));
        let id = short(&echoes[0].ceremony_id);
        let mut all = Vec::new();
        for h in &self.holders {
            all.extend(h.desk.deal(&officer, &roster, id, echoes, &mut self.rng)?);
        }
        Ok(all)
    }

    fn finish(&self, index: usize, echoes: &[Echo], dealt: &[SealedPackage]) -> Finished {
        let (officer, roster) = (self.party("officer-1"), roster(self));
        let id = short(&echoes[0].ceremony_id);
        let h = &self.holders[index];
        h.desk.finish(&officer, &roster, &h.shares, id, dealt)
    }
}

type Finished = Result<CeremonyResult, HolderError>;

/// As on the wire: only the first 16 bytes of the id travel.
fn cut(mut message: Round1) -> Round1 {
    message.ceremony_id[16..].fill(0);
    message
}

#[test]
fn three_holders_make_a_key_that_any_two_evaluate_under() {
    let mut world = World::new();
    let first = world.begin();
    let echoes = world.echoes(&first).unwrap();
    let dealt = world.deals(&echoes).unwrap();
    let results: Vec<CeremonyResult> = (0..3)
        .map(|i| world.finish(i, &echoes, &dealt).unwrap())
        .collect();
    for (result, holder) in results.iter().zip(&world.holders) {
        assert_eq!(result.share_keys, results[0].share_keys);
        assert_eq!(result.transcript_sha256, results[0].transcript_sha256);
        let message = dkg_result_message(
            &result.ceremony_id,
            result.index,
            &result.group_key,
            &result.share_keys,
            &result.transcript_sha256,
        );
        let key = world.party(holder.id.as_str()).signing_key;
        verify(&key, &message, &result.signature).unwrap();
    }
    assert_outputs_agree(&mut world, &results[0]);
    // An officer who lost the answer gets it again; nobody gets a second key for the epoch.
    let again = world.finish(0, &echoes, &dealt).unwrap();
    assert_eq!(again, results[0]);
    let (officer, roster, start) = (world.party("officer-1"), roster(&world), start_of(&world));
    let h = &world.holders[0];
    let second = h
        .desk
        .start(&officer, &roster, &h.shares, start, NOW, &mut world.rng);
    assert!(matches!(second, Err(HolderError::KeyExists { .. })));
}

fn assert_outputs_agree(world: &mut World, result: &CeremonyResult) {
    let keys = PublicKeys {
        threshold: 2,
        group_key: result.group_key,
        share_keys: result.share_keys.clone(),
    };
    let keys = keys.check().unwrap();
    let blinded = Blinded::new(&keys, &["input"], &mut world.rng).unwrap();
    let outputs: Vec<[u8; 64]> = [[1, 2], [1, 3], [2, 3]]
        .iter()
        .map(|quorum| {
            let answers: Vec<Answer> = quorum
                .iter()
                .map(|index| answer(world, *index, quorum, blinded.elements()))
                .collect();
            *blinded.finish(&keys, quorum, &answers).unwrap()[0].as_bytes()
        })
        .collect();
    assert!(outputs.iter().all(|o| *o == outputs[0]));
}

fn answer(world: &mut World, index: u16, quorum: &[u16], elements: &[u8]) -> Answer {
    let id = ShareId {
        epoch: Epoch(9),
        ..world::share_id(KeyClass::Person)
    };
    let store = &world.holders[usize::from(index) - 1].shares;
    let share = store.load(id).unwrap().unwrap();
    let (elements, proof) = share.evaluate(quorum, 2, elements, &mut world.rng).unwrap();
    Answer {
        holder: index,
        elements,
        proof,
    }
}

#[test]
fn only_officers_hold_ceremonies() {
    let mut world = World::new();
    let first = world.begin();
    let roster = roster(&world);
    for caller in ["police", "hub", "birch"] {
        let caller = world.party(caller);
        let h = &world.holders[0];
        let id = short(&first[0].ceremony_id);
        let start = start_of(&world);
        let refusals = [
            h.desk
                .start(&caller, &roster, &h.shares, start, NOW, &mut world.rng)
                .map(drop),
            h.desk.echo(&caller, &roster, id, &first).map(drop),
            h.desk
                .deal(&caller, &roster, id, &[], &mut world.rng)
                .map(drop),
            h.desk
                .finish(&caller, &roster, &h.shares, id, &[])
                .map(drop),
        ];
        for refusal in refusals {
            assert!(matches!(refusal, Err(HolderError::WrongKind { .. })));
        }
    }
}

#[test]
fn a_package_altered_on_the_way_is_refused() {
    let mut world = World::new();
    let mut first = world.begin();
    first[1].sealing_key[0] ^= 1;
    let refused = world.echoes(&first).unwrap_err();
    assert_eq!(refused.code(), "ceremony");
    assert!(refused.to_string().contains("holder 2"));
    first[1].sealing_key[0] ^= 1;
    let mut echoes = world.echoes(&first).unwrap();
    echoes[2].transcript_sha256[0] ^= 1;
    assert!(
        world
            .deals(&echoes)
            .unwrap_err()
            .to_string()
            .contains("holder 3")
    );
    echoes[2].transcript_sha256[0] ^= 1;
    let mut dealt = world.deals(&echoes).unwrap();
    for package in &mut dealt {
        package.ciphertext[0] ^= 1;
    }
    assert!(world.finish(0, &echoes, &dealt).is_err());
    let id = world::share_id(KeyClass::Person);
    assert_eq!(world.holders[0].shares.ids().unwrap().len(), 2, "{id:?}");
}

#[test]
fn impossible_terms_are_refused() {
    let mut world = World::new();
    let (officer, roster) = (world.party("officer-1"), roster(&world));
    let good = start_of(&world);
    let with = |holders: &[&str], threshold| CeremonyStart {
        holders: holders.iter().map(|h| h.parse().unwrap()).collect(),
        threshold,
        ..good.clone()
    };
    let bad = [
        (with(&["alder", "birch", "cedar"], 1), "ceremony"),
        (with(&["alder", "birch", "cedar"], 4), "ceremony"),
        (with(&["alder", "alder", "cedar"], 2), "ceremony"),
        (with(&["birch", "cedar"], 2), "field"),
        (with(&["alder", "police"], 2), "not_on_roster"),
        (with(&["alder", "nobody"], 2), "not_on_roster"),
    ];
    let h = &world.holders[0];
    for (start, expected) in bad {
        let refused = h
            .desk
            .start(&officer, &roster, &h.shares, start, NOW, &mut world.rng)
            .unwrap_err();
        assert_eq!(refused.code(), expected);
    }
    let unknown = h.desk.echo(&officer, &roster, [0; 16], &[]);
    assert_eq!(unknown.unwrap_err(), HolderError::NoCeremony);
}

/// A share that cannot be kept must not be attested.
#[test]
fn no_statement_without_a_stored_share() {
    struct Full;
    impl ShareStore for Full {
        fn save(&self, _: ShareId, _: &KeyShare) -> Result<(), PortError> {
            Err(PortError("the disk is full".to_owned()))
        }
        fn load(&self, _: ShareId) -> Result<Option<KeyShare>, PortError> {
            Ok(None)
        }
        fn ids(&self) -> Result<Vec<ShareId>, PortError> {
            Ok(Vec::new())
        }
    }
    let mut world = World::new();
    let first = world.begin();
    let echoes = world.echoes(&first).unwrap();
    let dealt = world.deals(&echoes).unwrap();
    let (officer, roster) = (world.party("officer-1"), roster(&world));
    let id = short(&first[0].ceremony_id);
    let desk = &world.holders[0].desk;
    let failed = desk.finish(&officer, &roster, &Full, id, &dealt);
    assert!(failed.unwrap_err().to_string().contains("disk is full"));
}
