use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use anyhow::Context as _;
use sanctuary_trust::files::Layout;

use crate::partnership::hub_config;

/// Clock ticks of `/proc` a second: fixed by Linux's interface.
const TICKS_PER_S: f64 = 100.0;

/// The hub as a process of its own, so that its time and memory are nobody else's.
pub(super) struct HubProcess {
    child: Child,
    data: PathBuf,
}

impl HubProcess {
    pub(super) fn start(
        layout: &Layout,
        port: u16,
        round_interval_ms: u64,
    ) -> anyhow::Result<Self> {
        let child = Command::new(std::env::current_exe()?)
            .arg("hub-process")
            .arg("--dir")
            .arg(&layout.0)
            .args([
                "--port",
                &port.to_string(),
                "--round-interval-ms",
                &round_interval_ms.to_string(),
            ])
            .spawn()
            .context("cannot start the hub's process")?;
        Ok(Self {
            child,
            data: layout.party("hub").join("data"),
        })
    }

    /// Processor seconds so far, user and system.
    pub(super) fn cpu_s(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is the name in brackets and may hold spaces.
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or("")
            .split_whitespace()
            .collect();
        let ticks = |place: usize| -> anyhow::Result<f64> {
            Ok(fields
                .get(place)
                .context("unexpected form of /proc/PID/stat")?
                .parse()?)
        };
        Ok((ticks(11)? + ticks(12)?) / TICKS_PER_S)
    }

    /// Resident memory.
    pub(super) fn rss_mib(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|l| l.starts_with("VmRSS:"))
            .context("no VmRSS")?;
        let kib: f64 = line
            .split_whitespace()
            .nth(1)
            .context("no VmRSS")?
            .parse()?;
        Ok(kib / 1024.0)
    }

    /// Bytes of everything the hub has written.
    pub(super) fn disk_bytes(&self) -> anyhow::Result<u64> {
        folder_bytes(&self.data)
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder_bytes(folder: &Path) -> anyhow::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.path().is_dir() {
            folder_bytes(&entry.path())?
        } else {
            entry.metadata()?.blocks() * 512
        };
    }
    Ok(bytes)
}

/// What `cargo lab bench` starts as a process of its own: serves the hub of a partnership folder until killed.
///
/// # Errors
/// Whatever stops the daemon.
pub fn serve_hub(dir: &Path, port: u16, round_interval_ms: u64) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    let config = hub_config(
        &Layout(dir.to_owned()),
        listener.local_addr()?,
        round_interval_ms,
    )?;
    tokio::runtime::Runtime::new()?.block_on(sanctuary_hub::run(
        config,
        listener,
        std::future::pending(),
    ))
}
