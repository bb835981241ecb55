//! The RFC's own test vectors. They blind multiplicatively with given scalars; hashing, encoding,
//! proof and final hash are this crate's.

#[path = "rfc9497_data.rs"]
#[allow(dead_code, reason = "the proof's nonce is used by the prover's tests")]
mod data;

use curve25519_dalek::{RistrettoPoint, Scalar};
use data::{KEY_INFO, PUBLIC_KEY, SECRET_KEY, SEED, VECTORS, fixed, list};

use crate::{
    decode_elements,
    dleq::{self, Elements},
    finish::finalize,
    group::{decode_element, expand_message},
    hash_to_group,
};

fn scalar(bytes: &[u8]) -> Scalar {
    Scalar::from_canonical_bytes(fixed(bytes)).unwrap()
}

#[test]
fn the_key_pair_derives_from_its_seed() {
    let info = hex::decode(KEY_INFO).unwrap();
    let secret = Scalar::from_bytes_mod_order_wide(&expand_message(
        &[
            &hex::decode(SEED).unwrap(),
            &(info.len() as u16).to_be_bytes(),
            &info,
            &[0],
        ],
        b"DeriveKeyPairOPRFV1-\x01-ristretto255-SHA512",
    ));
    assert_eq!(hex::encode(secret.as_bytes()), SECRET_KEY);
    let public = RistrettoPoint::mul_base(&secret).compress();
    assert_eq!(hex::encode(public.as_bytes()), PUBLIC_KEY);
}

#[test]
fn blinded_elements_and_outputs_are_those_of_the_rfc() {
    let secret = scalar(&hex::decode(SECRET_KEY).unwrap());
    for vector in VECTORS {
        let items = list(vector.inputs)
            .into_iter()
            .zip(list(vector.blinds))
            .zip(list(vector.blinded).into_iter().zip(list(vector.evaluated)))
            .zip(list(vector.outputs));
        for (((input, blind), (blinded, evaluated)), output) in items {
            let blind = scalar(&blind);
            let element = blind * hash_to_group(&input);
            assert_eq!(element.compress().as_bytes()[..], blinded);
            assert_eq!((secret * element).compress().as_bytes()[..], evaluated);
            let evaluated = decode_element(&fixed(&evaluated)).unwrap();
            let unblinded = (blind.invert() * evaluated).compress();
            let ours = finalize(&input, unblinded.as_bytes());
            assert_eq!(ours.as_bytes()[..], output);
        }
    }
}

#[test]
fn proofs_of_the_rfc_hold_and_changed_ones_do_not() {
    let public_key = decode_element(&fixed(&hex::decode(PUBLIC_KEY).unwrap())).unwrap();
    for vector in VECTORS {
        let blinded = list(vector.blinded).concat();
        let evaluated = list(vector.evaluated).concat();
        let proof: [u8; 64] = fixed(&hex::decode(vector.proof).unwrap());
        let holds = |evaluated: &[u8], proof: &[u8; 64]| {
            dleq::verify(
                &public_key,
                Elements {
                    points: &decode_elements(&blinded).unwrap(),
                    bytes: &blinded,
                },
                Elements {
                    points: &decode_elements(evaluated).unwrap(),
                    bytes: evaluated,
                },
                proof,
            )
        };
        assert!(holds(&evaluated, &proof));
        assert!(!holds(&blinded, &proof), "other elements");
        for position in [0, 31, 32, 63] {
            let mut changed = proof;
            changed[position] ^= 1;
            assert!(!holds(&evaluated, &changed));
        }
        let mut shifted = proof;
        // The same response plus the group order: a second encoding, refused.
        shifted[63] |= 0xf0;
        assert!(!holds(&evaluated, &shifted));
    }
}
