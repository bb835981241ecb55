//! What the console logs while it is attacked, at every level.

use std::{
    io::{self, Write},
    sync::{Mutex, Once, PoisonError},
};

use tracing_subscriber::fmt::MakeWriter;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static STARTED: Once = Once::new();

struct Kept;

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        Self
    }
}

/// Keeps every line from now on.
pub fn listen() {
    STARTED.call_once(|| {
        tracing_subscriber::fmt()
            .with_env_filter("trace")
            .with_ansi(false)
            .with_writer(Kept)
            .init();
    });
}

/// Everything so far.
pub fn all() -> String {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&lines).into_owned()
}

/// Whether a refusal under this rule was logged.
#[track_caller]
pub fn tells(rule: &str) {
    let found = all().contains(&format!("rule=\"{rule}\""));
    assert!(found, "no refusal by {rule} was logged");
}

/// None of these words is in the log.
#[track_caller]
pub fn keeps_quiet_of(words: &[&str]) {
    let all = all();
    for word in words {
        assert!(!all.contains(word), "{word} is in the log");
    }
}
