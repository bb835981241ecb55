//! Against the `voprf` crate, an independent implementation of RFC 9497, both ways.

use curve25519_dalek::Scalar;
use frost_ristretto255::rand_core::{self as old, RngCore as _};
use rand_chacha::ChaCha20Rng;
use rand_core::Rng as _;
use sanctuary_keyshare::dealer;
use sanctuary_toprf::{Answer, Blinded, PublicKeys};
use voprf::{
    BlindedElement, EvaluationElement, Group, Proof, Ristretto255, VoprfClient, VoprfServer,
};

use crate::rng;

type Client = VoprfClient<Ristretto255>;
type Server = VoprfServer<Ristretto255>;

/// Our test randomness behind the traits that `voprf` uses.
struct Old(ChaCha20Rng);
impl old::RngCore for Old {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.0.fill_bytes(dest);
    }
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), old::Error> {
        self.0.fill_bytes(dest);
        Ok(())
    }
}
impl old::CryptoRng for Old {}

fn inputs(n: u8) -> Vec<Vec<u8>> {
    (0..n).map(|i| vec![i; usize::from(i) * 3]).collect()
}

#[test]
fn our_asking_side_accepts_its_server() {
    let mut old_rng = Old(rng(1));
    let secret = Scalar::random(&mut rng(9)).to_bytes();
    let whole = Server::new_with_key(&secret).unwrap();
    let server = Server::new_with_key(&crate::quarter(&secret)).unwrap();
    let key: [u8; 32] = Ristretto255::serialize_elem(server.get_public_key()).into();
    let keys = PublicKeys {
        threshold: 1,
        group_key: key,
        share_keys: vec![key],
    };
    let keys = keys.check().unwrap();
    let inputs = inputs(20);
    let batch = Blinded::new(&keys, &inputs, &mut rng(2)).unwrap();
    let blinded: Vec<BlindedElement<Ristretto255>> = batch
        .elements()
        .chunks(32)
        .map(|c| BlindedElement::deserialize(c).unwrap())
        .collect();
    let prepared: Vec<_> = server
        .batch_blind_evaluate_prepare(blinded.iter())
        .collect();
    let finished = server
        .batch_blind_evaluate_finish(&mut old_rng, blinded.iter(), &prepared)
        .unwrap();
    let answer = Answer {
        holder: 1,
        elements: finished.messages.flat_map(|m| m.serialize()).collect(),
        proof: finished.proof.serialize().into(),
    };
    let outputs = batch.finish(&keys, &[1], &[answer]).unwrap();
    for (input, output) in inputs.iter().zip(outputs) {
        assert_eq!(whole.evaluate(input).unwrap()[..], output.as_bytes()[..]);
    }
}

#[test]
fn its_client_accepts_our_holder() {
    let (shares, keys) = dealer::deal(1, 1, &mut rng(3)).unwrap();
    let server = Server::new_with_key(&shares[0].to_bytes()[2..]).unwrap();
    let mut old_rng = Old(rng(4));
    let inputs = inputs(20);
    let blinds: Vec<_> = inputs
        .iter()
        .map(|input| Client::blind(input, &mut old_rng).unwrap())
        .collect();
    let elements: Vec<u8> = blinds.iter().flat_map(|b| b.message.serialize()).collect();
    let (evaluated, proof) = shares[0].evaluate(&[1], 1, &elements, &mut rng(5)).unwrap();
    let messages: Vec<EvaluationElement<Ristretto255>> = evaluated
        .chunks(32)
        .map(|c| EvaluationElement::deserialize(c).unwrap())
        .collect();
    let clients: Vec<_> = blinds.into_iter().map(|b| b.state).collect();
    let public_key = Ristretto255::deserialize_elem(&keys.group_key).unwrap();
    let outputs = Client::batch_finalize(
        &inputs,
        &clients,
        &messages,
        &Proof::deserialize(&proof).unwrap(),
        public_key,
    )
    .unwrap();
    for (input, output) in inputs.iter().zip(outputs) {
        assert_eq!(server.evaluate(input).unwrap(), output.unwrap());
    }
}

#[test]
fn shared_keys_give_its_single_key_outputs() {
    for (threshold, holders) in [(2, 3), (3, 5)] {
        let secret = {
            let mut bytes = [0; 32];
            Old(rng(6)).fill_bytes(&mut bytes);
            bytes[31] &= 0x0f;
            bytes
        };
        let (shares, keys) =
            dealer::split(&crate::quarter(&secret), threshold, holders, &mut rng(7)).unwrap();
        let server = Server::new_with_key(&secret).unwrap();
        let keys = keys.check().unwrap();
        let inputs = inputs(5);
        let batch = Blinded::new(&keys, &inputs, &mut rng(8)).unwrap();
        for quorum in crate::quorums(holders, threshold.into()) {
            let outputs = batch
                .finish(&keys, &quorum, &crate::answers(&shares, &quorum, &batch))
                .unwrap();
            for (input, output) in inputs.iter().zip(outputs) {
                assert_eq!(server.evaluate(input).unwrap()[..], output.as_bytes()[..]);
            }
        }
    }
}
