//! How far a long step has come: a bar on a terminal, a plain line now and then otherwise.

use std::{
    io::IsTerminal,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// Nothing is said of steps that take less.
const QUIET: Duration = Duration::from_secs(2);
/// Between two plain lines.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// One step's progress, on standard error. Can be advanced from several threads.
pub struct Progress {
    what: String,
    total: u64,
    done: AtomicU64,
    bar: Option<ProgressBar>,
    next_line: Mutex<Instant>,
}

impl Progress {
    /// Begins a step of `total` parts.
    #[must_use]
    pub fn begin(what: &str, total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style =
                ProgressStyle::with_template("{msg:<22} {bar:30} {human_pos}/{human_len} {eta}");
            let bar = ProgressBar::new(total).with_message(what.to_owned());
            style.map_or(bar.clone(), |style| bar.with_style(style))
        });
        Self {
            what: what.to_owned(),
            total,
            done: AtomicU64::new(0),
            bar,
            next_line: Mutex::new(Instant::now() + QUIET),
        }
    }

    /// `n` more parts are done.
    pub fn advance(&self, n: u64) {
        let done = self.done.fetch_add(n, Ordering::Relaxed) + n;
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            return;
        }
        let mut next = self
            .next_line
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if Instant::now() >= *next {
            *next = Instant::now() + BETWEEN_LINES;
            eprintln!("{}: {done} of {}", self.what, self.total);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
