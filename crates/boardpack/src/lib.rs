//! The board pack: being written.
