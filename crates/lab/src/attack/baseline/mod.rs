//! What others send to their linkage unit, made of the same records and attacked in the same way.

mod clk;
mod lone;
mod similarity;

pub use lone::lone_fields;
pub use similarity::realigned;
