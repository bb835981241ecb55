//! The way from a command to the node and back.

use std::{fs, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{Errand, Shown};
use crate::{
    CaseRequest, Config,
    commands::{
        Failure, JsonTarget, SessionFile,
        output::{print, write_json},
        session::AsPerson,
    },
    jobs::{Access, Answered, Job},
};

/// Where a person's commands go: the node of this configuration, in their session.
pub(super) struct Desk<'a> {
    pub(super) config: &'a Config,
    pub(super) session: SessionFile,
    pub(super) json: JsonTarget,
}

impl<'a> Desk<'a> {
    pub(super) fn of(person: &AsPerson, config: &'a Config) -> Self {
        Self {
            config,
            session: person.session(),
            json: person.json.clone(),
        }
    }

    /// Asks, and shows what came of it.
    pub(super) async fn run(&mut self, errand: Errand) -> Result<(), Failure> {
        let value = self.ask(errand.request).await?;
        match errand.shown {
            Shown::Said(sentence) => {
                let told = if value.is_null() {
                    json!({ "done": true })
                } else {
                    value
                };
                self.print(&told, |_| Ok(format!("{sentence}\n")))
            }
            Shown::Written(writer) => self.print(&value, writer),
            Shown::Document(path) => {
                let document = Document::read(&value)?;
                write_private(&path, &document.bytes)?;
                let told = json!({ "file": path, "media_type": document.media_type });
                let path = path.display();
                self.print(&told, |_| {
                    Ok(format!("written to {path}; destroy it with the release\n"))
                })
            }
            Shown::Kept(path, writer) => {
                let mut bytes = serde_json::to_vec_pretty(&value).map_err(anyhow::Error::from)?;
                bytes.push(b'\n');
                write_private(&path, &bytes)?;
                let at = path.display();
                self.print(&value, |value| {
                    Ok(format!("{}written to {at}\n", writer(value)?))
                })
            }
        }
    }

    /// Asks the node, here or through its daemon.
    pub(super) async fn ask(&mut self, request: CaseRequest) -> Result<Value, Failure> {
        let session = self.session.read(self.config)?;
        let mut access = Access::of(self.config).await?;
        let job = Job::Case { session, request };
        match access.perform(self.config, &job, |_| {}).await? {
            Answered::Done(value) => Ok(value),
            Answered::BadInput(problem) => Err(Failure::BadInput(problem)),
        }
    }

    fn print(
        &self,
        value: &Value,
        text: impl FnOnce(Value) -> anyhow::Result<String>,
    ) -> Result<(), Failure> {
        if write_json(&self.json, value)? {
            return Ok(());
        }
        Ok(print(&text(value.clone())?)?)
    }
}

struct Document {
    bytes: Vec<u8>,
    media_type: String,
}

impl Document {
    fn read(value: &Value) -> anyhow::Result<Self> {
        let part = |name: &str| {
            let text = value.get(name).and_then(Value::as_str);
            text.context("the node's answer is no document; use the same version of both")
        };
        Ok(Self {
            bytes: hex::decode(part("bytes")?)?,
            media_type: part("media_type")?.to_owned(),
        })
    }
}

/// A new file that only this user can read: it holds what is known of somebody.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let write = || {
        let mut file = fs::File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error: std::io::Error| {
        Failure::BadInput(format!(
            "cannot write {}: {error}; name a new file",
            path.display()
        ))
    })
}
