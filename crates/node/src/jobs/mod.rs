//! How local commands reach a running daemon, which has the data directory to itself: a job file in
//! `<data_dir>/jobs`, and a result file. Both are sealed under the node's root key, because a job may
//! hold a password and an answer names, and appear by an atomic rename. Who can seal a job could open the
//! store as well; what a person may do is decided by their session all the same.

mod case;
mod client;
mod desk;
mod export;
mod records;
mod review;
mod staff;

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use sanctuary_review::ReviewRequest;
use sanctuary_staff::SessionToken;
use sanctuary_store::Sealer;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{CaseRequest, ExportRequest, NoticeRequest, RecordsRequest};

pub use client::{Access, Answered};
pub use desk::JobDesk;
pub use staff::{StaffActJob, StaffJob};

/// Bytes of a job file.
const JOB_BYTES_MAX: u64 = 1024 * 1024;

/// What a command asks of the daemon.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Import a file by a mapping; both paths absolute.
    Import {
        /// The file.
        file: PathBuf,
        /// The mapping.
        mapping: PathBuf,
    },
    /// Every alert, joined to own records.
    Alerts,
    /// The log of comparisons with other nodes.
    Comparisons,
    /// What this node logged: all of it, or one act with what it was about.
    Receipts {
        /// The entry's id as hexadecimal.
        id: Option<String>,
    },
    /// Counts.
    Status,
    /// The report on data quality.
    Quality {
        /// Names of the configured feeds.
        feeds: Vec<String>,
    },
    /// The staff register, and who is signed in.
    Staff(StaffJob),
    /// Possible matches and cases, as the person of a session.
    Case {
        /// Their session.
        session: SessionToken,
        /// What they ask.
        request: CaseRequest,
    },
    /// The life of own records, as the person of a session.
    Records {
        /// Their session.
        session: SessionToken,
        /// What they ask.
        request: RecordsRequest,
    },
    /// The review of possible matches, as the person of a session.
    Review {
        /// Their session.
        session: SessionToken,
        /// What they ask.
        request: ReviewRequest,
    },
    /// Notices that have not arrived.
    Notices {
        /// What to do with them.
        request: NoticeRequest,
    },
    /// Files for other programs, as the person of a session.
    Export {
        /// Their session.
        session: SessionToken,
        /// Which.
        request: ExportRequest,
    },
}

/// The daemon's answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobResult {
    /// JSON of what the job gives.
    Done(serde_json::Value),
    /// One sentence that says what to do.
    Failed {
        /// The sentence.
        problem: String,
        /// The given file or mapping is at fault.
        bad_input: bool,
    },
}

/// Where the files of one job lie.
#[derive(Clone, Debug)]
struct Slot {
    dir: PathBuf,
    id: String,
}

impl Slot {
    fn dir_of(data_dir: &Path) -> PathBuf {
        data_dir.join("jobs")
    }
    fn job(&self) -> PathBuf {
        self.dir.join(format!("{}.job", self.id))
    }
    fn result(&self) -> PathBuf {
        self.dir.join(format!("{}.result", self.id))
    }
    fn progress(&self) -> PathBuf {
        self.dir.join(format!("{}.progress", self.id))
    }
}

/// A job as it lies in its file.
fn seal_job(sealer: &Sealer, slot: &Slot, job: &Job) -> io::Result<Vec<u8>> {
    let plain = Zeroizing::new(serde_json::to_vec(job).map_err(io::Error::other)?);
    sealer
        .seal("ask", slot.id.as_bytes(), 1, &plain)
        .map_err(io::Error::other)
}

fn open_job(sealer: &Sealer, slot: &Slot, sealed: &[u8]) -> io::Result<Job> {
    let (_, plain) = sealer
        .open("ask", slot.id.as_bytes(), sealed)
        .map_err(io::Error::other)?;
    serde_json::from_slice(&plain).map_err(io::Error::other)
}

/// The folder of jobs, made for this user only.
fn make_dir(data_dir: &Path) -> io::Result<PathBuf> {
    let dir = Slot::dir_of(data_dir);
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&dir)?;
    Ok(dir)
}

/// The file appears whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = path.with_extension("partial");
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&partial)?;
    file.write_all(bytes)?;
    fs::rename(partial, path)
}
