//! One agency's node as a process, with its API on a port of this machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::ensure;
use sanctuary_tests::{Plan, Said, Town};
use serde_json::Value;

const AGENCY: &str = "police";
const SYSTEM: &str = "cases";
const MAPPING: &str = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"first\"\nsurnames = \"last\"\n\
    date_of_birth = \"born\"\nphone = \"phone\"\n[record]\nrole = { column = \"role\" }\n\
    basis = \"crime_prevention\"\nvisibility = \"open\"\n";

pub struct Office {
    town: Town,
    address: String,
    grpc_address: String,
    key: String,
}

impl Office {
    pub fn found() -> anyhow::Result<Self> {
        Self::found_with(|_| Ok(String::new()))
    }

    /// With more lines in `[intake]`, for files that are written into the town's folder.
    pub fn found_with(more: impl FnOnce(&Town) -> anyhow::Result<String>) -> anyhow::Result<Self> {
        let town = Town::plan(&Plan {
            agencies: &[AGENCY],
            ..Plan::default()
        })?;
        let mapping = town.path("cases.toml");
        fs::write(&mapping, MAPPING)?;
        let free = || std::net::TcpListener::bind("127.0.0.1:0");
        let (http, grpc) = (free()?, free()?);
        let (address, grpc_address) = (
            http.local_addr()?.to_string(),
            grpc.local_addr()?.to_string(),
        );
        drop((http, grpc));
        let more = more(&town)?;
        town.configure(
            AGENCY,
            &format!(
                "[intake]\nlisten = \"{address}\"\ngrpc_listen = \"{grpc_address}\"\nmapping = {mapping:?}\n{more}"
            ),
        )?;
        let mut office = Self {
            town,
            address,
            grpc_address,
            key: String::new(),
        };
        // The first start makes the root key.
        office.start()?;
        office.key = office.keys("add")?.trim().to_owned();
        Ok(office)
    }

    fn start(&mut self) -> anyhow::Result<()> {
        self.town.start(AGENCY)?;
        self.town.until_up()
    }

    pub fn kill_and_restart(&mut self) -> anyhow::Result<()> {
        let process = self.town.process(AGENCY)?;
        process.kill_9()?;
        process.restart()?;
        self.town.until_up()?;
        self.town
            .until("the API to answer", |_| self.status().is_ok())
    }

    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.town.stop_all()
    }

    fn keys(&self, command: &str) -> anyhow::Result<String> {
        let config = self.town.config(AGENCY).display().to_string();
        let args = ["keys", command, SYSTEM, "--config", &config];
        let said = Said::by("sanctuary-node", &args)?;
        ensure!(said.code == Some(0), "{said:?}");
        Ok(said.out)
    }

    pub fn revoke(&self) -> anyhow::Result<()> {
        self.keys("revoke").map(drop)
    }

    pub fn key(&self) -> &str {
        &self.key
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.town.path(name)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// As the documentation says it.
    pub fn curl(&self, args: &[&str], path: &str) -> anyhow::Result<String> {
        let output = Command::new("curl")
            .args(["-sS", "-H", &format!("Authorization: Bearer {}", self.key)])
            .args(args)
            .arg(self.url(path))
            .output()?;
        let said = Said::from(output);
        ensure!(said.code == Some(0), "{said:?}");
        Ok(said.out)
    }

    pub fn status(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&self.curl(&[], "/v1/status")?)?)
    }

    /// Where HTTP is served.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where gRPC is served.
    pub fn grpc_address(&self) -> &str {
        &self.grpc_address
    }

    /// The example clients of the documentation.
    pub fn example(&self, python: &Path, args: &[&str]) -> anyhow::Result<String> {
        self.run(python, "push_records.py", &self.url(""), args)
    }

    pub fn grpc_example(&self, python: &Path, args: &[&str]) -> anyhow::Result<String> {
        self.run(python, "push_records_grpc.py", &self.grpc_address, args)
    }

    fn run(
        &self,
        python: &Path,
        name: &str,
        address: &str,
        args: &[&str],
    ) -> anyhow::Result<String> {
        let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples/");
        let output = Command::new(python)
            .args([&format!("{examples}{name}"), address])
            .args(args)
            .env("SANCTUARY_KEY", &self.key)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()?;
        let said = Said::from(output);
        ensure!(said.code == Some(0), "{said:?}");
        Ok(said.out)
    }
}
