use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};

/// A daemon that is asked to end has this time.
const ENDING: Duration = Duration::from_secs(60);

/// One daemon as a process of its own; killed when dropped.
pub struct Process {
    program: &'static str,
    config: PathBuf,
    log: PathBuf,
    /// Length of the log when this run of the program began.
    log_from: usize,
    child: Child,
}

/// What a program said before it ended.
#[derive(Clone, Debug)]
pub struct Said {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Process {
    /// Starts `program --config config`; its log is appended to `log`.
    ///
    /// # Errors
    /// When the program has not been built.
    pub fn start(program: &'static str, config: &Path, log: &Path) -> anyhow::Result<Self> {
        let log_from = length(log);
        let child = spawn(program, config, log)?;
        Ok(Self {
            program,
            config: config.to_owned(),
            log: log.to_owned(),
            log_from,
            child,
        })
    }

    /// kill -9, then waits until the process is gone.
    ///
    /// # Errors
    /// When there was nothing to kill.
    pub fn kill_9(&mut self) -> anyhow::Result<()> {
        ensure!(
            self.is_running(),
            "{} ended by itself: {}",
            self.program,
            self.last_words()
        );
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, as systemd does, and waits until it has.
    ///
    /// # Errors
    /// When it does not end or ends badly.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        if let Ok(Some(status)) = self.child.try_wait() {
            // Killed by the test earlier, or ended by itself, which is told.
            ensure!(
                status.code().is_none_or(|code| code == 0),
                "{} had ended with {status}: {}",
                self.program,
                self.last_words()
            );
            return Ok(());
        }
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.context("a process has an id")?, Signal::TERM)?;
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                ensure!(
                    status.success(),
                    "{} ended with {status}: {}",
                    self.program,
                    self.last_words()
                );
                return Ok(());
            }
            ensure!(
                started.elapsed() < ENDING,
                "{} does not end when asked",
                self.program
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts the program again after it ended.
    ///
    /// # Errors
    /// As [`Process::start`].
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.log_from = length(&self.log);
        self.child = spawn(self.program, &self.config, &self.log)?;
        Ok(())
    }

    /// Whether this run of the program has got to work: it has its files open and said so.
    ///
    /// # Errors
    /// When it ended instead.
    pub fn is_up(&mut self) -> anyhow::Result<bool> {
        let log = self.log();
        let said = log.get(self.log_from..).unwrap_or_default();
        let is_up = ["hub is serving", "key holder is serving", "node is running"]
            .iter()
            .any(|words| said.contains(words));
        ensure!(
            is_up || self.is_running(),
            "{} ended instead of starting: {}",
            self.program,
            self.last_words()
        );
        Ok(is_up)
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Everything it has said.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(5)..].join(" | ")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Said {
    /// Runs a program to its end.
    ///
    /// # Errors
    /// When it is not built.
    pub fn by(program: &str, args: &[&str]) -> anyhow::Result<Self> {
        let output = Command::new(built(program)?)
            .args(args)
            .stdin(Stdio::null())
            .output()?;
        Ok(output.into())
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

fn length(log: &Path) -> usize {
    std::fs::metadata(log).map_or(0, |m| usize::try_from(m.len()).unwrap_or(0))
}

fn spawn(program: &str, config: &Path, log: &Path) -> anyhow::Result<Child> {
    let log = File::options().create(true).append(true).open(log)?;
    Command::new(built(program)?)
        .arg("--config")
        .arg(config)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start {program}"))
}

/// The program beside this test's own executable.
///
/// # Errors
/// When it has not been built.
pub fn built(program: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let profile = own
        .ancestors()
        .nth(2)
        .context("tests run from target/<profile>/deps")?;
    let path = profile.join(program);
    ensure!(
        path.exists(),
        "{program} is not built; run `cargo build --workspace --bins` first"
    );
    Ok(path)
}
