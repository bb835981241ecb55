//! Disclosure with real programs: the nodes' daemons and the hub, TLS between them, people who sign in
//! and act through the node's desk.

mod browser;
mod captured;
mod kills;
mod offline;
mod scene;
mod transcript;
mod walkthrough;
mod ways_out;
mod whole;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// One partnership at a time: each is a dozen processes.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
