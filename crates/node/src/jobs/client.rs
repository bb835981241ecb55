use std::{fs, io, time::Duration};

use anyhow::{Context, bail};
use sanctuary_rpc::now;
use sanctuary_store::Sealer;
use serde::de::DeserializeOwned;

use super::{
    Job, JobResult, Slot, case,
    desk::{feed_names, read_mapping},
    export, make_dir, records, review, seal_job, staff, write_whole,
};
use crate::{Config, Node, is_in_use};
use sanctuary_node_core::{Mapping, Progress};

const POLL: Duration = Duration::from_millis(100);
/// Polls between two looks whether the daemon is still there.
const POLLS_PER_LOOK: u32 = 20;

/// The node of a configuration: opened here, or through the daemon that has it open.
pub enum Access {
    /// No daemon runs: this process has the data directory.
    Direct(Node),
    /// A daemon runs.
    Daemon,
}

/// What a job gave.
pub enum Answered<T> {
    /// The answer.
    Done(T),
    /// The given file or mapping is at fault; one sentence.
    BadInput(String),
}

impl Access {
    /// Opens the node, or finds that a daemon has it.
    ///
    /// # Errors
    /// What [`Node::open`] gives otherwise.
    pub async fn of(config: &Config) -> anyhow::Result<Self> {
        match Node::open(config).await {
            Ok(node) => Ok(Self::Direct(node)),
            Err(error) if is_in_use(&error) => Ok(Self::Daemon),
            Err(error) => Err(error),
        }
    }

    /// Does a job, here or by the daemon; should the daemon go away meanwhile, here.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub async fn perform<T: DeserializeOwned + Send + 'static>(
        &mut self,
        config: &Config,
        job: &Job,
        progress: impl FnMut(Progress) + Clone + Send + 'static,
    ) -> anyhow::Result<Answered<T>> {
        if let Self::Daemon = self {
            let asked = ask(config, job, progress.clone()).await?;
            match asked {
                Asked::Answered(answered) => return Ok(answered),
                Asked::DaemonGone(node) => *self = Self::Direct(*node),
            }
        }
        let Self::Direct(node) = self else {
            bail!("the node daemon has just started again; run the command once more");
        };
        let (node, job) = (node.clone(), job.clone());
        let mut progress = progress;
        tokio::task::spawn_blocking(move || here(&node, &job, &mut progress)).await?
    }
}

fn here<T: DeserializeOwned>(
    node: &Node,
    job: &Job,
    progress: &mut dyn FnMut(Progress),
) -> anyhow::Result<Answered<T>> {
    let value = match job {
        Job::Import { file, mapping } => {
            let imported = read_mapping(mapping)
                .and_then(|text| Mapping::parse(&text))
                .and_then(|mapping| node.import_file(file, &mapping, progress));
            match imported {
                Ok(summary) => serde_json::to_value(summary)?,
                Err(error) if error.is_bad_input() => {
                    return Ok(Answered::BadInput(error.to_string()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Job::Quality { feeds } => serde_json::to_value(node.quality(&feed_names(feeds))?)?,
        Job::Alerts => serde_json::to_value(node.alerts()?)?,
        Job::Comparisons => serde_json::to_value(node.comparisons()?)?,
        Job::Receipts { id } => serde_json::to_value(node.receipts(id.as_deref())?)?,
        Job::Status => serde_json::to_value(node.status()?)?,
        Job::Case { session, request } => {
            case::perform(node, session, request).map_err(anyhow::Error::msg)?
        }
        Job::Records { session, request } => {
            records::perform(node, session, request).map_err(anyhow::Error::msg)?
        }
        Job::Review { session, request } => {
            review::perform(node, session, request).map_err(anyhow::Error::msg)?
        }
        Job::Notices { request } => node.notice_request(request)?,
        Job::Export { session, request } => {
            export::perform(node, session, request).map_err(anyhow::Error::msg)?
        }
        Job::Staff(job) => match staff::perform(node, job) {
            Ok(value) => value,
            Err(error) if staff::is_bad_input(&error) => {
                return Ok(Answered::BadInput(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        },
    };
    Ok(Answered::Done(serde_json::from_value(value)?))
}

enum Asked<T> {
    Answered(Answered<T>),
    DaemonGone(Box<Node>),
}

async fn ask<T: DeserializeOwned>(
    config: &Config,
    job: &Job,
    mut progress: impl FnMut(Progress),
) -> anyhow::Result<Asked<T>> {
    let sealer = Sealer::from_key_file(&config.root_key())?;
    let dir = make_dir(&config.data_dir).context("cannot reach the running node daemon")?;
    let slot = Slot {
        dir,
        // Jobs are done in the order of their names.
        id: format!("{:013}-{:016x}", now().0, rand::random::<u64>()),
    };
    write_whole(&slot.job(), &seal_job(&sealer, &slot, job)?)
        .context("cannot hand a job to the running node daemon")?;
    for poll in 1u32.. {
        tokio::time::sleep(POLL).await;
        if let Some(result) = fetch(&sealer, &slot)? {
            return answered(result).map(Asked::Answered);
        }
        if let Some(seen) = read_progress(&slot) {
            progress(seen);
        }
        if poll % POLLS_PER_LOOK == 0
            && let Some(node) = taken_over(config, &slot).await?
        {
            return Ok(Asked::DaemonGone(Box::new(node)));
        }
    }
    bail!("the node daemon did not answer; restart it")
}

/// The node, when no daemon has it any more; its job is then ours.
async fn taken_over(config: &Config, slot: &Slot) -> anyhow::Result<Option<Node>> {
    match Node::open(config).await {
        Ok(node) => {
            let _ = fs::remove_file(slot.job());
            let _ = fs::remove_file(slot.progress());
            Ok(Some(node))
        }
        Err(error) if is_in_use(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn fetch(sealer: &Sealer, slot: &Slot) -> anyhow::Result<Option<JobResult>> {
    let sealed = match fs::read(slot.result()) {
        Ok(sealed) => sealed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("cannot read the node daemon's answer"),
    };
    fs::remove_file(slot.result())?;
    let (_, plain) = sealer.open("job", slot.id.as_bytes(), &sealed)?;
    Ok(Some(serde_json::from_slice(&plain)?))
}

fn answered<T: DeserializeOwned>(result: JobResult) -> anyhow::Result<Answered<T>> {
    match result {
        JobResult::Done(value) => Ok(Answered::Done(serde_json::from_value(value)?)),
        JobResult::Failed {
            problem,
            bad_input: true,
        } => Ok(Answered::BadInput(problem)),
        JobResult::Failed { problem, .. } => Err(anyhow::Error::msg(problem)),
    }
}

fn read_progress(slot: &Slot) -> Option<Progress> {
    let text = fs::read_to_string(slot.progress()).ok()?;
    let (rows, bytes) = text.split_once(' ')?;
    Some(Progress {
        rows: rows.parse().ok()?,
        bytes: bytes.parse().ok()?,
    })
}
