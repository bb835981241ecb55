//! A large file with one bad row in a hundred, given to the real program: flat memory, a rejects file of
//! exactly the bad rows, and an interruption in the middle after which the same command does the rest.
//!
//! The figures of docs/operating.md, with a million rows and the optimised program:
//!
//! ```sh
//! cargo test --release -p sanctuary-node --test large_file -- --ignored --nocapture
//! ```

mod town;

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use sanctuary_node_core::ImportSummary;
use town::Town;

/// What a node may take of memory, whatever the size of the file.
const PEAK_MIB_MAX: u64 = 400;
const MAPPING: &str = "version = 1\nrecord_id = \"Ref\"\n[fields]\nforenames = \"First\"\n\
    surnames = \"Last\"\ndate_of_birth = \"Born\"\nphone = \"Phone\"\naddress = [\"Street\", \"Town\"]\n\
    [record]\nrole = { column = \"Role\" }\nbasis = \"safeguarding\"\nvisibility = \"open\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_some_thousand_rows() {
    story(12_000).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes: run it as the head of this file says"]
async fn a_file_of_a_million_rows() {
    story(1_000_000).await;
}

async fn story(rows: u64) {
    let town = Town::start(&[1, 2, 3]).await;
    let people = People::write(&town, rows);
    let direct = Place::of(&town, "direct", false);
    let done = direct.import(&people, None);
    done.tell("one process, no daemon");
    assert_eq!(done.summary.rows, rows);
    people.check(&done.summary);

    let cut = Place::of(&town, "cut", false);
    let started = Instant::now();
    let interrupted = cut.run(&people, Some(done.took / 2));
    println!(
        "interrupted after {:.1} s: {}",
        started.elapsed().as_secs_f64(),
        interrupted.1.trim()
    );
    assert_eq!(interrupted.0.code(), Some(1), "an interruption is told");
    assert!(interrupted.1.contains("the same command does the rest"));
    let rest = cut.import(&people, None);
    rest.tell("the same command again");
    assert!(rest.summary.unchanged > 0, "nothing was kept");
    assert!(rest.summary.new > 0, "the interruption came too late");
    assert_eq!(rest.summary.accepted, done.summary.accepted);
    people.check(&rest.summary);
    let again = cut.import(&people, None);
    again.tell("and once more, nothing new");
    assert_eq!(again.summary.unchanged, again.summary.accepted);

    let beside = Place::of(&town, "daemon", true);
    let mut daemon = Daemon::start(&beside);
    let done = beside.import(&people, Some(&mut daemon));
    people.check(&done.summary);
    done.tell("the command beside a running daemon");
    // The first batch has passed the admission test of every record.
    while town.arrived().is_empty() {
        daemon.look();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    daemon.look();
    println!("the daemon itself: peak {} MiB", daemon.peak_mib);
    assert!(daemon.peak_mib <= PEAK_MIB_MAX, "the daemon's memory");
}

/// A file, and which of its rows are bad.
struct People {
    file: PathBuf,
    mapping: PathBuf,
    bad: BTreeSet<u64>,
    not_imported: u64,
}

impl People {
    /// One row in a hundred is bad, each in one way.
    fn write(town: &Town, rows: u64) -> Self {
        let mapping = town.dir.path().join("people.toml");
        fs::write(&mapping, MAPPING).unwrap();
        let file = town.dir.path().join("people.csv");
        let mut out = BufWriter::new(File::create(&file).unwrap());
        out.write_all(b"Ref,First,Last,Born,Phone,Street,Town,Role\n")
            .unwrap();
        let (mut bad, mut not_imported) = (BTreeSet::new(), 0);
        let mut line = String::new();
        for n in 0..rows {
            line.clear();
            let way = (n % 100 == 57).then_some(n / 100 % 6);
            row(&mut line, n, way);
            out.write_all(line.as_bytes()).unwrap();
            if let Some(way) = way {
                // As a person counts: the header is row 1.
                bad.insert(n + 2);
                not_imported += u64::from(way < 4);
            }
        }
        out.flush().unwrap();
        Self {
            file,
            mapping,
            bad,
            not_imported,
        }
    }

    fn check(&self, summary: &ImportSummary) {
        let rejects = summary.rejects_file.as_ref().expect("a rejects file");
        let mut found = BTreeSet::new();
        for line in fs::read_to_string(rejects).unwrap().lines().skip(1) {
            let row = line.split(',').next().unwrap().parse().unwrap();
            assert!(found.insert(row), "row {row} is named twice");
        }
        assert!(found == self.bad, "the rejects are not the bad rows");
        assert_eq!(summary.rejected, self.bad.len() as u64);
        assert_eq!(summary.not_imported, self.not_imported);
    }
}

/// One row; `way` says what is wrong with it, the first four so that it is no record.
fn row(line: &mut String, n: u64, way: Option<u64>) {
    let syllables = ["ba", "do", "ki", "mu", "re", "sa", "ti", "vo", "ne", "la"];
    let word = |mut seed: u64, count: usize| -> String {
        let mut word = String::new();
        for _ in 0..count {
            word.push_str(syllables[(seed % 10) as usize]);
            seed /= 10;
        }
        word
    };
    // Mixed, so that neighbours in the file have nothing in common.
    let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    let reference = match way {
        Some(0) => String::new(),
        Some(1) => format!("r{}", n - 1),
        _ => format!("r{n}"),
    };
    let (year, month, day) = (1950 + mixed % 60, 1 + mixed % 12, 2 + mixed % 27);
    let born = match way {
        Some(4) => format!("{year}-02-30"),
        _ => format!("{year}-{month:02}-{day:02}"),
    };
    let phone = match way {
        Some(5) => "12".to_owned(),
        _ => format!("07{:09}", mixed % 1_000_000_000),
    };
    let role = match way {
        Some(2) => "bystander",
        _ => "potential_victim",
    };
    let short = way == Some(3);
    let _ = write!(
        line,
        "{reference},{}n,{}l,{born},{phone},{} {} Street",
        word(mixed >> 8, 3),
        word(mixed >> 20, 4),
        1 + mixed % 200,
        word(mixed >> 30, 3),
    );
    line.push_str(if short { "\n" } else { ",Durham," });
    if !short {
        let _ = writeln!(line, "{role}");
    }
}

/// A node's data and configuration.
struct Place {
    config: PathBuf,
    log: PathBuf,
    summary: PathBuf,
}

impl Place {
    fn of(town: &Town, name: &str, with_keys: bool) -> Self {
        let config = town.config_of("police", name);
        let text = |path: &Path| toml::Value::String(path.display().to_string()).to_string();
        let manifests: Vec<String> = config.manifests.iter().map(|path| text(path)).collect();
        let mut lines = format!(
            "party = \"police\"\ndata_dir = {}\nidentity_dir = {}\nanchors = {}\nroster = {}\n\
             root_key = {}\npush_interval_ms = 500\n",
            text(&config.data_dir),
            text(&config.identity_dir),
            text(&config.anchors),
            text(&config.roster),
            text(&town.dir.path().join(format!("{name}.key"))),
        );
        if with_keys {
            let _ = writeln!(lines, "manifests = [{}]", manifests.join(", "));
        }
        let at = |ending: &str| town.dir.path().join(format!("{name}.{ending}"));
        fs::write(at("toml"), lines).unwrap();
        Self {
            config: at("toml"),
            log: at("log"),
            summary: at("json"),
        }
    }

    fn import(&self, people: &People, mut beside: Option<&mut Daemon>) -> Done {
        let started = Instant::now();
        let mut child = self.start(people);
        let mut peak_mib = 0;
        let status = loop {
            peak_mib = peak_mib.max(peak(&child));
            if let Some(daemon) = &mut beside {
                daemon.look();
            }
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        let took = started.elapsed();
        assert!(status.success(), "{}", self.said());
        let summaries: Vec<serde_json::Value> =
            serde_json::from_str(&fs::read_to_string(&self.summary).unwrap()).unwrap();
        Done {
            summary: serde_json::from_value(summaries[0].clone()).unwrap(),
            took,
            peak_mib,
        }
    }

    /// Runs an import to its end, or interrupts it as Ctrl-C does; gives how it ended and what it said.
    fn run(&self, people: &People, until: Option<Duration>) -> (ExitStatus, String) {
        let mut child = self.start(people);
        if let Some(until) = until {
            std::thread::sleep(until);
            let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
            kill_process(pid, Signal::INT).unwrap();
        }
        (child.wait().unwrap(), self.said())
    }

    fn start(&self, people: &People) -> Child {
        let log = File::create(&self.log).unwrap();
        Command::new(env!("CARGO_BIN_EXE_sanctuary-node"))
            .arg("import")
            .args([Path::new("--config"), &self.config])
            .args([Path::new("--mapping"), &people.mapping])
            .args([Path::new("--json"), &self.summary])
            .arg(&people.file)
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// What one import did and cost.
struct Done {
    summary: ImportSummary,
    took: Duration,
    peak_mib: u64,
}

impl Done {
    fn tell(&self, how: &str) {
        let seconds = self.took.as_secs_f64();
        println!(
            "{how}: {} rows in {seconds:.1} s, {:.0} rows/s, peak {} MiB; {} new, {} unchanged, {} rejected",
            self.summary.rows,
            self.summary.rows as f64 / seconds,
            self.peak_mib,
            self.summary.new,
            self.summary.unchanged,
            self.summary.rejected,
        );
        assert!(self.peak_mib <= PEAK_MIB_MAX, "{how}: too much memory");
    }
}

struct Daemon {
    child: Child,
    peak_mib: u64,
}

impl Daemon {
    fn start(place: &Place) -> Self {
        let path = place.config.with_extension("daemon.log");
        let log = File::create(&path).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sanctuary-node"))
            .args([Path::new("--config"), &place.config])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        while !fs::read_to_string(&path)
            .unwrap()
            .contains("node is running")
        {
            assert!(child.try_wait().unwrap().is_none(), "the daemon ended");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { child, peak_mib: 0 }
    }

    fn look(&mut self) {
        self.peak_mib = self.peak_mib.max(peak(&self.child));
        assert!(self.child.try_wait().unwrap().is_none(), "the daemon ended");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Highest resident memory of a process so far; 0 when it has ended.
fn peak(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
