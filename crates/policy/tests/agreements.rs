//! The versions of the agreement: each follows the last, and what has begun replaces what was before.

use rand::{SeedableRng, rngs::StdRng};
use sanctuary_policy::{Agreement, Agreements, Day, Denial, Learnt, PolicyError, SignedAgreement};
use sanctuary_trust::{Partnership, Plan};
use sanctuary_types::Timestamp;

const EXAMPLE: &str = include_str!("../../../deploy/agreement/example.toml");
/// 24 November 2026.
const NOW: Timestamp = Timestamp(1_795_478_400_000);
const DAY_MS: u64 = 86_400_000;

fn partnership() -> Partnership {
    let plan = Plan::new(
        "hub",
        &["alder", "birch", "cedar"],
        &["police", "council", "safeguarding", "charity"],
    )
    .unwrap();
    Partnership::generate(&plan, NOW, &mut StdRng::from_seed([3; 32])).unwrap()
}

fn signed(keys: &Partnership, change: impl Fn(&mut Agreement)) -> SignedAgreement {
    let mut agreement = SignedAgreement::from_toml(EXAMPLE)
        .unwrap()
        .proposal()
        .clone();
    change(&mut agreement);
    let mut signed = SignedAgreement::unsigned(agreement).unwrap();
    for officer in &keys.officers {
        signed.sign(&keys.anchors, &officer.signing).unwrap();
    }
    signed
}

#[test]
fn a_new_version_holds_from_its_first_day_and_no_older_one_ever_again() {
    let keys = partnership();
    let (police, charity) = ("police".parse().unwrap(), "charity".parse().unwrap());
    let mut known = Agreements::default();
    assert_eq!(
        known.permits_carriage(&police, &charity, NOW).unwrap_err(),
        Denial::NoAgreement
    );
    let first = signed(&keys, |_| {});
    assert_eq!(known.learn(&first, &keys.anchors), Ok(Learnt::New));
    assert_eq!(known.learn(&first, &keys.anchors), Ok(Learnt::Known));
    known.permits_carriage(&police, &charity, NOW).unwrap();

    // Put today, in force from next week: until then the first one holds.
    let later = NOW.day() + 7;
    let second = signed(&keys, |a| {
        a.version = 2;
        a.in_force = Day(later);
        a.review = Day(later + 20);
        a.expires = Day(later + 30);
        for rule in &mut a.rules {
            rule.askers.retain(|p| p.as_str() != "charity");
            rule.owners.retain(|p| p.as_str() != "charity");
        }
        a.rules
            .retain(|rule| !rule.askers.is_empty() && !rule.owners.is_empty());
        a.members.retain(|member| member.id.as_str() != "charity");
    });
    assert_eq!(known.learn(&second, &keys.anchors), Ok(Learnt::New));
    assert_eq!(known.in_force(NOW).unwrap().version, 1);
    let then = Timestamp(NOW.0 + 8 * DAY_MS);
    assert_eq!(known.in_force(then).unwrap().version, 2);
    assert!(matches!(
        known.permits_carriage(&police, &charity, then),
        Err(Denial::NotAParty { .. })
    ));
    // The second has ended, the first would go on: it does not come back.
    let after = Timestamp(NOW.0 + 60 * DAY_MS);
    assert!(
        matches!(known.in_force(after), Err(Denial::Expired { ended }) if ended == Day(later + 30))
    );
    assert_eq!(known.newest_version(), 2);
    assert!(known.version(1).is_some());
}

#[test]
fn what_is_unsigned_older_or_another_text_is_refused() {
    let keys = partnership();
    let mut known = Agreements::default();
    let mut half = SignedAgreement::from_toml(EXAMPLE).unwrap();
    half.sign(&keys.anchors, &keys.officers[0].signing).unwrap();
    if keys.anchors.k > 1 {
        assert!(matches!(
            known.learn(&half, &keys.anchors),
            Err(PolicyError::Trust(_))
        ));
    }
    let unsigned = SignedAgreement::from_toml(EXAMPLE).unwrap();
    assert!(matches!(
        known.learn(&unsigned, &keys.anchors),
        Err(PolicyError::Trust(_))
    ));
    known
        .learn(&signed(&keys, |a| a.version = 5), &keys.anchors)
        .unwrap();
    for refused in [
        signed(&keys, |a| a.version = 4),
        signed(&keys, |a| {
            a.version = 5;
            a.title = "Another text".to_owned();
        }),
        signed(&keys, |a| {
            a.version = 6;
            a.id = "another-network".to_owned();
        }),
    ] {
        assert!(matches!(
            known.learn(&refused, &keys.anchors),
            Err(PolicyError::DoesNotFollow(_))
        ));
    }
    assert_eq!(known.newest_version(), 5);
    // Another partnership's officers are nobody here.
    let plan = Plan::new("hub", &["alder", "birch", "cedar"], &["police", "council"]).unwrap();
    let others = Partnership::generate(&plan, NOW, &mut StdRng::from_seed([4; 32])).unwrap();
    let foreign = signed(&others, |a| a.version = 6);
    assert!(known.learn(&foreign, &keys.anchors).is_err());
}
