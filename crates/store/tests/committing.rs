//! Group commit: grouping, refusals, failures.
#![allow(clippy::unwrap_used)]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

use sanctuary_store::{Committer, GroupLimits, Options, Sequence, Store, StoreError};

type Outcome = Result<u64, StoreError>;

/// Commits each text as a row; "refuse", "full" and "panic" do what they say.
fn start(limits: GroupLimits) -> (tempfile::TempDir, Committer<String, u64>, Arc<AtomicUsize>) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Options::default()).unwrap();
    let rows = Sequence::open(store.table("log").unwrap()).unwrap();
    let groups = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&groups);
    let apply = move |jobs: &mut [String]| -> Vec<Outcome> {
        counted.fetch_add(1, Ordering::SeqCst);
        jobs.iter()
            .map(|job| match job.as_str() {
                "refuse" => rows.append(&vec![0; 9_000]),
                "full" => Err(StoreError::Full),
                "panic" => panic!("as asked"),
                text => rows.append(text.as_bytes()),
            })
            .collect()
    };
    let committer = Committer::start("test", store, limits, String::len, apply).unwrap();
    (dir, committer, groups)
}

#[test]
fn waiting_jobs_share_one_commit() {
    let limits = GroupLimits {
        queue: 64,
        jobs: 8,
        bytes: 1_000,
    };
    let (_dir, committer, groups) = start(limits);
    let (sender, receiver) = mpsc::channel();
    let gate = Arc::new(Mutex::new(()));
    let held = gate.lock().unwrap();
    // The first reply blocks the thread until everything else is queued.
    let reply_gate = Arc::clone(&gate);
    committer.submit(
        "first".into(),
        Box::new(move |_| drop(reply_gate.lock().unwrap())),
    );
    for i in 0..16 {
        let sender = sender.clone();
        committer.submit(
            format!("job {i}"),
            Box::new(move |result: Outcome| sender.send(result).unwrap()),
        );
    }
    drop(held);
    let numbers: Vec<u64> = (0..16).map(|_| receiver.recv().unwrap().unwrap()).collect();
    assert_eq!(
        numbers,
        (2..18).collect::<Vec<u64>>(),
        "in order of arrival"
    );
    let groups = groups.load(Ordering::SeqCst);
    assert!(
        (3..=4).contains(&groups),
        "{groups} commits for 17 jobs of at most 8"
    );
}

#[test]
fn a_full_queue_says_busy() {
    let limits = GroupLimits {
        queue: 1,
        jobs: 1,
        bytes: 1,
    };
    let (_dir, committer, _) = start(limits);
    let gate = Arc::new(Mutex::new(()));
    let held = gate.lock().unwrap();
    let reply_gate = Arc::clone(&gate);
    committer.submit(
        "a".into(),
        Box::new(move |_| drop(reply_gate.lock().unwrap())),
    );
    let (sender, receiver) = mpsc::channel();
    for _ in 0..10 {
        let sender = sender.clone();
        committer.try_submit(
            "b".into(),
            Box::new(move |result: Outcome| sender.send(result).unwrap()),
        );
    }
    drop(held);
    let busy = (0..10)
        .filter(|_| matches!(receiver.recv().unwrap(), Err(StoreError::Busy)))
        .count();
    assert!(busy >= 8, "{busy} of 10 refused by a queue of one");
}

#[test]
fn a_refused_job_does_not_harm_its_group() {
    let (_dir, committer, _) = start(GroupLimits::default());
    assert!(committer.commit("one".into()).is_ok());
    let refused = committer.commit("refuse".into());
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
    assert!(committer.commit("two".into()).is_ok());
}

#[test]
fn after_a_failed_write_nothing_is_acknowledged() {
    for (job, expected) in [("full", "is full"), ("panic", "restart the daemon")] {
        let (_dir, committer, _) = start(GroupLimits::default());
        assert!(committer.commit("one".into()).is_ok());
        let error = committer.commit(job.into()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(committer.is_poisoned());
        let later = committer.commit("two".into());
        assert!(matches!(later, Err(StoreError::Poisoned)));
    }
}

#[test]
fn closing_answers_what_is_queued() {
    let (_dir, committer, _) = start(GroupLimits::default());
    let (sender, receiver) = mpsc::channel();
    for i in 0..100 {
        let sender = sender.clone();
        committer.submit(
            format!("{i}"),
            Box::new(move |result: Outcome| sender.send(result).unwrap()),
        );
    }
    committer.close();
    drop(sender);
    assert_eq!(receiver.iter().filter(Result::is_ok).count(), 100);
    let late = committer.commit("late".into());
    assert!(matches!(late, Err(StoreError::Closed)));
}
