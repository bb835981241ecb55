//! `sanctuary-lab`: a whole partnership in one process, for trying, measuring and showing.
//!
//! Owns: synthetic data, evaluation of possible matches against known truth. Links every trust
//! domain, which nothing in production may; nothing may depend on it. Must never: run on real
//! people's records other than to evaluate, or hand the truth to the pipeline it measures.

pub mod evaluate;
pub mod progress;
pub mod synth;
