use sanctuary_hub::Storage;
use sanctuary_hub_core::ports::PostingLog as _;
use sanctuary_node_core::Padding;
use sanctuary_store::{Options, Store};

use super::{
    claims::Score,
    made::{Made, draw, make},
    view::loot,
    *,
};
use crate::evaluate::holders::{EPOCH, THRESHOLD};

const NOW: sanctuary_types::Timestamp = sanctuary_types::Timestamp(1_795_392_000_000);
const RECORDS: usize = 700;

struct Town {
    dir: tempfile::TempDir,
    made: Made,
    plain: Plaintext,
    loot: Loot,
}

fn town(padding: Padding) -> Town {
    let dir = tempfile::tempdir().unwrap();
    let made = make(dir.path(), RECORDS, 3, padding, NOW).unwrap();
    let plain = made.drawn.plaintext(NOW).unwrap();
    let (data, key) = (dir.path().join("hub"), dir.path().join("root.key"));
    let loot = loot(&data, &key, EPOCH, &plain.agencies).unwrap();
    Town {
        dir,
        made,
        plain,
        loot,
    }
}

impl Town {
    fn disk(&self, data_dir: &str) -> Disk {
        Disk::read(&self.dir.path().join(data_dir), EPOCH, &self.plain.agencies).unwrap()
    }

    fn means<'a>(&'a self, others: Option<&'a Plaintext>) -> Means<'a> {
        Means {
            plain: &self.plain,
            others,
            shares: &self.made.shares,
            threshold: usize::from(THRESHOLD),
            epoch: EPOCH,
            seed: 1,
        }
    }

    /// The hub's data directory with sealing switched off: the same rows under the same numbers.
    fn unsealed(&self) -> Disk {
        let path = |name: &str| self.dir.path().join(name);
        let storage = Storage::open(&path("hub"), &path("root.key"), 32).unwrap();
        let store = Store::open(&path("plain/log"), Options::default()).unwrap();
        let table = store.table("log").unwrap();
        for row in storage.log.scan() {
            let (sequence, row) = row.unwrap();
            table.insert(&sequence.to_be_bytes(), &row).unwrap();
        }
        store.sync().unwrap();
        drop((store, table));
        self.disk("plain")
    }
}

fn found(lines: &[Guessing]) -> Vec<usize> {
    lines.iter().map(|line| line.found).collect()
}

#[test]
fn every_attack_fails_where_it_should_and_succeeds_where_it_should() {
    let town = town(Padding::SizeClass);
    let Town { plain, loot, .. } = &town;
    let others = tempfile::tempdir().unwrap();
    let others = draw(others.path(), RECORDS, 4, NOW).unwrap();
    let others = others.plaintext(NOW).unwrap();
    let means = town.means(Some(&others));
    let report = attack(&town.disk("hub"), loot, &means).unwrap();
    let all = plain.occurrences();

    // The disk alone: as good as blind guesses, whatever is done with it and whoever helps but for
    // who has the root key.
    let store = &report.store;
    assert!(
        !store.shows.readable && store.shows.tags_repeated == 0,
        "{report}"
    );
    assert_eq!(found(&store.dictionary), [0, 0, 0, all], "{report}");
    assert_eq!(store.alignments.len(), 9, "{report}");
    for line in &store.alignments {
        assert_eq!(line.score.occurrences, all, "{report}");
        assert!(line.score.named <= 3, "{report}");
    }

    // Taken over. The plaintext is what the nodes sent: with t shares everything is found, dummies
    // are not.
    let taken = &report.taken_over;
    assert_eq!(found(&taken.dictionary), [0, 0, all], "{report}");
    assert!(loot.view.postings.len() > all, "padded");
    let rate = |target, attack| report.alignment(target, attack).unwrap().rate;
    assert!(rate(TAKEN, FREQUENCY_HIDDEN) < 0.005, "{report}");
    assert!(taken.structural.rate > 0.1, "{report}");
    // In a small file the postings of a batch are few, so the limits here are wide.
    assert!(
        rate(TAKEN, BATCHES) < 0.5 * rate(IN_ORDER, BATCHES),
        "{report}"
    );
    assert!(rate(TAKEN, FREQUENCY_OTHERS) < 0.001, "{report}");
    // What nobody shares stays sealed whatever is done with the rest.
    for line in &taken.alignments {
        assert!(line.sealed_rate < 0.02, "{report}");
    }
    let of_kinds: usize = taken.kinds.iter().map(|kind| kind.occurrences).sum();
    assert_eq!(of_kinds, all, "{report}");

    assert!(rate(IN_ORDER, BATCHES) > 0.2, "{report}");
    assert!(rate(CLEAR, STRUCTURE) > 0.5, "{report}");
    assert!(rate(LONE, STRUCTURE) > 0.5, "{report}");
    assert!(rate(LONE, FREQUENCY) > 0.05, "{report}");
    assert!(rate(BLOOM, SIMILARITY) > 0.5, "{report}");
    assert!(rate(LONE, FREQUENCY_OTHERS) > 0.02, "{report}");
    let lone = found(&report.baselines.dictionary);
    assert!(lone[0] > 0 && lone == [lone[0], 0, lone[0]], "{report}");
}

#[test]
fn without_seals_the_disk_gives_away_what_the_running_hub_does() {
    let town = town(Padding::SizeClass);
    let all = town.plain.occurrences();
    let report = attack(&town.unsealed(), &town.loot, &town.means(None)).unwrap();
    let (store, taken) = (&report.store, &report.taken_over);
    assert!(
        store.shows.readable && store.shows.tags_repeated > 100,
        "{report}"
    );
    assert!(store.structural.rate > 0.1, "{report}");
    let difference = store.structural.rate - taken.structural.rate;
    assert!(difference.abs() < 0.02, "{report}");
    // The pepper hides tags, but not the shares that stand beside them.
    assert_eq!(found(&store.dictionary), [0, 0, all, all], "{report}");
}

#[test]
fn the_report_names_store_and_hub_unmistakably() {
    let town = town(Padding::None);
    let report = attack(&town.disk("hub"), &town.loot, &town.means(None)).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    for (block, target) in [("store", STORE), ("taken_over", TAKEN)] {
        for attack in ["frequency", "structural"] {
            let line = &json[block][attack];
            assert_eq!(line["target"], target);
            let rates = json[block]["alignments"].as_array().unwrap();
            assert!(rates.contains(line), "{line}");
        }
    }
    assert!(json["baselines"]["alignments"].as_array().unwrap().len() > 4);
    let text = report.to_string();
    let place = |words: &str| text.find(words).expect(words);
    assert!(place("HUB'S STORE") < place("frequency "));
    assert!(place("structural ") < place("HUB TAKEN OVER"));
}

#[test]
fn without_padding_a_store_holds_nothing_but_tokens() {
    let Town { plain, loot, .. } = town(Padding::None);
    assert_eq!(loot.view.postings.len(), plain.occurrences());
    let frequencies = plain.frequencies();
    let shared = frequencies
        .iter()
        .filter(|f| f.len() > 1)
        .map(|f| f.iter().map(|(_, n)| *n as usize).sum::<usize>());
    assert_eq!(
        loot.view.opened(),
        shared.sum::<usize>(),
        "all that two agencies share opens, and nothing else"
    );
}

#[test]
fn the_key_rebuilt_from_shares_gives_what_the_holders_give() {
    use crate::evaluate::{
        block_on,
        holders::{Partners, node_secret},
    };
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    use sanctuary_node_core::Oprf;
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let agency: sanctuary_types::PartyId = "police".parse().unwrap();
    let partners =
        Partners::found(std::slice::from_ref(&agency), 1_000, false, NOW, &mut rng).unwrap();
    let asked = partners.oprf(&agency, node_secret(&mut rng)).unwrap();
    let stolen: Vec<_> = partners
        .shares()
        .unwrap()
        .into_iter()
        .skip(1)
        .flatten()
        .collect();
    let key = WholeKey::rebuild(&stolen, EPOCH).unwrap();
    for class in KeyClass::ALL {
        let input = zeroize::Zeroizing::new(b"somebody".to_vec());
        let answer = block_on(asked.evaluate(class, std::slice::from_ref(&input)))
            .unwrap()
            .unwrap();
        assert!(answer.outputs == key.outputs(class, &[&input]));
    }
    assert!(WholeKey::rebuild(&[], EPOCH).is_err());
}

#[test]
fn equal_seeds_guess_alike_and_rates_are_of_occurrences() {
    let score = Score {
        occurrences: 200,
        named: 3,
        sealed: 100,
        sealed_named: 1,
        chance: 0.1,
    };
    assert!((score.rate() - 0.015).abs() < 1e-12);
    assert!((score.sealed_rate() - 0.01).abs() < 1e-12);
    assert!((score.open_rate() - 0.02).abs() < 1e-12);
    let pairs = |seed| {
        let left = (0..50u32).map(|n| (n % 5, n));
        claims::join(
            left,
            (0..50u32).map(|n| (n % 5, n)),
            &mut Dice::new(seed, 0),
        )
    };
    assert_eq!(pairs(1), pairs(1));
    assert_ne!(pairs(1), pairs(2));
    assert!(pairs(1).iter().all(|(a, b)| a % 5 == b % 5));
}
