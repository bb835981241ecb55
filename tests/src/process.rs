use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

/// One daemon as a process of its own; killed when dropped.
pub struct Process {
    program: &'static str,
    config: PathBuf,
    log: PathBuf,
    child: Child,
}

impl Process {
    /// Starts `program --config config`; its log is appended to `log`.
    ///
    /// # Errors
    /// When the program has not been built.
    pub fn start(program: &'static str, config: &Path, log: &Path) -> anyhow::Result<Self> {
        let child = spawn(program, config, log)?;
        Ok(Self { program, config: config.to_owned(), log: log.to_owned(), child })
    }

    /// kill -9, then waits until the process is gone.
    ///
    /// # Errors
    /// When there was nothing to kill.
    pub fn kill_9(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts the program again after it ended.
    ///
    /// # Errors
    /// As [`Process::start`].
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.child = spawn(self.program, &self.config, &self.log)?;
        Ok(())
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
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(program: &str, config: &Path, log: &Path) -> anyhow::Result<Child> {
    let log = File::options().create(true).append(true).open(log)?;
    Command::new(built(program)?)
        .arg("--config")
        .arg(config)
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
    let profile = own.ancestors().nth(2).context("tests run from target/<profile>/deps")?;
    let path = profile.join(program);
    anyhow::ensure!(path.exists(), "{program} is not built; run `cargo build --workspace --bins` first");
    Ok(path)
}
