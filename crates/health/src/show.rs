//! `status` of a daemon's operator: the note, as text or as JSON.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use anyhow::Context;
use sanctuary_store::StoreError;
use sanctuary_types::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use crate::{HolderStatus, HubStatus, NOTE_AGE_MAX_MS, StatusNote};

/// What a daemon says of itself.
pub trait Told: Serialize + DeserializeOwned {
    /// Whose it is, as in "the hub".
    const WHO: &'static str;

    /// When it was written.
    fn at(&self) -> Timestamp;

    /// What needs a person.
    fn attention(&mut self) -> &mut Vec<String>;
}

impl Told for HubStatus {
    const WHO: &'static str = "hub";

    fn at(&self) -> Timestamp {
        self.at
    }

    fn attention(&mut self) -> &mut Vec<String> {
        &mut self.attention
    }
}

impl Told for HolderStatus {
    const WHO: &'static str = "key holder";

    fn at(&self) -> Timestamp {
        self.at
    }

    fn attention(&mut self) -> &mut Vec<String> {
        &mut self.attention
    }
}

/// Shows a note as `text` makes it, or as JSON to `json` (`-` = standard output). Whether nothing needs a
/// person; an old note says that the daemon does not run.
///
/// # Errors
/// One sentence that says what to do.
pub fn show<T: Told>(
    note: Result<StatusNote, StoreError>,
    now: Timestamp,
    json: Option<&Path>,
    text: impl FnOnce(&T) -> String,
) -> anyhow::Result<bool> {
    let who = T::WHO;
    let none = || format!("the {who} has not written a status yet; start it");
    let found: Option<T> = note.with_context(none)?.read().with_context(|| {
        format!("the {who}'s status cannot be read; run this as the {who}'s account")
    })?;
    let mut status = found.with_context(none)?;
    let age_ms = now.0.saturating_sub(status.at().0);
    if age_ms > NOTE_AGE_MAX_MS {
        let old = format!(
            "the {who} wrote this {} minutes ago: it does not run, or hangs; see its log",
            age_ms / 60_000
        );
        status.attention().insert(0, old);
    }
    let shown = match json {
        Some(_) => serde_json::to_string_pretty(&status)? + "\n",
        None => text(&status),
    };
    match json.filter(|path| path.as_os_str() != "-") {
        Some(path) => {
            fs::write(path, shown).with_context(|| format!("cannot write {}", path.display()))?;
        }
        None => match io::stdout().lock().write_all(shown.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written.context("standard output cannot be written to")?,
        },
    }
    Ok(status.attention().is_empty())
}
