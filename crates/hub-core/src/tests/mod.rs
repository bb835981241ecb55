//! Whole-hub tests on real sealed postings.

mod cluster_rule;
mod comparisons;
mod decisions;
mod emptying;
mod kit;
mod mailbox;
mod mailbox_words;
mod matching;
mod order;
mod push;
mod reclassify;
mod restart;
mod statistics;
mod statistics_asked;
mod visibility;

use crate::{
    memory::{MemoryLog, MemoryState},
    suite::{self, Ports},
};

impl Ports for (MemoryLog, MemoryState) {
    type Log = MemoryLog;
    type State = MemoryState;
    fn open(&self) -> (MemoryLog, MemoryState) {
        self.clone()
    }
}

#[test]
fn the_memory_ports_pass_the_suite() {
    suite::run(<(MemoryLog, MemoryState)>::default);
}
