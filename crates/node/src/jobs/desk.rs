use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use sanctuary_node_core::{FeedName, Mapping, NodeError};

use super::{
    JOB_BYTES_MAX, Job, JobResult, Slot, case, export, make_dir, open_job, records, review, staff,
    write_whole,
};
use crate::{Node, run::Problems};

/// Results that nobody fetched are removed after this.
const RESULT_KEPT: Duration = Duration::from_secs(3_600);
/// Rows between two notes of progress.
const PROGRESS_ROWS: u64 = 2_048;

/// The daemon's side: finds job files, does them, leaves results.
pub struct JobDesk {
    node: Node,
    dir: PathBuf,
    problems: Problems,
}

impl JobDesk {
    /// Makes the folder, and removes results that were never fetched.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub(crate) fn open(node: Node, data_dir: &Path, problems: Problems) -> io::Result<Self> {
        let dir = make_dir(data_dir)?;
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
            let is_job = entry.path().extension().is_some_and(|e| e == "job");
            if !is_job && age > RESULT_KEPT {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(Self {
            node,
            dir,
            problems,
        })
    }

    /// Does the jobs that `wanted` picks, oldest first; gives how many. Blocks. A job is removed
    /// after its result is there, so a crash in between does it again, which changes nothing.
    pub(crate) fn work(&self, wanted: impl Fn(&Job) -> bool) -> io::Result<usize> {
        let mut done = 0;
        for slot in self.waiting()? {
            let job = match self.read(&slot) {
                Ok(job) => job,
                Err(_) => {
                    tracing::warn!("removed a job file that is none");
                    fs::remove_file(slot.job())?;
                    continue;
                }
            };
            if !wanted(&job) {
                continue;
            }
            let result = self.perform(&job, &slot).unwrap_or_else(|error| {
                tracing::warn!(%error, "a local command failed");
                JobResult::Failed {
                    problem: error.to_string(),
                    bad_input: error.is_bad_input(),
                }
            });
            self.leave(&slot, &result)?;
            done += 1;
        }
        Ok(done)
    }

    /// Whether an import is under way or waits: its job file is there until it is done. Reads a
    /// folder that is nearly always empty.
    pub(crate) fn has_imports(&self) -> bool {
        let waiting = self.waiting().unwrap_or_default();
        waiting
            .iter()
            .filter_map(|slot| self.read(slot).ok())
            .any(|job| matches!(job, Job::Import { .. }))
    }

    fn read(&self, slot: &Slot) -> io::Result<Job> {
        let mut sealed = Vec::new();
        fs::File::open(slot.job())?
            .take(JOB_BYTES_MAX)
            .read_to_end(&mut sealed)?;
        open_job(self.node.store().sealer(), slot, &sealed)
    }

    fn waiting(&self) -> io::Result<Vec<Slot>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "job") {
                ids.extend(path.file_stem().map(|s| s.to_string_lossy().into_owned()));
            }
        }
        ids.sort();
        let dir = &self.dir;
        Ok(ids
            .into_iter()
            .map(|id| Slot {
                dir: dir.clone(),
                id,
            })
            .collect())
    }

    fn perform(&self, job: &Job, slot: &Slot) -> Result<JobResult, NodeError> {
        let json = |value: Result<serde_json::Value, serde_json::Error>| {
            value
                .map(JobResult::Done)
                .map_err(|_| NodeError::Damaged("answer"))
        };
        match job {
            Job::Import { file, mapping } => {
                let mapping = Mapping::parse(&read_mapping(mapping)?)?;
                let mut noted = 0;
                let summary = self.node.import_file(file, &mapping, &mut |progress| {
                    if progress.rows - noted >= PROGRESS_ROWS {
                        noted = progress.rows;
                        let text = format!("{} {}", progress.rows, progress.bytes);
                        // Only for display: an import does not fail over it.
                        let _ = write_whole(&slot.progress(), text.as_bytes());
                    }
                })?;
                json(serde_json::to_value(&summary))
            }
            Job::Quality { feeds } => {
                json(serde_json::to_value(self.node.quality(&feed_names(feeds))?))
            }
            Job::Alerts => json(serde_json::to_value(self.node.alerts()?)),
            Job::Comparisons => json(serde_json::to_value(self.node.comparisons()?)),
            Job::Receipts { id } => json(serde_json::to_value(self.node.receipts(id.as_deref())?)),
            Job::Status => {
                let status = self.node.status_with(&self.problems.text())?;
                json(serde_json::to_value(&status))
            }
            Job::Case { session, request } => {
                Ok(match case::perform(&self.node, session, request) {
                    Ok(value) => JobResult::Done(value),
                    Err(problem) => JobResult::Failed {
                        problem,
                        bad_input: false,
                    },
                })
            }
            Job::Records { session, request } => {
                Ok(match records::perform(&self.node, session, request) {
                    Ok(value) => JobResult::Done(value),
                    Err(problem) => JobResult::Failed {
                        problem,
                        bad_input: false,
                    },
                })
            }
            Job::Review { session, request } => {
                Ok(match review::perform(&self.node, session, request) {
                    Ok(value) => JobResult::Done(value),
                    Err(problem) => JobResult::Failed {
                        problem,
                        bad_input: false,
                    },
                })
            }
            Job::Notices { request } => Ok(JobResult::Done(self.node.notice_request(request)?)),
            Job::Export { session, request } => {
                Ok(match export::perform(&self.node, session, request) {
                    Ok(value) => JobResult::Done(value),
                    Err(problem) => JobResult::Failed {
                        problem,
                        bad_input: false,
                    },
                })
            }
            Job::Staff(job) => Ok(match staff::perform(&self.node, job) {
                Ok(value) => JobResult::Done(value),
                Err(error) => JobResult::Failed {
                    problem: error.to_string(),
                    bad_input: staff::is_bad_input(&error),
                },
            }),
        }
    }

    fn leave(&self, slot: &Slot, result: &JobResult) -> io::Result<()> {
        let sealed = serde_json::to_vec(result)
            .map_err(io::Error::other)
            .and_then(|plain| {
                let plain = zeroize::Zeroizing::new(plain);
                let sealer = self.node.store().sealer();
                sealer
                    .seal("job", slot.id.as_bytes(), 1, &plain)
                    .map_err(io::Error::other)
            })?;
        write_whole(&slot.result(), &sealed)?;
        fs::remove_file(slot.job())?;
        match fs::remove_file(slot.progress()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Names of feeds as a command has read them from the configuration.
pub(super) fn feed_names(names: &[String]) -> Vec<FeedName> {
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

/// A mapping file's text; a page or two.
pub(crate) fn read_mapping(path: &Path) -> Result<String, NodeError> {
    const MAPPING_BYTES_MAX: u64 = 1024 * 1024;
    let mut text = String::new();
    fs::File::open(path)?
        .take(MAPPING_BYTES_MAX)
        .read_to_string(&mut text)?;
    Ok(text)
}
