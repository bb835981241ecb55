//! The review over a store in memory, as the people of one agency use it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod deciding;
mod hearing;
mod quality;
mod queue;
mod sending;
mod world;

#[test]
fn the_store_in_memory_keeps_its_promises() {
    sanctuary_review::suite::store_keeps_its_promises(
        &sanctuary_review::MemoryReviewStore::default(),
    );
}
