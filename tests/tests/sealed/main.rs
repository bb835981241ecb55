//! What a hub can learn from everything it has, its keys included, of what no second agency shares:
//! nothing. And what a forger can do: be named.

mod attack;
mod forged;
mod hub_side;
mod linking;
mod packing;
mod strategies;
