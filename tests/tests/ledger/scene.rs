use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};
use sanctuary_tests::{Files, Forger, Plan, Said, Town, copy_folder};
use serde_json::Value;

/// Records of each agency: enough for some pushes.
const RECORDS: usize = 60;
/// Times that each agency's staff look at their possible matches.
const READS: usize = 5;

const BETWEEN_LOOKS: std::time::Duration = std::time::Duration::from_secs(1);

/// A partnership that has done something, whose hub is stopped; both nodes hold receipts of it all.
pub struct Scene {
    pub town: Town,
    pub forger: Forger,
    /// Receipts of both nodes.
    pub receipts: Vec<PathBuf>,
    _files: tempfile::TempDir,
}

impl Scene {
    pub fn found() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let files = Files::make(folder.path(), RECORDS, 2, 7)?;
        let mut town = Town::found(&Plan {
            agencies: &files.names(),
            universe_records: files.rows() as u64,
            ..Plan::default()
        })?;
        files.import(&town)?;
        town.until_pushed()?;
        for _ in 0..READS {
            for agency in town.agencies() {
                town.node_json(agency, "alerts")?;
            }
        }
        let receipts = until_proven(&town)?;
        // What the witnesses cosigned stays as it is from here on: nothing new may come in.
        town.process("hub")?.stop()?;
        copy_folder(&ledger_dir(&town), &town.path("as-signed"))?;
        Ok(Self {
            forger: Forger::of(&town)?,
            town,
            receipts,
            _files: folder,
        })
    }

    /// The stored log as the hub left it, in a folder of its own.
    pub fn copy(&self, name: &str) -> anyhow::Result<PathBuf> {
        let copy = self.town.path(name);
        copy_folder(&self.town.path("as-signed"), &copy)?;
        Ok(copy)
    }

    /// Puts a stored log in place of the hub's, which must not run.
    pub fn install(&self, log: &Path) -> anyhow::Result<()> {
        let dir = ledger_dir(&self.town);
        std::fs::remove_dir_all(&dir)?;
        copy_folder(log, &dir)
    }

    /// What `sanctuary audit verify` says of static files, holding the nodes' receipts against them.
    pub fn verify(&self, files: &Path, with_receipts: bool) -> anyhow::Result<(Said, Value)> {
        let (place, files) = (self.town.place(), files.display().to_string());
        let mut args = vec!["audit", "verify", "--dir", &place, "--offline", &files];
        let receipts: Vec<String> = self
            .receipts
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        if with_receipts {
            for path in &receipts {
                args.extend(["--receipts", path]);
            }
        }
        audit(&[&args[..], &["--json", "-"]].concat())
    }

    /// What it says of the running hub to `party`.
    pub fn verify_live(&self, party: &str) -> anyhow::Result<(Said, Value)> {
        let place = self.town.place();
        let args = ["audit", "verify", "--dir", &place, "--as", party];
        audit(&[&args[..], &["--json", "-"]].concat())
    }
}

/// A command of the audit with its JSON.
pub fn audit(args: &[&str]) -> anyhow::Result<(Said, Value)> {
    let said = Said::by("sanctuary", args)?;
    let json = serde_json::from_str(&said.out).unwrap_or_default();
    Ok((said, json))
}

/// What the verifier of another make says; an error is what it found.
pub fn independent(files: &Path) -> anyhow::Result<Result<Value, String>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifiers/verify_ledger.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(files)
        .output()
        .context("the independent verifier needs python3")?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    Ok(match output.status.code() {
        Some(0) => Ok(serde_json::from_slice(&output.stdout)?),
        Some(1) => Err(text(&output.stderr)),
        _ => anyhow::bail!("the verifier failed: {}", text(&output.stderr)),
    })
}

pub fn ledger_dir(town: &Town) -> PathBuf {
    town.party("hub").join("data/ledger")
}

/// Waits until every act of both nodes is proven; gives their receipts.
fn until_proven(town: &Town) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for agency in town.agencies() {
        let file = town.path(&format!("{agency}-receipts.json"));
        let name = file.display().to_string();
        let mut acts = Vec::new();
        town.until("every act to be proven", |t| {
            let Ok(said) = t.node(agency, "receipts", &["--json", &name]) else {
                return false;
            };
            let json = std::fs::read_to_string(&file).unwrap_or_default();
            acts = serde_json::from_str::<Vec<Value>>(&json).unwrap_or_default();
            // Looking at the receipts is an act as well, and there is always a newest.
            let waits = |act: &&Value| act["kind"] != "log-query" && act["progress"] != "proven";
            let open = acts.iter().filter(waits).count();
            if open > 0 {
                std::thread::sleep(BETWEEN_LOOKS);
            }
            said.code == Some(0) && !acts.is_empty() && open == 0
        })?;
        let kinds = |word: &str| acts.iter().filter(|act| act["kind"] == word).count();
        ensure!(kinds("collect") == 1 && kinds("combine") >= 1 && kinds("consult") >= READS);
        files.push(file);
    }
    Ok(files)
}
