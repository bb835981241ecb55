//! One agency's node as a process, beside a PostgreSQL server with a table of people. No hub and no key
//! holders: records wait untokenised.

use std::{collections::BTreeMap, fs, ops::Range};

use anyhow::{Context as _, ensure};
use sanctuary_node::{Config, Node};
use sanctuary_node_core::ports::NodeStore as _;
use sanctuary_tests::{Plan, Postgres, Said, Town};
use serde_json::Value;

pub const AGENCY: &str = "police";
const MAPPING: &str = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"first\"\nsurnames = \"last\"\n\
    date_of_birth = \"born\"\n[record]\nrole = { column = \"role\" }\nbasis = \"crime_prevention\"\nvisibility = \"open\"\n";
const TABLE: &str = "CREATE TABLE people (id text PRIMARY KEY, first text, last text, born date, role text, \
    changed_at timestamptz NOT NULL DEFAULT now()); GRANT SELECT ON people TO reader";

pub struct Site {
    pub town: Town,
    pub server: Postgres,
}

impl Site {
    pub fn found(feed: &str) -> anyhow::Result<Option<Self>> {
        let Some(server) = Postgres::found()? else {
            return Ok(None);
        };
        server.user("reader")?;
        server.sql(TABLE)?;
        let town = Town::plan(&Plan {
            agencies: &[AGENCY],
            ..Plan::default()
        })?;
        let mapping = town.path("cases.toml");
        fs::write(&mapping, MAPPING)?;
        let columns = if feed.contains("full") {
            "SELECT id, first, last, born, role FROM people"
        } else {
            "SELECT id, first, last, born, role, changed_at FROM people WHERE changed_at >= $1"
        };
        let (url, password) = (server.on_socket("reader"), server.password_file()?);
        let reports = town.path("reports");
        let poll = if feed.contains("poll_s") {
            ""
        } else {
            "poll_s = 1\n"
        };
        town.configure(
            AGENCY,
            &format!(
                "[[feed]]\nname = \"cases\"\nkind = \"database\"\nurl = {url:?}\npassword_file = {password:?}\n\
                 mapping = {mapping:?}\nreports = {reports:?}\nquery = {columns:?}\n{poll}{feed}"
            ),
        )?;
        Ok(Some(Self { town, server }))
    }

    pub fn start(&mut self) -> anyhow::Result<()> {
        self.town.start(AGENCY)?;
        self.town.until_up()
    }

    /// People by number, as changed now.
    pub fn insert(&self, numbers: Range<usize>) -> anyhow::Result<()> {
        self.server.sql(&format!(
            "INSERT INTO people SELECT 'r' || n, 'Amal' || chr(97 + n % 26), 'Haddad', date '1990-01-01' + n % 365, \
             'suspect', now() FROM generate_series({}, {}) n",
            numbers.start,
            numbers.end - 1
        ))?;
        Ok(())
    }

    pub fn records(&self) -> anyhow::Result<u64> {
        let status = self.town.node_json(AGENCY, "status")?;
        status["records"].as_u64().context("a count")
    }

    pub fn until_records(&self, wanted: u64) -> anyhow::Result<()> {
        self.town.until(&format!("{wanted} records"), |_| {
            self.records().is_ok_and(|count| count == wanted)
        })
    }

    /// Waits until the feed has no problem any more; the hub, which is not there, goes on being one.
    pub fn until_well(&self) -> anyhow::Result<()> {
        self.town.until("the problem to be over", |town| {
            let asked = town.node_json(AGENCY, "status");
            asked.is_ok_and(|told| !told["last_problem"].to_string().contains("feed cases"))
        })
    }

    /// Waits until the daemon's log has said something.
    pub fn until_said(&self, words: &str) -> anyhow::Result<()> {
        self.town
            .until(words, |town| town.log(AGENCY).contains(words))
    }

    /// The summary of the last reading, once it is as wanted.
    pub fn until_report(&self, is_it: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let path = self.town.path("reports/cases.summary.json");
        let read = || serde_json::from_slice(&fs::read(&path).unwrap_or_default());
        self.town
            .until("the report", |_| read().is_ok_and(|told| is_it(&told)))?;
        Ok(read()?)
    }

    pub fn node_says(&self, args: &[&str]) -> anyhow::Result<Said> {
        let config = self.town.config(AGENCY).display().to_string();
        Said::by("sanctuary-node", &[args, &["--config", &config]].concat())
    }

    /// Reference and names of every record that stands, once the daemon has ended.
    pub fn stop_and_read(&mut self) -> anyhow::Result<BTreeMap<String, String>> {
        self.town.stop_all()?;
        let config = Config::load(&self.town.config(AGENCY))?;
        let node = tokio::runtime::Runtime::new()?.block_on(Node::open(&config))?;
        let (mut standing, mut twice) = (BTreeMap::new(), 0);
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
