use sanctuary_node_core::Padding;

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
    made: Made,
    plain: Plaintext,
    loot: Loot,
}

fn town(padding: Padding) -> Town {
    let dir = tempfile::tempdir().unwrap();
    let made = make(dir.path(), RECORDS, 3, padding, NOW).unwrap();
    let plain = made.drawn.plaintext(NOW).unwrap();
    let loot = loot(
        &dir.path().join("hub"),
        &dir.path().join("pepper"),
        EPOCH,
        &plain.agencies,
    )
    .unwrap();
    Town { made, plain, loot }
}

#[test]
fn every_attack_fails_where_it_should_and_succeeds_where_it_should() {
    let Town { made, plain, loot } = town(Padding::SizeClass);
    let others = tempfile::tempdir().unwrap();
    let others = draw(others.path(), RECORDS, 4, NOW).unwrap();
    let others = others.plaintext(NOW).unwrap();
    let means = Means {
        plain: &plain,
        others: Some(&others),
        shares: &made.shares,
        threshold: usize::from(THRESHOLD),
        epoch: EPOCH,
        seed: 1,
    };
    let report = attack(&loot, &means).unwrap();

    // The plaintext is what the nodes sent: with t shares everything is found, dummies are not.
    let found: Vec<usize> = report
        .dictionary
        .iter()
        .filter(|g| g.target == HUB)
        .map(|g| g.found)
        .collect();
    assert_eq!(found, [0, 0, plain.occurrences()], "{report}");
    assert!(loot.view.postings.len() > plain.occurrences(), "padded");
    let rate = |target, attack| report.alignment(target, attack).unwrap().rate;
    assert!(rate(HUB, FREQUENCY) < 0.005, "{report}");
    // In a small file the postings of a batch are few, so the limits here are wide.
    assert!(
        rate(HUB, BATCHES) < 0.5 * rate(IN_ORDER, BATCHES),
        "{report}"
    );
    assert!(rate(IN_ORDER, BATCHES) > 0.2, "{report}");
    assert!(rate(CLEAR, STRUCTURE) > 0.5, "{report}");
    assert!(rate(LONE, STRUCTURE) > 0.5, "{report}");
    assert!(rate(LONE, FREQUENCY_OPEN) > 0.05, "{report}");
    assert!(rate(BLOOM, SIMILARITY) > 0.5, "{report}");
    assert!(rate(LONE, FREQUENCY_OTHERS) > 0.02, "{report}");
    assert!(rate(HUB, FREQUENCY_OTHERS) < 0.001, "{report}");
    // What nobody shares stays sealed whatever is done with the rest.
    for line in report.alignments.iter().filter(|line| line.target == HUB) {
        assert!(line.sealed_rate < 0.02, "{report}");
    }
    let of_kinds: usize = report.kinds.iter().map(|kind| kind.occurrences).sum();
    assert_eq!(of_kinds, plain.occurrences(), "{report}");
    let lone: Vec<usize> = report
        .dictionary
        .iter()
        .filter(|g| g.target == LONE)
        .map(|g| g.found)
        .collect();
    assert!(lone[0] > 0 && lone == [lone[0], 0, lone[0]], "{report}");
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
