//! One thread writes for everybody: many batches, one durable write.

use std::{sync::Arc, thread::JoinHandle, time::Instant};

use sanctuary_hub_core::{CheckedBatch, HubError};
use sanctuary_rpc::now;
use tokio::sync::{mpsc, oneshot};

use crate::{SledHub, health::HubHealth};

/// Batches waiting before pushes are held back.
const QUEUE: usize = 256;
/// Batches in one durable write.
const JOBS_PER_WRITE: usize = 256;
/// Bytes in one durable write; the batch that crosses it is the last.
const BYTES_PER_WRITE: usize = 8 * 1024 * 1024;

struct Job {
    batch: CheckedBatch,
    reply: oneshot::Sender<Result<(), HubError>>,
}

/// Hands checked batches to the committer thread. Cheap to clone; the thread ends with the last.
#[derive(Clone)]
pub(crate) struct Committer(mpsc::Sender<Job>);

impl Committer {
    pub(crate) fn start(
        hub: Arc<SledHub>,
        health: HubHealth,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("hub-committer".to_owned())
            .spawn(move || work(&hub, &health, receiver))?;
        Ok((Self(sender), thread))
    }

    /// Queues a batch; the receiver answers when it is durable, or closes without an answer when
    /// the hub is stopping.
    pub(crate) async fn submit(
        &self,
        batch: CheckedBatch,
    ) -> oneshot::Receiver<Result<(), HubError>> {
        let (reply, answered) = oneshot::channel();
        // A closed queue drops the job and with it `reply`: the receiver sees that.
        let _ = self.0.send(Job { batch, reply }).await;
        answered
    }
}

fn work(hub: &SledHub, health: &HubHealth, mut receiver: mpsc::Receiver<Job>) {
    while let Some(first) = receiver.blocking_recv() {
        let mut bytes = first.batch.bytes();
        let (mut batches, mut replies) = (vec![first.batch], vec![first.reply]);
        while batches.len() < JOBS_PER_WRITE && bytes < BYTES_PER_WRITE {
            let Ok(job) = receiver.try_recv() else {
                break;
            };
            bytes += job.batch.bytes();
            batches.push(job.batch);
            replies.push(job.reply);
        }
        let began = Instant::now();
        let results = hub.commit(batches, now());
        // A refusal is the caller's; this is the disk's, and stays until a restart.
        let stopped = results.iter().find_map(|result| match result {
            Err(error @ (HubError::Port(_) | HubError::LogStopped | HubError::LogExhausted)) => {
                Some(error.to_string())
            }
            _ => None,
        });
        health.committed(began, stopped.as_deref());
        for (reply, result) in replies.into_iter().zip(results) {
            // The caller may have gone; what it pushed is durable all the same.
            let _ = reply.send(result);
        }
    }
}
