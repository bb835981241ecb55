//! Time to fit a model to 100,000 candidates and to score them.
fn main() {}
