//! What a node says of its population depends on its records alone.

mod agency;
mod holders;

use agency::{Node, people};
use holders::Holders;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// The population of the first batch, from a node whose system gives it `randomness`.
fn population(agency: &str, records: usize, randomness: u8) -> Vec<u8> {
    let mut node = Node::new(agency, &Holders::new());
    node.rng = ChaCha20Rng::from_seed([randomness; 32]);
    node.import(&people(0, records));
    node.publish().unwrap();
    node.batches()[0].contents.population.clone()
}

/// A step that a crash interrupted is done again with other randomness; the hub's scores must not
/// depend on that.
#[test]
fn a_step_done_again_says_the_same() {
    let first = population("police", 300, 1);
    assert!(!first.is_empty());
    assert_eq!(first, population("police", 300, 2));
    assert_ne!(first, population("police", 280, 1), "other records");
}
