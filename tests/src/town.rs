use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::process::{Process, built};

const HOLDERS: [&str; 3] = ["alder", "birch", "cedar"];
/// Longest wait for anything; only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(900);

/// A partnership of real processes on this machine: a hub, three key holders, the given agencies.
pub struct Town {
    dir: tempfile::TempDir,
    processes: BTreeMap<String, Process>,
    agencies: Vec<String>,
}

impl Town {
    /// Founds it, holds both key ceremonies and starts every daemon.
    ///
    /// # Errors
    /// When a program is not built or a step fails.
    pub fn found(agencies: &[&str], quota_per_day: u64) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let mut town = Self {
            dir,
            processes: BTreeMap::new(),
            agencies: agencies.iter().map(|a| (*a).to_owned()).collect(),
        };
        let port = free_ports()?.to_string();
        let place = town.path("town");
        let place = place.to_str().context("temporary folder is not UTF-8")?;
        let quota = quota_per_day.to_string();
        town.ask("sanctuary", &[
            "init", "partnership", "--dir", place, "--holders", &HOLDERS.join(","), "--agencies",
            &agencies.join(","), "--port", &port, "--quota-per-day", &quota, "--universe-records", "20000",
        ])?;
        for holder in HOLDERS {
            town.start(holder, "sanctuary-keyholder", "keyholder.toml", "")?;
        }
        for class in ["person", "identifier"] {
            town.until("the key ceremony", |t| {
                t.ask("sanctuary", &["keys", "ceremony", "--dir", place, "--class", class, "--epoch", "1"]).is_ok()
            })?;
        }
        town.start("hub", "sanctuary-hub", "hub.toml", "round_interval_ms = 500\n")?;
        for agency in agencies {
            town.start(agency, "sanctuary-node", "node.toml", "push_interval_ms = 200\n")?;
        }
        Ok(town)
    }

    /// A path in the town's own folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The folder of one party.
    #[must_use]
    pub fn party(&self, party: &str) -> PathBuf {
        self.path("town").join(party)
    }

    /// The agencies, in order.
    #[must_use]
    pub fn agencies(&self) -> &[String] {
        &self.agencies
    }

    /// The process of one party.
    ///
    /// # Errors
    /// When there is none.
    pub fn process(&mut self, party: &str) -> anyhow::Result<&mut Process> {
        self.processes.get_mut(party).with_context(|| format!("no process of {party}"))
    }

    /// Runs a program to its end; fails when it does.
    ///
    /// # Errors
    /// With what the program said.
    pub fn ask(&self, program: &str, args: &[&str]) -> anyhow::Result<String> {
        let output = self.run(program, args)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "{program} {}: {said}", args.join(" "));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs a program to its end, however it ends.
    ///
    /// # Errors
    /// When it is not built.
    pub fn run(&self, program: &str, args: &[&str]) -> anyhow::Result<Output> {
        Ok(Command::new(built(program)?).args(args).output()?)
    }

    /// Imports a file at one agency.
    ///
    /// # Errors
    /// With what the program said.
    pub fn import(&self, agency: &str, mapping: &Path, file: &Path) -> anyhow::Result<String> {
        let config = self.party(agency).join("node.toml");
        let args = [&config, mapping, file].map(|p| p.display().to_string());
        self.ask("sanctuary-node", &["import", "--config", &args[0], "--mapping", &args[1], &args[2]])
    }

    /// What an agency's node says of itself.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn node_json(&self, agency: &str, command: &str) -> anyhow::Result<Value> {
        let config = self.party(agency).join("node.toml").display().to_string();
        let said = self.ask("sanctuary-node", &[command, "--config", &config, "--json"])?;
        Ok(serde_json::from_str(&said)?)
    }

    /// Waits until `done`, asking again and again.
    ///
    /// # Errors
    /// When it takes longer than anything should.
    pub fn until(&self, what: &str, mut done: impl FnMut(&Self) -> bool) -> anyhow::Result<()> {
        let started = Instant::now();
        while !done(self) {
            if started.elapsed() > PATIENCE {
                bail!("waited too long for {what}");
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn start(&mut self, party: &str, program: &'static str, config: &str, more: &str) -> anyhow::Result<()> {
        let config = self.party(party).join(config);
        let text = std::fs::read_to_string(&config)?;
        std::fs::write(&config, format!("{text}{more}"))?;
        let log = self.path(&format!("{party}.log"));
        self.processes.insert(party.to_owned(), Process::start(program, &config, &log)?);
        Ok(())
    }
}

/// A port with the eleven to thirteen above it free too, as `sanctuary init partnership` uses them.
fn free_ports() -> anyhow::Result<u16> {
    for _ in 0..50 {
        let first = TcpListener::bind("127.0.0.1:0")?;
        let port = first.local_addr()?.port();
        let others: Vec<_> = [11, 12, 13]
            .iter()
            .filter_map(|n| TcpListener::bind(("127.0.0.1", port.checked_add(*n)?)).ok())
            .collect();
        if others.len() == 3 {
            return Ok(port);
        }
    }
    bail!("no four free ports on this machine")
}
