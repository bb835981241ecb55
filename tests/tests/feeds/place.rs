//! One agency's node as a process, with a folder that it watches. No hub and no key holders: records
//! wait untokenised.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use sanctuary_node::{Config, Node};
use sanctuary_node_core::ports::NodeStore as _;
use sanctuary_tests::{Plan, Town};
use serde_json::Value;

const AGENCY: &str = "police";
const MAPPING: &str = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"first\"\nsurnames = \"last\"\n\
    date_of_birth = \"born\"\n[record]\nrole = \"suspect\"\nbasis = \"crime_prevention\"\nvisibility = \"open\"\n";

pub struct Place {
    town: Town,
    incoming: PathBuf,
}

/// Rows as the `version`th file has them.
pub fn rows(numbers: Range<usize>, version: usize) -> String {
    let mut text = "id,first,last,born\n".to_owned();
    for n in numbers {
        let (first, last) = (syllables(n, "an"), syllables(version, "ov"));
        text += &format!("r{n},{first},{last},1990-03-{:02}\n", 2 + n % 26);
    }
    text
}

/// The names of a row.
pub fn names(n: usize, version: usize) -> String {
    format!("{} {}", syllables(n, "an"), syllables(version, "ov"))
}

fn syllables(mut n: usize, ending: &str) -> String {
    let mut word = String::from("M");
    loop {
        word += ["ba", "do", "ki", "mu", "re", "sa", "ti", "vo"][n % 8];
        n /= 8;
        if n == 0 {
            return word + ending;
        }
    }
}

impl Place {
    pub fn found(mode: &str) -> anyhow::Result<Self> {
        let town = Town::plan(&Plan {
            agencies: &[AGENCY],
            ..Plan::default()
        })?;
        let (incoming, mapping) = (town.path("incoming"), town.path("cases.toml"));
        fs::create_dir(&incoming)?;
        fs::write(&mapping, MAPPING)?;
        town.configure(
            AGENCY,
            &format!(
                "feed_poll_ms = 200\n[[feed]]\nname = \"cases\"\nkind = \"folder\"\npath = {incoming:?}\n\
                 mapping = {mapping:?}\nmode = \"{mode}\"\npattern = \"*.csv\"\n"
            ),
        )?;
        Ok(Self { town, incoming })
    }

    pub fn start(&mut self) -> anyhow::Result<()> {
        self.town.start(AGENCY)?;
        self.until_up()
    }

    pub fn until_up(&mut self) -> anyhow::Result<()> {
        self.town.until_up()
    }

    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.town.process(AGENCY)?.kill_9()
    }

    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.town.process(AGENCY)?.restart()
    }

    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.town.stop_all()
    }

    /// As an export does: under another name until it is whole.
    pub fn put(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let partial = self.incoming.join(format!("{name}.part"));
        fs::write(&partial, text)?;
        fs::rename(partial, self.incoming.join(name))?;
        Ok(())
    }

    /// Takes a rejected file back, and its summary away.
    pub fn put_back(&self, name: &str) -> anyhow::Result<()> {
        for path in self.files("rejected")? {
            if ending(&path) == Some("json") {
                fs::remove_file(path)?;
            } else {
                fs::rename(path, self.incoming.join(name))?;
            }
        }
        Ok(())
    }

    pub fn allow(&self, withdrawals: u64) -> anyhow::Result<()> {
        let config = self.town.config(AGENCY).display().to_string();
        let count = withdrawals.to_string();
        let args = [
            "feeds",
            "allow",
            "cases",
            "--withdrawals",
            &count,
            "--config",
            &config,
        ];
        let said = sanctuary_tests::Said::by("sanctuary-node", &args)?;
        ensure!(said.code == Some(0), "{said:?}");
        Ok(())
    }

    /// Files of a sub-folder.
    pub fn files(&self, folder: &str) -> anyhow::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(self.incoming.join(folder))?;
        let mut files = Vec::new();
        for entry in entries {
            files.push(entry?.path());
        }
        Ok(files)
    }

    /// What is said of each settled file.
    pub fn summaries(&self, folder: &str) -> anyhow::Result<Vec<(String, Value)>> {
        let files = self.files(folder)?;
        let jsons = files.iter().filter(|path| ending(path) == Some("json"));
        jsons
            .map(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                Ok((name.into_owned(), serde_json::from_slice(&fs::read(path)?)?))
            })
            .collect()
    }

    /// Waits until so many files are processed and rejected, and no more wait.
    pub fn until_settled(&self, processed: usize, rejected: usize) -> anyhow::Result<()> {
        let count = |folder: &str| {
            let files = self.files(folder).unwrap_or_default();
            files.iter().filter(|p| ending(p) == Some("csv")).count()
        };
        self.town.until("every file to be settled", |_| {
            (count("processed"), count("rejected")) == (processed, rejected)
                && count("processing") == 0
                && count("") == 0
        })
    }

    /// Records that take part, as the daemon says.
    pub fn records(&self) -> anyhow::Result<u64> {
        let status = self.town.node_json(AGENCY, "status")?;
        status["records"].as_u64().context("a count")
    }

    /// Reference and names of every record that stands, from the store of a daemon that has ended.
    pub fn standing(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let config = Config::load(&self.town.config(AGENCY))?;
        let node = tokio::runtime::Runtime::new()?.block_on(Node::open(&config))?;
        let mut standing = BTreeMap::new();
        let mut twice = 0;
        node.store().for_each_record(&mut |record| {
            if let Some(details) = &record.details {
                let known = standing.insert(details.reference.clone(), details.names.clone());
                twice += usize::from(known.is_some());
            }
            Ok(())
        })?;
        ensure!(twice == 0, "{twice} records stand twice");
        Ok(standing)
    }
}

fn ending(path: &Path) -> Option<&str> {
    path.extension().and_then(OsStr::to_str)
}
