//! kill -9 at a random moment: whatever was acknowledged is there afterwards, whole.
#![allow(clippy::unwrap_used)]

use std::{
    collections::HashSet,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sanctuary_store::{Batch, Committer, GroupLimits, Options, Store, StoreError, Table};

const DIR_VARIABLE: &str = "SANCTUARY_STORE_KILL_DIR";
/// Set for a child that rewrites its store all the time.
const REWRITING: &str = "SANCTUARY_STORE_KILL_REWRITING";
const ROUNDS: usize = 6;
const ROUNDS_REWRITING: usize = 20;
const WRITERS: u64 = 4;
const ROWS_PER_JOB: u8 = 3;

#[test]
fn acknowledged_rows_survive_kill_nine() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = HashSet::new();
    for round in 0..ROUNDS {
        let fresh = run_and_kill(dir.path(), false);
        assert!(!fresh.is_empty(), "round {round} acknowledged nothing");
        acknowledged.extend(fresh);
        verify(dir.path(), &acknowledged);
    }
    println!(
        "{} acknowledged jobs in {ROUNDS} kills, none lost",
        acknowledged.len()
    );
}

/// A purge writes every row anew and lets the new files stand by one rename.
#[test]
fn acknowledged_rows_survive_kill_nine_while_the_store_is_rewritten() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = HashSet::new();
    for _ in 0..ROUNDS_REWRITING {
        acknowledged.extend(run_and_kill(dir.path(), true));
        verify(dir.path(), &acknowledged);
        let names = std::fs::read_dir(dir.path()).unwrap();
        let names = names.map(|e| e.unwrap().file_name().into_string().unwrap());
        let keys = names.filter(|name| name.ends_with(".key")).count();
        assert_eq!(keys, 1, "of generations");
    }
    let number = std::fs::read_to_string(dir.path().join("generation")).unwrap();
    let number: usize = number.trim().parse().unwrap();
    println!(
        "{} acknowledged jobs in {ROUNDS_REWRITING} kills and {number} generations, none lost",
        acknowledged.len()
    );
    assert!(
        number > ROUNDS_REWRITING,
        "the kills left no time to rewrite"
    );
}

/// The child's part: does nothing unless the parent test started it.
#[test]
fn child_writer() {
    let Some(dir) = std::env::var_os(DIR_VARIABLE) else {
        return;
    };
    let store = Store::open(Path::new(&dir), Options::default()).unwrap();
    let table = store.table("jobs").unwrap();
    let run = table.len_estimate() as u64;
    if std::env::var_os(REWRITING).is_some() {
        let store = store.clone();
        store.note_erasure().unwrap();
        std::thread::spawn(move || {
            loop {
                store.note_erasure().unwrap();
                store.rewrite().unwrap();
                store.note_erasure().unwrap();
            }
        });
    }
    let apply = move |jobs: &mut [u64]| write_group(&table, jobs);
    let limits = GroupLimits {
        jobs: 8,
        ..GroupLimits::default()
    };
    let committer = Arc::new(Committer::start("jobs", store, limits, |_| 1, apply).unwrap());
    let threads: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let committer = Arc::clone(&committer);
            std::thread::spawn(move || {
                for i in 0.. {
                    let job = (run << 32) | (writer << 24) | i;
                    committer.commit(job).unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "ack {job}").unwrap();
                    out.flush().unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

fn write_group(table: &Table, jobs: &[u64]) -> Vec<Result<(), StoreError>> {
    let mut batch = Batch::default();
    for job in jobs {
        for part in 0..ROWS_PER_JOB {
            batch
                .insert(table, &key(*job, part), &job.to_be_bytes().repeat(40))
                .unwrap();
        }
    }
    table.apply(batch).unwrap();
    jobs.iter().map(|_| Ok(())).collect()
}

fn key(job: u64, part: u8) -> [u8; 9] {
    let mut key = [part; 9];
    key[..8].copy_from_slice(&job.to_be_bytes());
    key
}

/// Starts the child, kills it after 100 to 500 ms of acknowledgements, gives what it acknowledged.
fn run_and_kill(dir: &Path, rewriting: bool) -> Vec<u64> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    if rewriting {
        command.env(REWRITING, "1");
    }
    let mut child = command
        .args(["--exact", "child_writer", "--nocapture", "--test-threads=1"])
        .env(DIR_VARIABLE, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines
        .by_ref()
        .map(Result::unwrap)
        .find_map(|line| ack(&line))
        .expect("the child acknowledges");
    std::thread::spawn(move || {
        let nanos = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .subsec_nanos();
        std::thread::sleep(Duration::from_millis(100 + u64::from(nanos) % 400));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
    });
    let rest = lines.map_while(Result::ok).filter_map(|line| ack(&line));
    std::iter::once(first).chain(rest).collect()
}

/// Each line is one write to the pipe, which a kill cannot cut in two. The test harness's own words
/// may stand before it.
fn ack(line: &str) -> Option<u64> {
    line.rsplit_once("ack ")?.1.parse().ok()
}

fn verify(dir: &Path, acknowledged: &HashSet<u64>) {
    let store = Store::open(dir, Options::default()).unwrap();
    let table = store.table("jobs").unwrap();
    for job in acknowledged {
        for part in 0..ROWS_PER_JOB {
            let row = table.get(&key(*job, part)).unwrap();
            assert!(row.is_some(), "acknowledged job {job} part {part} is lost");
        }
    }
    // Jobs nobody was told of may be there or not, but never in part.
    assert_eq!(table.len_estimate() % usize::from(ROWS_PER_JOB), 0);
    store.assert_no_blobs().unwrap();
}
