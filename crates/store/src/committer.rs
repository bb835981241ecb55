use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

use crate::{Store, StoreError};

/// Called once, on the committer's thread, after the job's group is durable or has failed. Must
/// not block: send on a channel (a tokio oneshot for async callers) and return.
pub type Reply<R> = Box<dyn FnOnce(Result<R, StoreError>) + Send>;

/// How much one commit takes.
#[derive(Clone, Copy, Debug)]
pub struct GroupLimits {
    /// Jobs waiting before [`Committer::submit`] blocks.
    pub queue: usize,
    /// Jobs in one commit.
    pub jobs: usize,
    /// Bytes in one commit, as the job's size function counts; the job that crosses it is the last.
    pub bytes: usize,
}

impl Default for GroupLimits {
    fn default() -> Self {
        Self {
            queue: 1024,
            jobs: 256,
            bytes: 8 * 1024 * 1024,
        }
    }
}

/// Group commit: one thread writes for everybody, syncs once per group, then answers each job.
///
/// No reply says `Ok` before the group is on the disk. After a failed write or sync every job of
/// the group fails, and all later ones with [`StoreError::Poisoned`], because sled's memory and disk
/// may then differ: only a restart reads back what is really there.
///
/// Dropping it answers what is queued and ends the thread.
pub struct Committer<J, R> {
    sender: Mutex<Option<SyncSender<Entry<J, R>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    poisoned: Arc<AtomicBool>,
}

struct Entry<J, R> {
    job: J,
    reply: Reply<R>,
}

impl<J: Send + 'static, R: Send + 'static> Committer<J, R> {
    /// Starts the thread. `size_bytes` weighs a job; `apply` writes a whole group to tables of
    /// `store` (unsynced) and gives one result per job, in order. An `Err` that is
    /// [`StoreError::is_fatal`] fails the whole group; any other refuses its own job only.
    ///
    /// # Errors
    /// [`StoreError::Io`] when no thread can be started.
    pub fn start<S, A>(
        name: &str,
        store: Store,
        limits: GroupLimits,
        size_bytes: S,
        apply: A,
    ) -> Result<Self, StoreError>
    where
        S: Fn(&J) -> usize + Send + 'static,
        A: FnMut(&mut [J]) -> Vec<Result<R, StoreError>> + Send + 'static,
    {
        let (sender, receiver) = sync_channel(limits.queue.max(1));
        let poisoned = Arc::new(AtomicBool::new(false));
        let mut worker = Worker {
            store,
            limits,
            receiver,
            size_bytes,
            apply,
            poisoned: Arc::clone(&poisoned),
        };
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || worker.run())
            .map_err(|e| StoreError::io("start the committer thread", &e))?;
        Ok(Self {
            sender: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            poisoned,
        })
    }

    /// Queues a job; blocks while the queue is full. `reply` is called in every case.
    pub fn submit(&self, job: J, reply: Reply<R>) {
        let Some(sender) = self.sender() else {
            return reply(Err(StoreError::Closed));
        };
        if let Err(rejected) = sender.send(Entry { job, reply }) {
            (rejected.0.reply)(Err(StoreError::Closed));
        }
    }

    /// Queues a job without blocking; answers [`StoreError::Busy`] when the queue is full.
    pub fn try_submit(&self, job: J, reply: Reply<R>) {
        let Some(sender) = self.sender() else {
            return reply(Err(StoreError::Closed));
        };
        match sender.try_send(Entry { job, reply }) {
            Ok(()) => {}
            Err(TrySendError::Full(entry)) => (entry.reply)(Err(StoreError::Busy)),
            Err(TrySendError::Disconnected(entry)) => (entry.reply)(Err(StoreError::Closed)),
        }
    }

    /// Queues a job and waits until it is durable. Blocks: not for async tasks.
    ///
    /// # Errors
    /// What the job's group failed with, or the job's own refusal.
    pub fn commit(&self, job: J) -> Result<R, StoreError> {
        let (sender, receiver) = sync_channel(1);
        self.submit(
            job,
            Box::new(move |result| {
                // The receiver waits below; it cannot be gone.
                let _ = sender.send(result);
            }),
        );
        receiver.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Whether an earlier failure has stopped all writing.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::Acquire)
    }

    fn sender(&self) -> Option<SyncSender<Entry<J, R>>> {
        lock(&self.sender).clone()
    }
}

impl<J, R> Committer<J, R> {
    /// Answers what is queued, then ends the thread; later jobs get [`StoreError::Closed`].
    /// Must not be called from a reply.
    pub fn close(&self) {
        drop(lock(&self.sender).take());
        if let Some(thread) = lock(&self.thread).take() {
            // The worker catches panics of `apply`; there is nothing left to report here.
            let _ = thread.join();
        }
    }
}

impl<J, R> Drop for Committer<J, R> {
    fn drop(&mut self) {
        self.close();
    }
}

struct Worker<J, R, S, A> {
    store: Store,
    limits: GroupLimits,
    receiver: Receiver<Entry<J, R>>,
    size_bytes: S,
    apply: A,
    poisoned: Arc<AtomicBool>,
}

impl<J, R, S, A> Worker<J, R, S, A>
where
    S: Fn(&J) -> usize,
    A: FnMut(&mut [J]) -> Vec<Result<R, StoreError>>,
{
    fn run(&mut self) {
        while let Ok(first) = self.receiver.recv() {
            let (mut jobs, replies) = self.gather(first);
            let results = self.settle(&mut jobs);
            for (reply, result) in replies.into_iter().zip(results) {
                // A panicking reply must not take the committer down with it.
                let _ = catch_unwind(AssertUnwindSafe(|| reply(result)));
            }
        }
    }

    fn gather(&self, first: Entry<J, R>) -> (Vec<J>, Vec<Reply<R>>) {
        let mut bytes = (self.size_bytes)(&first.job);
        let (mut jobs, mut replies) = (vec![first.job], vec![first.reply]);
        while jobs.len() < self.limits.jobs && bytes < self.limits.bytes {
            let Ok(entry) = self.receiver.try_recv() else {
                break;
            };
            bytes = bytes.saturating_add((self.size_bytes)(&entry.job));
            jobs.push(entry.job);
            replies.push(entry.reply);
        }
        (jobs, replies)
    }

    /// One result per job, all durable when `Ok`.
    fn settle(&mut self, jobs: &mut [J]) -> Vec<Result<R, StoreError>> {
        let count = jobs.len();
        let failed = |error: &StoreError| (0..count).map(|_| Err(error.clone())).collect();
        if self.poisoned.load(Ordering::Acquire) {
            return failed(&StoreError::Poisoned);
        }
        match self.write(jobs) {
            Ok(results) => results,
            Err(error) => {
                self.poisoned.store(true, Ordering::Release);
                tracing::error!(%error, jobs = count, "commit failed; no more writes until a restart");
                failed(&error)
            }
        }
    }

    fn write(&mut self, jobs: &mut [J]) -> Result<Vec<Result<R, StoreError>>, StoreError> {
        let applied = catch_unwind(AssertUnwindSafe(|| (self.apply)(jobs)));
        let results = applied.map_err(|_| StoreError::Poisoned)?;
        if results.len() != jobs.len() {
            return Err(StoreError::Poisoned);
        }
        if let Some(error) = fatal(&results) {
            return Err(error);
        }
        self.store.sync()?;
        Ok(results)
    }
}

fn fatal<R>(results: &[Result<R, StoreError>]) -> Option<StoreError> {
    results
        .iter()
        .filter_map(|r| r.as_ref().err())
        .find(|e| e.is_fatal())
        .cloned()
}

/// A panic while the lock was held leaves an `Option` that is still whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
