use std::{
    io::{self, IsTerminal, Write},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use sanctuary_node_core::Progress;
use sanctuary_types::Timestamp;
use serde::Serialize;

use super::JsonTarget;

/// Between two lines of progress where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(2);

/// Writes `value` as JSON where it was asked for; says whether it was.
pub(super) fn write_json(target: &JsonTarget, value: &impl Serialize) -> anyhow::Result<bool> {
    let Some(path) = target else {
        return Ok(false);
    };
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    if path.as_os_str() == "-" {
        print(&text)?;
    } else {
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(true)
}

/// Writes to standard output. A reader that has had enough (`| head`) is no failure.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    print_to(&mut io::stdout().lock(), text)
}

/// Columns as wide as their widest cell, two spaces between; ends with a line break.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|h| h.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut text = line(&mut header.iter().copied());
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

/// A time as `2026-11-23 20:43 UTC`.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_the_minute()
}

fn print_to(out: &mut impl Write, text: &str) -> anyhow::Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("standard output cannot be written to"),
    }
}

/// Progress of one file: a bar on a terminal, a plain line every two seconds otherwise.
#[derive(Clone)]
pub(super) struct FileProgress {
    inner: Arc<Mutex<Shown>>,
}

struct Shown {
    name: String,
    /// Bytes of the file, where progress is counted in bytes.
    bytes: Option<u64>,
    bar: Option<ProgressBar>,
    started: Instant,
    last_line: Instant,
}

impl FileProgress {
    /// `bytes` is the file's size; `None` where progress is counted in rows.
    pub(super) fn new(name: &str, bytes: Option<u64>) -> Self {
        let bar = io::stderr().is_terminal().then(|| bar(name, bytes));
        Self {
            inner: Arc::new(Mutex::new(Shown {
                name: name.to_owned(),
                bytes,
                bar,
                started: Instant::now(),
                last_line: Instant::now(),
            })),
        }
    }

    pub(super) fn show(&self, progress: Progress) {
        let mut shown = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let line = || pace(progress, shown.bytes, shown.started.elapsed());
        match &shown.bar {
            Some(bar) => {
                bar.set_position(progress.bytes);
                bar.set_message(line());
            }
            None if shown.last_line.elapsed() >= LINE_EVERY => {
                eprintln!("{}: {}", shown.name, line());
                shown.last_line = Instant::now();
            }
            None => {}
        }
    }

    pub(super) fn finish(&self) {
        let shown = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = &shown.bar {
            bar.finish_and_clear();
        }
    }
}

/// How many rows, how fast, and how long it will still take at that pace.
fn pace(progress: Progress, bytes: Option<u64>, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let mut text = format!(
        "{} rows, {:.0} rows/s",
        progress.rows,
        progress.rows as f64 / seconds
    );
    if let Some(bytes) = bytes.filter(|bytes| progress.bytes > 0 && progress.bytes <= *bytes) {
        let left = seconds * (bytes - progress.bytes) as f64 / progress.bytes as f64;
        let left = left.ceil() as u64;
        text.push_str(&format!(", {}:{:02} left", left / 60, left % 60));
    }
    text
}

fn bar(name: &str, bytes: Option<u64>) -> ProgressBar {
    let (bar, template) = match bytes {
        Some(bytes) => (
            ProgressBar::new(bytes),
            "{prefix} [{bar:30}] {percent}% {msg}",
        ),
        None => (ProgressBar::new_spinner(), "{prefix} {spinner} {msg}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.with_prefix(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Closed(io::ErrorKind);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn progress_tells_the_rate_and_the_time_left() {
        let at = |rows, bytes| Progress { rows, bytes };
        let after = Duration::from_secs(10);
        assert_eq!(
            pace(at(5_000, 250_000), Some(1_000_000), after),
            "5000 rows, 500 rows/s, 0:30 left"
        );
        assert_eq!(pace(at(5_000, 5_000), None, after), "5000 rows, 500 rows/s");
        // Text that is converted can be longer than the file; a wrong time is worse than none.
        assert_eq!(pace(at(10, 12), Some(11), after), "10 rows, 1 rows/s");
    }

    #[test]
    fn a_reader_that_has_had_enough_is_no_failure() {
        assert!(print_to(&mut Closed(io::ErrorKind::BrokenPipe), "a line\n").is_ok());
        assert!(print_to(&mut Closed(io::ErrorKind::StorageFull), "a line\n").is_err());
    }
}
