use curve25519_dalek::Scalar;
use proptest::prelude::*;
use sanctuary_keyshare::{KeyShare, KeyshareError, dealer};
use sanctuary_toprf::{Blinded, OprfOutput};

use crate::{answers, quarter, quorums, rng};

/// RFC 9497 A.1.2: secret key, inputs, outputs.
const SECRET: &str = "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909";
const OUTPUTS: [&str; 2] = [
    "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d\
     a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c",
    "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60\
     356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
];

#[test]
fn every_quorum_gives_the_outputs_of_the_rfc() {
    let secret: [u8; 32] = hex::decode(SECRET).unwrap().try_into().unwrap();
    let inputs = [vec![0x00], vec![0x5a; 17]];
    for (threshold, holders) in [(1, 1), (1, 3), (2, 3), (3, 5), (5, 5)] {
        let (shares, keys) = dealer::split(
            &quarter(&secret),
            threshold,
            holders,
            &mut rng(holders.into()),
        )
        .unwrap();
        let keys = keys.check().unwrap();
        let batch = Blinded::new(&keys, &inputs, &mut rng(7)).unwrap();
        for quorum in quorums(holders, threshold.into()) {
            let outputs = batch
                .finish(&keys, &quorum, &answers(&shares, &quorum, &batch))
                .unwrap();
            let found: Vec<String> = outputs.iter().map(|o| hex::encode(o.as_bytes())).collect();
            assert_eq!(found, OUTPUTS, "{quorum:?}");
        }
    }
}

#[test]
fn refreshed_shares_keep_outputs_and_stale_ones_are_named() {
    let secret = Scalar::random(&mut rng(5)).to_bytes();
    let (old_shares, old_keys) = dealer::split(&secret, 2, 3, &mut rng(1)).unwrap();
    let (new_shares, new_keys) = dealer::split(&secret, 2, 3, &mut rng(2)).unwrap();
    let (old_keys, new_keys) = (old_keys.check().unwrap(), new_keys.check().unwrap());
    let batch = Blinded::new(&old_keys, &[b"x"], &mut rng(3)).unwrap();
    let quorum = [1, 2];
    let before = batch.finish(&old_keys, &quorum, &answers(&old_shares, &quorum, &batch));
    let after = batch.finish(&new_keys, &quorum, &answers(&new_shares, &quorum, &batch));
    assert_eq!(before.unwrap(), after.unwrap());

    let mut mixed = answers(&new_shares, &quorum, &batch);
    mixed[1] = answers(&old_shares, &quorum, &batch).remove(1);
    assert_eq!(
        batch.finish(&new_keys, &quorum, &mixed).unwrap_err(),
        sanctuary_toprf::ToprfError::BadAnswer { holder: 2 }
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_two_quorums_agree_on_any_inputs(
        inputs in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..12),
        (holders, threshold) in (1u16..6).prop_flat_map(|n| (Just(n), 1..=n)),
        picks in any::<(prop::sample::Index, prop::sample::Index)>(),
        seed: u64,
    ) {
        let (shares, keys) = dealer::deal(threshold, holders, &mut rng(seed)).unwrap();
        let keys = keys.check().unwrap();
        let all = quorums(holders, threshold.into());
        let evaluate = |quorum: &[u16], seed: u64| -> Vec<OprfOutput> {
            let batch = Blinded::new(&keys, &inputs, &mut rng(seed)).unwrap();
            batch.finish(&keys, quorum, &answers(&shares, quorum, &batch)).unwrap()
        };
        let one = evaluate(&all[picks.0.index(all.len())], seed ^ 1);
        let other = evaluate(&all[picks.1.index(all.len())], seed ^ 2);
        prop_assert_eq!(&one, &other);
        for (i, a) in inputs.iter().enumerate() {
            for (j, b) in inputs.iter().enumerate() {
                prop_assert_eq!(a == b, one[i] == one[j]);
            }
        }
    }
}

#[test]
fn blinded_elements_differ_each_time_and_outputs_do_not_depend_on_the_blind() {
    let (shares, keys) = dealer::deal(2, 3, &mut rng(1)).unwrap();
    let keys = keys.check().unwrap();
    let blind = |seed| Blinded::new(&keys, &[b"x", b"x"], &mut rng(seed)).unwrap();
    let (one, two) = (blind(1), blind(2));
    assert_ne!(one.elements(), two.elements());
    assert_ne!(
        one.elements()[..32],
        one.elements()[32..],
        "equal inputs in one batch"
    );
    let finish = |b: &Blinded| {
        b.finish(&keys, &[1, 3], &answers(&shares, &[1, 3], b))
            .unwrap()
    };
    assert_eq!(finish(&one), finish(&two));
}

#[test]
fn stored_shares_evaluate_alike() {
    let (shares, _) = dealer::deal(1, 1, &mut rng(4)).unwrap();
    let stored = KeyShare::from_bytes(&shares[0].to_bytes()).unwrap();
    assert_eq!(stored.public_key(), shares[0].public_key());
    assert_eq!(stored.index(), 1);
    assert_eq!(
        dealer::deal(3, 2, &mut rng(4)).unwrap_err(),
        KeyshareError::Terms(
            "a key needs at least one holder, and no more answers than it has holders"
        )
    );
}
