//! What one command asks of the node, and what it prints of the answer.

use std::path::{Path, PathBuf};

use sanctuary_disclosure::{TEXT_CHARS_MAX, Text};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    CaseRequest,
    commands::{Failure, session::read_text},
};

/// Makes text of the node's answer.
pub(super) type Writer = fn(Value) -> anyhow::Result<String>;

/// A request to the node, and what is shown of its answer.
pub(super) struct Errand {
    pub(super) request: CaseRequest,
    pub(super) shown: Shown,
}

/// What is shown of an answer.
pub(super) enum Shown {
    /// One sentence: it is done.
    Said(&'static str),
    /// Text made of the answer.
    Written(Writer),
    /// The document in the answer goes to a file.
    Document(PathBuf),
    /// The answer itself goes to a file as JSON, and text made of it to the terminal.
    Kept(PathBuf, Writer),
}

impl Errand {
    pub(super) const fn says(request: CaseRequest, sentence: &'static str) -> Self {
        Self {
            request,
            shown: Shown::Said(sentence),
        }
    }

    pub(super) const fn shows(request: CaseRequest, writer: Writer) -> Self {
        Self {
            request,
            shown: Shown::Written(writer),
        }
    }
}

/// What somebody writes: a file, or standard input. Not an argument, which other users of the machine see.
pub(super) fn text(file: &Path) -> Result<Text, Failure> {
    let typed = read_text(file, 4 * TEXT_CHARS_MAX as u64 + 2)?;
    Text::new(&typed).map_err(|error| Failure::BadInput(error.to_string()))
}

/// A word of a closed list, as files and wire have it.
pub(super) fn word<T: DeserializeOwned>(typed: &str) -> Result<T, String> {
    serde_json::from_value(Value::String(typed.to_owned())).map_err(|error| error.to_string())
}
