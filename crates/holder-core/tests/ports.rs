//! The memory implementations keep the rules of the ports.
#![allow(clippy::unwrap_used)]

use rand::{SeedableRng, rngs::StdRng};
use sanctuary_holder_core::{
    memory::{MemoryQuota, MemoryShares},
    suite,
};
use sanctuary_keyshare::dealer;

#[test]
fn memory_keeps_the_rules() {
    suite::quota_store(MemoryQuota::default);
    let (shares, _) = dealer::deal(2, 2, &mut StdRng::from_seed([1; 32])).unwrap();
    suite::share_store(&MemoryShares::default(), [&shares[0], &shares[1]]);
}
