//! `sanctuary-lab`: a whole partnership in one process, for trying, measuring and showing.
//!
//! Owns: synthetic data, the demo, evaluation of possible matches against known truth, attacks on a
//! hub's store, benches, the search for raw identifiers, estimates from overlap tables. Links every trust domain, which nothing in production may; nothing may depend on it. Must never: run on real
//! people's records other than to evaluate, or hand the truth to the pipeline it measures.

pub mod attack;
pub mod bench;
pub mod demo;
pub mod evaluate;
pub mod leak;
pub mod partnership;
pub mod prevalence;
pub mod progress;
pub mod synth;
